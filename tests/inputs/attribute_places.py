"""The arguments of attribute keys, attribute groups and services, and of what they are declared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pulumi_snowplow_signals import (
    AtomicProperty,
    Attribute,
    AttributeKey,
    BatchAttributeGroup,
    BatchSource,
    CalculatedProperty,
    Criteria,
    Criterion,
    EntityProperty,
    Event,
    EventProperty,
    ExternalBatchAttributeGroup,
    Field,
    RuleIntervention,
    Service,
    StreamAttributeGroup,
)
from pulumi_snowplow_signals.declaration import SignalsResource
from pulumi_snowplow_signals.inputs.values import InputValue

Make = Callable[..., Any]
Found = tuple[str, Callable[[Any], Any], tuple[str | int, ...], bool]
"""An argument: its name, what writes a value for it, where it is found, and whether it may be an output."""

_PATH: Final[Mapping[str, Any]] = {
    "vendor": "com.example",
    "name": "cart",
    "major_version": 1,
    "path": "value",
}
_TABLE: Final[Mapping[str, Any]] = {
    "name": "s", "database": "DB", "schema": "PUBLIC", "table": "T", "timestamp_field": "AT",
}  # fmt: skip
_ATTRIBUTE: Final[Mapping[str, Any]] = {
    "name": "value",
    "type": "double",
    "aggregation": "last",
    "events": [],
    "property": EventProperty(**_PATH),
}
_FIELD: Final[Mapping[str, Any]] = {"name": "TOTAL", "type": "int32"}
_GROUP: Final[Mapping[str, Any]] = {"owner": "d@example.com", "attribute_key": "user_id"}
_SHARED: Final = ("name", "published", "adopt", "on_destroy", "description", "owner")
_OF_GROUPS: Final = (*_SHARED, "attribute_key", "ttl", "backfill_since_tstamp", "version")

_RESOURCES: Final[Mapping[type[SignalsResource], tuple[Mapping[str, Any], tuple[str, ...]]]] = {
    AttributeKey: (
        {"property": EntityProperty(**_PATH)},
        (*_SHARED, "property", "external_column", "key", "ttl"),
    ),
    StreamAttributeGroup: ({**_GROUP, "attributes": [Attribute(**_ATTRIBUTE)]}, (*_OF_GROUPS, "attributes")),
    BatchAttributeGroup: (
        {**_GROUP, "attributes": [Attribute(**_ATTRIBUTE)]},
        (*_OF_GROUPS, "attributes", "batch_source", "refresh_rate"),
    ),
    ExternalBatchAttributeGroup: (
        {**_GROUP, "fields": [Field(**_FIELD)], "batch_source": BatchSource(**_TABLE)},
        (*_OF_GROUPS, "fields", "batch_source", "refresh_rate"),
    ),
    Service: (
        {"owner": "d@example.com", "attribute_groups": [{"name": "basket", "version": 1}]},
        (*_SHARED, "attribute_groups"),
    ),
}
"""The resources: what is right for them, and their arguments that may be outputs."""


def attribute_places() -> Iterator[Found]:
    """Yield every argument of the resources and of the classes that they are declared with."""
    for kind, (right, arguments) in _RESOURCES.items():
        yield from _of_resource(kind, right, arguments)
    yield from _of_values()
    yield (
        "StreamAttributeGroup[]",
        lambda value: RuleIntervention(
            "vip",
            owner="m@example.com",
            criteria=StreamAttributeGroup("basket", **_GROUP, attributes=[Attribute(**_ATTRIBUTE)])[value]
            > 1,
        ),
        (),
        False,
    )


def _of_resource(kind: Make, right: Mapping[str, Any], arguments: tuple[str, ...]) -> Iterator[Found]:
    name = kind.__name__  # type: ignore[attr-defined]  # it is a class
    yield f"{name}.resource_name", lambda value: kind(value, name="basket", **right), ("__urn",), False
    for argument in arguments:
        yield (
            f"{name}.{argument}",
            lambda value, argument=argument: kind("basket", **{**right, argument: value}),
            (argument,),
            True,
        )
    if "attribute_key" in arguments:
        yield f"{name}.online", lambda value: kind("basket", **right, online=value), (), False
    yield f"{name}.opts", lambda value: kind("basket", **right, opts=value), ("name",), False
    yield f"{name}.get.id", lambda value: kind.get("look", value), (), True  # type: ignore[attr-defined]
    if "version" in arguments:
        yield f"{name}.get.version", lambda value: kind.get("look", "basket", version=value), (), True  # type: ignore[attr-defined]


def _of_values() -> Iterator[Found]:
    """Yield the arguments of the classes that groups are declared with, each within a group."""
    attribute = ("attributes", 0)
    yield from _in_group(Attribute, _ATTRIBUTE, ("description", "criteria", "period", "default_value", "time_unit", "ttl"), _attributes, attribute)  # fmt: skip
    of_property = (*attribute, "property")
    yield from _in_group(AtomicProperty, {"name": "page_url"}, ("date_part",), _property, of_property)
    yield from _in_group(EventProperty, _PATH, ("date_part",), _property, of_property)
    yield from _in_group(EntityProperty, _PATH, ("index", "date_part"), _property, of_property)
    calculated = {"operation": "concat", "separator": "/", "properties": [AtomicProperty(name="page_url"), AtomicProperty(name="app_id")]}  # fmt: skip
    yield from _in_group(CalculatedProperty, calculated, (), _property, of_property)
    event = {"vendor": "com.example", "name": "cart", "version": "1-0-0"}
    yield from _in_group(Event, event, (), _event, (*attribute, "events", 0))
    yield "Event.event_specification_id", lambda value: _event(Event(event_specification_id=value)), (*attribute, "events", 0, "event_specification_id"), True  # fmt: skip
    criterion = {"property": AtomicProperty(name="app_id"), "operator": "=", "value": "shop"}
    yield from _in_group(Criterion, criterion, (), _criterion, (*attribute, "criteria", "all", 0))
    yield "Criterion.value of in", lambda value: _criterion(Criterion(**{**criterion, "operator": "in", "value": value})), (*attribute, "criteria", "all", 0, "value"), True  # fmt: skip
    yield from _in_group(Criteria, {}, ("all", "any"), _criteria, (*attribute, "criteria"))
    yield from _in_group(Field, _FIELD, ("description",), _fields, ("fields", 0))
    yield from _in_group(BatchSource, _TABLE, ("description", "owner"), _source, ("batch_source",))
    yield "LinkAttributeKey.name of a group", lambda value: StreamAttributeGroup("basket", owner="d@example.com", attribute_key={"name": value}, attributes=[Attribute(**_ATTRIBUTE)]), ("attribute_key",), True  # fmt: skip
    yield "VersionedLinkAttributeGroup.version of a service", lambda value: Service("checkout", owner="d@example.com", attribute_groups=[{"name": "basket", "version": value}]), ("attribute_groups", 0, "version"), True  # fmt: skip


def _in_group(
    kind: type[InputValue],
    right: Mapping[str, Any],
    optional: tuple[str, ...],
    write: Callable[[Any], Any],
    path: tuple[str | int, ...],
) -> Iterator[Found]:
    for argument in (*right, *optional):
        yield (
            f"{kind.__name__}.{argument}",
            lambda value, argument=argument: write(kind(**{**right, argument: value})),
            (*path, argument),
            True,
        )


def _attributes(attribute: Any) -> Any:
    return StreamAttributeGroup("basket", **_GROUP, attributes=[attribute])


def _property(of: Any) -> Any:
    return _attributes(Attribute(**{**_ATTRIBUTE, "property": of}))


def _event(event: Any) -> Any:
    return _attributes(Attribute(**{**_ATTRIBUTE, "events": [event]}))


def _criteria(criteria: Any) -> Any:
    return _attributes(Attribute(**{**_ATTRIBUTE, "criteria": criteria}))


def _criterion(criterion: Any) -> Any:
    return _criteria(Criteria(all=[criterion]))


def _fields(field: Any) -> Any:
    return ExternalBatchAttributeGroup("table", **_GROUP, fields=[field], batch_source=BatchSource(**_TABLE))


def _source(source: Any) -> Any:
    return ExternalBatchAttributeGroup("table", **_GROUP, fields=[Field(**_FIELD)], batch_source=source)
