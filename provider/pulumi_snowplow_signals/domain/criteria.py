"""The criteria of a rule intervention as frozen values: criteria, and the groups that combine them.

A tree is built from wire shape, Signals' own JSON (`snowplow_signals.models.model.RuleInterventionInput` in the official
client 0.4.10). Building asks for that shape only: what the registry holds need not satisfy our rules. `parsing` judges those.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Scalar = str | int | float | bool
Value = Scalar | tuple[Scalar, ...] | None
GroupKind = Literal["all", "any", "none"]

GROUP_KINDS: Final[tuple[GroupKind, ...]] = ("all", "any", "none")

# The registry states no limit. This one keeps a foreign tree within Python's own recursion.
_DEEPEST: Final = 200


# Python calls True and 1 equal, and 75 and 75.0 as well: trees are compared by their canonical text, never by ==.
@dataclass(frozen=True, eq=False)
class Criterion:
    """A leaf: one attribute, an operator and, for most operators, a value.

    `origin` is the path by which the user's program knows this node, such as `criteria.all[1]`.
    """

    attribute: str
    operator: str
    value: Value = None
    origin: str = "criteria"


@dataclass(frozen=True, eq=False)
class Group:
    """An `all`, `any` or `none` node. `none` is true when every child is false."""

    kind: GroupKind
    children: tuple[Node, ...]
    origin: str = "criteria"


Node = Criterion | Group


def node_from_wire(wire: Any, origin: str = "criteria", depth: int = 0) -> Node:
    """Build a tree from wire shape. Raises ValueError where the shape is none that the registry documents.

    Pulumi's protocol makes a double of every number. So each becomes what a double holds of it, and an int if it is
    whole: what is sent is 75, however it travelled.
    """
    if depth > _DEEPEST:
        raise ValueError(f"{origin} is nested more than {_DEEPEST} levels deep")
    if not isinstance(wire, Mapping):
        raise ValueError(f"{origin} is {type(wire).__name__}, not an object")  # noqa: TRY004  # a fault of the content
    for kind in GROUP_KINDS:
        children = wire.get(kind)
        if isinstance(children, (list, tuple)):
            nodes = [
                node_from_wire(child, f"{origin}.{kind}[{i}]", depth + 1) for i, child in enumerate(children)
            ]
            return Group(kind, tuple(nodes), origin)
    attribute, operator = wire.get("attribute"), wire.get("operator")
    if not isinstance(attribute, str) or not isinstance(operator, str):
        raise ValueError(f"{origin} is neither a criterion nor an all, any or none group")  # noqa: TRY004  # likewise
    return Criterion(attribute, operator, _value(wire.get("value"), f"{origin}.value"), origin)


def node_to_wire(node: Node) -> dict[str, Any]:
    """Give the tree in wire shape, without the keys that hold nothing."""
    if isinstance(node, Group):
        return {node.kind: [node_to_wire(child) for child in node.children]}
    wire: dict[str, Any] = {"attribute": node.attribute, "operator": node.operator}
    if node.value is not None:
        wire["value"] = list(node.value) if isinstance(node.value, tuple) else node.value
    return wire


def as_carried(number: float) -> int | float:
    """Give what a double holds of a number, as an int if it is whole. Raises OverflowError beyond all doubles."""
    double = float(number)
    return int(double) if double.is_integer() else double


def leaves(node: Node) -> Iterator[Criterion]:
    """Give every criterion of the tree, from left to right."""
    if isinstance(node, Criterion):
        yield node
    else:
        for child in node.children:
            yield from leaves(child)


def _value(value: Any, origin: str) -> Value:
    if isinstance(value, (list, tuple)):
        return tuple([_scalar(item, origin) for item in value])
    return None if value is None else _scalar(value, origin)


def _scalar(value: Any, origin: str) -> Scalar:
    if isinstance(value, (str, bool)):
        return value
    if not isinstance(value, (int, float)):
        raise ValueError(f"{origin} is {type(value).__name__}, not a scalar or a list of them")  # noqa: TRY004  # likewise
    try:
        number = as_carried(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{origin} is a number that no double holds")
    return number
