"""The inputs that Signals knows nothing of: how a resource's definition is numbered, published, taken over, taken down."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BeforeValidator, ValidationError

from pulumi_snowplow_signals.fields.faults import FOUND, Fault, fault, faults_of, suggestion
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.fields.vocabulary import Part, Version

OnDestroy = Literal["unpublish", "delete", "retain"]
ON_DESTROY: Final[tuple[OnDestroy, ...]] = ("unpublish", "delete", "retain")


def _check_on_destroy(value: Any) -> Any:
    if value not in ON_DESTROY:
        allowed = ", ".join(f'"{word}"' for word in ON_DESTROY)
        raise fault(f"is {FOUND}; allowed are {allowed}.", suggestion(value, ON_DESTROY))
    return value


class Options(Part):
    """What a program says of a resource beside its definition.

    Attributes:
        version: The number of the definition; None to have it numbered.
        published: Whether it is to be live.
        adopt: Whether to take over what is in the registry; None for what the stack says.
        on_destroy: What becomes of the registry's versions when the resource goes; None for what the stack says.
    """

    version: Version | None = None
    published: bool = True
    adopt: bool | None = None
    on_destroy: Annotated[OnDestroy, BeforeValidator(_check_on_destroy)] | None = None


class ParsedOptions(NamedTuple):
    """What a program declares, read: the options, of which some may be unknown, or every fault."""

    options: Options
    unknown: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()


def parse_options(
    declared: Mapping[str, Any], *, inputs: Collection[str] = (), secret: Collection[str] = ()
) -> ParsedOptions:
    """Read what a program declares; see `Definition.parse`. An unknown option has its default."""
    known = {name: value for name, value in declared.items() if value is not UNKNOWN}
    try:
        options = Options.model_validate(known)
    except ValidationError as error:
        return ParsedOptions(Options(), faults=tuple(faults_of(error, Options, inputs=inputs, secret=secret)))
    return ParsedOptions(options, frozenset(declared.keys() - known.keys()))
