"""Attribute groups: attributes of one key, computed from the stream of events or in a warehouse, or read from a table.

Signals keeps the three types in one collection, by name and version. `offline`, and whether a group has `attributes` or `fields`,
determine its type (`snowplow_signals.models.attribute_group` in the official client 0.4.10).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, cast

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from typing_extensions import Self

from pulumi_snowplow_signals.fields.faults import FOUND, fault
from pulumi_snowplow_signals.fields.parts import NAMED_PARTS, PART
from pulumi_snowplow_signals.fields.text import quoted
from pulumi_snowplow_signals.fields.times import Duration, Instant
from pulumi_snowplow_signals.fields.vocabulary import (
    SERVER_FIELDS,
    STORED,
    KeyLink,
    Name,
    Owner,
    Part,
    ShortOwner,
    Text,
    check_text,
    rule,
)
from pulumi_snowplow_signals.kinds.aggregations import ATTRIBUTE_TYPES
from pulumi_snowplow_signals.kinds.attribute import Attribute
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import NO_TYPES, Delivered, Doubt, Numbered, Said
from pulumi_snowplow_signals.kinds.properties import one_of
from pulumi_snowplow_signals.kinds.references import KeyReference, Reference
from pulumi_snowplow_signals.kinds.succession import SideBySide

_COLUMN: Final = re.compile(r"[A-Za-z0-9_]+")
_DATABASE: Final = re.compile(r"[A-Za-z0-9_-]+")


def _match(pattern: re.Pattern[str], rest: str) -> Any:
    def judge(value: str) -> str:
        if not pattern.fullmatch(check_text(value)):
            raise fault(f"is {FOUND}; {rest}")
        return value

    return rule(judge)


def _read_key_as_link(value: Any) -> Any:
    """Read a whole attribute key as a link to it. The official client sends the whole key, which does not change the key."""
    if (
        isinstance(value, Mapping)
        and "name" in value
        and value.keys() <= {*AttributeKey.model_fields, "is_published"}
    ):
        return {"name": value["name"]}
    return value


def _check_distinct(items: list[Any]) -> list[Any]:
    """Check that there is at least one item, and that no two have the same name."""
    if not items:
        raise fault("is empty; add at least one")
    twice = sorted(name for name, times in Counter(item.name for item in items).items() if times > 1)
    if twice:
        raise fault(f"has {', '.join(map(quoted, twice))} more than once")
    return items


Column = Annotated[str, _match(_COLUMN, "expected letters, digits and underscores")]
GroupKey = Annotated[KeyLink, BeforeValidator(_read_key_as_link)]
Attributes = Annotated[list[Attribute], rule(_check_distinct), NAMED_PARTS]


class TableField(Part):
    """A column of a warehouse table that Signals serves as an attribute."""

    name: Name
    description: Text | None = None
    type: Annotated[str, one_of(ATTRIBUTE_TYPES, int="int32", str="string", text="string", integer="int32")]

    def __str__(self) -> str:
        return f"{quoted(self.name)} ({self.type})"


class BatchSource(Part):
    """The warehouse table that attributes are read from."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", serialize_by_alias=True)

    name: Name
    timestamp_field: Column
    description: Text | None = None
    owner: ShortOwner | None = None
    database: Annotated[str, _match(_DATABASE, "expected letters, digits, hyphens and underscores")]
    schema_: Column = Field(alias="schema")
    table: Column

    def __str__(self) -> str:
        return f"{self.database}.{self.schema_}.{self.table}"


