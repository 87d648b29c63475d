"""Criteria written as Python comparisons: `attribute("shopping:cart_value") > 75`.

Misuse raises a fault at the line that contains it, with the line to write instead. The value of an output is not known here, so a
criterion that contains one is checked later, with the rest of the rule.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal, NoReturn

from pulumi import Input

from pulumi_snowplow_signals.criteria.operators import OPERATORS, ORDERED, PATTERN, Operator, OperatorName
from pulumi_snowplow_signals.fields.placeholders import (
    HOLDS_AN_OUTPUT,
    is_output_as_text,
    placeholder_reason,
)
from pulumi_snowplow_signals.inputs.criteria import (
    CriteriaNode,
    InterventionCriterion,
    ListOfScalars,
    Scalar,
    build_parentheses_fault,
    show_operand,
)
from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.reading import Later, Read, Refused, read, refuse, type_of
from pulumi_snowplow_signals.inputs.wording import as_code, in_order

_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,128}:[A-Za-z0-9_]{1,128}")


def attribute(name: Input[str]) -> AttributeReference:
    """Return a reference to the attribute `group:attribute`, to compare it with a value.

    Raises:
        InputFault: The name is known and does not have that form.
    """
    return AttributeReference(name)


class AttributeReference:
    """An attribute whose comparisons are criteria."""

    __array_ufunc__ = None  # makes numpy leave `numpy.int64(75) < attribute(...)` to this class

    def __init__(self, name: Input[str]) -> None:
        found = read(name)
        if isinstance(found, Later):
            self._name = name
        elif isinstance(found, str) and _NAME.fullmatch(found):
            self._name = found
        else:
            raise InputFault(f"attribute({as_code(name)}): {_explain_name(found)}")

    def __repr__(self) -> str:
        return f"attribute({as_code(self._name)})"

    # Comparisons return criteria, as in every expression library. `object` declares that they return bool.
    def __eq__(self, value: Input[Scalar]) -> InterventionCriterion:  # type: ignore[override]  # see above
        return self._build_criterion("=", value)

    def __ne__(self, value: Input[Scalar]) -> InterventionCriterion:  # type: ignore[override]  # see above
        return self._build_criterion("!=", value)

    def __lt__(self, value: Input[str | float]) -> InterventionCriterion:
        return self._build_criterion("<", value)

    def __gt__(self, value: Input[str | float]) -> InterventionCriterion:
        return self._build_criterion(">", value)

    def __le__(self, value: Input[str | float]) -> InterventionCriterion:
        return self._build_criterion("<=", value)

    def __ge__(self, value: Input[str | float]) -> InterventionCriterion:
        return self._build_criterion(">=", value)

    def is_null(self) -> InterventionCriterion:
        """Build a criterion that is true if the attribute was never set, or is null, `""` or an empty list."""
        return self._build_criterion("is null")

    def is_not_null(self) -> InterventionCriterion:
        """Build a criterion that is true if the attribute has a non-empty value."""
        return self._build_criterion("is not null")

    def in_(self, values: Input[ListOfScalars]) -> InterventionCriterion:
        """Build a criterion that is true if the attribute is one of `values`."""
        return self._build_criterion("in", values)

    def not_in(self, values: Input[ListOfScalars]) -> InterventionCriterion:
        """Build a criterion that is true if the attribute has a value that is not one of `values`."""
        return self._build_criterion("not in", values)

    def like(self, pattern: Input[str]) -> InterventionCriterion:
        """Build a criterion that is true if the attribute matches an SQL pattern: `%` is any string, `_` any single character."""
        return self._build_criterion("like", pattern)

    def not_like(self, pattern: Input[str]) -> InterventionCriterion:
        """Build a criterion that is true if the attribute has a value that does not match an SQL pattern."""
        return self._build_criterion("not like", pattern)

    def rlike(self, pattern: Input[str]) -> InterventionCriterion:
        """Build a criterion that is true if a regular expression matches within the attribute."""
        return self._build_criterion("rlike", pattern)

    def not_rlike(self, pattern: Input[str]) -> InterventionCriterion:
        """Build a criterion that is true if the attribute has a value within which a regular expression does not match."""
        return self._build_criterion("not rlike", pattern)

    def changed(self) -> InterventionCriterion:
        """Build a criterion that is true whenever the value changes or is set for the first time.

        It may only stand alone or be joined by `&`.
        """
        return self._build_criterion("changed")

    def _build_criterion(self, name: OperatorName, value: Any = None) -> InterventionCriterion:
        operator = OPERATORS[name]
        if not operator.takes.wanted:
            return InterventionCriterion(attribute=self._name, operator=name)
        if isinstance(value, (AttributeReference, CriteriaNode)):
            raise InputFault(self._describe_wrong_operand(operator, value))
        found: Any = read(value)
        if isinstance(found, list):
            found = [item if isinstance(plain := read(item), (Later, Refused)) else plain for item in found]
        if isinstance(found, Later):
            found = value
        elif operator.takes.is_list:
            self._judge_list(operator, value, found)
        else:
            self._judge(operator, value, found)
        return InterventionCriterion(attribute=self._name, operator=name, value=found)

    def _judge(self, operator: Operator, value: Any, found: Read) -> None:
        """Raise InputFault if a known value can never be valid for the operator."""
        reason = self._suggest_instead(operator, value, found) or _find_reason_against(value, found)
        if reason:
            raise InputFault(f"{self._show_code(operator, value)}: {reason}")

    def _suggest_instead(self, operator: Operator, value: Any, found: Read) -> str | None:
        """Return what to write if the program meant another operator, else None."""
        is_negated = operator.negates is not None
        if found is None:
            return f"Signals cannot compare with null. Write {self!r}.{'is_not_null' if is_negated else 'is_null'}()."
        if isinstance(found, list) or isinstance(value, (set, frozenset)):
            method = "not_in" if is_negated else "in_"
            items = found if isinstance(found, list) else in_order(value)
            return f"a list is not a single value. Write {self!r}.{method}({as_code(items)})."
        if operator.takes is ORDERED and isinstance(found, bool):
            return f"only numbers and strings have an order. Write {self!r} == {found}."
        if operator.takes is PATTERN and isinstance(found, (int, float)):
            return f"a pattern must be a string. Write {operator.code(repr(self), as_code(str(found)))}."
        return None

    def _judge_list(self, operator: Operator, value: Any, found: Read) -> None:
        call = self._show_code(operator, value)
        if isinstance(value, (set, frozenset)):
            raise InputFault(
                f"{call}: the order of a set changes from run to run. Write {self._show_code(operator, in_order(value))}."
            )
        if isinstance(found, Refused):
            raise InputFault(f"{call}: that is {found.reason}")
        if not isinstance(found, list):
            raise InputFault(
                f"{call}: expected a list of values. Write {self._show_code(operator, [value])}."
            )
        if not found:
            raise InputFault(f"{call}: an empty list matches nothing, and Signals needs at least one value.")
        known = [(item, plain) for item in found if not isinstance(plain := read(item), Later)]
        for item, plain in known:
            reason = _find_reason_against(item, plain)
            if reason:
                raise InputFault(f"{call}: {reason}")
        if len({_classify(plain) for _, plain in known}) > 1:
            raise InputFault(f"{call}: all items of a list must be strings, or all numbers, or all booleans.")

    def _describe_wrong_operand(self, operator: Operator, value: AttributeReference | CriteriaNode) -> str:
        if isinstance(value, AttributeReference):
            found = f"{self._show_code(operator, value)}: Signals compares an attribute with a value, not with another attribute."
            return f"{found} Write {self._show_code(operator, 75)}, or compute the difference as an attribute of its own."
        return (
            f"{self!r} is compared with a whole criterion, {as_code(value)}. "
            f"Add parentheses around each comparison: ({self!r} ...) & (...)."
        )

    def _show_code(self, operator: Operator, value: Any) -> str:
        return operator.code(repr(self), as_code(value))

    def __and__(self, other: object) -> NoReturn:
        raise build_parentheses_fault(self, "&", other)

    def __rand__(self, other: object) -> NoReturn:
        raise build_parentheses_fault(other, "&", self)

    def __or__(self, other: object) -> NoReturn:
        raise build_parentheses_fault(self, "|", other)

    def __ror__(self, other: object) -> NoReturn:
        raise build_parentheses_fault(other, "|", self)

    def __invert__(self) -> NoReturn:
        raise InputFault(
            f'Python reads "~" before any comparison. Add parentheses around the comparison: ~({self!r} ...).'
        )

    def __bool__(self) -> NoReturn:
        raise InputFault(
            f"{self!r} is not a criterion by itself. Compare it with a value: {self!r} == True, or {self!r}.is_not_null()."
        )

    def __contains__(self, item: object) -> NoReturn:
        part = f', or for a part of it {self!r}.like("%{item}%")' if isinstance(item, str) else ""
        raise InputFault(
            f'Signals has no "in" that searches an attribute. Write {self!r} == {as_code(item)}{part}.'
        )

    def __hash__(self) -> int:
        # `attribute(...) in {...}` asks for the hash before it compares anything.
        raise InputFault(f"{self!r} cannot be looked up in a set or a dict. Write {self!r}.in_([...]).")


@show_operand.register
def _(operand: AttributeReference, _side: Literal["left", "right"]) -> str:
    return f"({operand!r} ...)"


refuse(
    AttributeReference,
    "{value!r}, which is not a criterion by itself. Compare it with a value, as in {value!r} == True.",
)


def _classify(found: Read) -> str | None:
    if isinstance(found, bool):
        return "boolean"
    if isinstance(found, (int, float)):
        return "number"
    return "string" if isinstance(found, str) else None


def _find_reason_against(value: Any, found: Read) -> str | None:
    """Return why a single value can never be valid in a criterion, or None if it can."""
    if isinstance(found, Refused):
        return f"that is {found.reason}"
    if _classify(found) is None:
        shown = "None" if found is None else type_of(value)
        return f"{shown} is not a valid value for a criterion; expected a string, number or boolean."
    reason = placeholder_reason(found) if isinstance(found, str) else None
    return f"the value {reason}" if reason else None


def _explain_name(name: Read) -> str:
    rule = "an attribute is written group:attribute, in letters, digits and underscores"
    if isinstance(name, Refused):
        return f"that is {name.reason}"
    if not isinstance(name, str):
        return f'{rule}. Write attribute("shopping:cart_value").'
    if is_output_as_text(name):
        return f"the name {HOLDS_AN_OUTPUT}"
    parts = [part for part in re.split(r"[^A-Za-z0-9_]+", name) if part][:2]
    if len(parts) == 1:
        parts.insert(0, "group")
    likely = ":".join(parts)
    return f'{rule}. Write attribute("{likely if _NAME.fullmatch(likely) else "shopping:cart_value"}").'
