"""How a value looks in a program, for the sentences that show what to write instead."""

from __future__ import annotations

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import singledispatch
from inspect import isawaitable
from typing import Any, Final

import pulumi

_LONGEST_STRING: Final = 60
_MOST_ITEMS: Final = 4


@singledispatch
def as_code(value: Any) -> str:
    """Write a value as a program would, long ones cut."""
    if isinstance(value, pulumi.Output):
        return "<output>"
    if isawaitable(value):
        return "<awaitable>"
    return repr(value)


@as_code.register
def _(value: str) -> str:
    cut = value if len(value) <= _LONGEST_STRING else f"{value[:_LONGEST_STRING]}..."
    return json.dumps(cut, ensure_ascii=False)


@as_code.register(list)
@as_code.register(tuple)
def _(value: Sequence[Any]) -> str:
    items = [as_code(item) for item in value[:_MOST_ITEMS]]
    return f"[{', '.join(items if len(value) <= _MOST_ITEMS else [*items, '...'])}]"


@as_code.register(set)
@as_code.register(frozenset)
def _(value: AbstractSet[Any]) -> str:
    return f"{{{as_code(in_order(value))[1:-1]}}}"


def in_order(items: AbstractSet[Any]) -> list[Any]:
    """Give a set's items in an order that is the same in every run."""
    return sorted(items, key=as_code)
