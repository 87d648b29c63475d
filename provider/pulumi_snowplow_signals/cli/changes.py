"""What each step of a preview does to visitors.

A change has what it does in words (`event`), what it takes away (`loss`), and the kinds of gates that it meets (`kinds`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from pydantic import ValidationError

from pulumi_snowplow_signals.cli.preview import Preview, State, Step, name_in
from pulumi_snowplow_signals.cli.values import (
    Hidden,
    Inputs,
    content_of,
    recipients_of,
    text_of,
    version_of,
)
from pulumi_snowplow_signals.criteria.relation import Relation, compare, in_words
from pulumi_snowplow_signals.criteria.tree import Node, tree_of

KINDS: Final[Mapping[str, str]] = {
    "withdrawals": "live rules that stop: withdrawn, removed or replaced, or changed so that they can never be true",
    "removals": "resources that leave the program, live or not",
    "replacements": "resources that are replaced, live or not",
    "revivals": "versions or names that were taken down and go live again",
    "publications": "rules that go live and were not live before",
    "adoptions": "rules that others made and this stack takes over",
    "broader": "changed rules that reach more visitors",
    "narrower": "changed rules that reach fewer visitors",
    "others": "changed rules that reach other visitors",
    "uncompared": "changed rules of which it is not known whom they reach",
    "pushes": "messages of direct interventions that are pushed at once",
    "drift": "what was changed outside the stack, as a refresh found it",
    "warnings": "warnings that the preview gives",
    "failures": "a preview that failed, and so does not show all that a deployment would do",
}
"""What `--fail-on` takes, and what it means."""

_REACH: Final = {
    Relation.BROADER: "broader",
    Relation.NARROWER: "narrower",
    Relation.OVERLAPPING: "others",
    Relation.DISJOINT: "others",
}
_NOBODY: Final = "reaches no visitor"
_CREATES: Final = frozenset({"create", "create-replacement", "import", "import-replacement"})
_REPLACES: Final = frozenset({"replace", "create-replacement", "delete-replaced", "import-replacement"})
_DELETES: Final = frozenset({"delete", "discard", "remove-pending-replace", "delete-replaced"})
_IDLE: Final = frozenset({"same", "read", "read-discard", "read-replacement", "discard-replaced"})


class Loss(Enum):
    """What visitors lose."""

    LIVE = "live"
    DRAFT = "draft"
    NONE = "none"


@dataclass(frozen=True)
class Was:
    """Something that can be shown before and after: equal values are shown once."""

    was: str
    now: str


@dataclass(frozen=True)
class Change:
    """What one step does.

    Attributes:
        name: The intervention's name in Signals, else the logical name.
        urn: The resource.
        type: Its kind, such as `RuleIntervention`.
        event: What happens, in words of ours alone.
        loss: What visitors lose.
        kinds: The gates that it meets; see `KINDS`.
        version: The number before and after.
        rule: The criteria in words, or what is pushed.
        sent_to: Who receives it.
        carries: What travels with it.
        reach: Whom a changed rule reaches, in words.
        is_folded: Whether it means nothing to visitors.
        old_name: The name before, where it was another.
        fields: The inputs that differ, where the event is about them.
    """

    name: str
    urn: str
    type: str
    event: str
    loss: Loss = Loss.NONE
    kinds: frozenset[str] = frozenset()
    version: Was = Was("", "")
    rule: Was = Was("", "")
    sent_to: Was = Was("", "")
    carries: Was = Was("", "")
    reach: str = ""
    is_folded: bool = False
    old_name: str = ""
    fields: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, int, str, str, str]:
        """What takes most from visitors first; then by name."""
        weight = [Loss.LIVE, Loss.DRAFT, Loss.NONE].index(self.loss)
        return (weight, self.is_folded, self.name, self.urn, self.event)


@dataclass(frozen=True)
class Changes:
    """What a preview does.

    Attributes:
        changes: What it does to resources of this package, in order of importance.
        drift: What a refresh found.
        others: Steps of other providers' resources, counted.
        unchanged: Resources that do not change.
    """

    changes: tuple[Change, ...]
    drift: tuple[Change, ...]
    others: Mapping[str, int] = field(default_factory=dict)
    unchanged: int = 0


def changes_of(preview: Preview) -> Changes:
    """Return what a preview does."""
    ours = [step for step in preview.steps if _is_ours(step)]
    refreshed = [step for step in ours if step.op == "refresh"]
    staying = {
        Inputs(step.new)["name"]
        for step in ours
        if step.new and step.op not in {*_DELETES, "refresh", "same"}
    }
    changes = [_change(step, staying) for step in _one_per_resource(ours)]
    after = {step.urn: step.old for step in preview.steps if step.op != "refresh"}
    drift = [change for step in refreshed for change in _drift(step, after.get(step.urn, step.new))]
    return Changes(
        tuple(sorted(changes, key=lambda change: change.order)),
        tuple(sorted(drift, key=lambda change: change.order)),
        _count_others(preview),
        _unchanged(preview),
    )


def _is_ours(step: Step) -> bool:
    return any(state is not None and Inputs(state).is_ours for state in (step.old, step.new))


def _one_per_resource(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield one step for each resource that changes: the parts that a replacement is made of, as one."""
    by_urn: dict[str, list[Step]] = {}
    for step in steps:
        if step.op not in _IDLE and step.op != "refresh":
            by_urn.setdefault(step.urn, []).append(step)
    for found in by_urn.values():
        parts = [step for step in found if step.op in _REPLACES]
        if parts:
            old = next((step.old for step in parts if step.old), None)
            new = next((step.new for step in parts if step.new), None)
            yield parts[0].model_copy(update={"op": "replace", "old": old, "new": new})
        yield from (step for step in found if step.op not in _REPLACES)


