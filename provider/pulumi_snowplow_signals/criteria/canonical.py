"""The one form in which two equal rules look alike.

- 75 is 75.0 (a tree holds whole numbers as ints from the start), while true is not 1 and "75" is not 75.
- The order of the children of `all`, `any` and `none`, and of a list where the operator does not care, means nothing.
- `all` in `all` and `any` in `any` are flat; an `all` or `any` of one child is the child.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import Criterion, Group, Node, Value, wire_of
from pulumi_snowplow_signals.fields.values import canonical_json, number_order


@dataclass(frozen=True, eq=False)
class Form:
    """A tree in canonical form, made from the forms of its children: each node is written once.

    Attributes:
        node: The tree in canonical form.
        text: The same as JSON text: equal texts, equal criteria.
        path: Where the program has it.
        children: The forms of the node's children.
    """

    node: Node
    text: str
    path: str
    children: tuple[Form, ...] = ()

    @property
    def subject(self) -> str:
        """What the node is about."""
        return self.node.subject

    @property
    def order(self) -> tuple[bool, str, str, str]:
        """Criteria by attribute before groups, as a person would list them."""
        if isinstance(self.node, Criterion):
            return (False, self.node.attribute, self.node.operator, self.text)
        return (True, self.node.kind, "", self.text)


def canonical_form(node: Node, path: str = "criteria") -> Form:
    """Return a tree in canonical form, with the paths of the tree as it is written."""
    return _canonical_leaf(node, path) if isinstance(node, Criterion) else _canonical_group(node, path)


def canonical_value(criterion: Criterion) -> Value:
    """Return the value of a criterion, its list sorted where the order means nothing."""
    if isinstance(criterion.value, list) and not is_ordered(criterion):
        return sorted(criterion.value, key=number_order)
    value: Value = criterion.value
    return value


def is_ordered(criterion: Criterion) -> bool:
    """Return whether the order of a criterion's list means anything. Of a foreign operator it may."""
    operator = OPERATORS.get(criterion.operator)
    return operator is None or operator.is_ordered


def texts_of(node: Node) -> dict[Node, str]:
    """Return the canonical text of a tree and of every tree in it, by node as it is written."""
    return dict(_texts_of(node))


def _texts_of(node: Node) -> Iterator[tuple[Node, str]]:
    yield node, canonical_form(node).text
    if isinstance(node, Group):
        for child in node.children:
            yield from _texts_of(child)


def _canonical_leaf(criterion: Criterion, path: str) -> Form:
    leaf = criterion.model_copy(update={"value": canonical_value(criterion)})
    return Form(leaf, canonical_json(wire_of(leaf)), path)


def _canonical_group(group: Group, path: str) -> Form:
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
