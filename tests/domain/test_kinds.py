"""What an attribute key, an attribute group and a service are: what is refused, what is doubted, what is equal."""

from __future__ import annotations

import sys
from typing import Any, get_args

import pytest

from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.kinds.aggregations import AGGREGATIONS, ATTRIBUTE_TYPES
from pulumi_snowplow_signals.kinds.attribute_group import (
    AttributeGroup,
    BatchAttributeGroup,
    ExternalBatchAttributeGroup,
    StreamAttributeGroup,
)
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.columns import ATOMIC_COLUMNS
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.kinds.service import Service

OWNER = "data@example.com"
CART = {"type": "event", "vendor": "com.example", "name": "cart", "major_version": 1, "path": "value"}
VALUE = {"name": "value", "type": "double", "aggregation": "last", "events": [], "property": CART}
TIME = {"name": "idle", "type": "double", "aggregation": "time_since_last", "events": [], "time_unit": "min"}
SOURCE = {"name": "s", "database": "DB", "schema": "PUBLIC", "table": "T", "timestamp_field": "AT"}


def group(*attributes: Any, **fields: Any) -> dict[str, Any]:
    """Return the inputs of a stream group."""
    return {
        "name": "shop",
        "owner": OWNER,
        "attribute_key": "user_id",
        "attributes": [*attributes],
        **fields,
    }


def external(**fields: Any) -> dict[str, Any]:
    """Return the inputs of a group over a table."""
    columns = [{"name": "TOTAL", "type": "int32"}]
    since = "2026-06-01T00:00:00Z"
    base = {"name": "shop", "owner": OWNER, "attribute_key": "user_id", "backfill_since_tstamp": since}
    return {**base, "fields": columns, "batch_source": SOURCE, **fields}


def faults(kind: type[Definition], **declared: Any) -> list[str]:
    """Return every fault of what a program declares."""
    return [str(fault) for fault in kind.parse(declared).faults]


def of_attribute(attribute: dict[str, Any], **changed: Any) -> list[str]:
    """Return the faults of a stream group with one attribute."""
    return faults(StreamAttributeGroup, **group({**attribute, **changed}))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"type": "int"}, 'attributes[0].type: is "int"; allowed are'),
        ({"type": "int"}, 'Did you mean "int32"?'),
        ({"aggregation": "avg"}, 'Did you mean "mean"?'),
        ({"events": None}, "attributes[0].events: is required"),
        ({"property": None}, "attributes[0]: needs a property for last"),
        ({"period": "PT1H", "ttl": "P1D"}, "attributes[0]: takes period or ttl, not both"),
        ({"period": 3600}, "attributes[0].period: is 3600; expected a timedelta"),
        ({"period": "-PT1H"}, 'attributes[0].period: is "-PT1H"; a duration cannot be negative'),
        ({"time_unit": "s"}, "attributes[0]: time_unit is only for time_since_last and time_since_first"),
        ({"property": {**CART, "path": "$"}}, 'attributes[0].property.path: is "$"; a path has dots'),
        ({"property": {**CART, "path": "a['b']"}}, "attributes[0].property.path: is"),
        ({"property": {**CART, "major_version": 0}}, "major_version: is 0; expected a whole number of 1 or more"),
        ({"property": {**CART, "type": "evnt"}}, 'its type must be one of "atomic", "event", "entity", "calculated"'),
        ({"property": {"type": "atomic", "name": "page_ulr"}}, 'Did you mean "page_url"?'),
        ({"property": {"type": "atomic", "name": "refr_device_tstamp"}}, 'Did you mean "refr_dvce_tstamp"?'),
        ({"property": {**CART, "date_part": "hour"}}, 'attributes[0].property.date_part: is "hour"; allowed are'),
        (
            {"property": {"operation": "sum", "properties": [CART]}},
            "attributes[0].property: takes at least 2 properties for sum",
        ),
        (
            {"property": {"operation": "sum", "properties": [CART, CART], "separator": ","}},
            "separator is only for concat",
        ),
        (
            {"property": {"operation": "concat", "properties": [CART, {"operation": "sum", "properties": []}]}},
            "properties[1]: is not one of AtomicProperty, EventProperty, EntityProperty",
        ),
        ({"events": [{"event_specification_id": "x", "name": "y"}]}, "attributes[0].events[0]: event_specification_id"),
        ({"events": [{"version": "1.0"}]}, 'such as "1-0-0"'),
        ({"criteria": {"all": [{"property": CART, "operator": "=="}]}}, 'Did you mean "="?'),
        ({"criteria": {"all": [{"property": CART, "operator": "in", "value": []}]}}, 'does not suit its operator: "in" takes a non-empty'),
        ({"criteria": {"all": [{"property": CART, "operator": ">"}]}}, 'needs a value for ">": a number or a string'),
        ({"criteria": {"all": [{"property": CART, "operator": "is null", "value": 1}]}}, 'value must be absent for "is null"'),
        (
            {"criteria": {k: [{"property": CART, "operator": "=", "value": 1}] for k in ("all", "any")}},
            "attributes[0].criteria: has both all and any",
        ),
        ({"agregation": "sum"}, 'Did you mean "aggregation"?'),
        ({"description": "a\0b"}, "attributes[0].description: contains a null character"),
    ],
)  # fmt: skip
def test_a_faulty_attribute(changed: dict[str, Any], expected: str) -> None:
    """Each fault has its path, what was found and what is allowed."""
    assert any(expected in fault for fault in of_attribute(VALUE, **changed))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"property": CART}, "takes no property for time_since_last, which measures from derived_tstamp"),
        ({"type": "int32"}, 'has the type "double" or "float" for time_since_last, not "int32"'),
        ({"time_unit": None}, "needs a time_unit: s, min, h, d for time_since_last"),
    ],
)
def test_a_faulty_time(changed: dict[str, Any], expected: str) -> None:
    """What measures time has no property, a fraction as its type and a unit."""
    (fault,) = of_attribute(TIME, **changed)
    assert fault == f"attributes[0]: {expected}"


