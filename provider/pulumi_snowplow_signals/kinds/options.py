"""The inputs that only Pulumi programs have: how a definition is numbered, published, taken over and destroyed."""

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
    """The options of a resource of a kind without versions.

    Attributes:
        published: Whether the object should be live.
        adopt: Whether to take over an existing object; None for the stack's setting.
        on_destroy: What happens to the object when the resource is destroyed; None for the stack's setting.
    """

    published: bool = True
    adopt: bool | None = None
    on_destroy: Annotated[OnDestroy, BeforeValidator(_check_on_destroy)] | None = None


class Options(Unversioned):
    """The options of a resource of a kind with versions.

    Attributes:
        version: The version number; None to have it assigned.
    """

    version: Version | None = None


class ParsedOptions(NamedTuple):
    """The options that a program declares, some of which may be unknown, or every fault."""

    options: Unversioned
    unknown: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()


def parse_options(
    model: type[Unversioned], declared: Mapping[str, Any], inputs: Collection[str] = ()
) -> ParsedOptions:
    """Read the options that a program declares; see `Definition.parse`. An unknown option gets its default."""
    known = {name: value for name, value in declared.items() if value is not UNKNOWN}
    try:
        options = model.model_validate(known)
    except ValidationError as error:
        return ParsedOptions(model(), faults=tuple(faults_of(error, model, inputs)))
    return ParsedOptions(options, frozenset(declared.keys() - known.keys()))
