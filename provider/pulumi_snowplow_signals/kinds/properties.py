"""The properties of events, from which attributes are computed and filtered and attribute keys are read.

Facts come from `snowplow_signals.models.model` in the official client 0.4.10 and from Snowplow's documentation of attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag, ValidationInfo

from pulumi_snowplow_signals.fields.comparison import Canonical
from pulumi_snowplow_signals.fields.faults import FOUND, TAG, check_together, fault, suggestion
from pulumi_snowplow_signals.fields.parts import ORDERED_PARTS
from pulumi_snowplow_signals.fields.text import quoted
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, is_given
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER
from pulumi_snowplow_signals.fields.vocabulary import STORED, Part, Text, check_text, rule
from pulumi_snowplow_signals.kinds.columns import ATOMIC_COLUMNS

DATE_PARTS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("hour_of_day", "day_of_week", "month_of_year"), frozenset({"int32", "int64"})),
    **dict.fromkeys(("active_day", "active_week", "active_month"), frozenset({"string"})),
}
"""Each date part, with the types that an attribute computed from it may have."""

OPERATIONS: Final = ("concat", "sum", "product", "min", "max", "coalesce")
_LONGEST_SEPARATOR: Final = 16
_MOST_PROPERTIES: Final = 50
_SCHEMA_NAME: Final = re.compile(r"[a-zA-Z0-9-_]{1,128}")
_PATH: Final = re.compile(r"(?!\$$)(?!.*\[['\"]).+")


def one_of(allowed: tuple[str, ...], **meant: str) -> AfterValidator:
    """Build a check that a program uses one of the allowed strings. `meant` maps common misnomers to allowed strings."""

    def judge(value: str) -> str:
        if value not in allowed:
            near = f' Did you mean "{meant[value]}"?' if value in meant else suggestion(value, allowed)
            raise fault(f"is {FOUND}; allowed are {', '.join(allowed)}.", near)
        return value

    return rule(judge)


def _check_column(value: str) -> str:
    if value not in ATOMIC_COLUMNS:
        # Renamed with the official client 0.4.9.
        old = {"refr_device_tstamp": "refr_dvce_tstamp"}
        near = f' Did you mean "{old[value]}"?' if value in old else suggestion(value, ATOMIC_COLUMNS)
        raise fault(f"is {FOUND}; expected a column of Snowplow's atomic events table.", near)
    return value


def _check_schema_name(value: str) -> str:
    if not _SCHEMA_NAME.fullmatch(check_text(value)):
        raise fault(f"is {FOUND}; the name of a schema has 1 to 128 letters, digits, hyphens and underscores")
    return value


def _check_path(value: str) -> str:
    if not _PATH.fullmatch(check_text(value)):
        raise fault(f'is {FOUND}; a path has dots and numbers in brackets, such as "items[0].price"')
    return value


def _check_not_empty(value: str) -> str:
    if not check_text(value):
        raise fault("is empty")
    return value


def read_whole_number(least: int) -> BeforeValidator:
    """Build a validator that reads a whole number, which Pulumi passes as a float. A program must use at least `least`."""

    def read(value: Any, info: ValidationInfo) -> Any:
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not is_whole or abs(value) > LARGEST_EXACT_INTEGER:
            raise fault(f"is {FOUND}; expected a whole number of {least} or more")
        if info.context != STORED and value < least:
            raise fault(f"is {FOUND}; expected a whole number of {least} or more")
        return int(value)

    return BeforeValidator(read)


DatePart = Annotated[str, one_of(tuple(DATE_PARTS))]
NotEmpty = Annotated[str, rule(_check_not_empty)]
SchemaName = Annotated[str, rule(_check_schema_name)]


class AtomicProperty(Part):
    """A column of the atomic events table."""

    type: Literal["atomic"] = "atomic"
    name: Annotated[str, rule(_check_column)]
    date_part: DatePart | None = None

    def __str__(self) -> str:
        return _add_part(self.name, self.date_part)


class _SchemaProperty(Part):
    vendor: NotEmpty
    name: SchemaName
    major_version: Annotated[int, read_whole_number(1)]
    path: Annotated[str, rule(_check_path)]
    date_part: DatePart | None = None

    def __str__(self) -> str:
        return _add_part(f"{self.vendor}/{self.name}/{self.major_version}: {self.path}", self.date_part)


class EventProperty(_SchemaProperty):
    """A property of self-describing events."""

    type: Literal["event"] = "event"


class EntityProperty(_SchemaProperty):
    """A property of the entities attached to events."""

    type: Literal["entity"] = "entity"
    index: Annotated[int, read_whole_number(0)] = 0

    def __str__(self) -> str:
        return f"{super().__str__()}{f' of entity {self.index}' if self.index else ''}"


class _Separator(Canonical):
    """Compare separators. An omitted separator equals an empty one."""

    def form(self, value: Any) -> Any:
        return value or None


_SAME_SEPARATOR: Final = _Separator()

_LEAVES: Final = {"atomic": "AtomicProperty", "event": "EventProperty", "entity": "EntityProperty"}
_TYPES: Final = {**_LEAVES, "calculated": "CalculatedProperty"}


def _tag_of(value: Any) -> str:
    """Return the tag of a property. If its type is missing, infer it from the fields if possible."""
    type_ = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
    if type_ is None and isinstance(value, Mapping):
        if "operation" in value:
            type_ = "calculated"
        elif "index" in value:
            type_ = "entity"
        elif not {"vendor", "path"} & value.keys():
            type_ = "atomic"
    return f"{TAG}{type_}"


def _read_by_type(classes: Mapping[str, str]) -> BeforeValidator:
    """Build a validator that adds a missing type to a property. `classes` maps each allowed type to its class."""

    def read(value: Any) -> Any:
        if value is UNKNOWN or isinstance(value, Part):
            return value
        allowed = ", ".join(classes.values())
        if not isinstance(value, Mapping):
            raise fault(f"is {FOUND}; expected a property: {allowed}")
        type_ = _tag_of(value)[len(TAG) :]
        if type_ not in classes:
            types = ", ".join(quoted(name) for name in classes)
            raise fault(f"is not one of {allowed}; its type must be one of {types}")
        return {**value, "type": type_}

    return BeforeValidator(read)


LeafProperty = Annotated[
    Annotated[AtomicProperty, Tag("#atomic")]
    | Annotated[EventProperty, Tag("#event")]
    | Annotated[EntityProperty, Tag("#entity")],
    Discriminator(_tag_of),
    _read_by_type(_LEAVES),
]
"""A property of one event or entity."""


def _check_count(value: list[Any]) -> list[Any]:
    if not 1 <= len(value) <= _MOST_PROPERTIES:
        raise fault(f"has {len(value)} properties; 1 to {_MOST_PROPERTIES} are combined")
    return value


def _find_conflicts(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield contradictions between the fields of a calculated property."""
    operation, properties, separator = (raw.get(name) for name in ("operation", "properties", "separator"))
    if (
        operation in OPERATIONS
        and operation != "coalesce"
        and isinstance(properties, list)
        and len(properties) == 1
    ):
        yield "takes at least 2 properties", f" for {operation}"
    if operation in OPERATIONS and operation != "concat" and is_given(raw, "separator"):
        yield "separator is only for concat", f", and the operation is {operation}"
    if isinstance(separator, str) and len(separator) > _LONGEST_SEPARATOR:
        yield f"separator is longer than {_LONGEST_SEPARATOR} characters", ""