def _count_others(preview: Preview) -> dict[str, int]:
    counts: dict[str, int] = {}
    for step in preview.steps:
        is_stack = step.type == "pulumi:pulumi:Stack"
        parts = step.op in _REPLACES and step.op != "replace"
        if not (is_stack or parts or _is_ours(step) or step.op in {*_IDLE, "refresh"}):
            counts[step.op] = counts.get(step.op, 0) + 1
    return dict(sorted(counts.items()))


def _unchanged(preview: Preview) -> int:
    stacks = sum(step.op == "same" and step.type == "pulumi:pulumi:Stack" for step in preview.steps)
    return max(0, preview.summary.get("same", 0) - stacks)


def _change(step: Step, staying: set[Any]) -> Change:
    old, new = (Inputs(state) if state else None for state in (step.old, step.new))
    either = new or old or Inputs(State())
    if either["criteria"] is not None:
        change = _RuleStep(step, old, new, staying).change()
    elif either["targets"] is not None:
        change = _direct(step, old, new)
    else:
        change = _other(step, old, new)
    return change


def _named(step: Step, inputs: Inputs | None) -> str:
    name = inputs["name"] if inputs else None
    return name if isinstance(name, str) else name_in(step.urn)


def _old_name(step: Step, old: Inputs | None, new: Inputs | None) -> str:
    names = [_named(step, inputs) for inputs in (old, new) if inputs]
    return names[0] if len({*names}) > 1 else ""


def _kind(step: Step) -> str:
    return step.type.rpartition(":")[2]


def _beside(old: Inputs | None, new: Inputs | None, words: Any) -> Was:
    return Was(words(old) if old else "", words(new) if new else "")


def _rule_of(inputs: Inputs) -> str:
    value = inputs["rule"]
    return text_of(value) if value is not None else ""


