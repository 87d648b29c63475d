"""Decide whether a rule fires when a visitor's attributes go from one state to another.

The documentation of Signals (Interventions; "Using the Python SDK") states the rules. A rule fires when its criteria *become* true, not
while they stay true. `none` holds when every child is false. `is null` means null or empty. `changed` compares the two values of an
attribute, and all other criteria must hold in the new state.

Where the documentation says nothing, the rule does not fire, so no test passes here by luck. A missing value, or one of a different
kind than the operand ("75" and 75, true and 1), satisfies no comparison, not even a negated one (`!=`, `not in`, `not like`,
`not rlike`). LIKE is case-sensitive, with `%` and `_` and no escape. A regular expression may match anywhere, and one that Python
cannot compile matches nothing.

Nothing here is shared with the provider, whose own verdict is compared with this one.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from signals_local.emulator.live.criteria import CHANGED, Criterion, Node, uses_changed

State = Mapping[str, Any]
"""The latest JSON value of each attribute, by `group:name`; one that was never set is absent or null."""


def fires(rule: Node, before: State, after: State) -> bool:
    """Return whether `rule` fires on the step from `before` to `after`."""
    if uses_changed(rule):
        return holds(rule, after, before)
    return holds(rule, after) and not holds(rule, before)


def holds(rule: Node, state: State, before: State | None = None) -> bool:
    """Return whether `rule` is true in `state`. Only `changed` uses `before`, and is false without it."""
    if isinstance(rule, Criterion):
        return _criterion_holds(rule, state, before)
    verdicts = (holds(child, state, before) for child in rule.children)
    if rule.quantifier == "all":
        return all(verdicts)
    return any(verdicts) == (rule.quantifier == "any")


def _criterion_holds(criterion: Criterion, state: State, before: State | None) -> bool:
    value = state.get(criterion.attribute)
    if criterion.operator == CHANGED:
        return before is not None and not _same(before.get(criterion.attribute), value)
    if criterion.operator == "is null":
        return _is_empty(value)
    if criterion.operator == "is not null":
        return not _is_empty(value)
    return value is not None and _COMPARISONS[criterion.operator](value, criterion.value)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


def _kind(value: Any) -> str:
    """Return the JSON kind of a value. Ints and floats are numbers; a bool is not."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return type(value).__name__


def _comparable(one: Any, other: Any) -> bool:
    return _kind(one) == _kind(other)


def _same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal. At any depth, 1 equals 1.0, but true does not equal 1."""
    if not _comparable(one, other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(item, other[key]) for key, item in one.items())
    return bool(one == other)


def _differ(one: Any, other: Any) -> bool:
    return _comparable(one, other) and not _same(one, other)


def _compare_ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Build an ordered comparison, which exists only between numbers and between strings (by code point)."""

    def ordered(value: Any, operand: Any) -> bool:
        return _comparable(value, operand) and _kind(value) in ("number", "str") and compare(value, operand)

    return ordered


def _is_one_of(value: Any, operands: Any) -> bool:
    return any(_same(value, operand) for operand in operands)


def _is_none_of(value: Any, operands: Any) -> bool:
    return all(_differ(value, operand) for operand in operands)


def _build_match(
    pattern: Callable[[str], re.Pattern[str] | None], *, wanted: bool
) -> Callable[[Any, Any], bool]:
    """Build a comparison of strings with a pattern. An invalid pattern matches nothing."""

    def matching(value: Any, operand: Any) -> bool:
        if not isinstance(value, str) or not isinstance(operand, str):
            return False
        compiled = pattern(operand)
        return compiled is not None and (compiled.search(value) is not None) == wanted

    return matching


@lru_cache(maxsize=1024)
def _compile_like(pattern: str) -> re.Pattern[str]:
    # fnmatch's translation of `*` does not backtrack, so a pattern with fifty `%` is as fast as one with two.
    shell = "".join({"%": "*", "_": "?"}.get(each) or re.sub(r"[*?[]", r"[\g<0>]", each) for each in pattern)
    return re.compile(rf"\A{fnmatch.translate(shell)}")


@lru_cache(maxsize=1024)
def _compile_regex(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": _same,
    "!=": _differ,
    "<": _compare_ordered(operator.lt),
    "<=": _compare_ordered(operator.le),
    ">": _compare_ordered(operator.gt),
    ">=": _compare_ordered(operator.ge),
    "like": _build_match(_compile_like, wanted=True),
    "not like": _build_match(_compile_like, wanted=False),
    "rlike": _build_match(_compile_regex, wanted=True),
    "not rlike": _build_match(_compile_regex, wanted=False),
    "in": _is_one_of,
    "not in": _is_none_of,
}
