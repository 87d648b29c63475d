"""Attributes: values that are computed from a visitor's events.

Facts come from `snowplow_signals.models.model` in the official client 0.4.10 and from Snowplow's documentation of attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from pulumi_snowplow_signals.criteria.operators import LIST, NOTHING, ORDERED, PATTERN, SCALAR, Takes
from pulumi_snowplow_signals.criteria.tree import read_value
from pulumi_snowplow_signals.fields.comparison import Canonical
from pulumi_snowplow_signals.fields.faults import FOUND, check_together, fault
from pulumi_snowplow_signals.fields.parts import PART, PARTS, ComparedByField
from pulumi_snowplow_signals.fields.text import quoted
from pulumi_snowplow_signals.fields.times import Duration
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, is_given
from pulumi_snowplow_signals.fields.values import canonical_json, number_order
from pulumi_snowplow_signals.fields.vocabulary import Name, Part, Text, check_text, rule
from pulumi_snowplow_signals.kinds.aggregations import AGGREGATIONS, ATTRIBUTE_TYPES, TIME_UNITS, Aggregation
from pulumi_snowplow_signals.kinds.properties import (
    DATE_PARTS,
    AtomicProperty,
    NotEmpty,
    Property,
    SchemaName,
    leaves_of,
    one_of,
)

FILTERS: Final[Mapping[str, Takes]] = MappingProxyType(
    {
        "=": SCALAR,
        "!=": SCALAR,
        "<": ORDERED,
        ">": ORDERED,
        "<=": ORDERED,
        ">=": ORDERED,
        "like": PATTERN,
        "in": LIST,
        "is null": NOTHING,
        "is not null": NOTHING,
    }
)
"""The operators of an attribute's criteria, with the values that each accepts. An intervention has more operators."""

_VENDOR: Final = re.compile(r"[a-zA-Z0-9-_.]{1,128}")
_SCHEMA_VERSION: Final = re.compile(r"[0-9]+-[0-9]+-[0-9]+")


def _check_vendor(value: str) -> str:
    if not _VENDOR.fullmatch(check_text(value)):
        raise fault(f"is {FOUND}; a vendor has 1 to 128 letters, digits, hyphens, underscores and dots")
    return value


def _check_schema_version(value: str) -> str:
    if not _SCHEMA_VERSION.fullmatch(value):
        raise fault(f'is {FOUND}; expected the version of a schema, such as "1-0-0"')
    return value