def test_all_faults_at_once() -> None:
    """The faults of fields hide none of the fields together, and one attribute hides none of another."""
    found = faults(
        StreamAttributeGroup,
        **group(
            {**VALUE, "type": "int", "period": "PT1H", "ttl": "P1D"},
            {**VALUE, "name": "a b", "property": None},
            ttl="a while",
            owner="nobody",
        ),
    )
    paths = sorted(fault.partition(":")[0] for fault in found)
    assert paths == [
        "attributes[0]", "attributes[0].type", "attributes[1]", "attributes[1].name", "owner", "ttl",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "part", [{"property": UNKNOWN}, {"time_unit": UNKNOWN}, {"ttl": UNKNOWN, "period": "PT1H"}]
)
def test_what_is_not_known_is_not_judged(part: dict[str, Any]) -> None:
    """An unknown value is neither there nor missing."""
    assert of_attribute({**VALUE, "property": None} | part if "property" in part else VALUE | part) == []


@pytest.mark.parametrize(
    ("kind", "declared", "expected"),
    [
        (StreamAttributeGroup, group(), "attributes: is empty; add at least one"),
        (StreamAttributeGroup, group(VALUE, VALUE), 'attributes: has "value" more than once'),
        (StreamAttributeGroup, group(VALUE, batch_source=SOURCE), "batch_source: does not exist; allowed:"),
        (StreamAttributeGroup, group(VALUE, attribute_key=5), 'attribute_key: is 5; expected a name or {"name": ...}'),
        (StreamAttributeGroup, group(VALUE, backfill_since_tstamp="now"), 'is "now"; expected a datetime'),
        (BatchAttributeGroup, group(VALUE, batch_source={}), "batch_source.schema: is required"),
        (ExternalBatchAttributeGroup, external(batch_source=None), "batch_source: is required"),
        (
            ExternalBatchAttributeGroup,
            external(batch_source={**SOURCE, "owner": "a" * 256}),
            "batch_source.owner: is longer than 255 characters",
        ),
        (ExternalBatchAttributeGroup, external(batch_source={**SOURCE, "table": "a.b"}), "batch_source.table: is"),
        (ExternalBatchAttributeGroup, external(fields=[{"name": "A B", "type": "int"}]), 'fields[0].type: is "int"'),
        (AttributeKey, {"name": "user_id"}, "which is built into Signals and cannot be created, changed or removed"),
        (AttributeKey, {"name": "a", "external_column": "b c"}, 'requires them to be equal: "b c" and "a"'),
        (AttributeKey, {"name": "a", "property": {"name": "etl_tstamp", "date_part": "active_day"}}, "date_part"),
        (AttributeKey, {"name": "a", "owner": "x" * 256}, "owner: is longer than 255 characters"),
        (Service, {"name": "s", "owner": OWNER}, "attribute_groups: has 0 attribute groups; a service has 1 to 100"),
        (Service, {"name": "s", "owner": OWNER, "attribute_groups": [{"name": "g", "version": 0}]}, "of 1 or more"),
    ],
)  # fmt: skip
def test_a_faulty_object(kind: type[Definition], declared: dict[str, Any], expected: str) -> None:
    """Each fault has its path, what was found and what is allowed."""
    assert any(expected in fault for fault in faults(kind, **declared))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"aggregation": "sum", "type": "string"}, "sum is documented for the types int32, int64, double, float"),
        ({"aggregation": "unique_list", "type": "int32"}, "unique_list is documented for the types bytes_list"),
        ({"aggregation": "category_count", "type": "string"}, "category_count is documented for the types dict"),
        ({"property": {**CART, "date_part": "active_day"}}, "active_day is documented for the types string"),
        (
            {"property": {"type": "atomic", "name": "page_url", "date_part": "active_day"}, "type": "string"},
            "date_part is documented for the *_tstamp columns, not for page_url",
        ),
        ({"aggregation": "sum", "property": {**CART, "date_part": "active_day"}}, "is not documented for a date_part"),
    ],
)  # fmt: skip
def test_a_doubt(changed: dict[str, Any], expected: str) -> None:
    """What Signals may enforce, and nobody says that it does, never blocks."""
    definition = StreamAttributeGroup.parse(group({**VALUE, **changed})).definition
    assert definition is not None
    assert any(expected in doubt.reason for doubt in definition.doubts())


