"""References from a definition to the registry: an attribute, an attribute key, one version of an attribute group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from pulumi_snowplow_signals.criteria.tree import Criterion
from pulumi_snowplow_signals.fields.faults import field_of


@dataclass(frozen=True)
class _Reference:
    path: str

    @property
    def field(self) -> str:
        """The field that contains the reference."""
        return field_of(self.path)


@dataclass(frozen=True)
class AttributeReference(_Reference):
    """An attribute that a criterion reads, from the highest published version of its group that has it."""

    criterion: Criterion

    @property
    def group(self) -> str:
        """The name of the attribute group."""
        return self.criterion.attribute.partition(":")[0]

    @property
    def attribute(self) -> str:
        """The name of the attribute within its group."""
        return self.criterion.attribute.partition(":")[2]


@dataclass(frozen=True)
class KeyReference(_Reference):
    """An attribute key by name."""

    key: str


@dataclass(frozen=True)
class VersionReference(_Reference):
    """One version of an attribute group."""

    group: str
    version: int


class KnownGroup(NamedTuple):
    """What is known about one version of an attribute group: its attribute key, and the types of its attributes by name."""

    key: str | None
    attributes: Mapping[str, str | None]


Reference: TypeAlias = AttributeReference | KeyReference | VersionReference
