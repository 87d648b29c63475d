"""A rule in one line of words, which a person reads faster than nested JSON.

shopping:cart_value > 75 and (account:plan = "free" or none of (account:country in ["DE", "FR"]))
"""

from __future__ import annotations

import json
from typing import Any

from signals_local.emulator.live.criteria import Criterion, Group, Node, Quantifier

_SHOWN_OF_A_LIST = 5
_JOINED_BY = {"all": " and ", "any": " or "}
_NOTHING_UNDER = {"all": "always", "any": "never", "none": "always"}


def in_words(rule: Node) -> str:
    """Return the rule in one line: `and` for `all`, `or` for `any`, parentheses only where the two meet."""
    rule = _unwrap_lone_groups(rule)
    if isinstance(rule, Criterion):
        return _show_criterion(rule)
    if not rule.children:
        return _NOTHING_UNDER[rule.quantifier]
    if rule.quantifier == "none":
        return f"none of ({', '.join(in_words(child) for child in rule.children)})"
    return _JOINED_BY[rule.quantifier].join(_show_child(child, of=rule.quantifier) for child in rule.children)


def _unwrap_lone_groups(node: Node) -> Node:
    """Replace each `all` or `any` of one child with that child."""
    while isinstance(node, Group) and node.quantifier != "none" and len(node.children) == 1:
        node = node.children[0]
    return node


def _show_child(child: Node, *, of: Quantifier) -> str:
    inner = _unwrap_lone_groups(child)
    words = in_words(inner)
    mixed = isinstance(inner, Group) and inner.children and inner.quantifier not in (of, "none")
    return f"({words})" if mixed else words


def _show_criterion(criterion: Criterion) -> str:
    words = f"{criterion.attribute} {criterion.operator}"
    return words if criterion.value is None else f"{words} {_show_operand(criterion.value)}"


def _show_operand(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        shown = [_show_operand(item) for item in value[:_SHOWN_OF_A_LIST]]
        if len(value) > _SHOWN_OF_A_LIST:
            shown.append(f"… {len(value)} in all")
        return f"[{', '.join(shown)}]"
    return json.dumps(value, ensure_ascii=False)
