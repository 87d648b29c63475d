"""Show values as a program would write them, for sentences that say what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import singledispatch
from inspect import isawaitable
from typing import Any, Final

import pulumi

from pulumi_snowplow_signals.fields.text import printable, quoted

_LONGEST_STRING: Final = 60
_MOST_ITEMS: Final = 4


@singledispatch
def as_code(value: Any) -> str:
    """Return a value as a program would write it, cut if long."""
    if isinstance(value, pulumi.Output):
        return "<output>"
    if isawaitable(value):
        return "<awaitable>"
    return in_short(value)


def in_short(value: Any) -> str:
    """Return the repr of an object on one line, cut if long, or its type if it has no useful repr."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # an object of the program may do anything when it is shown
        text = ""
    if not text or text.startswith("<") or " at 0x" in text:  # a memory address helps nobody
        text = f"<{type(value).__name__}>"
    return printable(text if len(text) <= _LONGEST_STRING else f"{text[:_LONGEST_STRING]}...")


@as_code.register
def _(value: str) -> str:
    cut = value if len(value) <= _LONGEST_STRING else f"{value[:_LONGEST_STRING]}..."
    return quoted(cut)


@as_code.register(list)
@as_code.register(tuple)
def _(value: Sequence[Any]) -> str:
    # Nested lists are abbreviated: they may be deep, or contain themselves.
    items = ["[...]" if isinstance(item, (list, tuple)) else as_code(item) for item in value[:_MOST_ITEMS]]
    return f"[{', '.join(items if len(value) <= _MOST_ITEMS else [*items, '...'])}]"


@as_code.register(set)
@as_code.register(frozenset)
def _(value: AbstractSet[Any]) -> str:
    return f"{{{as_code(in_order(value))[1:-1]}}}"


def in_order(items: AbstractSet[Any]) -> list[Any]:
    """Return a set's items in an order that is the same in every run."""
    return sorted(items, key=as_code)
