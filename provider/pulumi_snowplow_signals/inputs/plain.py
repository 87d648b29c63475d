"""From whatever a program hands over to the dicts, lists and scalars that Pulumi can send.

Ours, plain dicts, objects of Snowplow's own client and outputs of any of these may be mixed. Outputs stay where they are,
and are converted when they resolve. What can never be right is told here, all of it at once: what Pulumi's serializer
would turn into another value, or crash on. Whether the rest is right is not judged here but by the provider's check.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import singledispatch
from inspect import isawaitable
from typing import Any, Final
from uuid import UUID

import pulumi

from pulumi_snowplow_signals.fields.text import key_in_path
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER
from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.values import AttributeKeyIdentifiers, InputValue, field_values
from pulumi_snowplow_signals.inputs.wording import as_code

DEEPEST: Final = 100
"""Levels of nesting that a tree may have. Pulumi's serializer gives up at about 170."""


def to_plain(value: Any, path: str) -> Any:
    """Give `value` in the shape that the API has, outputs left in place.

    Args:
        value: Criteria, target attribute keys, payload attribute groups, an instance, targets or any part of them.
        path: The input's name, with which every fault begins, such as `criteria`.

    Raises:
        InputFault: Something in it can never be right. Where it is in an output, the output raises it.
    """
    return _converted(_Conversion(), value, path)


def to_known_plain(value: Any, path: str) -> Any:
    """Give `value` as `to_plain` does, but raise InputFault if it holds an output, too."""
    return _converted(_Conversion(only_known=True), value, path)


def number_fault(value: float) -> str | None:
    """Say why a number cannot be sent, if so: all of them travel as doubles.

    The number itself is not repeated, nor is any other value in this module: it may come from a secret.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "not a finite number, and no attribute can be compared with it."
    if isinstance(value, int) and abs(value) > LARGEST_EXACT_INTEGER:
        return (
            "a whole number beyond 2^53, and such numbers lose digits on their way. Compare a string instead."
        )
    return None


class _Conversion:
    """One walk over a tree. Faults are collected; what is at fault becomes None."""

    def __init__(self, *, only_known: bool = False) -> None:
        self.faults: list[str] = []
        self.holds_outputs = False
        self._only_known = only_known

    def convert(self, value: Any, path: str, depth: int = 0) -> Any:
        """Convert a value that `depth` mappings enclose."""
        if isinstance(value, pulumi.Output) or isawaitable(value):
            return self._later(value, path, depth)
        value = _opened(value)
        if isinstance(value, (Mapping, list, tuple)) and depth > DEEPEST + (not isinstance(value, Mapping)):
            root = path.partition(".")[0].partition("[")[0]
            return self._fault(f"{root}: is nested more than {DEEPEST} levels deep; {DEEPEST} are allowed.")
        if isinstance(value, Mapping):
            return self._mapping(value, path, depth)
        if isinstance(value, (list, tuple)):
            return self._list(value, path, depth)
        return self._scalar(value, path)

    def _later(self, value: Any, path: str, depth: int) -> Any:
        self.holds_outputs = True
        if self._only_known:
            return self._fault(f"{path}: is {as_code(value)}, which has no value before a deployment runs.")
        output = value if isinstance(value, pulumi.Output) else pulumi.Output.from_input(value)
        return output.apply(lambda resolved: _resolved(resolved, path, depth))

    def _mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
        plain = {}
        for key, item in value.items():
            if isinstance(key, str):
                plain[str(key)] = self.convert(item, f"{path}.{key_in_path(key)}", depth + 1)
            else:
                self._fault(f"{path}: has a key of type {type(key).__name__}; keys are strings.")
        return plain

    def _list(self, value: Sequence[Any], path: str, depth: int) -> list[Any]:
        plain = []
        for index, item in enumerate(value):
            plain.append(self.convert(item, f"{path}[{index}]", depth + isinstance(item, (list, tuple))))
        return plain

    def _scalar(self, value: Any, path: str) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str(value)
        if isinstance(value, (int, float)):
            reason = number_fault(value)
            if reason:
                return self._fault(f"{path}: is {reason}")
            return int(value) if isinstance(value, int) else float(value)
        return self._fault(f"{path}: is {found(value)}")

    def _fault(self, sentence: str) -> None:
        if sentence not in self.faults:
            self.faults.append(sentence)


@singledispatch
def _opened(value: Any) -> Any:
    """Give what an object stands for: a mapping, a list or a scalar, whose parts are still to be converted."""
    if isinstance(value, type) or not hasattr(value, "model_dump"):
        return value
    is_root_model = getattr(value, "__pydantic_root_model__", None)
    if is_root_model is None:
        return value.model_dump(exclude_none=True)
    # One level at a time: on a tree too deep for it, pydantic's dump tries every member of every union for minutes.
    values = {name: item for name, item in value if item is not None}
    return values.get("root") if is_root_model else values


@_opened.register
def _(value: InputValue) -> Any:
    return {name: item for name, item in field_values(value).items() if item is not None}


@_opened.register
def _(value: AttributeKeyIdentifiers) -> Any:
    return value.root


@_opened.register
def _(value: Enum) -> Any:
    return value.value


@_opened.register
def _(value: UUID) -> Any:
    return str(value)


@_opened.register
def _(value: range) -> Any:
    return list(value)


def _converted(conversion: _Conversion, value: Any, path: str, depth: int = 0) -> Any:
    plain = conversion.convert(value, path, depth)
    if conversion.faults:
        raise InputFault(*conversion.faults)
    return plain


def _resolved(value: Any, path: str, depth: int) -> Any:
    """Convert what an output resolved to; outputs inside it are waited for in their turn."""
    conversion = _Conversion()
    plain = _converted(conversion, value, path, depth)
    return pulumi.Output.from_input(plain) if conversion.holds_outputs else plain


@singledispatch
def found(value: Any) -> str:
    """Say what was found instead of a value."""
    kind = f"the class {value.__name__} itself" if isinstance(value, type) else type(value).__name__
    return (
        f"{kind}; a value is a string, a number, a boolean, a list, a dict, one of this package's classes, "
        "an object of Snowplow's client, or an output of one of these."
    )


@found.register(set)
@found.register(frozenset)
def _(_value: AbstractSet[Any]) -> str:
    return "a set, which comes in another order in every run. Write a list."
