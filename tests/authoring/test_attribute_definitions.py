"""Definitions of groups, keys and services written for Snowplow's own client move over with a changed import, or as they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from registries import emptied
from stacks import LIFECYCLES, Stack

import pulumi_snowplow_signals as ours
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.inputs.plain import convert
from pulumi_snowplow_signals.kinds.definition import canonical_texts
from signals_local.emulator import Emulator

if sys.version_info < (3, 11):
    pytest.skip("Snowplow's client needs Python 3.11", allow_module_level=True)

import snowplow_signals as theirs

ATTRIBUTES = """[
    ns.Attribute(name="views", type="int32", aggregation="counter", events=[ns.PageView(), ns.PagePing()], period=timedelta(minutes=15)),
    ns.Attribute(
        name="value", type="double", aggregation="last", ttl="P30D", default_value=0,
        events=[ns.Event(vendor="com.example", name="cart", version="1-0-0")],
        property=ns.EventProperty(vendor="com.example", name="cart", major_version=1, path="total"),
        criteria=ns.Criteria(all=[
            ns.Criterion.eq(ns.AtomicProperty(name="app_id"), "shop"),
            ns.Criterion.in_list(ns.AtomicProperty(name="platform"), ["web", "mob"]),
            ns.Criterion.is_not_null(ns.EntityProperty(vendor="com.example", name="user", major_version=1, path="id")),
        ]),
    ),
    ns.Attribute(name="idle", type="double", aggregation="time_since_last", events=[], time_unit="min"),
    ns.Attribute(
        name="label", type="string", aggregation="first", events=[ns.StructuredEvent()],
        property=ns.CalculatedProperty(operation="concat", separator="/", properties=[
            ns.AtomicProperty(name="se_category"), ns.AtomicProperty(name="se_action"),
        ]),
    ),
]"""
FIELDS = '[ns.Field(name="TOTAL", type="int32", description="All orders")]'
SOURCE = 'ns.BatchSource(name="s", database="DB", schema="PUBLIC", table="T", timestamp_field="AT")'


def written(text: str, namespace: Any) -> Any:
    """Return what an expression over one package's classes comes to."""
    value = eval(text, {"ns": namespace, "timedelta": timedelta})
    return convert(value, "value", takes_times=True)[0]


@pytest.mark.parametrize("text", [ATTRIBUTES, FIELDS])
def test_the_same_text_gives_the_same_values(text: str) -> None:
    """An expression over the client's classes means the same with ours, and the client's objects may stay."""
    kind = LIFECYCLES["group" if text is ATTRIBUTES else "external"].kind
    field = "attributes" if text is ATTRIBUTES else "fields"
    both = [written(text, namespace) for namespace in (ours, theirs)]
    read = [kind.parse({field: value, "name": "g"}).faults for value in both]
    assert [str(fault) for faults in read for fault in faults if fault.field == field] == []
    one, other = (_canonical(kind, field, value) for value in both)
    assert one == other


def _canonical(kind: Any, field: str, value: Any) -> str:
    others = dict.fromkeys(kind.model_fields, UNKNOWN)
    known = kind.parse({**others, field: value}).known
    return canonical_texts(kind, known)[field]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator that the official client publishes to."""
    with emptied() as emulator:
        yield emulator


@pytest.mark.filterwarnings(
    "ignore:Pydantic serializer warnings"
)  # the client's own, of a calculated property
def test_what_the_client_publishes_is_taken_over_as_it_is(emulator: Emulator) -> None:
    """Key, group and service of a publishing script, declared in the same words, need no write."""
    sdk = theirs.SignalsSandbox(api_url=emulator.url, sandbox_token=emulator.token)
    scope = {"ns": theirs, "timedelta": timedelta}
    account = theirs.AttributeKey(
        property=theirs.EntityProperty(
            vendor="com.example", name="account", major_version=1, path="account_id"
        ),
        ttl=timedelta(days=365),
    )
    owner = "data@example.com"
    group = theirs.StreamAttributeGroup(
        name="shopping", owner=owner, attribute_key=account, attributes=eval(ATTRIBUTES, scope)
    )
    table = theirs.ExternalBatchAttributeGroup(
        name="table",
        owner=owner,
        attribute_key=account,
        fields=eval(FIELDS, scope),
        batch_source=eval(SOURCE, scope),
        refresh_rate=timedelta(hours=6),
    )
    service = theirs.Service(name="checkout", owner=owner, attribute_groups=[group])
    sdk.publish([account, group, table, service])
    mark = emulator.mark()
    stack = Stack(emulator)
    stack.up(
        (
            "key",
            {
                "name": "account_id",
                "property": written(
                    'ns.EntityProperty(vendor="com.example", name="account", major_version=1, path="account_id")',
                    ours,
                ),
                "ttl": "P365D",
            },
        ),
        (
            "group",
            {
                "name": "shopping",
                "owner": owner,
                "attribute_key": "account_id",
                "attributes": written(ATTRIBUTES, ours),
            },
        ),
        (
            "external",
            {
                "name": "table",
                "owner": owner,
                "attribute_key": "account_id",
                "fields": written(FIELDS, ours),
                "batch_source": written(SOURCE, ours),
                "refresh_rate": "PT360M",
            },
        ),
        ("service", {"name": "checkout", "owner": owner, "attribute_groups": ["shopping"]}),
    )
    assert [each["method"] for each in emulator.requests(since=mark) if each["method"] != "GET"] == []
    assert all(
        "is taken over, live" in line or "on_destroy" in line or "backfill" in line for line in stack.heard()
    )
