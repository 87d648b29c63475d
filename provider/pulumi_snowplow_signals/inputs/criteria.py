"""The criterion, the groups `all`, `any` and `none`, and what `&`, `|` and `~` make of them.

Joining keeps the tree flat: `a & b & c` is one `all` of three.

Python lets no class give `and`, `or`, `not`, `if`, `in` or `1 < x < 5` a meaning: all of them ask whether a criterion is
true, which only Signals can tell, for each visitor. So does forgetting the brackets of `(a > 1) & (b > 2)`. Each raises
a sentence that shows the line to write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Final, Literal, NoReturn, TypeAlias

import pulumi
from pulumi import Input

from pulumi_snowplow_signals.criteria.operators import OPERATORS, Operator, OperatorName
from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.reading import Later, read
from pulumi_snowplow_signals.inputs.values import InputValue, PydanticModel
from pulumi_snowplow_signals.inputs.wording import as_code

Scalar: TypeAlias = str | int | float | bool
# Of one kind, which no type says in a way that lets an output stand among plain values: mypy then infers `object`.
ListOfScalars: TypeAlias = Sequence[Input[Scalar]]
Value: TypeAlias = Input[Scalar] | Input[ListOfScalars]

_SHOWN_OF_A_GROUP: Final = 2


class CriteriaNode(InputValue):
    """A criterion or a group of them, joined by `&`, `|` and `~`."""

    def __and__(self, other: Criteria) -> InterventionCriteriaAll:
        return _all(_operands(self, "&", other))

    def __rand__(self, other: Criteria) -> InterventionCriteriaAll:
        return _all(_operands(other, "&", self))

    def __or__(self, other: Criteria) -> InterventionCriteriaAny:
        return _any(_operands(self, "|", other))

    def __ror__(self, other: Criteria) -> InterventionCriteriaAny:
        return _any(_operands(other, "|", self))

    def __invert__(self) -> CriteriaNode:
        """Return criteria that are true where these are false. Inverted twice, they are what they were."""
        if isinstance(self, InterventionCriteriaNone) and isinstance(self.none, tuple):
            return self.none[0] if _is_single_node(self.none) else _any(self.none)
        return _none((self,))

    def __bool__(self) -> NoReturn:
        code = as_code(self)
        raise InputFault(
            f"{code} has no truth value in a program: Signals decides it for each visitor. {_likely_meaning(self)}"
            f'Write ({code}) & (...) for "and", ({code}) | (...) for "or", ~({code}) for "not".'
        )


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InterventionCriterion(CriteriaNode):
    """One condition on one attribute.

    Args:
        attribute: `group:attribute`, such as `shopping:cart_value`.
        operator: One of the names in `OperatorName`.
        value: What the attribute is compared with: a string, a number, a boolean, or for `in` and `not in` a list of
            one of these. Left out for `is null`, `is not null` and `changed`.
    """

    attribute: Input[str]
    operator: Input[OperatorName]
    value: Value | None = None

    def __post_init__(self) -> None:
        _freeze(self, "value")


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InterventionCriteriaAll(CriteriaNode):
    """True where every one of its criteria is."""

    all: Input[Sequence[Criteria]]

    def __post_init__(self) -> None:
        _freeze(self, "all")


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InterventionCriteriaAny(CriteriaNode):
    """True where at least one of its criteria is."""

    any: Input[Sequence[Criteria]]

    def __post_init__(self) -> None:
        _freeze(self, "any")


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InterventionCriteriaNone(CriteriaNode):
    """True where every one of its criteria is false."""

    none: Input[Sequence[Criteria]]

    def __post_init__(self) -> None:
        _freeze(self, "none")


Criteria: TypeAlias = Input[CriteriaNode | Mapping[str, Any] | PydanticModel]
"""A criterion or group: one of ours, a dict of the same shape, an object of Snowplow's client, or an output of one."""


def all_of(*criteria: Criteria) -> CriteriaNode:
    """Return criteria that are true where every one of these is: `a & b & c`. One criterion alone is itself."""
    checked = _check("all_of", criteria)
    return checked[0] if _is_single_node(checked) else _all(checked)


def any_of(*criteria: Criteria) -> CriteriaNode:
    """Return criteria that are true where at least one of these is: `a | b | c`. One criterion alone is itself."""
    checked = _check("any_of", criteria)
    return checked[0] if _is_single_node(checked) else _any(checked)


def none_of(*criteria: Criteria) -> InterventionCriteriaNone:
    """Return criteria that are true where every one of these is false: `~(a | b | c)`."""
    return _none(_check("none_of", criteria))


def _all(children: Sequence[Criteria]) -> InterventionCriteriaAll:
    return InterventionCriteriaAll(all=_splice(children, InterventionCriteriaAll, "all"))


def _any(children: Sequence[Criteria]) -> InterventionCriteriaAny:
    return InterventionCriteriaAny(any=_splice(children, InterventionCriteriaAny, "any"))


def _none(children: Sequence[Criteria]) -> InterventionCriteriaNone:
    # None of them is true exactly where not any of them is.
    return InterventionCriteriaNone(none=_splice(children, InterventionCriteriaAny, "any"))


