"""Strings that tell `like` patterns and comparisons apart: one for each combination of results that any string can give.

Reading a string one character at a time is enough to decide whether it matches a pattern, and whether it is below, equal to or
above a constant. So the patterns and constants of an attribute form one state machine, and the shortest string that leads to
each state represents it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

_MOST_STATES: Final = 2_000
_PREFERRED: Final = "x0 "
_BEYOND_ALL: Final = 0x110000
_SURROGATES: Final = range(0xD800, 0xE000)

_BELOW, _ABOVE = -1, -2
"""How a string compares with a constant once a character has decided it. Until then, the length of their common prefix."""

_State: TypeAlias = tuple[tuple[frozenset[int], ...], tuple[int, ...]]


class TooManyTextsError(Exception):
    """The patterns together have too many states."""


def telling_texts(patterns: Sequence[str], constants: Sequence[str]) -> list[str]:
    """Return strings for every combination of results: like each pattern or not; below, equal to or above each constant.

    Args:
        patterns: Patterns of `like`: `%` is any run of characters, `_` any single one.
        constants: Strings that values are compared with.

    Raises:
        TooManyTextsError: There are too many combinations.
    """
    start: _State = (tuple(_close_over(pattern, {0}) for pattern in patterns), (0,) * len(constants))
    reached = {start: ""}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        for character in _characters(state, patterns, constants):
            following = _step(state, character, patterns, constants)
            if following not in reached:
                if len(reached) == _MOST_STATES:
                    raise TooManyTextsError
                reached[following] = reached[state] + character
                waiting.append(following)
    return list(reached.values())


def between(low: str | None, high: str | None) -> str | None:
    """Return a character between two bounds, or None if there is none. A bound of None is open."""
    first = -1 if low is None else ord(low)
    last = _BEYOND_ALL if high is None else ord(high)
    for character in _PREFERRED:
        if first < ord(character) < last:
            return character
    code = first + 1
    if code in _SURROGATES:
        code = _SURROGATES.stop
    return chr(code) if code < last else None


def _close_over(pattern: str, places: Collection[int]) -> frozenset[int]:
    """Return these places and those reachable from them without a character, since `%` also matches nothing."""
    closed = set(places)
    for place in sorted(places):
        at = place
        while at < len(pattern) and pattern[at] == "%":
            at += 1
            closed.add(at)
    return frozenset(closed)


def _step(state: _State, character: str, patterns: Sequence[str], constants: Sequence[str]) -> _State:
    places, shared = state
    return (
        tuple(_read(pattern, at, character) for pattern, at in zip(patterns, places, strict=True)),
        tuple(_compare(constant, at, character) for constant, at in zip(constants, shared, strict=True)),
    )


def _read(pattern: str, places: frozenset[int], character: str) -> frozenset[int]:
    following: set[int] = set()
    for at in places:
        if at == len(pattern):
            continue
        if pattern[at] == "%":
            following.add(at)
        elif pattern[at] in ("_", character):
            following.add(at + 1)
    return _close_over(pattern, following)


def _compare(constant: str, shared: int, character: str) -> int:
    if shared < 0:
        return shared
    if shared == len(constant):
        return _ABOVE
    if character == constant[shared]:
        return shared + 1
    return _BELOW if character < constant[shared] else _ABOVE


def _characters(state: _State, patterns: Sequence[str], constants: Sequence[str]) -> Iterator[str]:
    """Yield one character of each kind that makes a difference in this state: those named, and one between each two."""
    places, shared = state
    named = {
        pattern[at]
        for pattern, reading in zip(patterns, places, strict=True)
        for at in reading
        if at < len(pattern) and pattern[at] not in "%_"
    }
    named |= {constant[at] for constant, at in zip(constants, shared, strict=True) if 0 <= at < len(constant)}
    bounds: list[str | None] = [None, *sorted(named), None]
    yield from sorted(named)
    for low, high in pairwise(bounds):
        other = between(low, high)
        if other is not None:
            yield other
