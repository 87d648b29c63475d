"""An attribute's values, cut into cells: values that no criterion of the rules at hand tells apart.

The constants of the criteria make the cuts: numbers fall into the points and the intervals between them, texts likewise, and
patterns divide texts further. What is null, empty, a boolean, a list or an object is a cell of its own. Each cell is shown
by one of its values, and what a criterion says of that value, its operator's own test decides.

A regular expression is not analysed. It may hold of some texts of an interval and not of others, which is assumed until a
text is at hand that shows it: such a cell is not certain.
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
"""Values that criteria on one attribute are asked about, all of them together: a fraction of a second."""

_LONGEST_TRIED: Final = 60
"""Characters of a text that a regular expression is tried on. Some take for ever on a long one."""

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
    """The values cannot be enumerated, or are more than are looked at."""


@dataclass(frozen=True)
class Cell:
    """Values that the criteria do not tell apart.

    Attributes:
        holds: What each criterion says of them.
        value: One of them.
        is_certain: Whether there are such values: `value` shows it. If not, it is assumed of a regular expression.
    """

    holds: tuple[bool, ...]
    value: Any
    is_certain: bool = True


def cells_of(criteria: Sequence[Criterion], type_: str | None) -> list[Cell]:
    """Return the cells into which criteria on one attribute cut its values, those that are certain first.

    Args:
        criteria: Criteria on one attribute, none of them about a change.
        type_: The attribute's type in Signals, None where it is not known. Of a type other than numbers, texts and
            booleans any value is looked at, since how Signals compares those is not documented.

    Raises:
        NotCompared: There are more cells than are looked at, or Python cannot read a regular expression.
    """
    regexes = _regexes(criteria)
    if len(regexes) > _MOST_REGEXES or any(map(why_unreadable, regexes)):
        raise NotCompared
    tests = [judge_of(leaf) for leaf in criteria]
    values = [*_values(criteria, regexes, type_)]
    if len(tests) * len(values) > _MOST_JUDGEMENTS:
        raise NotCompared
    certain = [Cell(tuple(test(value) for test in tests), value) for value in values]
    found: dict[tuple[bool, ...], Cell] = {}
    for cell in (*certain, *_assume(criteria, regexes, certain)):
        found.setdefault(cell.holds, cell)
    return [*found.values()]


def judge_of(leaf: Criterion) -> Callable[[Any], bool]:
    """Return what a criterion says of a value.

    A list may hold thousands of values, each of which makes a cell. So where it holds some of one kind alone, a value of that
    kind is looked up; whatever else there is, the operator itself judges.
    """
    operator, wanted = OPERATORS[leaf.operator], leaf.value
    kinds = {*map(kind_of, wanted)} if operator.takes.is_list and isinstance(wanted, list) else set()
    if len(kinds) != 1 or not kinds <= {"string", "number", "boolean"}:
        return lambda value: operator.holds(value, wanted, None)
    (kind,), items, is_in = kinds, frozenset(wanted), operator.negates is None
    return lambda value: ((value in items) is is_in) if kind_of(value) == kind else False


def _values(criteria: Sequence[Criterion], regexes: Sequence[str], type_: str | None) -> Iterator[Any]:
    """Yield a value of each cell at least."""
    yield None
    constants = [constant for leaf in criteria for constant in _constants(leaf)]
    if _allows(type_, _NUMBERS):
        numbers = sorted({each for each in constants if kind_of(each) == "number"})
        if type_ in _WHOLE_NUMBERS:
            low, high = _WHOLE_NUMBERS[type_]
            # Of an interval that reaches beyond the type, what is left of it ends at the type's own end.
            yield from (min(max(number, low), high) for number in _whole_numbers(numbers))
        else:
            yield from _numbers(numbers)
    if _allows(type_, _TEXTS):
        texts = [*_texts(criteria, sorted({each for each in constants if kind_of(each) == "string"}))]
        if regexes and any(len(text) > _LONGEST_TRIED for text in texts):
            raise NotCompared
        yield from (*texts, *_samples(regexes))
    if _allows(type_, {"bool"}):
        yield from (True, False)
    if _allows(type_, ()):
        yield from ([], [0], {})


def _allows(type_: str | None, types: Collection[str]) -> bool:
    """Return whether an attribute may hold values of some types."""
    return type_ is None or type_ in types or type_ not in _NUMBERS | _TEXTS | {"bool"}


def _constants(leaf: Criterion) -> list[Any]:
    if OPERATORS[leaf.operator].cut is not Cut.AT_VALUES:
        return []
    return leaf.value if isinstance(leaf.value, list) else [leaf.value]


def _whole_numbers(points: Sequence[float]) -> Iterator[int]:
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


def _numbers(points: Sequence[float]) -> Iterator[float]:
    if not points:
        yield 0
        return
    yield from points
    yield from (each for each in _beyond(points[0], points[-1]) if math.isfinite(each))
    for low, high in pairwise(points):
        middle = low / 2 + high / 2
        if low < middle < high:  # between two neighbours among the doubles there is none
            yield middle


def _beyond(lowest: float, highest: float) -> tuple[float, float]:
    """Return a double below and one above; infinite where there is none."""
    return lowest - max(1.0, abs(lowest)), highest + max(1.0, abs(highest))


def _texts(criteria: Sequence[Criterion], constants: Sequence[str]) -> Iterator[str]:
    patterns = [leaf.value for leaf in criteria if OPERATORS[leaf.operator].cut is Cut.BY_WILDCARDS]
    if not patterns:
        yield from _texts_between(constants)
        return
    try:
        yield from telling_texts(sorted({*patterns}), ["", *constants])
    except TooManyTextsError:
        raise NotCompared from None


def _texts_between(constants: Sequence[str]) -> Iterator[str]:
    """Yield the constants, and a text of each interval between them."""
    points = [*dict.fromkeys(["", *constants])]
    for point, following in zip(points, [*points[1:], None], strict=True):
        yield point
        # The text right above `point` is the one with a null character after it.
        next_character = following[len(point)] if following and following.startswith(point) else None
        other = between(None, next_character)
        above = point + (other if other is not None else "\0")
        if following is None or above < following:
            yield above


def _regexes(criteria: Sequence[Criterion]) -> list[str]:
    return [*dict.fromkeys(leaf.value for leaf in criteria if OPERATORS[leaf.operator].is_regex)]


def _samples(regexes: Sequence[str]) -> Iterator[str]:
    """Yield texts that may match regular expressions, alone and two at once. Whether they do is tried, not known."""
    simple = [sample for regex in regexes for sample in _simple_samples(regex)]
    yield from simple
    yield from (one + other for one in simple for other in simple if len(one + other) <= _LONGEST_TRIED)


def _simple_samples(regex: str) -> Iterator[str]:
    for choice in regex.split("|"):
        text = _PUNCTUATION_OF_REGEX.sub("", choice)
        for stands, what in _STANDS_FOR:
            text = stands.sub(what, text)
        if len(text) <= _LONGEST_TRIED:
            yield text


def _assume(criteria: Sequence[Criterion], regexes: Sequence[str], certain: Iterable[Cell]) -> Iterator[Cell]:
    """Yield the cells that there are if each regular expression holds of some texts in each interval and not of others.

    Of a text that the program names, the answer is known, and nothing is assumed.
    """
    if not regexes:
        return
    named = {constant for leaf in criteria for constant in _constants(leaf) if isinstance(constant, str)}
    for cell in certain:
        if not isinstance(cell.value, str) or cell.value in {*named, ""}:
            continue
        for answers in product((False, True), repeat=len(regexes)):
            matching = dict(zip(regexes, answers, strict=True))
            holds = tuple(
                matching[leaf.value] is (OPERATORS[leaf.operator].negates is None)
                if OPERATORS[leaf.operator].is_regex
                else held
                for leaf, held in zip(criteria, cell.holds, strict=True)
            )
            yield Cell(holds, cell.value, is_certain=False)
