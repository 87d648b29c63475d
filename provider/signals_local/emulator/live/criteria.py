"""Parse stored criteria from JSON into a tree that cannot be malformed.

The registry has already refused everything that the API refuses, so `parse` only turns JSON into frozen values. The shapes are
those of `RuleIntervention.criteria` in the models of the official client (`snowplow-signals 0.4.10`, `models/model.py`):
a criterion `{attribute, operator, value?}`, or exactly one of `{"all": [...]}`, `{"any": [...]}`, `{"none": [...]}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

CHANGED = "changed"
Quantifier = Literal["all", "any", "none"]
QUANTIFIERS: tuple[Quantifier, ...] = ("all", "any", "none")


@dataclass(frozen=True)
class Criterion:
    """One comparison: `attribute` is `group:name`, and `value` is the JSON operand, or None if the operator takes none."""

    attribute: str
    operator: str
    value: Any = None


@dataclass(frozen=True)
class Group:
    """Several nodes under one quantifier: `all`, `any` or `none`."""

    quantifier: Quantifier
    children: tuple[Node, ...]


Node: TypeAlias = Criterion | Group


def parse(raw: Mapping[str, Any]) -> Node:
    """Return the tree of a stored criteria object. Raise KeyError for a shape that the registry would have refused."""
    for quantifier in QUANTIFIERS:
        children = raw.get(quantifier)
        if children is not None:
            return Group(quantifier, tuple(parse(child) for child in children))
    return Criterion(raw["attribute"], raw["operator"], raw.get("value"))


def leaves(node: Node) -> Iterator[Criterion]:
    """Yield every criterion of the tree, in reading order."""
    if isinstance(node, Criterion):
        yield node
        return
    for child in node.children:
        yield from leaves(child)


def attributes_of(node: Node) -> tuple[str, ...]:
    """Return the attributes that the tree refers to, each once, in reading order."""
    return tuple(dict.fromkeys(leaf.attribute for leaf in leaves(node)))


def uses_changed(node: Node) -> bool:
    """Return whether the rule fires on changes (operator `changed`) instead of when it becomes true."""
    return any(leaf.operator == CHANGED for leaf in leaves(node))