class AttributeGroup(Numbered):
    """Base of the three types of attribute groups."""

    label: ClassVar = "attribute group"
    loss: ClassVar = "its values are no longer computed"
    path: ClassVar = "registry/attribute_groups/"
    succession: ClassVar = SideBySide()
    offline: ClassVar[bool]
    """Whether the attributes come from a warehouse."""

    name: Name
    owner: Owner = None
    description: Text | None = None
    attribute_key: GroupKey
    ttl: Duration = None

    @classmethod
    def stored(cls, body: Mapping[str, Any]) -> Self:
        """Read a group from the registry or a stack's state. Called on `AttributeGroup` itself, read a group of any type."""
        if cls is AttributeGroup:
            return cast("Self", type_of(body).stored(body))
        return super().stored(body)

    @model_validator(mode="before")
    @classmethod
    def _check_type(cls, raw: Any, info: ValidationInfo) -> Any:
        # A stack's state lacks the fields that determine the type and needs none of them: the resource has one type.
        is_response = info.context == STORED and isinstance(raw, Mapping) and "is_published" in raw
        if is_response and type_of(raw) is not cls:
            raise fault("is an attribute group of another type")
        return raw

    def body(self, number: int, *, published: bool) -> dict[str, Any]:
        """Return the request body that stores the definition under a number."""
        # `online` no longer has any effect; the official client sends true.
        return {**super().body(number, published=published), "online": True, "offline": self.offline}

    @staticmethod
    def writable(body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parts of a stored body that may be sent back."""
        sent = {
            name: value for name, value in body.items() if name not in ADDED_BY_SERVICE and value is not None
        }
        key = sent.get("attribute_key")
        return {**sent, "attribute_key": {"name": key["name"]}} if isinstance(key, Mapping) else sent

    @property
    def columns(self) -> Mapping[str, str]:
        """The types of the attributes by name."""
        raise NotImplementedError

    def delivery(self, keys: Sequence[str] = ()) -> Iterator[Delivered]:  # noqa: ARG002  # a group names its key
        """Yield the attribute key for whose ids the values are kept."""
        yield Delivered(
            ("attribute_key",), "kept for", (self.attribute_key.name,), "attribute key hidden (secret)"
        )

    def references(self) -> Iterator[Reference]:
        """Yield the attribute key."""
        yield KeyReference("attribute_key", self.attribute_key.name)


ADDED_BY_SERVICE: Final = SERVER_FIELDS | {
    "full_name",
    "feast_name",
    "stream_source_name",
    "attribute_key_or_name",
    "attribute_group_or_attribute_key_ttl",
}
"""The fields that the service adds to its responses about a group."""


class _OfEvents(AttributeGroup):
    """Base of the types whose attributes are computed from events."""

    attributes: Attributes

    @property
    def columns(self) -> Mapping[str, str]:
        """The types of the attributes by name."""
        return {attribute.name: attribute.type for attribute in self.attributes}

    def doubts(self, types: Mapping[str, str] = NO_TYPES) -> Iterator[Doubt]:  # noqa: ARG002  # only criteria need them
        """Yield reasons why Signals may refuse an attribute, or read it differently."""
        for attribute in self.attributes:
            for reason in attribute.doubts():
                hidden = "attributes: Signals may refuse one of them (hidden: secret)"
                yield Doubt("attributes", f"attributes[{attribute.name}]: {reason}", hidden)

    def content(self) -> Said:
        """Return the names of the attributes."""
        names = ", ".join(attribute.name for attribute in self.attributes)
        return Said(("attributes",), f"computes {names}", "computes secret attributes")


class StreamAttributeGroup(_OfEvents):
    """Attributes that are computed from events as they arrive."""

    offline: ClassVar = False

    backfill_since_tstamp: Instant = None


class BatchAttributeGroup(_OfEvents):
    """Attributes that are computed from the events in a warehouse."""

    offline: ClassVar = True

    batch_source: Annotated[BatchSource | None, PART] = None
    backfill_since_tstamp: Instant = None
    refresh_rate: Duration = None


class ExternalBatchAttributeGroup(AttributeGroup):
    """Attributes that are read from a warehouse table."""

    offline: ClassVar = True

    fields: Annotated[list[TableField], rule(_check_distinct), NAMED_PARTS]
    batch_source: Annotated[BatchSource, PART]
    backfill_since_tstamp: Instant = None
    refresh_rate: Duration = None

    @property
    def columns(self) -> Mapping[str, str]:
        """The types of the attributes by name."""
        return {column.name: column.type for column in self.fields}

    def doubts(self, types: Mapping[str, str] = NO_TYPES) -> Iterator[Doubt]:  # noqa: ARG002  # only criteria need them
        """Yield a doubt if the start of the backfill is not set."""
        if self.backfill_since_tstamp is None:
            reason = "backfill_since_tstamp is not set, so data that is already in the table may not be read"
            yield Doubt("backfill_since_tstamp", reason, reason)

    def content(self) -> Said:
        """Return the names of the columns, and their table."""
        names = ", ".join(column.name for column in self.fields)
        return Said(("fields",), f"reads {names} from {self.batch_source}", "reads secret columns")


def type_of(body: Mapping[str, Any]) -> type[AttributeGroup]:
    """Return the class of a group that the registry stores."""
    if body.get("fields"):
        return ExternalBatchAttributeGroup
    return BatchAttributeGroup if body.get("offline") else StreamAttributeGroup
