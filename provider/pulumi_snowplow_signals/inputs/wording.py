"""How a value looks in a program, for the sentences that show what to write instead."""

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
    """Write a value as a program would, long ones cut."""
    if isinstance(value, pulumi.Output):
        return "<output>"
    if isawaitable(value):
        return "<awaitable>"
    return in_short(value)


def in_short(value: Any) -> str:
    """Return the representation of any object on one line, long ones cut; its type where it has none."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # whatever an object of the program does when it is shown
        text = ""
    if not text or text.startswith("<") or " at 0x" in text:  # an address tells nobody anything
        text = f"<{type(value).__name__}>"
    return printable(text if len(text) <= _LONGEST_STRING else f"{text[:_LONGEST_STRING]}...")


@as_code.register
def _(value: str) -> str:
    cut = value if len(value) <= _LONGEST_STRING else f"{value[:_LONGEST_STRING]}..."
    return quoted(cut)


@as_code.register(list)
@as_code.register(tuple)
def _(value: Sequence[Any]) -> str:
    # Lists in a list are left out: they may be deep, or hold the very list that they are in.
    items = ["[...]" if isinstance(item, (list, tuple)) else as_code(item) for item in value[:_MOST_ITEMS]]
    return f"[{', '.join(items if len(value) <= _MOST_ITEMS else [*items, '...'])}]"


@as_code.register(set)
@as_code.register(frozenset)
def _(value: AbstractSet[Any]) -> str:
    return f"{{{as_code(in_order(value))[1:-1]}}}"


def in_order(items: AbstractSet[Any]) -> list[Any]:
    """Return a set's items in an order that is the same in every run."""
    return sorted(items, key=as_code)
