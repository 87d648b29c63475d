"""Giving a definition back in the words and the order that the stack already has.

The CLI compares lists by position. A criterion inserted first would show as a change of every line, a reordering as a
change at all. So what is equal to something recorded comes back as it was recorded and where it stood; what is new comes
after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pulumi_snowplow_signals.domain.canonical import UNORDERED_LISTS, canonical_json, texts_of
from pulumi_snowplow_signals.domain.criteria import (
    Criterion,
    Group,
    Node,
    Value,
    node_from_wire,
    node_to_wire,
)
from pulumi_snowplow_signals.domain.definition import canonical_owner
from pulumi_snowplow_signals.domain.pairing import pairs_of, subject_of
from pulumi_snowplow_signals.domain.unknown import has_unknown


def in_recorded_spelling(content: Mapping[str, Any], recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Give `content` with whatever equals something in `recorded` spelt and ordered as it is there.

    Both are inputs of a rule intervention: target attribute keys as names, the rest in wire shape.
    """
    return {name: _respelled(name, value, recorded.get(name)) for name, value in content.items()}


def _respelled(name: str, value: Any, recorded: Any) -> Any:
    if recorded is None or has_unknown(value) or has_unknown(recorded):
        return value
    if name == "criteria":
        return _criteria(value, recorded)
    if name == "owner":
        return recorded if canonical_owner(value) == canonical_owner(recorded) else value
    if isinstance(value, list) and isinstance(recorded, list):
        # Of keys and groups it means nothing how often one is named.
        if {*map(_text, value)} == {*map(_text, recorded)}:
            return recorded
        return _in_order(value, recorded)
    return value


def _criteria(value: Any, recorded: Any) -> Any:
    new, old = node_from_wire(value), node_from_wire(recorded)
    texts = {**texts_of(old), **texts_of(new)}
    return recorded if texts[new] == texts[old] else node_to_wire(_node(new, old, texts))


def _node(new: Node, old: Node | None, texts: Mapping[Node, str]) -> Node:
    if old is None or texts[new] == texts[old]:
        return old or new
    if isinstance(new, Group) and isinstance(old, Group) and new.kind == old.kind:
        children: list[Node] = []
        for before, after in pairs_of(old.children, new.children, texts):
            if after is not None:
                children.append(_node(after, before, texts))
        return replace(new, children=tuple(children))
    if isinstance(new, Criterion) and isinstance(old, Criterion) and subject_of(new) == subject_of(old):
        return replace(new, value=_value(new, old.value))
    return new


def _value(criterion: Criterion, recorded: Value) -> Value:
    value = criterion.value
    if isinstance(value, tuple) and isinstance(recorded, tuple) and criterion.operator in UNORDERED_LISTS:
        return tuple(_in_order(value, recorded))
    return value


def _in_order(values: Sequence[Any], recorded: Sequence[Any]) -> list[Any]:
    """Order values: those recorded as they were recorded, then the rest."""
    fresh = Counter(map(_text, values))
    kept: list[Any] = []
    for old in recorded:
        if fresh[_text(old)] > 0:
            fresh[_text(old)] -= 1
            kept.append(old)
    left: list[Any] = []
    for value in reversed(values):  # the first of several equal ones are those that were recorded
        if fresh[_text(value)] > 0:
            fresh[_text(value)] -= 1
            left.append(value)
    return [*kept, *reversed(left)]


def _text(item: Any) -> str:
    if isinstance(item, Mapping):  # a payload group, whose version travels as a double
        item = {key: int(value) if isinstance(value, float) else value for key, value in item.items()}
    return canonical_json(item)