def _find_event_conflicts(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    named = [name for name in ("name", "vendor", "version") if is_given(raw, name)]
    if is_given(raw, "event_specification_id") and named:
        yield f"event_specification_id already identifies the events; remove {', '.join(named)}", ""


class Event(Part):
    """The events that an attribute is computed from. An omitted field matches anything."""

    name: SchemaName | None = None
    vendor: Annotated[str, rule(_check_vendor)] | None = None
    version: Annotated[str, rule(_check_schema_version)] | None = None
    event_specification_id: NotEmpty | None = None

    _id_or_name = check_together(_find_event_conflicts)

    def __str__(self) -> str:
        if self.event_specification_id is not None:
            return f"event specification {quoted(self.event_specification_id)}"
        parts = (self.vendor, self.name, self.version)
        return "/".join("*" if part is None else part for part in parts) if any(parts) else "any event"


class _ValueOfFilter(Canonical):
    """Compare the values of filters, ignoring the order of a list."""

    def form(self, value: Any) -> Any:
        return sorted(value, key=number_order) if isinstance(value, list) else value


def _find_filter_conflicts(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    operator, value = raw.get("operator"), raw.get("value")
    takes = FILTERS.get(operator) if isinstance(operator, str) else None
    if takes is None or value is UNKNOWN or takes.fits(value):
        return
    if not takes.wanted:
        yield "value must be absent", f' for "{operator}"'
    elif value is None:
        yield "needs a value", f' for "{operator}": {takes.wanted}'
    else:
        yield "has a value that does not suit its operator", f': "{operator}" takes {takes.wanted}'


class Filter(Part):
    """A condition on the events that an attribute is computed from."""

    property: Annotated[Property, PART]
    operator: Annotated[str, one_of(tuple(FILTERS), **{"==": "=", "<>": "!="})]
    value: Annotated[Any, BeforeValidator(read_value), _ValueOfFilter()] = None

    _value_fits = check_together(_find_filter_conflicts)

    def __str__(self) -> str:
        said = "" if self.value is None else f" {canonical_json(self.value)}"
        return f"{self.property} {self.operator}{said}"


def _find_group_conflicts(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if raw.get("all") and raw.get("any") and UNKNOWN not in (raw["all"], raw["any"]):
        yield "has both all and any, and what they mean together is not documented; use only one", ""


class Filters(Part):
    """The conditions on an attribute's events: every condition in `all` holds, or at least one in `any`."""

    all: Annotated[list[Filter] | None, PARTS] = None
    any: Annotated[list[Filter] | None, PARTS] = None

    _one_of_both = check_together(_find_group_conflicts)

    def __str__(self) -> str:
        joined = [" and ".join(map(str, self.all or ())), " or ".join(map(str, self.any or ()))]
        return "; ".join(filter(None, joined))


class _SameFilters(ComparedByField):
    """Compare filters. No filters equal an empty list of filters."""

    def form(self, value: Any) -> Any:
        return {name: filters for name, filters in super().form(value).items() if filters} or None


def _find_conflicts(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield contradictions between fields that Snowplow's documentation rules out, or that the service was seen to refuse."""
    if is_given(raw, "period") and is_given(raw, "ttl"):
        yield "takes period or ttl, not both: a ttl is for attributes without a period", ""
    name = raw.get("aggregation")
    aggregation = AGGREGATIONS.get(name) if isinstance(name, str) else None
    if aggregation is None:
        return
    if aggregation.needs == "a property" and raw.get("property") is None:
        yield "needs a property", f" for {name}"
    if aggregation.is_time:
        yield from _find_time_conflicts(raw, aggregation)
    elif is_given(raw, "time_unit"):
        yield "time_unit is only for time_since_last and time_since_first", ""


def _find_time_conflicts(raw: Mapping[str, Any], aggregation: Aggregation) -> Iterator[tuple[str, str]]:
    if is_given(raw, "property"):
        yield "takes no property", f" for {aggregation.name}, which measures from derived_tstamp"
    if raw.get("type") in ATTRIBUTE_TYPES and raw.get("type") not in aggregation.types:
        yield 'has the type "double" or "float"', f' for {aggregation.name}, not "{raw["type"]}"'
    if raw.get("time_unit") is None:
        yield f"needs a time_unit: {', '.join(TIME_UNITS)}", f" for {aggregation.name}"


class Attribute(Part):
    """A value that Signals computes for each visitor."""

    name: Name
    description: Text | None = None
    type: Annotated[str, one_of(ATTRIBUTE_TYPES, int="int32", str="string", text="string", integer="int32")]
    events: Annotated[list[Event], PARTS]
    aggregation: Annotated[str, one_of(tuple(AGGREGATIONS), count="counter", avg="mean", average="mean")]
    property: Annotated[Property | None, PART] = None
    criteria: Annotated[Filters | None, _SameFilters()] = None
    period: Duration = None
    default_value: Annotated[Any, BeforeValidator(read_value)] = None
    time_unit: Annotated[str, one_of(TIME_UNITS, m="min", minutes="min", seconds="s", hours="h")] | None = (
        None
    )
    ttl: Duration = None

    _consistent = check_together(_find_conflicts)

    def doubts(self) -> Iterator[str]:
        """Yield reasons why Signals may refuse the attribute, or read it differently."""
        aggregation = AGGREGATIONS.get(self.aggregation)
        if aggregation is None:
            return
        yield from _doubt_type(self, aggregation)
        for leaf in leaves_of(self.property):
            yield from _doubt_date_part(self, aggregation, leaf)

    def __str__(self) -> str:
        return f"{quoted(self.name)} ({self.type}, {self.aggregation})"


def _doubt_type(attribute: Attribute, aggregation: Aggregation) -> Iterator[str]:
    if aggregation.types and not aggregation.is_time and attribute.type not in aggregation.types:
        fitting = ", ".join(name for name in ATTRIBUTE_TYPES if name in aggregation.types)
        yield f"{aggregation.name} is documented for the types {fitting}, not {attribute.type}"


def _doubt_date_part(attribute: Attribute, aggregation: Aggregation, leaf: Any) -> Iterator[str]:
    if leaf.date_part is None:
        return
    if not aggregation.takes_date_part:
        yield f"{aggregation.name} is not documented for a date_part"
    elif isinstance(leaf, AtomicProperty) and not leaf.name.endswith("_tstamp"):
        yield f"date_part is documented for the *_tstamp columns, not for {leaf.name}"
    fitting = DATE_PARTS.get(leaf.date_part, frozenset())
    if aggregation.gives_values and attribute.type.removesuffix("_list") not in fitting:
        yield f"{leaf.date_part} is documented for the types {', '.join(sorted(fitting))}, not {attribute.type}"
