"""The inputs of a resource, read: its definition and its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple

from pulumi_snowplow_signals.fields.faults import Fault
from pulumi_snowplow_signals.kinds.definition import D, Parsed
from pulumi_snowplow_signals.kinds.options import ParsedOptions, parse_options


class Declared(NamedTuple, Generic[D]):
    """The inputs of a resource, read.

    Attributes:
        content: The inputs that make up the definition, as declared.
        parsed: The definition.
        options: All other inputs.
    """

    content: Mapping[str, Any]
    parsed: Parsed[D]
    options: ParsedOptions

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault of the inputs."""
        return (*self.parsed.faults, *self.options.faults)


def parse_declared(kind: type[D], inputs: Mapping[str, Any]) -> Declared[D]:
    """Read the inputs of a resource.

    Args:
        kind: The kind that the resource declares.
        inputs: The inputs as declared, with `UNKNOWN` for unknown values.
    """
    content = {name: value for name, value in inputs.items() if name in kind.model_fields}
    rest = {name: value for name, value in inputs.items() if name not in kind.model_fields}
    names = inputs_of(kind)
    return Declared(content, kind.parse(content, names), parse_options(kind.options, rest, names))


def inputs_of(kind: type[D]) -> tuple[str, ...]:
    """Return the names of all inputs that a program may declare for a kind."""
    return (*kind.model_fields, *kind.options.model_fields)