@dataclass(frozen=True)
class _RuleStep:
    """A step of a rule intervention."""

    step: Step
    old: Inputs | None
    new: Inputs | None
    staying: set[Any]

    def change(self) -> Change:
        """Return what it does."""
        reach, reach_kinds = self._reach()
        event, loss, kinds = self._event()
        if reach == _NOBODY:
            loss, kinds = Loss.LIVE, {*kinds, "withdrawals"}
        is_folded = not kinds and loss is Loss.NONE and not self._is_live(self.new) and self.new is not None
        return Change(
            name=_named(self.step, self.new or self.old),
            urn=self.step.urn,
            type=_kind(self.step),
            event=event,
            loss=loss,
            kinds=frozenset({*kinds, *reach_kinds}),
            version=_beside(self.old, self.new, version_of),
            rule=_beside(self.old, self.new, _rule_of),
            sent_to=_beside(self.old, self.new, recipients_of),
            carries=_beside(self.old, self.new, content_of),
            reach=reach,
            is_folded=is_folded or event == _NOTHING,
            old_name=_old_name(self.step, self.old, self.new),
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
        kind = _REACH.get(found.relation)
        return words, set() if kind is None else {kind}

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
            return ("goes live in place of the version before" if stepped else _NOTHING), Loss.NONE, set()
        return "is changed as a draft", Loss.NONE, set()

    @staticmethod
    def _was_released(old: Inputs, new: Inputs) -> bool:
        return new["version"] in _numbers(old.history)


_NOTHING: Final = "changes nothing for visitors"


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


_PUSHED: Final = ("version", "attributes", "triggers", "name", "targets")
"""The inputs of a direct intervention whose change pushes it."""


def _direct(step: Step, old: Inputs | None, new: Inputs | None) -> Change:
    changed = _changed(old, new, _PUSHED)
    kinds: set[str] = set()
    if new is None:
        event, kinds = "is forgotten; what was pushed stays pushed", {"removals"}
    elif old is None:
        event, kinds = "is pushed at once, to all ids", {"pushes"}
    elif step.op == "replace":
        event, kinds = "is pushed at once under its new name, to all ids", {"pushes", "replacements"}
    elif set(changed) - {"targets"}:
        event, kinds = "is pushed again at once, to all ids", {"pushes"}
    elif changed:
        event, kinds = "is pushed at once, to the added ids only", {"pushes"}
    elif any(isinstance(new[name], Hidden) for name in _PUSHED):
        event, kinds = (
            "may be pushed at once: what is secret, or not known yet, cannot be compared here",
            {"pushes"},
        )
    else:
        event = _NOTHING
    return Change(
        name=_named(step, new or old),
        urn=step.urn,
        type=_kind(step),
        event=event,
        kinds=frozenset(kinds),
        version=_beside(old, new, version_of),
        sent_to=_beside(old, new, recipients_of),
        carries=_beside(old, new, content_of),
        is_folded="pushes" not in kinds,
        old_name=_old_name(step, old, new),
    )


def _other(step: Step, old: Inputs | None, new: Inputs | None) -> Change:
    """Return what happens to another kind of resource of this package, by the names of its inputs."""
    event = "is created" if old is None else "is removed" if new is None else "is replaced"
    kinds = {"removals"} if new is None else {"replacements"} if step.op == "replace" else set()
    fields: list[str] = []
    if old and new and step.op != "replace":
        fields = _changed(old, new, sorted({*old.visible, *new.visible}))
        event = "is changed:" if fields else _NOTHING
    return Change(
        name=_named(step, new or old),
        urn=step.urn,
        type=_kind(step),
        event=event,
        loss=Loss.LIVE if kinds else Loss.NONE,
        kinds=frozenset(kinds),
        version=_beside(old, new, version_of),
        is_folded=event == _NOTHING,
        fields=tuple(fields),
    )


def _changed(old: Inputs | None, new: Inputs | None, names: Sequence[str]) -> list[str]:
    """Return the inputs that are seen to change. Two secrets look alike."""
    return [name for name in names if old and new and old[name] != new[name]]


def _drift(step: Step, found: State | None) -> Iterator[Change]:
    """Yield what a refresh found changed outside the stack.

    The real engine prints a refresh as it begins, with the recorded state as the new one too (3.260); what was found is the
    old state of what the preview then does to the resource.
    """
    old, new = (Inputs(state) if state else None for state in (step.old, found))
    if old is None:
        return
    names = sorted({*old.visible, *(new.visible if new else ())} - {"rule"})
    changed = _changed(old, new, names)
    if new is not None and not changed:
        return
    gone = new is None or (old["published"] is True and new["published"] is False)
    yield Change(
        name=_named(step, old),
        urn=step.urn,
        type=_kind(step),
        event="is gone" if new is None else "is no longer live:" if gone else "differs:",
        loss=Loss.LIVE if gone else Loss.NONE,
        kinds=frozenset({"drift"}),
        fields=tuple(changed) if new is not None else (),
        version=_beside(old, new, version_of),
        rule=_beside(old, new, _rule_of),
        sent_to=_beside(old, new, recipients_of),
        carries=_beside(old, new, content_of),
    )
