"""What a step on a rule intervention does to visitors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError

from pulumi_snowplow_signals.cli.change import Change, Loss, Was, rule_of, show_both
from pulumi_snowplow_signals.cli.object_change import ObjectStep
from pulumi_snowplow_signals.cli.preview import Diagnostic
from pulumi_snowplow_signals.cli.values import Hidden, content_of, recipients_of
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


def read_reach(diagnostics: Sequence[Diagnostic]) -> dict[str, str]:
    """Return whom changed rules reach, by URN, from the provider's lines."""
    found = ((each.urn, _IN_A_LINE.search(each.text.partition("\n")[0])) for each in diagnostics if each.urn)
    return {urn: match[1] for urn, match in found if match}


@dataclass(frozen=True)
class RuleStep(ObjectStep):
    """A step on a rule intervention."""

    told: str = ""
    """Whom it reaches, according to the provider, which may also know the types of attributes."""

    def change(self) -> Change:
        """Return what it does."""
        change = super().change()
        reach, reach_kinds = self._compare_reach()
        loss, kinds = change.loss, {*change.kinds, *reach_kinds}
        if reach == _NOBODY:
            loss, kinds = Loss.LIVE, {*kinds, "withdrawals"}
        return replace(
            change,
            loss=loss,
            kinds=frozenset(kinds),
            rule=show_both(self.old, self.new, rule_of),
            sent_to=show_both(self.old, self.new, recipients_of),
            carries=show_both(self.old, self.new, content_of),
            content=Was("", ""),
            differences=(),
            reach=reach,
        )

    def _compare_reach(self) -> tuple[str, set[str]]:
        """Return whom a rule that stays live reaches, and the gates that it meets."""
        if not (self.old and self.new and self._is_live(self.old) and self._is_live(self.new)):
            return "", set()
        before, after = self.old["criteria"], self.new["criteria"]
        if isinstance(before, Hidden) or isinstance(after, Hidden):
            return ("reach not compared", {"uncompared"}) if self._is_new_version() else ("", set())
        if before == after:
            return "", set()
        trees = _parse_tree(before), _parse_tree(after)
        if trees[0] is None or trees[1] is None:
            return "", {"uncompared"}
        found = compare(trees[0], trees[1])
        words = in_words(found)
        if not words:
            return "reach not compared", {"uncompared"}
        words = self.told or words
        return words, _KINDS_OF_REACH[words]


def _parse_tree(criteria: Any) -> Node | None:
    try:
        return tree_of(criteria)
    except (ValidationError, RecursionError):
        return None
