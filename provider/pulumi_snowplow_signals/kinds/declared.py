"""What a program declares of an object: its definition, and the inputs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple

from pulumi_snowplow_signals.fields.faults import Fault
from pulumi_snowplow_signals.kinds.definition import D, Parsed
from pulumi_snowplow_signals.kinds.options import ParsedOptions, parse_options


class Declared(NamedTuple, Generic[D]):
    """What a program declares, read.

    Attributes:
        content: The inputs that make the definition, as they are declared.
        parsed: The definition.
        options: The inputs beside it.
    """

    content: Mapping[str, Any]
    parsed: Parsed[D]
    options: ParsedOptions

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault there is."""
        return (*self.parsed.faults, *self.options.faults)


def parse_declared(kind: type[D], inputs: Mapping[str, Any]) -> Declared[D]:
    """Read what a program declares.

    Args:
        kind: What it is.
        inputs: The inputs that the program declares, unknown values as `UNKNOWN`.
    """
    content = {name: value for name, value in inputs.items() if name in kind.model_fields}
    rest = {name: value for name, value in inputs.items() if name not in kind.model_fields}
    names = inputs_of(kind)
    return Declared(content, kind.parse(content, names), parse_options(kind.options, rest, names))


def inputs_of(kind: type[D]) -> tuple[str, ...]:
    """Return the names of the inputs that a program may declare."""
    return (*kind.model_fields, *kind.options.model_fields)
