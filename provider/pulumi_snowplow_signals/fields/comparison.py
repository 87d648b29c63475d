"""Decide when two values of a field are the same, and what to compare in two that differ.

Diff, the version rule, drift detection and adoption all decide equality. They all compare canonical texts, so they agree. What is
*sent* is what the user wrote.

A mark in the metadata of a field says how it is compared: `Annotated[list[KeyLink], UNORDERED]`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, TypeAlias

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from pulumi_snowplow_signals.fields.text import quoted, quoted_beside
from pulumi_snowplow_signals.fields.values import canonical_json


@dataclass(frozen=True)
class Place:
    """A place in a definition: the text that is compared, its path, and a function that returns its value in words.

    `subject` replaces the path in brief lines: the attribute and operator for the value of a criterion, or "" if the words
    need no introduction.
    """

    compared: str
    path: str
    say: Callable[[], str]
    subject: str | None = None


Pair: TypeAlias = tuple[Place | None, Place | None]
"""A place before and after. An added or removed place has None on the other side."""


class Canonical:
    """Compare values as they are. Subclasses define which other spellings are equal."""

    def form(self, value: Any) -> Any:
        """Return the form that all equal values share."""
        return value

    def text(self, value: Any) -> str:
        """Return the canonical form as JSON. Two values are equal exactly when their texts are."""
        return canonical_json(to_jsonable_python(self.form(value)))

    def align(self, new: Any, _recorded: Any) -> Any:
        """Return `new`, with the parts that equal parts of `recorded` in the recorded spelling and order."""
        return new

    def pairs(self, path: str, old: Any, new: Any) -> Iterator[Pair]:
        """Yield the places to compare in two values. An omitted value is None."""
        before, after = (None if value is None else self.form(value) for value in (old, new))
        if all(value is None or isinstance(value, str) for value in (before, after)):
            said = quoted_beside(before or "", after or "")
        else:
            said = _say(before), _say(after)
        yield self._whole(path, before, said[0]), self._whole(path, after, said[1])

    def _whole(self, path: str, value: Any, said: str) -> Place | None:
        return Place(self.text(value), path, lambda: said) if value not in (None, "", []) else None


class _Unordered(Canonical):
    """Compare lists in which order and repetition mean nothing."""

    def form(self, value: Any) -> Any:
        items = {_build_sort_key(item): item for item in value}
        return [items[key] for key in sorted(items)]

    def align(self, new: Any, recorded: Any) -> Any:
        return in_recorded_order(new, recorded, self._item_text)

    def pairs(self, path: str, old: Any, new: Any) -> Iterator[Pair]:
        yield from pair_items(self.form(old or []), self.form(new or []), path, self._item_text, _say)

    @staticmethod
    def _item_text(item: Any) -> str:
        return canonical_json(to_jsonable_python(item))


class _SameDomain(Canonical):
    """Compare e-mail addresses, ignoring the case of the domain."""

    def form(self, value: Any) -> Any:
        local, at, domain = (value or "").rpartition("@")
        return f"{local}{at}{domain.lower()}" if at else value


AS_WRITTEN: Final = Canonical()
UNORDERED: Final = _Unordered()
SAME_DOMAIN: Final = _SameDomain()


@cache
def marks_of(model: type[BaseModel]) -> Mapping[str, Canonical]:
    """Return how each field of a model is compared."""
    return {
        name: next((mark for mark in field.metadata if isinstance(mark, Canonical)), AS_WRITTEN)
        for name, field in model.model_fields.items()
    }


def in_recorded_order(new: Sequence[Any], recorded: Sequence[Any], text: Callable[[Any], str]) -> list[Any]:
    """Return the items of `new`: first those that equal recorded ones, in recorded spelling and order, then the rest."""
    fresh = Counter(map(text, new))
    kept: list[Any] = []
    for old in recorded:
        if fresh[text(old)] > 0:
            fresh[text(old)] -= 1
            kept.append(old)
    left: list[Any] = []
    for item in reversed(new):  # of several equal items, the first ones count as recorded
        if fresh[text(item)] > 0:
            fresh[text(item)] -= 1
            left.append(item)
    return [*kept, *reversed(left)]


def pair_items(
    old: Sequence[Any],
    new: Sequence[Any],
    path: str,
    text: Callable[[Any], str],
    say: Callable[[Any], str],
) -> Iterator[Pair]:
    """Pair the equal items of two lists. An item may occur several times."""
    sides: list[dict[tuple[str, int], Place]] = []
    for items in (old, new):
        times: Counter[str] = Counter()
        places: dict[tuple[str, int], Place] = {}
        for item in items:
            compared = text(item)
            places[compared, times[compared]] = Place(compared, path, partial(say, item))
            times[compared] += 1
        sides.append(places)
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        yield sides[0].get(key), sides[1].get(key)


def _build_sort_key(item: Any) -> tuple[Any, ...]:
    """Return a sort key for a name, or for a link by name and version."""
    return tuple(dict(item).values()) if isinstance(item, BaseModel) else (item,)


def _say(value: Any) -> str:
    if isinstance(value, BaseModel):
        return str(value)
    return quoted(value) if isinstance(value, str) else canonical_json(to_jsonable_python(value))
