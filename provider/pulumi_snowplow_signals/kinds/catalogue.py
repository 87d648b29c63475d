"""Every kind in the registry, and the resource class that declares it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from pulumi_snowplow_signals.kinds.attribute_group import (
    AttributeGroup,
    BatchAttributeGroup,
    ExternalBatchAttributeGroup,
    StreamAttributeGroup,
)
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.service import Service

Kind: TypeAlias = type[Definition]

KINDS: Final[tuple[Kind, ...]] = (AttributeKey, AttributeGroup, Service, Intervention)
"""One kind for each collection of the registry. A kind comes before the kinds that may refer to it."""

RESOURCES: Final[Mapping[str, Kind]] = {
    "AttributeKey": AttributeKey,
    "StreamAttributeGroup": StreamAttributeGroup,
    "BatchAttributeGroup": BatchAttributeGroup,
    "ExternalBatchAttributeGroup": ExternalBatchAttributeGroup,
    "Service": Service,
    "RuleIntervention": Intervention,
}
"""The kind that each resource class declares, by the name of the class."""


def kinds_named(*names: str) -> tuple[Kind, ...]:
    """Return the kinds with these names, in the order of `KINDS`. Without a name, return all."""
    return tuple(kind for kind in KINDS if not names or name_of(kind) in names)


def name_of(kind: Kind) -> str:
    """Return the name of a kind in commands and their output, such as `attribute_group`."""
    return kind.label.replace(" ", "_")


def plural_of(kind: Kind) -> str:
    """Return the name of a kind's collection, such as `attribute_groups`."""
    return kind.path.strip("/").rpartition("/")[2]


def resource_of(definition: Definition) -> str:
    """Return the name of the resource class that declares a definition."""
    return next(name for name, kind in RESOURCES.items() if kind is type(definition))
