"""`attribute("shopping:cart_value") > 75`: a criterion written as the comparison that it is.

Misuse is told where it is written, with the line to write instead. What an output will hold is not known here: a
criterion with one in it is judged later, with everything else about the rule.
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
    half,
    missing_brackets,
)
from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.reading import Later, Read, Refused, read, refuse, type_of
from pulumi_snowplow_signals.inputs.wording import as_code, in_order

_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,128}:[A-Za-z0-9_]{1,128}")


def attribute(name: Input[str]) -> AttributeReference:
    """Name an attribute, `group:attribute`, to compare it with a value.

    Raises:
        InputFault: The name is known and is not of that form.
    """
    return AttributeReference(name)


class AttributeReference:
    """An attribute whose comparisons are criteria."""

    __array_ufunc__ = None  # asks numpy to leave `numpy.int64(75) < attribute(...)` to us

    def __init__(self, name: Input[str]) -> None:
        found = read(name)
        if isinstance(found, Later):
            self._name = name
        elif isinstance(found, str) and _NAME.fullmatch(found):
            self._name = found
        else:
            raise InputFault(f"attribute({as_code(name)}): {_how_to_name(found)}")

    def __repr__(self) -> str:
        return f"attribute({as_code(self._name)})"

    # Comparisons are criteria here, as in every library of expressions; that `object` compares to bool is not for these.
    def __eq__(self, value: Input[Scalar]) -> InterventionCriterion:  # type: ignore[override]  # see above
        return self._criterion("=", value)

    def __ne__(self, value: Input[Scalar]) -> InterventionCriterion:  # type: ignore[override]  # see above
        return self._criterion("!=", value)

    def __lt__(self, value: Input[str | float]) -> InterventionCriterion:
        return self._criterion("<", value)

    def __gt__(self, value: Input[str | float]) -> InterventionCriterion:
        return self._criterion(">", value)

    def __le__(self, value: Input[str | float]) -> InterventionCriterion:
        return self._criterion("<=", value)

    def __ge__(self, value: Input[str | float]) -> InterventionCriterion:
        return self._criterion(">=", value)

    def is_null(self) -> InterventionCriterion:
        """True where the attribute was never set, or is null, `""` or an empty list."""
        return self._criterion("is null")

    def is_not_null(self) -> InterventionCriterion:
        """True where the attribute holds something."""
        return self._criterion("is not null")

    def in_(self, values: Input[ListOfScalars]) -> InterventionCriterion:
        """True where the attribute is one of `values`."""
        return self._criterion("in", values)

    def not_in(self, values: Input[ListOfScalars]) -> InterventionCriterion:
        """True where the attribute has a value that is none of `values`."""
        return self._criterion("not in", values)

    def like(self, pattern: Input[str]) -> InterventionCriterion:
        """True where the attribute matches a pattern of SQL: `%` is any text, `_` any one character."""
        return self._criterion("like", pattern)

    def not_like(self, pattern: Input[str]) -> InterventionCriterion:
        """True where the attribute has a value that does not match a pattern of SQL."""
        return self._criterion("not like", pattern)

    def rlike(self, pattern: Input[str]) -> InterventionCriterion:
        """True where a regular expression is found in the attribute."""
        return self._criterion("rlike", pattern)

    def not_rlike(self, pattern: Input[str]) -> InterventionCriterion:
        """True where the attribute has a value in which a regular expression is not found."""
        return self._criterion("not rlike", pattern)

    def changed(self) -> InterventionCriterion:
        """True whenever the value changes, from nothing to a first one too. Stands alone or under `&` only."""
        return self._criterion("changed")

    def _criterion(self, name: OperatorName, value: Any = None) -> InterventionCriterion:
        operator = OPERATORS[name]
        if not operator.takes.wanted:
            return InterventionCriterion(attribute=self._name, operator=name)
        if isinstance(value, (AttributeReference, CriteriaNode)):
            raise InputFault(self._not_a_value(operator, value))
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
        """Raise where a known value can never go with the operator."""
        reason = self._instead(operator, value, found) or _never_right(value, found)
        if reason:
            raise InputFault(f"{self._code(operator, value)}: {reason}")

    def _instead(self, operator: Operator, value: Any, found: Read) -> str | None:
        """Return what to write where another operator is meant."""
        is_negated = operator.negates is not None
        if found is None:
            return f"null cannot be compared with. Write {self!r}.{'is_not_null' if is_negated else 'is_null'}()."
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
        call = self._code(operator, value)
        if isinstance(value, (set, frozenset)):
            raise InputFault(
                f"{call}: the order of a set changes from run to run. Write {self._code(operator, in_order(value))}."
            )
        if isinstance(found, Refused):
            raise InputFault(f"{call}: that is {found.reason}")
        if not isinstance(found, list):
            raise InputFault(f"{call}: expected a list of values. Write {self._code(operator, [value])}.")
        if not found:
            raise InputFault(f"{call}: an empty list matches nothing, and Signals needs at least one value.")
        known = [(item, plain) for item in found if not isinstance(plain := read(item), Later)]
        for item, plain in known:
            reason = _never_right(item, plain)
            if reason:
                raise InputFault(f"{call}: {reason}")
        if len({_kind(plain) for _, plain in known}) > 1:
            raise InputFault(f"{call}: all items of a list must be strings, or all numbers, or all booleans.")

    def _not_a_value(self, operator: Operator, value: AttributeReference | CriteriaNode) -> str:
        if isinstance(value, AttributeReference):
            found = f"{self._code(operator, value)}: Signals compares an attribute with a value, not with another attribute."
            return f"{found} Write {self._code(operator, 75)}, or compute the difference as an attribute of its own."
        return (
            f"{self!r} is compared with a whole criterion, {as_code(value)}. "
            f"Add parentheses around each comparison: ({self!r} ...) & (...)."
        )

    def _code(self, operator: Operator, value: Any) -> str:
        return operator.code(repr(self), as_code(value))

    def __and__(self, other: object) -> NoReturn:
        raise missing_brackets(self, "&", other)

    def __rand__(self, other: object) -> NoReturn:
        raise missing_brackets(other, "&", self)

    def __or__(self, other: object) -> NoReturn:
        raise missing_brackets(self, "|", other)

    def __ror__(self, other: object) -> NoReturn:
        raise missing_brackets(other, "|", self)

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
            f'Signals has no "in" that looks into an attribute. Write {self!r} == {as_code(item)}{part}.'
        )

    def __hash__(self) -> int:
        # Reached by `attribute(...) in {...}`, which asks for it before any comparison.
        raise InputFault(f"{self!r} cannot be looked up in a set or a dict. Write {self!r}.in_([...]).")


@half.register
def _(operand: AttributeReference, _side: Literal["left", "right"]) -> str:
    return f"({operand!r} ...)"


refuse(
    AttributeReference,
    "{value!r}, which is not a criterion by itself. Compare it with a value, as in {value!r} == True.",
)


def _kind(found: Read) -> str | None:
    if isinstance(found, bool):
        return "boolean"
    if isinstance(found, (int, float)):
        return "number"
    return "string" if isinstance(found, str) else None


def _never_right(value: Any, found: Read) -> str | None:
    """Return why a single value can be no criterion's, if so."""
    if isinstance(found, Refused):
        return f"that is {found.reason}"
    if _kind(found) is None:
        shown = "None" if found is None else type_of(value)
        return f"{shown} is not a valid value for a criterion; expected a string, number or boolean."
    reason = placeholder_reason(found) if isinstance(found, str) else None
    return f"the value {reason}" if reason else None


def _how_to_name(name: Read) -> str:
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
