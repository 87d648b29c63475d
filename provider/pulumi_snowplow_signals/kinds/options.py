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


class Unversioned(Part, defer_build=False):
    """What a program says of a resource beside its definition.

    Attributes:
        published: Whether it is to be live.
        adopt: Whether to take over what is in the registry; None for what the stack says.
        on_destroy: What becomes of it in the registry when the resource goes; None for what the stack says.
    """

    published: bool = True
    adopt: bool | None = None
    on_destroy: Annotated[OnDestroy, BeforeValidator(_check_on_destroy)] | None = None


class Options(Unversioned):
    """The same for a kind with numbers.

    Attributes:
        version: The number of the definition; None to have it numbered.
    """

    version: Version | None = None


class ParsedOptions(NamedTuple):
    """What a program declares, read: the options, of which some may be unknown, or every fault."""

    options: Unversioned
    unknown: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()


def parse_options(
    model: type[Unversioned], declared: Mapping[str, Any], inputs: Collection[str] = ()
) -> ParsedOptions:
    """Read what a program declares; see `Definition.parse`. An unknown option has its default."""
    known = {name: value for name, value in declared.items() if value is not UNKNOWN}
    try:
        options = model.model_validate(known)
    except ValidationError as error:
        return ParsedOptions(model(), faults=tuple(faults_of(error, model, inputs)))
    return ParsedOptions(options, frozenset(declared.keys() - known.keys()))
