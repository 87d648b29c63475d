"""Attribute keys and attribute groups as the service accepts them.

Fields, patterns and bounds are those of `snowplow_signals.models.model` (0.4.10). The rules between fields come from its field
descriptions ("not both", "only valid for") and from Snowplow's documentation of attribute groups.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from signals_local.emulator.atomic import AtomicColumn
from signals_local.emulator.wire import (
    DefaultValue,
    Flag,
    Integer,
    Name,
    Owner,
    Proposal,
    Reference,
    Text,
    Value,
    Version,
    Wire,
)

DatePart = Literal["active_day", "active_week", "active_month", "hour_of_day", "day_of_week", "month_of_year"]
NonEmpty = Annotated[str, StringConstraints(min_length=1)]
_SchemaName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9-_]+$", min_length=1, max_length=128)]
_Vendor = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9-_.]+$", min_length=1, max_length=128)]
_Path = Annotated[str, StringConstraints(pattern=r"^(?!\$$)(?!.*\[[\'\"]).+$", min_length=1)]
_Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$", min_length=1)]
_Database = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=1)]

FieldType = Literal[
    "bytes", "string", "int32", "int64", "double", "float", "bool", "unix_timestamp", "timestamp",
    "bytes_list", "string_list", "int32_list", "int64_list", "double_list", "float_list", "bool_list",
    "unix_timestamp_list", "dict",
]  # fmt: skip

Aggregation = Literal[
    "counter", "sum", "min", "max", "mean", "first", "last", "unique_list", "most_frequent", "least_frequent",
    "category_count", "approx_count_distinct", "time_since_last", "time_since_first",
]  # fmt: skip


def _refuse(kind: str, text: str) -> PydanticCustomError:
    # Braces in a name must not be treated as a template.
    return PydanticCustomError(kind, "{text}", {"text": text})


class AtomicProperty(Wire):
    """A column of the atomic events table."""

    type: Literal["atomic"] = "atomic"
    name: AtomicColumn
    date_part: DatePart | None = None

    @model_validator(mode="after")
    def _check_date_part(self) -> AtomicProperty:
        if self.date_part and not self.name.endswith("_tstamp"):
            raise _refuse(
                "date_part", "date_part is only valid on date-time atomic fields (the `*_tstamp` fields)"
            )
        return self


class _SchemaProperty(Wire):
    model_config = ConfigDict(frozen=True, regex_engine="python-re")  # the pattern of a path looks ahead

    vendor: NonEmpty
    name: _SchemaName
    major_version: Annotated[Integer, Field(gt=0)]
    path: _Path
    date_part: DatePart | None = None


class EventProperty(_SchemaProperty):
    type: Literal["event"] = "event"


class EntityProperty(_SchemaProperty):
    type: Literal["entity"] = "entity"
    index: Annotated[Integer, Field(ge=0)] | None = 0


def _add_type(given: Any) -> Any:
    """Add a missing `type`, which the published models default in each property, inferred from the fields."""
    if isinstance(given, dict) and "type" not in given:
        if "operation" in given:
            return {**given, "type": "calculated"}
        if "vendor" in given or "path" in given:
            return {**given, "type": "entity" if "index" in given else "event"}
        return {**given, "type": "atomic"}
    return given


_LeafProperty = Annotated[
    Annotated[AtomicProperty | EventProperty | EntityProperty, Field(discriminator="type")],
    BeforeValidator(_add_type),
]


class CalculatedProperty(Wire):
    type: Literal["calculated"] = "calculated"
    operation: Literal["concat", "sum", "product", "min", "max", "coalesce"]
    properties: Annotated[list[_LeafProperty], Field(min_length=1, max_length=50)]
    separator: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=16)] | None = None

    @model_validator(mode="after")
    def _check_operation(self) -> CalculatedProperty:
        if self.operation != "coalesce" and len(self.properties) < 2:  # noqa: PLR2004 - "at least 2 properties"
            raise _refuse("calculated_property", f"{self.operation} needs at least 2 properties")
        if self.separator is not None and self.operation != "concat":
            raise _refuse("calculated_property", "separator is only valid for concat")
        return self


_Property = Annotated[
    Annotated[
        AtomicProperty | EventProperty | EntityProperty | CalculatedProperty,
        Field(discriminator="type"),
    ],
    BeforeValidator(_add_type),
]


class Event(Wire):
    name: _SchemaName | None = None
    vendor: _Vendor | None = None
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+-[0-9]+-[0-9]+$")] | None = None
    event_specification_id: NonEmpty | None = None

    @model_validator(mode="after")
    def _check_event(self) -> Event:
        if self.event_specification_id and (self.name or self.vendor or self.version):
            raise _refuse("event", "event_specification_id excludes name, vendor and version")
        return self


class Filter(Wire):
    """A condition on the events that an attribute counts. It has fewer operators than an intervention's criteria."""

    property: _Property
    operator: Literal["=", "!=", "<", ">", "<=", ">=", "like", "in", "is null", "is not null"]
    value: Value = None


