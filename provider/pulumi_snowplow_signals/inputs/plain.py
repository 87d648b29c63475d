"""From whatever a program hands over to the dicts, lists and scalars that Pulumi can send.

Ours, plain dicts, objects of Snowplow's own client and outputs of any of these may be mixed. Outputs stay where they are,
and are converted when they resolve. What can never be right is told here, all of it at once: what Pulumi's serializer
would turn into another value, or crash on, and text that stands in the place of a value. Whether the rest is right is not
judged here but by the provider's check.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import singledispatch
from inspect import isawaitable
from typing import Any, Final
from uuid import UUID

import pulumi

from pulumi_snowplow_signals.fields.placeholders import (
    HOLDS_AN_OUTPUT,
    UNKNOWN_AS_TEXT,
    is_output_as_text,
    placeholder_reason,
)
from pulumi_snowplow_signals.fields.text import key_in_path
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER
from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.values import AttributeKeyIdentifiers, InputValue, field_values
from pulumi_snowplow_signals.inputs.wording import as_code

DEEPEST: Final = 100
"""Levels of nesting that a tree may have. Pulumi's serializer gives up at about 170."""


def to_plain(value: Any, path: str, *, resource: str = "", whole: Collection[str] = ()) -> Any:
    """Return one input, or a part of one, in the shape that the API has, outputs left in place.

    Args:
        value: A name, criteria, target attribute keys, payload attribute groups, an instance, targets or any part of them.
        path: The input's name, with which every fault begins, such as `criteria`.
        resource: The resource that it is an input of; every fault then names it first.
        whole: Paths below which None is a fault. Elsewhere it is what is left out; Pulumi drops it from every mapping.

    Raises:
        InputFault: Something in it can never be right. Where it is in an output, the output raises it.
    """
    return _Conversion(resource=resource, whole=whole).run(value, path)


def to_plain_inputs(
    given: Mapping[str, Any], *, resource: str, whole: Collection[str] = ()
) -> dict[str, Any]:
    """Return all inputs of a resource as `to_plain` does. Raise InputFault with the faults of all of them."""
    conversion = _Conversion(resource=resource, whole=whole)
    plain = {name: conversion.convert(value, name) for name, value in given.items()}
    conversion.raise_faults()
    return plain


def to_known_plain(value: Any, path: str) -> Any:
    """Return `value` as `to_plain` does, but raise InputFault if it holds an output, too."""
    return _Conversion(only_known=True).run(value, path)


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
    """One walk over a tree. Faults are collected, and raised at its end."""

    def __init__(
        self,
        *,
        only_known: bool = False,
        resource: str = "",
        whole: Collection[str] = (),
        is_later: bool = False,
    ) -> None:
        self._faults: list[str] = []
        self.holds_outputs = False
        self._only_known = only_known
        self._resource = resource
        self._whole = whole
        self._is_later = is_later

    def run(self, value: Any, path: str, depth: int = 0) -> Any:
        """Convert a value. Raise InputFault with every fault in it."""
        plain = self.convert(value, path, depth)
        self.raise_faults()
        return plain

    def raise_faults(self) -> None:
        """Raise InputFault if there was any fault."""
        if self._faults:
            raise InputFault(*self._faults)

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
        return output.apply(lambda resolved: self._resolved(resolved, path, depth))

    def _resolved(self, value: Any, path: str, depth: int) -> Any:
        """Convert what an output resolved to; outputs inside it are waited for in their turn."""
        later = _Conversion(resource=self._resource, whole=self._whole, is_later=True)
        plain = later.run(value, path, depth)
        return pulumi.Output.from_input(plain) if later.holds_outputs else plain

    def _mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
        plain = {}
        for key, item in value.items():
            if not isinstance(key, str):
                self._fault(f"{path}: has a key of type {type(key).__name__}; keys are strings.")
            elif is_output_as_text(key):
                self._fault(f"{path}: has a key that {HOLDS_AN_OUTPUT}")
            else:
                plain[str(key)] = self.convert(item, f"{path}.{key_in_path(key)}", depth + 1)
        return plain

    def _list(self, value: Sequence[Any], path: str, depth: int) -> list[Any]:
        plain = []
        for index, item in enumerate(value):
            plain.append(self.convert(item, f"{path}[{index}]", depth + isinstance(item, (list, tuple))))
        return plain

    def _scalar(self, value: Any, path: str) -> Any:
        if value is None:
            return self._nothing(path)
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(str(value), path)
        if isinstance(value, (int, float)):
            reason = number_fault(value)
            if reason:
                return self._fault(f"{path}: is {reason}")
            return int(value) if isinstance(value, int) else float(value)
        return self._fault(f"{path}: is {found(value)}")

    def _nothing(self, path: str) -> None:
        if path.startswith(tuple(f"{root}{step}" for root in self._whole for step in ".[")):
            self._fault(f"{path}: is None, which Pulumi silently drops. Write a value, or remove it.")

    def _text(self, value: str, path: str) -> str:
        if value == UNKNOWN_AS_TEXT and self._is_later and pulumi.runtime.is_dry_run():
            return value  # in a preview, it may stand for what is not known yet
        reason = placeholder_reason(value)
        if reason:
            self._fault(f"{path}: {reason}")
        return value

    def _fault(self, sentence: str) -> None:
        told = f"{self._resource}: {sentence}" if self._resource else sentence
        if told not in self._faults:
            self._faults.append(told)


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
