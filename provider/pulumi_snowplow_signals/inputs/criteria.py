"""The criterion, the groups `all`, `any` and `none`, and the operators `&`, `|` and `~` that build them.

Joining keeps the tree flat: `a & b & c` is one `all` of three.

Python does not let a class define `and`, `or`, `not`, `if`, `in` or `1 < x < 5`. All of them ask whether a criterion is true, which
only Signals can decide, for each visitor. Omitting the parentheses in `(a > 1) & (b > 2)` asks the same. Each of these raises a
fault that shows the line to write.
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
# All of one kind. No type can say so and still allow outputs among plain values: mypy would infer `object`.
ListOfScalars: TypeAlias = Sequence[Input[Scalar]]
Value: TypeAlias = Input[Scalar] | Input[ListOfScalars]

_SHOWN_OF_A_GROUP: Final = 2


class CriteriaNode(InputValue):
    """A criterion or a group of them, joined by `&`, `|` and `~`."""

    def __and__(self, other: Criteria) -> InterventionCriteriaAll:
        return _join_all(_check_operands(self, "&", other))

    def __rand__(self, other: Criteria) -> InterventionCriteriaAll:
        return _join_all(_check_operands(other, "&", self))

    def __or__(self, other: Criteria) -> InterventionCriteriaAny:
        return _join_any(_check_operands(self, "|", other))

    def __ror__(self, other: Criteria) -> InterventionCriteriaAny:
        return _join_any(_check_operands(other, "|", self))

    def __invert__(self) -> CriteriaNode:
        """Return criteria that are true where these are false. Inverting twice returns the original criteria."""
        if isinstance(self, InterventionCriteriaNone) and isinstance(self.none, tuple):
            return self.none[0] if _is_single_node(self.none) else _join_any(self.none)
        return _join_none((self,))

    def __bool__(self) -> NoReturn:
        code = as_code(self)
        raise InputFault(
            f"{code} has no truth value in a program: Signals decides it for each visitor. {_suggest_meaning(self)}"
            f'Write ({code}) & (...) for "and", ({code}) | (...) for "or", ~({code}) for "not".'
        )


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InterventionCriterion(CriteriaNode):
    """One condition on one attribute.

    Args:
        attribute: `group:attribute`, such as `shopping:cart_value`.
        operator: One of the names in `OperatorName`.
        value: The value to compare the attribute with: a string, a number or a boolean, or for `in` and `not in` a list of
            one of these. Omit it for `is null`, `is not null` and `changed`.
    """

    attribute: Input[str]
    operator: Input[OperatorName]
    value: Value | None = None

    def __post_init__(self) -> None:
        _freeze(self, "value")


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InterventionCriteriaAll(CriteriaNode):
    """True if every one of its criteria is true."""

    all: Input[Sequence[Criteria]]

    def __post_init__(self) -> None:
        _freeze(self, "all")


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InterventionCriteriaAny(CriteriaNode):
    """True if at least one of its criteria is true."""

    any: Input[Sequence[Criteria]]

    def __post_init__(self) -> None:
        _freeze(self, "any")


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InterventionCriteriaNone(CriteriaNode):
    """True if every one of its criteria is false."""

    none: Input[Sequence[Criteria]]

    def __post_init__(self) -> None:
        _freeze(self, "none")


Criteria: TypeAlias = Input[CriteriaNode | Mapping[str, Any] | PydanticModel]
"""A criterion or group: an object of this package, a dict of the same shape, an object of Snowplow's client, or an output of one."""


def all_of(*criteria: Criteria) -> CriteriaNode:
    """Return criteria that are true if all of these are: `a & b & c`. A single criterion is returned as it is."""
    checked = _check("all_of", criteria)
    return checked[0] if _is_single_node(checked) else _join_all(checked)


def any_of(*criteria: Criteria) -> CriteriaNode:
    """Return criteria that are true if at least one of these is: `a | b | c`. A single criterion is returned as it is."""
    checked = _check("any_of", criteria)
    return checked[0] if _is_single_node(checked) else _join_any(checked)


def none_of(*criteria: Criteria) -> InterventionCriteriaNone:
    """Return criteria that are true if all of these are false: `~(a | b | c)`."""
    return _join_none(_check("none_of", criteria))


def _join_all(children: Sequence[Criteria]) -> InterventionCriteriaAll:
    return InterventionCriteriaAll(all=_splice(children, InterventionCriteriaAll, "all"))


def _join_any(children: Sequence[Criteria]) -> InterventionCriteriaAny:
    return InterventionCriteriaAny(any=_splice(children, InterventionCriteriaAny, "any"))


