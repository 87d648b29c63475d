"""Cells of an attribute's values: sets of values that the given criteria do not tell apart.

The constants in the criteria are the cuts. They divide numbers into points and the intervals between them, and strings in the
same way. Patterns divide strings further. Null, empty, booleans, lists and objects are cells of their own. One value represents
each cell, and the operator's own test decides what a criterion says about that value.

Regular expressions are not analysed. One may match some strings of an interval and not others. That is assumed until a sample
string proves it, and a cell that rests on the assumption is not certain.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, Final

from pulumi_snowplow_signals.criteria.operators import OPERATORS, Cut, kind_of
from pulumi_snowplow_signals.criteria.patterns import why_unreadable
from pulumi_snowplow_signals.criteria.texts import TooManyTextsError, between, telling_texts
from pulumi_snowplow_signals.criteria.tree import Criterion

_WHOLE_NUMBERS: Final = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""The least and the greatest value."""
_NUMBERS: Final = frozenset({"double", "float", *_WHOLE_NUMBERS})
_TEXTS: Final = frozenset({"string", "bytes"})

_MOST_REGEXES: Final = 4
_MOST_JUDGEMENTS: Final = 200_000
"""How many times the criteria on one attribute may be tested in total; this many take a fraction of a second."""

_LONGEST_TRIED: Final = 60
"""The most characters in a string that a regular expression is tried on. On a long string, some never finish."""

_PUNCTUATION_OF_REGEX: Final = re.compile(
    r"\\[bBAZ] | \(\?[:aiLmsux]* | [\^$?*+()] | \{[0-9,]*\}", re.VERBOSE
)
_STANDS_FOR: Final = (
    (re.compile(r"\\d"), "0"),
    (re.compile(r"\\w"), "x"),
    (re.compile(r"\\s"), " "),
    (re.compile(r"\[([^\^\]\\])[^\]]*\]"), r"\1"),
    (re.compile(r"\\(.)"), r"\1"),
)


class NotCompared(Exception):  # noqa: N818  # it says what happened
    """The values cannot be enumerated, or there are too many of them."""


@dataclass(frozen=True)
class Cell:
    """Values that the criteria do not tell apart.

    Attributes:
        holds: Whether each criterion holds for them.
        value: One of them.
        is_certain: Whether such values exist, with `value` as the proof. If not, that is assumed of a regular expression.
    """

    holds: tuple[bool, ...]
    value: Any
    is_certain: bool = True


def cells_of(criteria: Sequence[Criterion], type_: str | None) -> list[Cell]:
    """Return the cells into which criteria on one attribute divide its values, certain cells first.

    Args:
        criteria: Criteria on one attribute, none of which uses `changed`.
        type_: The attribute's type in Signals, or None if it is not known. For types other than numbers, strings and
            booleans, values of every kind are tried, since it is not documented how Signals compares them.

    Raises:
        NotCompared: There are too many cells, or Python cannot compile a regular expression.
    """
    regexes = _list_regexes(criteria)
    if len(regexes) > _MOST_REGEXES or any(map(why_unreadable, regexes)):
        raise NotCompared
    tests = [judge_of(leaf) for leaf in criteria]
    values = [*_yield_values(criteria, regexes, type_)]
    if len(tests) * len(values) > _MOST_JUDGEMENTS:
        raise NotCompared
    certain = [Cell(tuple(test(value) for test in tests), value) for value in values]
    found: dict[tuple[bool, ...], Cell] = {}
    for cell in (*certain, *_assume(criteria, regexes, certain)):
        found.setdefault(cell.holds, cell)
    return [*found.values()]


def judge_of(leaf: Criterion) -> Callable[[Any], bool]:
    """Return a function that tests whether a criterion holds for a value.

    A list may hold thousands of values, and each makes a cell. If all of its values are of one kind, the test is a lookup.
    In every other case the operator's own test decides.
    """
    operator, wanted = OPERATORS[leaf.operator], leaf.value
    kinds = {*map(kind_of, wanted)} if operator.takes.is_list and isinstance(wanted, list) else set()
    if len(kinds) != 1 or not kinds <= {"string", "number", "boolean"}:
        return lambda value: operator.holds(value, wanted, None)
    (kind,), items, is_in = kinds, frozenset(wanted), operator.negates is None
    return lambda value: ((value in items) is is_in) if kind_of(value) == kind else False


