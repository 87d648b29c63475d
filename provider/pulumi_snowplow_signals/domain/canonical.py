"""The one form in which two equal definitions look alike.

Equality is decided in many places: by diff, by the version rule, for drift, for adoption. All of them compare this form,
so that they agree. What is *sent* is what the user wrote.

- 75 is 75.0 (a tree holds whole numbers as ints from the start), while true is not 1 and "75" is not 75.
- The order of the children of `all`, `any` and `none`, and of the list of `in` and `not in`, means nothing.
- `all` in `all` and `any` in `any` are flat; an `all` or `any` of one child is the child.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from pulumi_snowplow_signals.domain.criteria import (
    Criterion,
    Group,
    Node,
    Scalar,
    Value,
    as_carried,
    node_to_wire,
)

# Beyond it a double, which is what Pulumi's protocol carries, does not hold every integer.
LARGEST_EXACT_INTEGER: Final = 2**53

UNORDERED_LISTS: Final = frozenset({"in", "not in"})
"""The operators whose list means the same in any order."""


def canonical_json(value: Any) -> str:
    """Give `value` as JSON text that is equal exactly when the values are, whatever order their keys came in."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str, length: int) -> str:
    """Give the first `length` hex digits of a text's SHA-256. Half a surrogate pair, which JSON may hold, is no fault."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def canonical_scalar(value: Scalar) -> Scalar:
    """Give a whole number as an int, any other value as it is."""
    return value if isinstance(value, (bool, str)) else as_carried(value)


def canonical_value(criterion: Criterion) -> Value:
    """Give the value of a criterion, its list sorted where the order means nothing."""
    if isinstance(criterion.value, tuple) and criterion.operator in UNORDERED_LISTS:
        return tuple(sorted(criterion.value, key=_scalar_order))
    return criterion.value


def canonical_criteria(node: Node) -> Node:
    """Give the tree in canonical form. Doing it twice changes nothing; origins still name the user's own paths."""
    return _canonical(node, {}).node


def criteria_text(node: Node) -> str:
    """Give the canonical text of a tree: equal texts, equal criteria."""
    return _canonical(node, {}).text


def texts_of(node: Node) -> dict[Node, str]:
    """Give the canonical text of the tree and of every tree in it, by node."""
    texts: dict[Node, str] = {}
    _canonical(node, texts)
    return texts


@dataclass(frozen=True, eq=False)
class _Canonical:
    """A canonical tree with its text, made from the texts of its children: each node is written once."""

    node: Node
    text: str
    children: tuple[_Canonical, ...] = ()

    @property
    def order(self) -> tuple[bool, str, str, str]:
        """Criteria by attribute before groups, as a person would list them."""
        if isinstance(self.node, Criterion):
            return (False, self.node.attribute, self.node.operator, self.text)
        return (True, self.node.kind, "", self.text)


def _canonical(node: Node, texts: dict[Node, str]) -> _Canonical:
    found = _canonical_leaf(node) if isinstance(node, Criterion) else _canonical_group(node, texts)
    texts[node] = found.text
    return found


def _canonical_leaf(criterion: Criterion) -> _Canonical:
    leaf = Criterion(criterion.attribute, criterion.operator, canonical_value(criterion), criterion.origin)
    return _Canonical(leaf, canonical_json(node_to_wire(leaf)))


def _canonical_group(group: Group, texts: dict[Node, str]) -> _Canonical:
    children: list[_Canonical] = []
    for child in group.children:
        below = _canonical(child, texts)
        is_flat = isinstance(below.node, Group) and below.node.kind == group.kind != "none"
        children.extend(below.children if is_flat else [below])
    if len(children) == 1 and group.kind != "none":
        return children[0]
    children.sort(key=lambda child: child.order)
    text = ",".join([child.text for child in children])
    node = Group(group.kind, tuple([child.node for child in children]), group.origin)
    return _Canonical(node, f'{{"{group.kind}":[{text}]}}', tuple(children))


def _scalar_order(value: Scalar) -> tuple[bool, bool, float, str]:
    """Numbers by size before strings by letter, so that a sorted list reads naturally."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return (isinstance(value, str), not is_number, float(value) if is_number else 0.0, canonical_json(value))
