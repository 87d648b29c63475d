"""What differs between two values, for a person to read.

Whether they differ is decided by their canonical texts. Only then is deepdiff imported, which takes longer than all the
rest of this package, and shown the places that a person would compare.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pulumi_snowplow_signals.fields.comparison import Pair, Place
from pulumi_snowplow_signals.fields.faults import field_of
from pulumi_snowplow_signals.fields.text import shown
from pulumi_snowplow_signals.loading import uncollected

_MOST_SHOWN: Final = 10


@dataclass(frozen=True)
class Change:
    """One difference: `path` in the user's own terms, and the words for what stood there and what stands there now.

    `subject` is what it is about where the path need not be told; see `Place`.
    """

    path: str
    kind: Literal["changed", "added", "removed", "hidden"]
    prior: str = ""
    proposed: str = ""
    subject: str | None = None

    def __str__(self) -> str:
        """Return it as a part of a sentence, such as `criteria.all[0].value changed (75 → 80)`."""
        if self.kind == "hidden":
            return f"{self.path} changed (secret)"
        if self.kind == "changed":
            return f"{self.path} changed ({self.prior} → {self.proposed})"
        return f"{self.path}: {self.prior or self.proposed} {self.kind}"

    @property
    def field(self) -> str:
        """The input that it is in."""
        return field_of(self.path)

    @property
    def brief(self) -> str:
        """It in as few words as a line of a preview allows, such as `shop:cart_value > 75 → > 80`."""
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
    """Return what differs between places before and after.

    Args:
        pairs: The places, in canonical form.
        order: The fields in the order of a program.
        secret: The fields of which only the name is told.
    """
    with uncollected():  # 0.4 s, needed only once there is a difference to describe
        from deepdiff import DeepDiff  # noqa: PLC0415

    numbered = list(pairs)
    # By default it says no more than "different" of mappings that share few keys.
    tree = DeepDiff(
        {str(key): old.compared for key, (old, _) in enumerate(numbered) if old},
        {str(key): new.compared for key, (_, new) in enumerate(numbered) if new},
        view="tree",
        threshold_to_diff_deeper=0,
    )
    keys = [int(level.path(output_format="list")[0]) for levels in tree.values() for level in levels]
    found = [change for key in keys for change in _changes_of(*numbered[key])]
    found = [_withhold(change) if change.field in secret else change for change in found]

    def reading_order(change: Change) -> tuple[int, list[tuple[int, str]], bool]:
        """Sort by field, then by path, then what is removed before what is added in its place."""
        steps = [
            (int(step), "") if step.isdigit() else (-1, step) for step in re.split(r"(\d+)", change.path)
        ]
        return (order.index(change.field), steps, change.kind == "added")

    return tuple(sorted(dict.fromkeys(found), key=reading_order))


def in_full(changes: Sequence[Change]) -> str:
    """Return changes as one part of a sentence, cut where nobody would read on."""
    return _join([str(change) for change in changes])


def in_brief(changes: Sequence[Change]) -> str:
    """Return changes in as few words as a line of a preview allows."""
    return _join([change.brief for change in changes])


def _changes_of(old: Place | None, new: Place | None) -> Iterator[Change]:
    if old and new:
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