def test_counters_may_have_a_property() -> None:
    """A counter needs none and may be given one, as public definitions do."""
    counter = {"name": "views", "type": "int32", "aggregation": "counter", "events": []}
    assert of_attribute(counter) == of_attribute({**counter, "property": CART}) == []


PAGE = {"property": {"type": "atomic", "name": "page_url"}, "operator": "in", "value": ["a", "b"]}
EQUAL: list[tuple[type[Definition], dict[str, Any], dict[str, Any]]] = [
    (StreamAttributeGroup, group(VALUE, TIME), group(TIME, VALUE)),
    (StreamAttributeGroup, group(VALUE, ttl="P1Y"), group(VALUE, ttl="P365D")),
    (StreamAttributeGroup, group({**VALUE, "period": "PT24H"}), group({**VALUE, "period": "P1D"})),
    (StreamAttributeGroup, group({**VALUE, "default_value": 0}), group({**VALUE, "default_value": 0.0})),
    (StreamAttributeGroup, group({**VALUE, "criteria": None}), group({**VALUE, "criteria": {"all": []}})),
    (
        StreamAttributeGroup,
        group({**VALUE, "criteria": {"all": [PAGE]}}),
        group({**VALUE, "criteria": {"all": [{**PAGE, "value": ["b", "a"]}], "any": []}}),
    ),
    (
        StreamAttributeGroup,
        group({**VALUE, "events": [{"name": "a"}, {"name": "b"}]}),
        group({**VALUE, "events": [{"name": "b"}, {"name": "a"}]}),
    ),
    (
        StreamAttributeGroup,
        group({**VALUE, "property": {"type": "atomic", "name": "page_url"}}),
        group({**VALUE, "property": {"name": "page_url"}}),
    ),
    (
        StreamAttributeGroup,
        group({**VALUE, "property": {**CART, "type": "entity"}}),
        group({**VALUE, "property": {**CART, "type": "entity", "index": 0}}),
    ),
    (
        StreamAttributeGroup,
        group({**VALUE, "property": {"operation": "concat", "properties": [CART, CART], "separator": ""}}),
        group({**VALUE, "property": {"operation": "concat", "properties": [CART, CART]}}),
    ),
    (
        StreamAttributeGroup,
        group(VALUE),
        group(VALUE, attribute_key={"name": "user_id", "key": "user_id", "description": "x"}),
    ),
    (
        StreamAttributeGroup,
        group(VALUE, backfill_since_tstamp="2026-06-01T02:00:00+02:00"),
        group(VALUE, backfill_since_tstamp="2026-06-01T00:00:00"),
    ),
    (AttributeKey, {"name": "a", "key": "a"}, {"name": "a"}),
    (
        Service,
        {"name": "s", "owner": OWNER, "attribute_groups": [{"name": "g"}, {"name": "h"}]},
        {"name": "s", "owner": OWNER, "attribute_groups": ["h", {"name": "g", "version": 1}]},
    ),
]
DIFFERENT: list[tuple[type[Definition], dict[str, Any], dict[str, Any], str]] = [
    (
        StreamAttributeGroup,
        group(VALUE),
        group({**VALUE, "type": "float"}),
        'attributes[value].type changed ("double" → "float")',
    ),
    (StreamAttributeGroup, group(VALUE), group(VALUE, TIME), 'attributes: "idle" (double, time_since_last) added'),
    (
        StreamAttributeGroup,
        group(VALUE),
        group({**VALUE, "default_value": 0}),
        "attributes[value].default_value: 0 added",
    ),
    (
        StreamAttributeGroup,
        group({**VALUE, "default_value": True}),
        group({**VALUE, "default_value": 1}),
        "attributes[value].default_value changed (true → 1)",
    ),
    (
        StreamAttributeGroup,
        group({**VALUE, "period": "PT15M"}),
        group({**VALUE, "period": "PT1H"}),
        "attributes[value].period changed (PT15M → PT1H)",
    ),
    (
        StreamAttributeGroup,
        group(VALUE),
        group({**VALUE, "events": [{"name": "a"}]}),
        "attributes[value].events changed ([] → [*/a/*])",
    ),
    (
        StreamAttributeGroup,
        group(VALUE),
        group({**VALUE, "property": {**CART, "path": "$.value"}}),
        'attributes[value].property.path changed ("value" → "$.value")',
    ),
    (
        StreamAttributeGroup,
        group(VALUE),
        group({**VALUE, "property": {"name": "page_url"}}),
        "attributes[value].property changed (com.example/cart/1: value → page_url)",
    ),
    (
        StreamAttributeGroup,
        group({**VALUE, "property": {"operation": "concat", "properties": [CART, {"name": "page_url"}]}}),
        group({**VALUE, "property": {"operation": "concat", "properties": [{"name": "page_url"}, CART]}}),
        ("attributes[value].property.properties changed "
        "([com.example/cart/1: value, page_url] → [page_url, com.example/cart/1: value])"),
    ),
    (
        ExternalBatchAttributeGroup,
        external(),
        external(batch_source={**SOURCE, "schema": "X"}),
        'batch_source.schema changed ("PUBLIC" → "X")',
    ),
    (AttributeKey, {"name": "a"}, {"name": "a", "ttl": "P1D"}, "ttl: P1D added"),
]  # fmt: skip