class CalculatedProperty(Part):
    """A value computed from several properties of one event."""

    type: Literal["calculated"] = "calculated"
    operation: Annotated[str, one_of(OPERATIONS)]
    properties: Annotated[list[LeafProperty], rule(_check_count), ORDERED_PARTS]
    separator: Annotated[Text | None, _SAME_SEPARATOR] = None

    _fits = check_together(_find_conflicts)

    def __str__(self) -> str:
        between = f" with {quoted(self.separator)}" if self.separator else ""
        return f"{self.operation} of {', '.join(map(str, self.properties))}{between}"


Property = Annotated[
    Annotated[AtomicProperty, Tag("#atomic")]
    | Annotated[EventProperty, Tag("#event")]
    | Annotated[EntityProperty, Tag("#entity")]
    | Annotated[CalculatedProperty, Tag("#calculated")],
    Discriminator(_tag_of),
    _read_by_type(_TYPES),
]
"""Any property of an event."""


def leaves_of(held: Any) -> Iterator[AtomicProperty | EventProperty | EntityProperty]:
    """Yield the properties that a calculated property is computed from, or the property itself."""
    if isinstance(held, CalculatedProperty):
        yield from held.properties
    elif held is not None:
        yield held


def _add_part(text: str, date_part: str | None) -> str:
    return f"{date_part} of {text}" if date_part else text
