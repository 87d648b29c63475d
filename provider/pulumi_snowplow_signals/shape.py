"""The description of a resource class: everything that its constructor does not share with the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from pulumi.dynamic import ResourceProvider

from pulumi_snowplow_signals.inputs.wholes import Whole
from pulumi_snowplow_signals.loading import uncollected

Inputs = Mapping[str, Any]
"""The inputs of a resource by name; None for one that is left out."""


@dataclass(frozen=True)
class Computed:
    """An output that the provider computes.

    The program sends a placeholder for it as an input, which is secret or unknown if one of its sources is.

    Attributes:
        sources: The inputs that it is computed from; none if it is known only once the resource is created.
        placeholder: The value that the program sends.
    """

    sources: tuple[str, ...] = ()
    placeholder: Any = None


@dataclass(frozen=True)
class Shape:
    """The description of a resource class.

    Attributes:
        kind: Its kind in Signals, whatever subclass a program uses.
        provider: The provider's class.
        faults: Validates the inputs, with `UNKNOWN` for unknown values. Yields each fault with its input.
        instead_of_import: The sentence that says what to do instead of importing.
        computed: The outputs that are not inputs, by name.
        as_deployed: Returns the outputs that a deployment would have, for the unit tests of a program.
        whole: The input that stands for several others, if there is one.
        entire: The inputs in which None is a fault.
        respell: Functions by input name that return the value as it is stored.
        takes_times: Whether a `timedelta` or `datetime` in an input is sent as a string in ISO 8601.
    """

    kind: str
    provider: type[ResourceProvider]
    faults: Callable[[Inputs], Iterable[tuple[str, str]]]
    instead_of_import: str
    computed: Mapping[str, Computed]
    as_deployed: Callable[[Inputs], Inputs]
    whole: Whole | None = None
    entire: tuple[str, ...] = ()
    respell: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    takes_times: bool = False

    @property
    def composite(self) -> str:
        """The name of the input that stands for several others; empty if there is none."""
        return self.whole.argument if self.whole else ""


def faults_of_kind(module: str, name: str) -> Callable[[Inputs], Iterator[tuple[str, str]]]:
    """Return a function that yields the faults of a resource's inputs, for a kind in a module of `kinds`."""

    def judge(inputs: Inputs) -> Iterator[tuple[str, str]]:
        # Loaded with the first declaration, since pydantic takes longer to import than a small program takes to run.
        with uncollected():
            from pulumi_snowplow_signals.kinds.declared import parse_declared  # noqa: PLC0415

            kind = getattr(import_module(f"pulumi_snowplow_signals.kinds.{module}"), name)
        yield from ((fault.field, str(fault)) for fault in parse_declared(kind, inputs).faults)

    return judge
