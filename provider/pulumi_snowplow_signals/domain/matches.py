"""Would a rule fire when a visitor's attributes go from one state to another?

What counts is said in Snowplow's documentation of interventions: a rule fires when its criteria *become* true, not while
they stay so; `none` is true when every child is false; `is null` means null or empty; a rule with `changed` fires on
every change of that attribute, provided that the criteria beside it hold in the new state.

Where it is silent, nothing is taken for a match: a missing value, or one of another kind than the criterion's (a
string beside a number, `true` beside 1), satisfies no comparison, not even a negated one. `like` is case-sensitive and
knows no escape; a regular expression is searched for anywhere in the text.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from pulumi_snowplow_signals.domain.criteria import Criterion, Node, leaves, node_from_wire
from pulumi_snowplow_signals.domain.criteria_parsing import (
    TOO_DEEP,
    CriteriaInput,
    faults_of_tree,
    too_deep,
)
from pulumi_snowplow_signals.domain.violations import Violation, violations_of
from pulumi_snowplow_signals.errors import UserFault

State = Mapping[str, Any]
"""The values of a visitor's attributes by `group:attribute`, of the kinds that JSON has."""

_ATTRIBUTE: Final = re.compile(r"[A-Za-z0-9_]{1,128}:[A-Za-z0-9_]{1,128}")


def matches(criteria: Any, before: State, after: State) -> bool:
    """Tell whether a rule fires on the step from `before` to `after`.

    Args:
        criteria: The rule's criteria in wire shape.
        before: The state before the update; an attribute that is not in it has no value.
        after: The state after it.

    Raises:
        UserFault: The criteria would be refused, or something cannot be judged. Each argument is one sentence.
    """
    faults = [*_criteria_faults(criteria), *_state_faults("before", before), *_state_faults("after", after)]
    if not faults:
        node = node_from_wire(criteria)
        faults = [*_pattern_faults(node)]
        if not faults:
            return fires(node, before, after)
    raise UserFault(*map(str, faults))


class _Rule(BaseModel):
    criteria: CriteriaInput


def _criteria_faults(criteria: Any) -> list[Violation]:
    if too_deep(criteria):
        return [TOO_DEEP]
    of_tree = [*faults_of_tree(criteria)]
    try:
        _Rule.model_validate({"criteria": criteria})
    except ValidationError as error:
        return [*violations_of(error, (), ()), *of_tree]
    return of_tree


def _state_faults(name: str, state: State) -> Iterator[Violation]:
    for attribute in state:
        if not _ATTRIBUTE.fullmatch(attribute):
            yield Violation(
                name, f'names "{attribute}"; an attribute is named group:attribute, as in the criteria'
            )


def _pattern_faults(node: Node) -> Iterator[Violation]:
    """Find regular expressions that Python cannot compile. Signals' own engine, which is another, may."""
    for leaf in leaves(node):
        if leaf.operator in ("rlike", "not rlike"):
            try:
                re.compile(str(leaf.value))
            except (re.error, OverflowError, RecursionError) as why:
                yield Violation(
                    f"{leaf.origin}.value", f'"{leaf.value}" cannot be tried here: Python says {why}'
                )


def fires(criteria: Node, before: State, after: State) -> bool:
    """Tell whether a rule fires on the step from `before` to `after`.

    The tree has to be one that `matches` would accept.
    """
    if any(leaf.operator == "changed" for leaf in leaves(criteria)):
        return _holds(criteria, after, before)
    return _holds(criteria, after) and not _holds(criteria, before)


def _holds(node: Node, state: State, before: State | None = None) -> bool:
    if isinstance(node, Criterion):
        return _criterion_holds(node, state, before)
    holding = sum(_holds(child, state, before) for child in node.children)
    if node.kind == "all":
        return holding == len(node.children)
    return holding > 0 if node.kind == "any" else holding == 0


def _criterion_holds(criterion: Criterion, state: State, before: State | None) -> bool:
    found = state.get(criterion.attribute)
    match criterion.operator:
        case "changed":
            return before is not None and not _equal(found, before.get(criterion.attribute))
        case "is null":
            return _is_empty(found)
        case "is not null":
            return not _is_empty(found)
        case "in":
            return any(_equal(found, item) for item in _items(criterion))
        case "not in":
            return all(_comparable(found, item) and not _equal(found, item) for item in _items(criterion))
    return _comparable(found, criterion.value) and _COMPARISONS[criterion.operator](found, criterion.value)


def _items(criterion: Criterion) -> tuple[Any, ...]:
    return criterion.value if isinstance(criterion.value, tuple) else ()


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, tuple)) and len(value) == 0)


def _kind(value: Any) -> str:
    """Say which of JSON's kinds a value is of. Only values of one kind are ever compared."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "nothing" if value is None else "list"


def _comparable(found: Any, wanted: Any) -> bool:
    return _kind(found) == _kind(wanted)


def _equal(one: Any, other: Any) -> bool:
    """Tell whether two values are the same as JSON has it: 75 is 75.0, at any depth, but true is not 1."""
    if not _comparable(one, other):
        return False
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


def _is_like(text: str, pattern: str) -> bool:
    """Match SQL's LIKE: `%` is any run of characters, `_` any one."""
    at = position = 0
    # Where to go on if what follows the last `%` fails: that `%` then takes one character more.
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


def _is_found(text: str, pattern: str) -> bool:
    return re.search(pattern, text) is not None


_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "like": _is_like,
    "not like": lambda text, pattern: not _is_like(text, pattern),
    "rlike": _is_found,
    "not rlike": lambda text, pattern: not _is_found(text, pattern),
}