class Filters(Wire):
    all: list[Filter] | None = None
    any: list[Filter] | None = None


class Attribute(Wire):
    name: Name
    description: Text | None = None
    type: FieldType
    events: list[Event]
    aggregation: Aggregation
    property: _Property | None = None
    criteria: Filters | None = None
    period: timedelta | None = None
    default_value: DefaultValue = None
    time_unit: Literal["s", "min", "h", "d"] | None = None
    ttl: timedelta | None = None

    @model_validator(mode="after")
    def _check_ttl(self) -> Attribute:
        if self.period is not None and self.ttl is not None:
            raise _refuse(
                "attribute",
                "ttl is only valid for lifetime attributes, it cannot be set together with period",
            )
        return self

    @model_validator(mode="after")
    def _check_aggregation(self) -> Attribute:
        if self.aggregation in ("time_since_last", "time_since_first"):
            self._require_time()
        elif self.time_unit is not None:
            raise _refuse("attribute", "time_unit is only valid for time_since_last and time_since_first")
        elif self.property is None and self.aggregation != "counter":
            raise _refuse("attribute", f"{self.aggregation} aggregation requires a property to be set")
        return self

    def _require_time(self) -> None:
        """Check an attribute that measures time, which always uses `derived_tstamp` (Snowplow's documentation of attributes)."""
        if self.property is not None:
            raise _refuse(
                "attribute",
                f"{self.aggregation} aggregation uses derived_tstamp, no other property is accepted",
            )
        if self.type not in ("float", "double"):
            raise _refuse("attribute", f"{self.aggregation} aggregation requires the type float or double")
        if self.time_unit is None:
            raise _refuse("attribute", f"{self.aggregation} aggregation requires a time_unit")


class FieldModel(Wire):
    name: Name
    description: Text | None = None
    type: FieldType


class BatchSource(Wire):
    model_config = ConfigDict(frozen=True, protected_namespaces=(), serialize_by_alias=True)

    name: Name
    timestamp_field: _Word
    description: Text | None = None
    owner: Owner | None = None
    database: _Database
    schema_: Annotated[_Word, Field(alias="schema")]
    table: _Word


class AttributeKey(Wire):
    name: Name
    description: Text | None = None
    key: Name | None = None
    external_column: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=128)] | None = None
    property: _LeafProperty | None = None
    owner: Owner | None = None
    ttl: timedelta | None = None
    is_published: Flag = False

    @model_validator(mode="after")
    def _check_no_date_part(self) -> AttributeKey:
        if self.property is not None and self.property.date_part:
            raise _refuse("attribute_key", "a date_part is not permitted on an attribute key's property")
        return self

    def proposal(self) -> Proposal:
        """Return the object to store."""
        return Proposal(
            kind="attribute_key",
            name=self.name,
            version=0,
            definition=self.model_dump(mode="json", exclude={"is_published"}),
            publish=self.is_published,
        )


class AttributeGroup(Wire):
    name: Name
    version: Version = 1
    attribute_key: AttributeKey
    ttl: timedelta | None = None
    batch_source: BatchSource | None = None
    online: bool | None = True
    offline: bool | None = None
    description: Text | None = None
    owner: Owner | None = None
    fields: list[FieldModel] | None = None
    attributes: list[Attribute] | None = None
    is_published: Flag = False
    backfill_since_tstamp: datetime | None = None
    refresh_rate: timedelta | None = None

    @model_validator(mode="after")
    def _check_type_of_group(self) -> AttributeGroup:
        if self.fields and self.attributes:
            raise _refuse(
                "attribute_group",
                "an attribute group has either attributes (stream, batch) or fields (external batch)",
            )
        if self.fields and self.batch_source is None:
            raise _refuse("attribute_group", "an external batch attribute group requires a batch_source")
        if self.batch_source is not None and not (self.fields or self.offline):
            raise _refuse("attribute_group", "a stream attribute group has no batch_source")
        return self

    @model_validator(mode="after")
    def _check_unique_names(self) -> AttributeGroup:
        names = self._list_names()
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise _refuse("attribute_group", f"names given twice: {', '.join(twice)}")
        return self

    def _list_names(self) -> list[str]:
        return [each.name for each in self.attributes or self.fields or ()]

    def proposal(self) -> Proposal:
        """Return the group to store. Only the name of the embedded key counts: the service looks the key up."""
        definition = self.model_dump(mode="json", exclude={"is_published", "attribute_key"})
        return Proposal(
            kind="attribute_group",
            name=self.name,
            version=self.version,
            definition={**definition, "attribute_key": {"name": self.attribute_key.name}},
            publish=self.is_published,
            references=(Reference("key", "attribute_key", self.attribute_key.name),),
            attributes=tuple(self._list_names()),
        )
