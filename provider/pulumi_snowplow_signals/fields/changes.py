"""Describe how two values differ, for a person to read: place by place, by their canonical texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pulumi_snowplow_signals.fields.comparison import Pair, Place
from pulumi_snowplow_signals.fields.faults import field_of
from pulumi_snowplow_signals.fields.text import shown

_MOST_SHOWN: Final = 10


@dataclass(frozen=True)
class Change:
    """One difference: its `path` in the program's terms, and the prior and the proposed value in words.

    `subject` replaces the path in brief lines; see `Place`.
    """

    path: str
    kind: Literal["changed", "added", "removed", "hidden"]
    prior: str = ""
    proposed: str = ""
    subject: str | None = None

    def __str__(self) -> str:
        """Return the change as part of a sentence, such as `criteria.all[0].value changed (75 → 80)`."""
        if self.kind == "hidden":
            return f"{self.path} changed (secret)"
        if self.kind == "changed":
            return f"{self.path} changed ({self.prior} → {self.proposed})"
        return f"{self.path}: {self.prior or self.proposed} {self.kind}"

    @property
    def field(self) -> str:
        """The input that changed."""
        return field_of(self.path)

    @property
    def brief(self) -> str:
        """The change in few enough words for a line of a preview, such as `shop:cart_value > 75 → > 80`."""
        if self.kind == "hidden":
            return str(self)
        if self.kind == "changed":
            if self.subject:
                operator = self.subject.partition(" ")[2]
                return f"{self.subject} {self.prior} → {operator} {self.proposed}"
            return f"{self.path} {self.prior} → {self.proposed}"
        about = self.path if self.subject is None else self.subject
        return f"{f'{about}: ' if about else ''}{self.prior or self.proposed} {self.kind}"


def changes_in(
    pairs: Iterable[Pair], order: Sequence[str], secret: Collection[str] = ()
) -> tuple[Change, ...]:
    """Return the differences between places before and after.

    Args:
        pairs: The places, in canonical form.
        order: The names of the fields, in the order in which a program declares them.
        secret: The fields whose values are hidden.
    """
    found = [change for old, new in pairs for change in _describe_change(old, new)]
    found = [_withhold(change) if change.field in secret else change for change in found]

    def sort_key(change: Change) -> tuple[int, list[tuple[int, str]], bool]:
        """Return a sort key: by field, then by path, with a removal before the addition that replaces it."""
        steps = [
            (int(step), "") if step.isdigit() else (-1, step) for step in re.split(r"(\d+)", change.path)
        ]
        return (order.index(change.field), steps, change.kind == "added")

    return tuple(sorted(dict.fromkeys(found), key=sort_key))


def in_full(changes: Sequence[Change]) -> str:
    """Return changes as one part of a sentence, cut after the first few."""
    return _join([str(change) for change in changes])


def in_brief(changes: Sequence[Change]) -> str:
    """Return changes in few enough words for a line of a preview."""
    return _join([change.brief for change in changes])


def _describe_change(old: Place | None, new: Place | None) -> Iterator[Change]:
    if old and new:
        if old.compared == new.compared:
            return
        yield Change(new.path, "changed", old.say(), new.say(), new.subject)
    elif old:
        yield Change(old.path, "removed", prior=old.say(), subject=old.subject)
    elif new:
        yield Change(new.path, "added", proposed=new.say(), subject=new.subject)


def _withhold(change: Change) -> Change:
    return Change(change.field, "hidden")


def _join(parts: Sequence[str]) -> str:
    rest = len(parts) - _MOST_SHOWN
    return "; ".join(map(shown, parts[:_MOST_SHOWN])) + (f"; and {rest} more" if rest > 0 else "")
