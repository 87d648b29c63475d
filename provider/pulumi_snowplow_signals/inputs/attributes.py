"""The input classes of attribute groups: attributes, the events and properties they are computed from, and tables.

The names of classes and fields are those of `snowplow_signals.models` in the official client 0.4.10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, TypeAlias

import pulumi
from pulumi import Input
from typing_extensions import Self

from pulumi_snowplow_signals.inputs.values import InputValue, LinkAttributeKey, PydanticModel

DatePart: TypeAlias = Literal[
    "hour_of_day", "day_of_week", "month_of_year", "active_day", "active_week", "active_month"
]
AttributeType: TypeAlias = Literal[
    "bytes", "string", "int32", "int64", "double", "float", "bool", "unix_timestamp", "timestamp",
    "bytes_list", "string_list", "int32_list", "int64_list", "double_list", "float_list", "bool_list",
    "unix_timestamp_list", "dict",
]  # fmt: skip
AggregationName: TypeAlias = Literal[
    "counter", "sum", "min", "max", "mean", "first", "last", "unique_list", "most_frequent", "least_frequent",
    "category_count", "approx_count_distinct", "time_since_last", "time_since_first",
]  # fmt: skip
FilterOperator: TypeAlias = Literal["=", "!=", "<", ">", "<=", ">=", "like", "in", "is null", "is not null"]
Operation: TypeAlias = Literal["concat", "sum", "product", "min", "max", "coalesce"]
Duration: TypeAlias = timedelta | str
"""A length of time, as a `timedelta` or in ISO 8601, such as `PT15M`."""

_Scalar: TypeAlias = str | float | bool


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class AtomicProperty(InputValue):
    """A column of Snowplow's atomic events table, such as `page_url`."""

    name: Input[str]
    date_part: Input[DatePart] | None = None
    type: Literal["atomic"] = "atomic"


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class EventProperty(InputValue):
    """A property of self-describing events, by schema and path."""

    vendor: Input[str]
    name: Input[str]
    major_version: Input[int]
    path: Input[str]
    date_part: Input[DatePart] | None = None
    type: Literal["event"] = "event"


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class EntityProperty(InputValue):
    """A property of the entities attached to events. If an event has several, `index` selects one."""

    vendor: Input[str]
    name: Input[str]
    major_version: Input[int]
    path: Input[str]
    index: Input[int] = 0
    date_part: Input[DatePart] | None = None
    type: Literal["entity"] = "entity"


LeafProperty: TypeAlias = AtomicProperty | EventProperty | EntityProperty | Mapping[str, Any] | PydanticModel


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CalculatedProperty(InputValue):
    """A value computed from several properties of one event."""

    operation: Input[Operation]
    properties: Input[Sequence[LeafProperty]]
    separator: Input[str] | None = None
    type: Literal["calculated"] = "calculated"


