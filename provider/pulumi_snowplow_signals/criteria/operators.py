"""The operators of a criterion, one record for each.

A record holds everything that this package knows about an operator. Parsing, words, `matches` and the expressions of a program
all read it. To add an operator, add its spelling to `OperatorName` and its record to `_RECORDS`.

The spelling is that of `snowplow_signals.models.model.SignalsApiModelsInterventionCriterionCriterion` in the official client
0.4.10. Snowplow's documentation of interventions says which values each operator takes; the client does not check it. Where
the documentation does not define a comparison, there is no match: a missing value, or one of another kind than the criterion's,
satisfies no comparison, not even a negated one.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

from pulumi_snowplow_signals.fields.unknown import UNKNOWN

OperatorName = Literal[
    "=",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "like",
    "not like",
    "rlike",
    "not rlike",
    "in",
    "not in",
    "is null",
    "is not null",
    "changed",
]

Kind: TypeAlias = Literal["boolean", "number", "string", "object", "list", "nothing"]
Test: TypeAlias = Callable[[Any, Any, Any], bool]
"""Return whether an attribute's value satisfies a criterion: called with the value, the criterion's value and the previous value."""


@dataclass(frozen=True)
class Takes:
    """The values that an operator accepts.

    Attributes:
        wanted: A description for messages, such as "a number or a string"; empty if there must be no value.
        kinds: The kinds of values that fit, or of the items if the value is a list.
        is_list: Whether the value is a list.
    """

    wanted: str
    kinds: frozenset[Kind]
    is_list: bool = False

    def fits(self, value: Any) -> bool:
        """Return whether a value fits. The items of a list must be of one kind already."""
        if self.is_list:
            return isinstance(value, list) and bool(value) and all(map(self._holds, value))
        return kind_of(value) in self.kinds

    def _holds(self, item: Any) -> bool:
        return item is UNKNOWN or kind_of(item) in self.kinds


SCALAR: Final = Takes("a string, a number or a boolean", frozenset({"string", "number", "boolean"}))
ORDERED: Final = Takes("a number or a string", frozenset({"number", "string"}))
PATTERN: Final = Takes("a string", frozenset({"string"}))
LIST: Final = Takes("a non-empty list", frozenset({"string", "number", "boolean"}), is_list=True)
NOTHING: Final = Takes("", frozenset({"nothing"}))


class Cut(Enum):
    """How an operator divides an attribute's values into those that satisfy it and those that do not.

    Two rules are compared on one value of each part into which their criteria together divide the values; see `cells`.
    """

    AT_VALUES = "at the criterion's values; all values between two neighbours are alike"
    BY_WILDCARDS = "by the wildcards of `like`, in strings"
    BY_REGEX = "by a regular expression, in strings"
    AT_EMPTINESS = "null or empty values from all others"
    BY_CHANGE = "not by the value, but by whether it differs from the previous one"


@dataclass(frozen=True)
class Operator:
    """Everything that this package knows about an operator.

    Attributes:
        name: The spelling in Signals.
        takes: The values it accepts.
        holds: Tests whether an attribute's value satisfies it.
        cut: How it divides an attribute's values.
        python: How a program writes it: a Python operator, or a method of `attribute(...)`.
        negates: The operator that it negates, for attributes that have a value.
        is_ordered: Whether the order of a list matters.
        aliases: Spellings from other languages.
        mirror: The operator for the other end of a range.
    """

    name: OperatorName
    takes: Takes
    holds: Test
    python: str
    negates: OperatorName | None = None
    is_ordered: bool = True
    aliases: tuple[str, ...] = ()
    mirror: OperatorName | None = None
    cut: Cut = Cut.AT_VALUES

    @property
    def is_regex(self) -> bool:
        """Whether its value is a regular expression."""
        return self.cut is Cut.BY_REGEX

    @property
    def is_change(self) -> bool:
        """Whether it compares the attribute's value with the previous one."""
        return self.cut is Cut.BY_CHANGE

    @property
    def is_symbol(self) -> bool:
        """Whether Python has an operator for it."""
        return not self.python.isidentifier()

    def code(self, subject: str, value: str) -> str:
        """Return a criterion as a program writes it. `value` is empty if there is none."""
        return f"{subject} {self.python} {value}" if self.is_symbol else f"{subject}.{self.python}({value})"

    def words(self, attribute: str, value: str) -> str:
        """Return a criterion in words. `value` is empty if there is none."""
        return f"{attribute} {self.name} {value}".rstrip()


