"""The canonical form of a rule, in which equal rules are identical.

- 75 equals 75.0, since a tree holds whole numbers as ints. True does not equal 1, and "75" does not equal 75.
- The children of `all`, `any` and `none` have no order. Neither does a list whose operator ignores order.
- An `all` directly inside an `all` is flattened, and so is an `any` inside an `any`. An `all` or `any` of one child is that child.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import Criterion, Group, Node, Value, wire_of
from pulumi_snowplow_signals.fields.values import canonical_json, number_order


@dataclass(frozen=True, eq=False)
class Form:
    """A tree in canonical form, built from the forms of its children so that each node is serialized once.

    Attributes:
        node: The tree in canonical form.
        text: The node as JSON. Two criteria are equal exactly when their texts are.
        path: The path of the node in the program.
        children: The forms of the node's children.
    """

    node: Node
    text: str
    path: str
    children: tuple[Form, ...] = ()

    @property
    def subject(self) -> str:
        """The subject of the node."""
        return self.node.subject

    @property
    def order(self) -> tuple[bool, str, str, str]:
        """The sort key: criteria by attribute first, then groups."""
        if isinstance(self.node, Criterion):
            return (False, self.node.attribute, self.node.operator, self.text)
        return (True, self.node.kind, "", self.text)


def canonical_form(node: Node, path: str = "criteria") -> Form:
    """Return a tree in canonical form. The paths are those of the tree as written."""
    return _canonicalize_leaf(node, path) if isinstance(node, Criterion) else _canonicalize_group(node, path)


def canonical_value(criterion: Criterion) -> Value:
    """Return the value of a criterion, sorted if it is a list whose order means nothing."""
    if isinstance(criterion.value, list) and not is_ordered(criterion):
        return sorted(criterion.value, key=number_order)
    value: Value = criterion.value
    return value


def is_ordered(criterion: Criterion) -> bool:
    """Return whether the order of a criterion's list matters. For an unknown operator, assume that it does."""
    operator = OPERATORS.get(criterion.operator)
    return operator is None or operator.is_ordered


def texts_of(node: Node) -> dict[Node, str]:
    """Return the canonical text of a tree and of each of its subtrees, by node as written."""
    return dict(_texts_of(node))


def _texts_of(node: Node) -> Iterator[tuple[Node, str]]:
    yield node, canonical_form(node).text
    if isinstance(node, Group):
        for child in node.children:
            yield from _texts_of(child)


def _canonicalize_leaf(criterion: Criterion, path: str) -> Form:
    leaf = criterion.model_copy(update={"value": canonical_value(criterion)})
    return Form(leaf, canonical_json(wire_of(leaf)), path)


def _canonicalize_group(group: Group, path: str) -> Form:
    children: list[Form] = []
    for i, child in enumerate(group.children):
        below = canonical_form(child, f"{path}.{group.kind}[{i}]")
        is_flat = isinstance(below.node, Group) and below.node.kind == group.kind != "none"
        children.extend(below.children if is_flat else [below])
    if len(children) == 1 and group.kind != "none":
        return children[0]
    children.sort(key=lambda child: child.order)
    text = ",".join([child.text for child in children])
    node = Group.of(group.kind, [child.node for child in children])
    return Form(node, f'{{"{group.kind}":[{text}]}}', path, tuple(children))