Property: TypeAlias = LeafProperty | CalculatedProperty


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Event(InputValue):
    """The events that an attribute is computed from. An omitted field matches anything."""

    name: Input[str] | None = None
    vendor: Input[str] | None = None
    version: Input[str] | None = None
    event_specification_id: Input[str] | None = None


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Criterion(InputValue):
    """A condition on the events that an attribute is computed from."""

    property: Property
    operator: Input[FilterOperator]
    value: Input[_Scalar | Sequence[_Scalar]] | None = None

    @classmethod
    def eq(cls, property: Property, value: Input[_Scalar]) -> Self:  # noqa: A002  # the official client's name for it
        """Build the condition that a property equals a value."""
        return cls(property=property, operator="=", value=value)

    @classmethod
    def neq(cls, property: Property, value: Input[_Scalar]) -> Self:  # noqa: A002  # as above
        """Build the condition that a property does not equal a value."""
        return cls(property=property, operator="!=", value=value)

    @classmethod
    def gt(cls, property: Property, value: Input[float]) -> Self:  # noqa: A002
        """Build the condition that a property is greater than a value."""
        return cls(property=property, operator=">", value=value)

    @classmethod
    def gte(cls, property: Property, value: Input[float]) -> Self:  # noqa: A002
        """Build the condition that a property is greater than or equal to a value."""
        return cls(property=property, operator=">=", value=value)

    @classmethod
    def lt(cls, property: Property, value: Input[float]) -> Self:  # noqa: A002
        """Build the condition that a property is less than a value."""
        return cls(property=property, operator="<", value=value)

    @classmethod
    def lte(cls, property: Property, value: Input[float]) -> Self:  # noqa: A002
        """Build the condition that a property is less than or equal to a value."""
        return cls(property=property, operator="<=", value=value)

    @classmethod
    def like(cls, property: Property, value: Input[str]) -> Self:  # noqa: A002
        """Build the condition that a property matches an SQL `LIKE` pattern."""
        return cls(property=property, operator="like", value=value)

    @classmethod
    def in_list(cls, property: Property, values: Input[Sequence[_Scalar]]) -> Self:  # noqa: A002
        """Build the condition that a property is one of several values."""
        return cls(property=property, operator="in", value=values)

    @classmethod
    def is_null(cls, property: Property) -> Self:  # noqa: A002
        """Build the condition that a property is missing."""
        return cls(property=property, operator="is null")

    @classmethod
    def is_not_null(cls, property: Property) -> Self:  # noqa: A002
        """Build the condition that a property is present."""
        return cls(property=property, operator="is not null")


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Criteria(InputValue):
    """The conditions on an attribute's events: every condition in `all` holds, or at least one in `any`."""

    all: Input[Sequence[Criterion | Mapping[str, Any] | PydanticModel]] | None = None
    any: Input[Sequence[Criterion | Mapping[str, Any] | PydanticModel]] | None = None


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Attribute(InputValue):
    """A value that Signals computes for each visitor from events. An empty list of events means all events."""

    name: Input[str]
    type: Input[AttributeType]
    events: Input[Sequence[Event | Mapping[str, Any] | PydanticModel]]
    aggregation: Input[AggregationName]
    description: Input[str] | None = None
    property: Property | None = None
    criteria: Criteria | Mapping[str, Any] | PydanticModel | None = None
    period: Input[Duration] | None = None
    default_value: Input[_Scalar | Sequence[_Scalar]] | None = None
    time_unit: Input[Literal["s", "min", "h", "d"]] | None = None
    ttl: Input[Duration] | None = None


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Field(InputValue):
    """A column of a warehouse table that Signals serves as an attribute."""

    name: Input[str]
    type: Input[AttributeType]
    description: Input[str] | None = None


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BatchSource(InputValue):
    """The warehouse table that attributes are read from."""

    name: Input[str]
    database: Input[str]
    schema: Input[str]
    table: Input[str]
    timestamp_field: Input[str]
    description: Input[str] | None = None
    owner: Input[str] | None = None


def PageView() -> Event:  # noqa: N802  # the official client's name for it
    """Return the selector of page views."""
    return Event(vendor="com.snowplowanalytics.snowplow", name="page_view", version="1-0-0")


def PagePing() -> Event:  # noqa: N802  # as above
    """Return the selector of page pings."""
    return Event(vendor="com.snowplowanalytics.snowplow", name="page_ping", version="1-0-0")


def StructuredEvent() -> Event:  # noqa: N802  # as above
    """Return the selector of structured events."""
    return Event(vendor="com.google.analytics", name="event", version="1-0-0")


domain_userid: Final = LinkAttributeKey(name="domain_userid")
"""The built-in attribute key of a visitor's device."""
domain_sessionid: Final = LinkAttributeKey(name="domain_sessionid")
"""The built-in attribute key of a session."""
user_id: Final = LinkAttributeKey(name="user_id")
"""The built-in attribute key of a user who is logged in."""
network_userid: Final = LinkAttributeKey(name="network_userid")
"""The built-in attribute key of a third-party cookie."""
user_attribute_key: Final = LinkAttributeKey(name="user")
"""Deprecated by the official client in favour of `domain_userid`. The key exists only if somebody created it."""
session_attribute_key: Final = LinkAttributeKey(name="session")
"""Deprecated by the official client in favour of `domain_sessionid`. The key exists only if somebody created it."""