def kind_of(value: Any) -> Kind:
    """Return the JSON kind of a value. Only values of the same kind are ever compared."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "nothing" if value is None else "list"


def are_equal(one: Any, other: Any) -> bool:
    """Return whether two values are equal as JSON. At any depth, 75 equals 75.0, but true does not equal 1."""
    if kind_of(one) != kind_of(other):
        return False
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(are_equal(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(are_equal, one, other))
    return bool(one == other)


def _compares(compare: Callable[[Any, Any], Any]) -> Test:
    """Build the test of an operator that compares values of one kind."""
    return lambda found, wanted, _before: kind_of(found) == kind_of(wanted) and bool(compare(found, wanted))


def _is_like(text: str, pattern: str) -> bool:
    """Match as SQL's LIKE does, case-sensitively and without escapes: `%` is any run of characters, `_` any single one."""
    at = position = 0
    # Where to resume if the part after the last `%` fails to match: that `%` then takes one more character.
    retry_at, retry_position = -1, 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == "%":
            retry_at, retry_position = at + 1, position
            at += 1
        elif at < len(pattern) and pattern[at] in ("_", text[position]):
            at, position = at + 1, position + 1
        elif retry_at < 0:
            return False
        else:
            retry_position += 1
            at, position = retry_at, retry_position
    return not pattern[at:].strip("%")


def _contains_match(text: str, pattern: str) -> bool:
    return re.search(pattern, text) is not None


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, tuple)) and len(value) == 0)


def _is_in(found: Any, items: Any, _before: Any) -> bool:
    return any(are_equal(found, item) for item in items)


def _is_not_in(found: Any, items: Any, _before: Any) -> bool:
    return all(kind_of(found) == kind_of(item) and not are_equal(found, item) for item in items)


_RECORDS: Final = (
    Operator("=", SCALAR, _compares(operator.eq), "==", aliases=("==", "===", "eq")),
    Operator("!=", SCALAR, _compares(operator.ne), "!=", negates="=", aliases=("<>", "ne")),
    Operator("<", ORDERED, _compares(operator.lt), "<", mirror=">", aliases=("lt",)),
    Operator(">", ORDERED, _compares(operator.gt), ">", mirror="<", aliases=("gt",)),
    Operator("<=", ORDERED, _compares(operator.le), "<=", mirror=">=", aliases=("lte", "=<")),
    Operator(">=", ORDERED, _compares(operator.ge), ">=", mirror="<=", aliases=("gte", "=>")),
    Operator("like", PATTERN, _compares(_is_like), "like", cut=Cut.BY_WILDCARDS),
    Operator(
        "not like",
        PATTERN,
        _compares(lambda text, p: not _is_like(text, p)),
        "not_like",
        negates="like",
        cut=Cut.BY_WILDCARDS,
    ),
    Operator("rlike", PATTERN, _compares(_contains_match), "rlike", aliases=("regex",), cut=Cut.BY_REGEX),
    Operator(
        "not rlike",
        PATTERN,
        _compares(lambda text, p: not _contains_match(text, p)),
        "not_rlike",
        negates="rlike",
        cut=Cut.BY_REGEX,
    ),
    Operator("in", LIST, _is_in, "in_", is_ordered=False),
    Operator("not in", LIST, _is_not_in, "not_in", negates="in", is_ordered=False),
    Operator(
        "is null",
        NOTHING,
        lambda found, _, __: _is_empty(found),
        "is_null",
        aliases=("null",),
        cut=Cut.AT_EMPTINESS,
    ),
    Operator(
        "is not null",
        NOTHING,
        lambda found, _, __: not _is_empty(found),
        "is_not_null",
        negates="is null",
        aliases=("not null", "exists"),
        cut=Cut.AT_EMPTINESS,
    ),
    Operator(
        "changed",
        NOTHING,
        lambda found, _, before: not are_equal(found, before),
        "changed",
        cut=Cut.BY_CHANGE,
    ),
)

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType({record.name: record for record in _RECORDS})
"""Every operator by name."""

ALIASES: Final[Mapping[str, OperatorName]] = MappingProxyType(
    {alias: record.name for record in _RECORDS for alias in record.aliases}
)
"""Spellings from other languages, and the operators they mean."""

if tuple(OPERATORS) != get_args(OperatorName):
    raise AssertionError("OperatorName and the records of the operators differ")
