"""What a step of a rule intervention does to visitors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from pulumi_snowplow_signals.cli.change import (
    NOTHING,
    Change,
    Loss,
    beside,
    kind_of,
    named,
    old_name,
    rule_of,
)
from pulumi_snowplow_signals.cli.preview import Diagnostic, Step
from pulumi_snowplow_signals.cli.values import Hidden, Inputs, content_of, recipients_of, text_of, version_of
from pulumi_snowplow_signals.criteria.relation import compare, in_words
from pulumi_snowplow_signals.criteria.tree import Node, tree_of

_KINDS_OF_REACH: Final[Mapping[str, set[str]]] = {
    "reaches more visitors": {"broader"},
    "reaches fewer visitors": {"narrower"},
    "reaches other visitors": {"others"},
    "reaches the same visitors": set(),
    "reaches no visitor": {"narrower"},
}
_IN_A_LINE: Final = re.compile(rf"; ({'|'.join(_KINDS_OF_REACH)})$")
_NOBODY: Final = "reaches no visitor"


def told_reach(diagnostics: Sequence[Diagnostic]) -> dict[str, str]:
    """Return whom changed rules reach by their URNs, from the lines that the provider gives of them."""
    found = ((each.urn, _IN_A_LINE.search(each.text.partition("\n")[0])) for each in diagnostics if each.urn)
    return {urn: match[1] for urn, match in found if match}


@dataclass(frozen=True)
class RuleStep:
    """A step of a rule intervention."""

    step: Step
    old: Inputs | None
    new: Inputs | None
    staying: set[Any]
    told: str = ""
    """Whom it reaches, as the provider says: beside the criteria it may know the types of attributes."""

    def change(self) -> Change:
        """Return what it does."""
        reach, reach_kinds = self._reach()
        event, loss, kinds = self._event()
        if reach == _NOBODY:
            loss, kinds = Loss.LIVE, {*kinds, "withdrawals"}
        is_folded = not kinds and loss is Loss.NONE and not self._is_live(self.new) and self.new is not None
        return Change(
            name=named(self.step, self.new or self.old),
            urn=self.step.urn,
            type=kind_of(self.step),
            event=event,
            loss=loss,
            kinds=frozenset({*kinds, *reach_kinds}),
            version=beside(self.old, self.new, version_of),
            rule=beside(self.old, self.new, rule_of),
            sent_to=beside(self.old, self.new, recipients_of),
            carries=beside(self.old, self.new, content_of),
            reach=reach,
            is_folded=is_folded or event == NOTHING,
            old_name=old_name(self.step, self.old, self.new),
        )

    @staticmethod
    def _is_live(inputs: Inputs | None) -> bool:
        """Return whether visitors get it. What is not known is taken for live: it may be."""
        return inputs is not None and inputs["published"] is not False

    def _reach(self) -> tuple[str, set[str]]:
        """Return whom a live rule reaches that was live before, and the gate that it meets."""
        if not (self.old and self.new and self._is_live(self.old) and self._is_live(self.new)):
            return "", set()
        before, after = self.old["criteria"], self.new["criteria"]
        if isinstance(before, Hidden) or isinstance(after, Hidden):
            return ("reach not compared", {"uncompared"}) if self._is_new_version() else ("", set())
        if before == after:
            return "", set()
        trees = _tree(before), _tree(after)
        if trees[0] is None or trees[1] is None:
            return "", {"uncompared"}
        found = compare(trees[0], trees[1])
        words = in_words(found)
        if not words:
            return "reach not compared", {"uncompared"}
        words = self.told or words
        return words, _KINDS_OF_REACH[words]

    def _is_new_version(self) -> bool:
        return bool(self.old and self.new and version_of(self.old) != version_of(self.new))

    def _event(self) -> tuple[str, Loss, set[str]]:
        if self.old is None or self.new is None:
            return self._created() if self.new else self._removed()
        return self._replaced() if self.step.op == "replace" else self._updated(self.old, self.new)

    def _created(self) -> tuple[str, Loss, set[str]]:
        history = self.new.history if self.new else {}
        others = {*_numbers(history)} - {self.new["version"] if self.new else None}
        taken_over = bool(history.get("taken_over"))
        if not self._is_live(self.new):
            return "is stored as a draft", Loss.NONE, {"adoptions"} if taken_over else set()
        if taken_over:
            what = "replaces what others published" if others else "is taken over from others"
            return what, Loss.NONE, {"adoptions"}
        if others:
            return (
                "goes live under a name that was taken down before",
                Loss.NONE,
                {"publications", "revivals"},
            )
        return "goes live", Loss.NONE, {"publications"}

    def _fate(self) -> tuple[str, bool]:
        """Return what becomes of what is no longer declared, and whether it stays as it is."""
        on_destroy = self.old["on_destroy"] if self.old else None
        if self.old and (on_destroy == "retain" or self.old.state.retain_on_delete):
            return "stays live, managed by nobody", True
        return ("is withdrawn and deleted" if on_destroy == "delete" else "is withdrawn"), False

    def _removed(self) -> tuple[str, Loss, set[str]]:
        if self.old and self.old["name"] in self.staying:
            return "moves to another resource of the program, and stays as it is", Loss.NONE, {"removals"}
        fate, stays = self._fate()
        if not self._is_live(self.old):
            return "leaves the program", Loss.DRAFT, {"removals"}
        kinds = {"removals"} if stays else {"removals", "withdrawals"}
        return f"leaves the program and {fate}", Loss.NONE if stays else Loss.LIVE, kinds

    def _replaced(self) -> tuple[str, Loss, set[str]]:
        before, after = (text_of(inputs["name"]) if inputs else "" for inputs in (self.old, self.new))
        published = {"publications"} if self._is_live(self.new) else set()
        if before == after:
            return "is made anew by Pulumi, and stays as it is", Loss.NONE, {"replacements"}
        if not self._is_live(self.old):
            return "takes the place of a draft", Loss.DRAFT, {"replacements", *published}
        fate, stays = self._fate()
        kinds = {"replacements", *published} | (set() if stays else {"withdrawals"})
        return f"takes another name; the old one {fate}", Loss.NONE if stays else Loss.LIVE, kinds

    def _updated(self, old: Inputs, new: Inputs) -> tuple[str, Loss, set[str]]:
        was_live, is_live, stepped = self._is_live(old), self._is_live(new), self._is_new_version()
        again = is_live and self._was_released(old, new) and (stepped or not was_live)
        if was_live and not is_live:
            if stepped:
                return f"is stored as a draft, {version_of(old)} stays live", Loss.NONE, set()
            return "is withdrawn", Loss.LIVE, {"withdrawals"}
        if again:
            return "goes live again", Loss.NONE, {"revivals"} | (set() if was_live else {"publications"})
        if is_live and not was_live:
            return "goes live", Loss.NONE, {"publications"}
        if is_live:
            return ("goes live in place of the version before" if stepped else NOTHING), Loss.NONE, set()
        return "is updated as a draft", Loss.NONE, set()

    @staticmethod
    def _was_released(old: Inputs, new: Inputs) -> bool:
        return new["version"] in _numbers(old.history)


def _numbers(history: Mapping[str, Any]) -> set[int]:
    released = history.get("released")
    return (
        {int(number) for number in released if str(number).isdigit()}
        if isinstance(released, Mapping)
        else set()
    )


def _tree(criteria: Any) -> Node | None:
    try:
        return tree_of(criteria)
    except (ValidationError, RecursionError):
        return None