def _yield_values(criteria: Sequence[Criterion], regexes: Sequence[str], type_: str | None) -> Iterator[Any]:
    """Yield at least one value of each cell."""
    yield None
    constants = [constant for leaf in criteria for constant in _list_constants(leaf)]
    if _allows(type_, _NUMBERS):
        numbers = sorted({each for each in constants if kind_of(each) == "number"})
        if type_ in _WHOLE_NUMBERS:
            low, high = _WHOLE_NUMBERS[type_]
            # An interval may reach beyond the type: clamp it to the type's own bounds.
            yield from (min(max(number, low), high) for number in _yield_whole_numbers(numbers))
        else:
            yield from _yield_numbers(numbers)
    if _allows(type_, _TEXTS):
        texts = [*_yield_texts(criteria, sorted({each for each in constants if kind_of(each) == "string"}))]
        if regexes and any(len(text) > _LONGEST_TRIED for text in texts):
            raise NotCompared
        yield from (*texts, *_yield_samples(regexes))
    if _allows(type_, {"bool"}):
        yield from (True, False)
    if _allows(type_, ()):
        yield from ([], [0], {})


def _allows(type_: str | None, types: Collection[str]) -> bool:
    """Return whether an attribute may hold values of these types."""
    return type_ is None or type_ in types or type_ not in _NUMBERS | _TEXTS | {"bool"}


def _list_constants(leaf: Criterion) -> list[Any]:
    if OPERATORS[leaf.operator].cut is not Cut.AT_VALUES:
        return []
    return leaf.value if isinstance(leaf.value, list) else [leaf.value]


def _yield_whole_numbers(points: Sequence[float]) -> Iterator[int]:
    if not points:
        yield 0
        return
    yield math.ceil(points[0]) - 1
    yield math.floor(points[-1]) + 1
    for point, following in zip(points, [*points[1:], None], strict=True):
        if point == math.floor(point):
            yield int(point)
        above = math.floor(point) + 1
        if following is not None and above < following:
            yield above


def _yield_numbers(points: Sequence[float]) -> Iterator[float]:
    if not points:
        yield 0
        return
    yield from points
    yield from (each for each in _step_outside(points[0], points[-1]) if math.isfinite(each))
    for low, high in pairwise(points):
        middle = low / 2 + high / 2
        if low < middle < high:  # adjacent doubles have nothing between them
            yield middle


def _step_outside(lowest: float, highest: float) -> tuple[float, float]:
    """Return a double below and one above, infinite if there is none."""
    return lowest - max(1.0, abs(lowest)), highest + max(1.0, abs(highest))


def _yield_texts(criteria: Sequence[Criterion], constants: Sequence[str]) -> Iterator[str]:
    patterns = [leaf.value for leaf in criteria if OPERATORS[leaf.operator].cut is Cut.BY_WILDCARDS]
    if not patterns:
        yield from _yield_texts_between(constants)
        return
    try:
        yield from telling_texts(sorted({*patterns}), ["", *constants])
    except TooManyTextsError:
        raise NotCompared from None


def _yield_texts_between(constants: Sequence[str]) -> Iterator[str]:
    """Yield the constants, and a string from each interval between them."""
    points = [*dict.fromkeys(["", *constants])]
    for point, following in zip(points, [*points[1:], None], strict=True):
        yield point
        # The next string after `point` is `point` with a null character appended.
        next_character = following[len(point)] if following and following.startswith(point) else None
        other = between(None, next_character)
        above = point + (other if other is not None else "\0")
        if following is None or above < following:
            yield above


def _list_regexes(criteria: Sequence[Criterion]) -> list[str]:
    return [*dict.fromkeys(leaf.value for leaf in criteria if OPERATORS[leaf.operator].is_regex)]


def _yield_samples(regexes: Sequence[str]) -> Iterator[str]:
    """Yield strings that may match one regular expression or two at once. The caller tries whether they do."""
    simple = [sample for regex in regexes for sample in _yield_simple_samples(regex)]
    yield from simple
    yield from (one + other for one in simple for other in simple if len(one + other) <= _LONGEST_TRIED)


def _yield_simple_samples(regex: str) -> Iterator[str]:
    for choice in regex.split("|"):
        text = _PUNCTUATION_OF_REGEX.sub("", choice)
        for token, replacement in _STANDS_FOR:
            text = token.sub(replacement, text)
        if len(text) <= _LONGEST_TRIED:
            yield text


def _assume(criteria: Sequence[Criterion], regexes: Sequence[str], certain: Iterable[Cell]) -> Iterator[Cell]:
    """Yield the cells that exist if each regular expression matches some strings in each interval and not others.

    Nothing is assumed about a string that the program names, since the result for it is known.
    """
    if not regexes:
        return
    named = {constant for leaf in criteria for constant in _list_constants(leaf) if isinstance(constant, str)}
    for cell in certain:
        if not isinstance(cell.value, str) or cell.value in {*named, ""}:
            continue
        for results in product((False, True), repeat=len(regexes)):
            matching = dict(zip(regexes, results, strict=True))
            holds = tuple(
                matching[leaf.value] is (OPERATORS[leaf.operator].negates is None)
                if OPERATORS[leaf.operator].is_regex
                else held
                for leaf, held in zip(criteria, cell.holds, strict=True)
            )
            yield Cell(holds, cell.value, is_certain=False)
