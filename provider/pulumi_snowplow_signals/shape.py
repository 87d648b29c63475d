"""What a class of resources is: all that its constructor does not share with the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from pulumi.dynamic import ResourceProvider

from pulumi_snowplow_signals.inputs.wholes import Whole
from pulumi_snowplow_signals.loading import uncollected

Inputs = Mapping[str, Any]
"""The inputs of a resource by name; None for what is left out."""


@dataclass(frozen=True)
class Computed:
    """An output that the provider computes.

    Sent along as an input, it is as secret, and as unknown, as what it is made from.

    Attributes:
        sources: The inputs that it is made from; none for one that is known only when the resource is made.
        placeholder: What is sent in its place.
    """

    sources: tuple[str, ...] = ()
    placeholder: Any = None


@dataclass(frozen=True)
class Shape:
    """What a class of resources is.

    Attributes:
        kind: What it is to Signals, whatever subclass of it a program uses.
        provider: The provider's class.
        faults: Judges the inputs, unknown values as `UNKNOWN`: yields each fault with the input that it is in.
        instead_of_import: The sentence that says what to do instead of importing.
        computed: The outputs that are no inputs, by name.
        as_deployed: Returns outputs as a deployment would have them, for a program's own unit tests.
        whole: The input that stands for several others, if there is one.
        entire: The inputs in which None is a fault.
        respell: Returns an input, by its name, in the spelling in which it is stored.
        takes_times: Whether a `timedelta` or `datetime` in an input is text in ISO 8601 to Signals.
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
    """Build the judge of a resource's inputs from its kind, in a module of `kinds`."""

    def judge(inputs: Inputs) -> Iterator[tuple[str, str]]:
        # Loaded with the first declaration, since pydantic takes longer than a program that declares nothing.
        with uncollected():
            from pulumi_snowplow_signals.kinds.declared import parse_declared  # noqa: PLC0415

            kind = getattr(import_module(f"pulumi_snowplow_signals.kinds.{module}"), name)
        yield from ((fault.field, str(fault)) for fault in parse_declared(kind, inputs).faults)

    return judge
