"""The targets of a direct intervention: ids by attribute key.

The ids are personal data. They are stored only once, in the inputs of the resource. Everything else refers to them by their
positions in that list, as a slice such as `domain_sessionid[0:3]`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

Targets: TypeAlias = Mapping[str, Sequence[str]]
"""Ids by attribute key, as the program spells them."""

Target: TypeAlias = tuple[str, str]
"""An attribute key and an id in lower case: UUIDs are the same in either case (RFC 9562, section 4)."""

_PLACES: Final = re.compile(r"(?P<key>\w+)\[(?P<start>\d+):(?P<end>\d+)\]")


def members(targets: Targets) -> set[Target]:
    """Return every target."""
    return {(key, one.lower()) for key, ids in targets.items() for one in ids}


def count(targets: Targets) -> int:
    """Count the ids."""
    return sum(map(len, targets.values()))


def exclude(targets: Targets, known: Collection[Target]) -> dict[str, list[str]]:
    """Return the targets that are not among the known ones."""
    left = {key: [one for one in ids if (key, one.lower()) not in known] for key, ids in targets.items()}
    return {key: ids for key, ids in left.items() if ids}


def in_recorded_order(targets: Targets, recorded: Targets) -> dict[str, list[str]]:
    """Return targets in the recorded spelling and order, new ones last, since the CLI compares lists by position."""
    return {key: _sort_as_recorded(targets[key], recorded.get(key, ())) for key in sorted(targets)}


def places(targets: Targets, some: Collection[Target]) -> list[str]:
    """Return the positions of some targets in `targets`, as slices."""
    return [
        f"{key}[{start}:{end}]"
        for key in sorted(targets)
        for start, end in _group_runs(i for i, one in enumerate(targets[key]) if (key, one.lower()) in some)
    ]


def at_places(targets: Targets, slices: Iterable[str]) -> set[Target]:
    """Return the targets at the positions that `places` returned."""
    found: set[Target] = set()
    for text in slices:
        place = _PLACES.fullmatch(text)
        if place is not None:
            ids = targets.get(place["key"], ())[int(place["start"]) : int(place["end"])]
            found |= members({place["key"]: ids})
    return found


def _sort_as_recorded(ids: Sequence[str], recorded: Sequence[str]) -> list[str]:
    wanted = {one.lower(): one for one in ids}
    kept = [one for one in recorded if wanted.pop(one.lower(), None) is not None]
    return [*kept, *wanted.values()]


def _group_runs(indices: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield consecutive indices as half-open ranges."""
    start = end = -1
    for index in indices:
        if index != end:
            if end > start:
                yield start, end
            start = index
        end = index + 1
    if end > start:
        yield start, end