def _splice(children: Sequence[Criteria], kind: type[CriteriaNode], field: str) -> tuple[Criteria, ...]:
    """Return the children, with each group of `kind` replaced by its own children. What an output holds is not known."""
    flat: list[Criteria] = []
    for child in children:
        own = getattr(child, field) if isinstance(child, kind) else None
        flat.extend(own if isinstance(own, tuple) else [child])
    return tuple(flat)


def _operands(left: Any, sign: str, right: Any) -> tuple[Criteria, Criteria]:
    for operand in (left, right):
        if callable(operand):
            name = getattr(operand, "__name__", "")
            raise InputFault(
                f"{name or as_code(operand)} is not called: write .{name or 'is_null'}(), with parentheses."
            )
    if _is_criteria(left) and _is_criteria(right):
        return left, right
    raise missing_brackets(left, sign, right)


def missing_brackets(left: Any, sign: str, right: Any) -> InputFault:
    """Make the fault of `a > 1 & b > 2`, which Python reads as `a > (1 & b) > 2`."""
    return InputFault(
        f'Python reads "{sign}" before any comparison. Add parentheses around each comparison: '
        f"{half(left, 'left')} {sign} {half(right, 'right')}."
    )


@singledispatch
def half(operand: Any, side: Literal["left", "right"]) -> str:
    """Write an operand of `&` or `|` in brackets, with dots for what Python has torn away from it."""
    return f"(... {as_code(operand)})" if side == "left" else f"({as_code(operand)} ...)"


@half.register
def _(operand: CriteriaNode, _side: Literal["left", "right"]) -> str:
    return f"({as_code(operand)})"


def _is_criteria(value: Any) -> bool:
    """Return whether `value` may be criteria; an output's value is not asked for."""
    return isinstance(read(value), (dict, Later))


def _check(function: str, criteria: tuple[Any, ...]) -> tuple[Any, ...]:
    if not criteria:
        raise InputFault(
            f'{function}() has nothing in it: write {function}(attribute("group:attribute") > 1, ...).'
        )
    for item in criteria:
        if isinstance(item, (list, tuple)):
            raise InputFault(
                f"{function} takes criteria as separate arguments: write {function}(*criteria) for a list."
            )
        if not _is_criteria(item):
            raise InputFault(f"{function}({as_code(item)}): not a criterion. {COMPARE_IT}")
    return criteria


COMPARE_IT: Final = (
    'Compare an attribute with a value: attribute("group:attribute") == True, or .is_not_null().'
)


def _is_single_node(children: Sequence[Any]) -> bool:
    return len(children) == 1 and isinstance(children[0], CriteriaNode)


def _freeze(node: InputValue, field: str) -> None:
    """Keep a list as a tuple: a later change to the program's list leaves it alone, and a generator is read only once."""
    found = read(getattr(node, field))
    if isinstance(found, list):
        pulumi.set(node, field, tuple(found))


def _likely_meaning(node: CriteriaNode) -> str:
    """Return what to write for a chained comparison or for `in`, where it may have been one."""
    if not isinstance(node, InterventionCriterion):
        return ""
    reference, operator = f"attribute({as_code(node.attribute)})", _operator_of(node)
    if operator and operator.mirror:
        other_end = OPERATORS[operator.mirror].code(reference, "...")
        return f"For a range write ({as_code(node)}) & ({other_end}). "
    if operator and operator.name == "=":
        return f"For one of several values write {reference}.in_([{as_code(node.value)}, ...]). "
    return ""


def _operator_of(node: InterventionCriterion) -> Operator | None:
    """Return the operator of a criterion; None where an output or a slip stands in its place."""
    return OPERATORS.get(node.operator) if isinstance(node.operator, str) else None


@as_code.register
def _(node: InterventionCriterion) -> str:
    reference, operator = f"attribute({as_code(node.attribute)})", _operator_of(node)
    if not isinstance(node.operator, str):
        return repr(node)
    value = "" if node.value is None else as_code(node.value)
    return operator.code(reference, value) if operator else f"{reference}.{node.operator}({value})"


@as_code.register
def _(node: InterventionCriteriaAll) -> str:
    return _join(" & ", node.all)


@as_code.register
def _(node: InterventionCriteriaAny) -> str:
    return _join(" | ", node.any)


@as_code.register
def _(node: InterventionCriteriaNone) -> str:
    return f"~({_join(' | ', node.none)})"


def _join(sign: str, children: Any) -> str:
    if not isinstance(children, tuple):
        return as_code(children)
    # Groups within a group are left out: a deep tree would fill pages.
    groups = InterventionCriteriaAll, InterventionCriteriaAny, InterventionCriteriaNone
    shown = ["(...)" if isinstance(child, groups) else _in_brackets(child) for child in children]
    if len(children) > _SHOWN_OF_A_GROUP:
        shown[_SHOWN_OF_A_GROUP:] = ["..."]
    return sign.join(shown)


def _in_brackets(child: Any) -> str:
    code = as_code(child)
    return f"({code})" if isinstance(child, InterventionCriterion) else code
