"""Attribute groups: attributes of one key, computed from the stream of events, or in a warehouse, or read from a table.

Signals keeps the three sorts in one collection, by name and version. A sort is told by `offline` and by whether it has
`attributes` or `fields` (`snowplow_signals.models.attribute_group` in the official client 0.4.10).
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
    STORED,
    KeyLink,
    Name,
    Owner,
    Part,
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


def _matching(pattern: re.Pattern[str], rest: str) -> Any:
    def judge(value: str) -> str:
        if not pattern.fullmatch(check_text(value)):
            raise fault(f"is {FOUND}; {rest}")
        return value

    return rule(judge)


def _name_of_key(value: Any) -> Any:
    """Read a whole attribute key as a link to it: the official client sends the key along, which changes nothing of it."""
    if (
        isinstance(value, Mapping)
        and "name" in value
        and value.keys() <= {*AttributeKey.model_fields, "is_published"}
    ):
        return {"name": value["name"]}
    return value


def _distinct(items: list[Any]) -> list[Any]:
    """Demand at least one, and that no two have the same name."""
    if not items:
        raise fault("is empty; add at least one")
    twice = sorted(name for name, times in Counter(item.name for item in items).items() if times > 1)
    if twice:
        raise fault(f"has {', '.join(map(quoted, twice))} more than once")
    return items


Column = Annotated[str, _matching(_COLUMN, "expected letters, digits and underscores")]
GroupKey = Annotated[KeyLink, BeforeValidator(_name_of_key)]
Attributes = Annotated[list[Attribute], rule(_distinct), NAMED_PARTS]


class TableField(Part):
    """A column of a table that Signals serves as an attribute."""

    name: Name
    description: Text | None = None
    type: Annotated[str, one_of(ATTRIBUTE_TYPES, int="int32", str="string", text="string", integer="int32")]

    def __str__(self) -> str:
        return f"{quoted(self.name)} ({self.type})"


class BatchSource(Part):
    """The table of a warehouse that attributes are read from."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", serialize_by_alias=True)

    name: Name
    timestamp_field: Column
    description: Text | None = None
    owner: Text | None = None
    database: Annotated[str, _matching(_DATABASE, "expected letters, digits, hyphens and underscores")]
    schema_: Column = Field(alias="schema")
    table: Column

    def __str__(self) -> str:
        return f"{self.database}.{self.schema_}.{self.table}"


class AttributeGroup(Numbered):
    """Base of the three sorts."""

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
        """Read what the registry holds, or a stack's state; as `AttributeGroup` itself, a group of whichever sort."""
        if cls is AttributeGroup:
            return cast("Self", sort_of(body).stored(body))
        return super().stored(body)

    @model_validator(mode="before")
    @classmethod
    def _is_of_this_sort(cls, raw: Any, info: ValidationInfo) -> Any:
        # A stack's state has none of the fields that tell the sort, and needs none: the resource is of one sort.
        is_answer = info.context == STORED and isinstance(raw, Mapping) and "is_published" in raw
        if is_answer and sort_of(raw) is not cls:
            raise fault("is an attribute group of another type")
        return raw

    def body(self, number: int, *, published: bool) -> dict[str, Any]:
        """Return what is sent to store the definition under a number."""
        # `online` has no effect any more; the official client sends true.
        return {**super().body(number, published=published), "online": True, "offline": self.offline}

    @staticmethod
    def writable(body: Mapping[str, Any]) -> dict[str, Any]:
        """Return of a stored body what may be sent back."""
        sent = {name: value for name, value in body.items() if name not in ANSWERED and value is not None}
        key = sent.get("attribute_key")
        return {**sent, "attribute_key": {"name": key["name"]}} if isinstance(key, Mapping) else sent

    @property
    def columns(self) -> Mapping[str, str]:
        """The types of the attributes by name."""
        raise NotImplementedError

    def delivery(self, keys: Sequence[str] = ()) -> Iterator[Delivered]:  # noqa: ARG002  # a group names its key
        """Yield the attribute key whose ids the values are kept for."""
        yield Delivered(
            ("attribute_key",), "kept for", (self.attribute_key.name,), "attribute key hidden (secret)"
        )

    def references(self) -> Iterator[Reference]:
        """Yield the attribute key."""
        yield KeyReference("attribute_key", self.attribute_key.name)


ANSWERED: Final = frozenset(
    {
        "full_name",
        "feast_name",
        "stream_source_name",
        "attribute_key_or_name",
        "attribute_group_or_attribute_key_ttl",
        "created_at",
        "updated_at",
        "fields_hash",
        "has_published_version",
    }
)
"""What the service adds to its answers."""


class _OfEvents(AttributeGroup):
    """Base of the sorts whose attributes are computed from events."""

    attributes: Attributes

    @property
    def columns(self) -> Mapping[str, str]:
        """The types of the attributes by name."""
        return {attribute.name: attribute.type for attribute in self.attributes}

    def doubts(self, types: Mapping[str, str] = NO_TYPES) -> Iterator[Doubt]:  # noqa: ARG002  # only criteria need them
        """Yield what Signals may refuse of the attributes, or read in another way."""
        for attribute in self.attributes:
            for reason in attribute.doubts():
                hidden = "attributes: Signals may refuse one of them (hidden: secret)"
                yield Doubt("attributes", f"attributes[{attribute.name}]: {reason}", hidden)

    def content(self) -> Said:
        """Return the attributes by name."""
        names = ", ".join(attribute.name for attribute in self.attributes)
        return Said(("attributes",), f"computes {names}", "computes secret attributes")


class StreamAttributeGroup(_OfEvents):
    """Attributes that are computed from events as they come in."""

    offline: ClassVar = False

    backfill_since_tstamp: Instant = None


class BatchAttributeGroup(_OfEvents):
    """Attributes that are computed from the events in a warehouse."""

    offline: ClassVar = True

    batch_source: Annotated[BatchSource | None, PART] = None
    backfill_since_tstamp: Instant = None
    refresh_rate: Duration = None


class ExternalBatchAttributeGroup(AttributeGroup):
    """Attributes that are read from a table of a warehouse."""

    offline: ClassVar = True

    fields: Annotated[list[TableField], rule(_distinct), NAMED_PARTS]
    batch_source: Annotated[BatchSource, PART]
    backfill_since_tstamp: Instant = None
    refresh_rate: Duration = None

    @property
    def columns(self) -> Mapping[str, str]:
        """The types of the attributes by name."""
        return {column.name: column.type for column in self.fields}

    def doubts(self, types: Mapping[str, str] = NO_TYPES) -> Iterator[Doubt]:  # noqa: ARG002  # only criteria need them
        """Yield that nothing says from when the table is read."""
        if self.backfill_since_tstamp is None:
            reason = "backfill_since_tstamp is left out, so data that is already in the table may not be read"
            yield Doubt("backfill_since_tstamp", reason, reason)

    def content(self) -> Said:
        """Return the columns by name, and their table."""
        names = ", ".join(column.name for column in self.fields)
        return Said(("fields",), f"reads {names} from {self.batch_source}", "reads secret columns")


def sort_of(body: Mapping[str, Any]) -> type[AttributeGroup]:
    """Return the class of a group that the registry stores."""
    if body.get("fields"):
        return ExternalBatchAttributeGroup
    return BatchAttributeGroup if body.get("offline") else StreamAttributeGroup