def _join_none(children: Sequence[Criteria]) -> InterventionCriteriaNone:
    # `none` of an `any` is `none` of its children.
    return InterventionCriteriaNone(none=_splice(children, InterventionCriteriaAny, "any"))


def _splice(children: Sequence[Criteria], kind: type[CriteriaNode], field: str) -> tuple[Criteria, ...]:
    """Return the children, with each group of `kind` replaced by its own children. Outputs stay as they are."""
    flat: list[Criteria] = []
    for child in children:
        own = getattr(child, field) if isinstance(child, kind) else None
        flat.extend(own if isinstance(own, tuple) else [child])
    return tuple(flat)


def _check_operands(left: Any, sign: str, right: Any) -> tuple[Criteria, Criteria]:
    for operand in (left, right):
        if callable(operand):
            name = getattr(operand, "__name__", "")
            raise InputFault(
                f"{name or as_code(operand)} is not called: write .{name or 'is_null'}(), with parentheses."
            )
    if _is_criteria(left) and _is_criteria(right):
        return left, right
    raise build_parentheses_fault(left, sign, right)


def build_parentheses_fault(left: Any, sign: str, right: Any) -> InputFault:
    """Build the fault for `a > 1 & b > 2`, which Python reads as `a > (1 & b) > 2`."""
    return InputFault(
        f'Python reads "{sign}" before any comparison. Add parentheses around each comparison: '
        f"{show_operand(left, 'left')} {sign} {show_operand(right, 'right')}."
    )


@singledispatch
def show_operand(operand: Any, side: Literal["left", "right"]) -> str:
    """Return an operand of `&` or `|` in parentheses, with dots for the part that Python parsed separately."""
    return f"(... {as_code(operand)})" if side == "left" else f"({as_code(operand)} ...)"


@show_operand.register
def _(operand: CriteriaNode, _side: Literal["left", "right"]) -> str:
    return f"({as_code(operand)})"


def _is_criteria(value: Any) -> bool:
    """Return whether `value` may be criteria. An output may always be."""
    return isinstance(read(value), (dict, Later))


def _check(function: str, criteria: tuple[Any, ...]) -> tuple[Any, ...]:
    if not criteria:
        raise InputFault(
            f'{function}() needs at least one criterion: write {function}(attribute("group:attribute") > 1, ...).'
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
    """Replace a list with a tuple, so that later changes to the list have no effect and a generator is read only once."""
    found = read(getattr(node, field))
    if isinstance(found, list):
        pulumi.set(node, field, tuple(found))


def _suggest_meaning(node: CriteriaNode) -> str:
    """Return what to write if the program may have meant a chained comparison or `in`, else an empty string."""
    if not isinstance(node, InterventionCriterion):
        return ""
    reference, operator = f"attribute({as_code(node.attribute)})", _find_operator(node)
    if operator and operator.mirror:
        other_end = OPERATORS[operator.mirror].code(reference, "...")
        return f"For a range write ({as_code(node)}) & ({other_end}). "
    if operator and operator.name == "=":
        return f"For one of several values write {reference}.in_([{as_code(node.value)}, ...]). "
    return ""


def _find_operator(node: InterventionCriterion) -> Operator | None:
    """Return the operator of a criterion, or None if it is an output or does not exist."""
    return OPERATORS.get(node.operator) if isinstance(node.operator, str) else None


@as_code.register
def _(node: InterventionCriterion) -> str:
    reference, operator = f"attribute({as_code(node.attribute)})", _find_operator(node)
    if not isinstance(node.operator, str):
        return repr(node)
    value = "" if node.value is None else as_code(node.value)
    return operator.code(reference, value) if operator else f"{reference}.{node.operator}({value})"


@as_code.register
def _(node: InterventionCriteriaAll) -> str:
    return _join_code(" & ", node.all)


@as_code.register
def _(node: InterventionCriteriaAny) -> str:
    return _join_code(" | ", node.any)


@as_code.register
def _(node: InterventionCriteriaNone) -> str:
    return f"~({_join_code(' | ', node.none)})"


def _join_code(sign: str, children: Any) -> str:
    if not isinstance(children, tuple):
        return as_code(children)
    # Nested groups are abbreviated, since a deep tree would fill pages.
    groups = InterventionCriteriaAll, InterventionCriteriaAny, InterventionCriteriaNone
    shown = ["(...)" if isinstance(child, groups) else _parenthesize(child) for child in children]
    if len(children) > _SHOWN_OF_A_GROUP:
        shown[_SHOWN_OF_A_GROUP:] = ["..."]
    return sign.join(shown)


def _parenthesize(child: Any) -> str:
    code = as_code(child)
    return f"({code})" if isinstance(child, InterventionCriterion) else code