def read(kind: type[Definition], declared: dict[str, Any]) -> Definition:
    """Return what a program declares. Raise AssertionError with its faults."""
    parsed = kind.parse(declared)
    assert parsed.definition is not None, [str(fault) for fault in parsed.faults]
    return parsed.definition


@pytest.mark.parametrize(("kind", "one", "other"), EQUAL)
def test_equal_spellings(kind: type[Definition], one: dict[str, Any], other: dict[str, Any]) -> None:
    """What means the same is no difference, whoever wrote it."""
    assert read(kind, one).equals(read(kind, other))
    assert read(kind, one).changes_from(read(kind, other)) == ()


@pytest.mark.parametrize(("kind", "one", "other", "said"), DIFFERENT)
def test_differences(kind: type[Definition], one: dict[str, Any], other: dict[str, Any], said: str) -> None:
    """What means something else is told by its place, and by what stood there and stands there now."""
    assert [str(change) for change in read(kind, other).changes_from(read(kind, one))] == [said]


@pytest.mark.parametrize(("kind", "one"), [each[:2] for each in EQUAL])
def test_a_round_trip(kind: type[Definition], one: dict[str, Any]) -> None:
    """What is sent, and what a stack keeps, are read back as the same definition."""
    definition = read(kind, one)
    sent = definition.body(1, published=True)
    assert definition.is_stored_as(kind.stored({**sent, "blobl_path": None, "created_at": "x"}))
    assert definition.is_stored_as(kind.stored(definition.to_inputs()))
    assert definition.is_stored_as(read(kind, definition.to_inputs()))


def test_a_group_of_another_sort_is_not_taken_for_ours() -> None:
    """The three sorts share names and numbers: an answer says which it is."""
    batch = read(BatchAttributeGroup, group(VALUE))
    body = batch.body(1, published=True)
    with pytest.raises(ValueError, match="another type"):
        StreamAttributeGroup.stored(body)
    assert isinstance(AttributeGroup.stored(body), BatchAttributeGroup)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the official client needs Python 3.11")
def test_the_words_of_the_official_client() -> None:
    """Columns, types and aggregations are the client's."""
    from snowplow_signals.models import model  # noqa: PLC0415  # absent below 3.11

    fields = model.Attribute.model_fields
    assert get_args(model.AtomicProperty.model_fields["name"].annotation) == ATOMIC_COLUMNS
    assert {*AGGREGATIONS} == {*get_args(fields["aggregation"].annotation)}
    assert {*ATTRIBUTE_TYPES} == {*get_args(fields["type"].annotation)}
