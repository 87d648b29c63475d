"""Definitions of the shapes that people publish to Signals, by Snowplow's own client, which asks for Python 3.11.

The shapes are those of public demos, tutorials and of the documentation, from mid-2025 to autumn 2026: which fields go together,
which aggregations, keys and windows, in which order things are published. Names and texts are of our own.
"""

from datetime import datetime, timedelta, timezone

import snowplow_signals as sdk

OWNER = "data@example.com"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOP = "com.example.shop"


def event(name, version="1-0-0"):
    return sdk.Event(vendor=SHOP, name=name, version=version)


def of_event(name, path, **fields):
    return sdk.EventProperty(vendor=SHOP, name=name, major_version=1, path=path, **fields)


def of_entity(name, path, **fields):
    return sdk.EntityProperty(vendor=SHOP, name=name, major_version=1, path=path, **fields)


def only(prop, operator, value):
    return sdk.Criteria(all=[sdk.Criterion(property=prop, operator=operator, value=value)])


def attribute(name, type_, aggregation, *events, **fields):
    return sdk.Attribute(name=name, type=type_, aggregation=aggregation, events=list(events), **fields)


def stream(name, key, *attributes, **fields):
    return sdk.StreamAttributeGroup(
        name=name, attribute_key=key, owner=OWNER, attributes=list(attributes), **fields
    )


def rule(name, criteria, **fields):
    return sdk.RuleIntervention(name=name, owner=OWNER, criteria=criteria, **fields)


def criterion(name, operator, value=None):
    return sdk.InterventionCriterion(attribute=name, operator=operator, value=value)


def newsroom():
    """Two groups on keys of one's own, with windows, a catalogue, and one service for each key."""
    site = sdk.AttributeKey(
        name="news_site", property=sdk.AtomicProperty(name="app_id"), owner=OWNER, ttl=timedelta(days=30)
    )
    story = sdk.AttributeKey(
        name="news_story", property=of_entity("story", "story_id"), owner=OWNER, ttl=timedelta(days=30)
    )
    read = event("story_read")
    windows = [
        attribute(f"{name}_{label}", "int32", "counter", of, period=period, default_value=0)
        for label, period in (("5m", timedelta(minutes=5)), ("1h", HOUR), ("6h", 6 * HOUR))
        for name, of in (("views", sdk.PageView()), ("reads", read), ("pings", sdk.PagePing()))
    ]
    on_site = stream(
        "news_site_metrics", site, *windows,
        attribute("stories", "string_list", "unique_list", read, property=of_entity("story", "story_id")),
        attribute("visitors_1h", "int32", "approx_count_distinct", sdk.PageView(), property=sdk.AtomicProperty(name="domain_userid"), period=HOUR, default_value=0),
        attribute("countries_1h", "dict", "category_count", sdk.PageView(), property=sdk.AtomicProperty(name="geo_country"), period=HOUR),
        attribute("shares_1h", "dict", "category_count", event("reaction"), property=of_event("reaction", "network"), period=HOUR, criteria=only(of_event("reaction", "kind"), "=", "share")),
    )  # fmt: skip
    on_story = stream(
        "news_story_metrics", story,
        attribute("headline", "string", "last", read, property=of_entity("story", "headline")),
        attribute("url", "string", "last", read, property=sdk.AtomicProperty(name="page_url")),
        attribute("since_last_read", "double", "time_since_last", read, sdk.PagePing(), time_unit="s"),
    )  # fmt: skip
    services = [
        sdk.Service(name="newsroom_site", owner=OWNER, attribute_groups=[on_site]),
        sdk.Service(name="newsroom_story", owner=OWNER, attribute_groups=[on_story]),
    ]
    return [site, story, on_site, on_story, *services]


def accounts():
    """A key from an entity, attributes across users, and a rule that goes to the account."""
    account = sdk.AttributeKey(
        name="workspace_id",
        description="The workspace of an event",
        property=of_entity("workspace", "workspace_id"),
    )
    done = event("task_done")
    group = stream(
        "workspace_activity", account,
        attribute("people", "int32", "approx_count_distinct", done, property=sdk.AtomicProperty(name="user_id"), period=7 * DAY),
        attribute("tasks", "int32", "counter", done, period=7 * DAY),
        attribute("plan", "string", "last", done, property=of_entity("workspace", "plan"), period=7 * DAY),
    )  # fmt: skip
    upsell = sdk.InterventionCriteriaAll(all=[criterion("workspace_activity:people", ">=", 5), criterion("workspace_activity:plan", "=", "free")])  # fmt: skip
    return [
        account, group, sdk.Service(name="workspaces", owner=OWNER, attribute_groups=[group]),
        rule("workspace_upsell", upsell, target_attribute_keys=[sdk.LinkAttributeKey(name="workspace_id")]),
    ]  # fmt: skip


def sessions():
    """The quickstart: a count, the first and the last of something, filtered, for each session."""
    group = stream(
        "first_steps", sdk.domain_sessionid,
        attribute("views", "int32", "counter", sdk.PageView(), period=timedelta(minutes=5)),
        attribute("browser", "string", "last", sdk.PageView(), property=sdk.AtomicProperty(name="br_name")),
        attribute("referrer", "string", "first", sdk.PageView(), property=sdk.AtomicProperty(name="refr_urlhost"), criteria=only(sdk.AtomicProperty(name="page_referrer"), "!=", "")),
    )  # fmt: skip
    return [group, rule("welcome", criterion("first_steps:views", "is not null"))]


def trips():
    """Many counters told apart by a filter on the address, an agent's service, a rule with a payload."""
    path = sdk.AtomicProperty(name="page_urlpath")
    topics = ("beach", "city", "food", "family", "budget", "luxury", "culture", "hiking", "night", "spa")
    group = stream(
        "trip_interests", sdk.domain_sessionid,
        *(attribute(f"{topic}_views", "int32", "counter", sdk.PageView(), criteria=only(path, "like", f"%{topic}%")) for topic in topics),
        attribute("length", "string", "last", event("filter_set"), property=of_event("filter_set", "length"), criteria=sdk.Criteria(any=[sdk.Criterion(property=of_event("filter_set", "kind"), operator="in", value=["length", "stay"])])),
    )  # fmt: skip
    offer = rule(
        "offer_family_trip",
        sdk.InterventionCriteriaAny(any=[criterion("trip_interests:family_views", ">", 3), criterion("trip_interests:length", "in", ["week", "fortnight"])]),
        payload_attribute_groups=[{"name": "trip_interests", "version": 1}],
        description="Offer a trip that fits",
    )  # fmt: skip
    return [
        group,
        sdk.Service(
            name="trip_agent", description="What the agent knows", owner=OWNER, attribute_groups=[group]
        ),
        offer,
    ]


def baskets():
    """Every numeric aggregation over a product's price, with defaults, dates taken apart, and what is most frequent."""
    buy, price = event("buy", "1-0-2"), of_entity("product", "price")
    numbers = [
        attribute(f"price_{name}", "double", name, buy, property=price, default_value=0)
        for name in ("sum", "min", "max", "mean")
    ]
    group = stream(
        "basket_facts", sdk.domain_userid, *numbers,
        attribute("favourite", "string", "most_frequent", buy, property=of_entity("product", "$.category[0].name")),
        attribute("oddity", "string", "least_frequent", buy, property=of_entity("product", "category", index=1)),
        attribute("hours", "int32_list", "unique_list", buy, property=sdk.AtomicProperty(name="derived_tstamp", date_part="hour_of_day")),
        attribute("days", "string_list", "unique_list", buy, property=sdk.AtomicProperty(name="collector_tstamp", date_part="active_day"), ttl=365 * DAY),
        attribute("paid", "bool", "last", buy, property=of_event("buy", "is_paid"), default_value=False),
        ttl=90 * DAY, backfill_since_tstamp=datetime(2026, 6, 1, tzinfo=timezone.utc),
    )  # fmt: skip
    return [group, rule("thank_you", criterion("basket_facts:price_sum", "changed"))]


def recency():
    """How long ago something was, first and last, and a rule about having gone quiet."""
    group = stream(
        "quiet_times", sdk.user_id,
        attribute("minutes_quiet", "double", "time_since_last", sdk.PageView(), time_unit="min"),
        attribute("days_known", "float", "time_since_first", time_unit="d"),
    )  # fmt: skip
    gone = sdk.InterventionCriteriaAll(all=[criterion("quiet_times:minutes_quiet", ">", 5), sdk.InterventionCriteriaNone(none=[criterion("quiet_times:days_known", "<", 1)])])  # fmt: skip
    return [group, sdk.Service(name="quiet", owner=OWNER, attribute_groups=[group]), rule("come_back", gone)]


def calculated():
    """Properties that are calculated from others."""
    both = sdk.CalculatedProperty(
        operation="product", properties=[of_entity("product", "price"), of_entity("product", "quantity")]
    )
    either = sdk.CalculatedProperty(
        operation="coalesce", properties=[of_event("buy", "currency"), sdk.AtomicProperty(name="tr_currency")]
    )
    label = sdk.CalculatedProperty(
        operation="concat",
        properties=[sdk.AtomicProperty(name="mkt_source"), sdk.AtomicProperty(name="mkt_medium")],
        separator="/",
    )
    return [
        stream(
            "made_up", sdk.network_userid,
            attribute("turnover", "double", "sum", event("buy"), property=both),
            attribute("currency", "string", "last", event("buy"), property=either),
            attribute("channels", "dict", "category_count", property=label),
        )
    ]  # fmt: skip


def warehouse():
    """A table of a warehouse: columns as attributes, read every six hours, and a rule on one of them."""
    table = sdk.BatchSource(
        name="crm", database="LAKE-1", schema="CRM", table="PEOPLE", timestamp_field="UPDATED_AT", owner=OWNER
    )
    group = sdk.ExternalBatchAttributeGroup(
        name="crm_people", attribute_key=sdk.user_id, owner=OWNER, batch_source=table,
        fields=[sdk.Field(name="TIER", type="string"), sdk.Field(name="ORDERS", type="int32", description="All time")],
        backfill_since_tstamp=datetime(2026, 1, 1, tzinfo=timezone.utc), refresh_rate=timedelta(hours=6), ttl=365 * DAY,
    )  # fmt: skip
    return [group, rule("gold", criterion("crm_people:TIER", "in", ["gold", "platinum"]))]


def batch():
    """Attributes that the batch engine computes from events, with and without a table of one's own."""
    visits = attribute("visits", "int64", "counter", sdk.PageView(), period=timedelta(days=28))
    table = sdk.BatchSource(name="own", database="db", schema="signals", table="visits", timestamp_field="at")
    return [
        sdk.BatchAttributeGroup(name="batch_visits", attribute_key=sdk.domain_userid, owner=OWNER, attributes=[visits]),
        sdk.BatchAttributeGroup(name="batch_own", attribute_key=sdk.domain_userid, owner=OWNER, attributes=[visits], batch_source=table),
    ]  # fmt: skip


def mixed():
    """One service over a stream group and a warehouse group of one key."""
    live = stream("mixed_stream", sdk.user_id, attribute("views", "int32", "counter", sdk.PageView()))
    table = sdk.BatchSource(name="crm", database="db", schema="crm", table="people", timestamp_field="at")
    stored = sdk.ExternalBatchAttributeGroup(name="mixed_table", attribute_key=sdk.user_id, owner=OWNER, batch_source=table, fields=[sdk.Field(name="score", type="double")])  # fmt: skip
    return [live, stored, sdk.Service(name="mixed", owner=OWNER, attribute_groups=[live, stored])]


def deprecated():
    """The client's two predefined keys of old, which no account has from the start."""
    return [
        sdk.user_attribute_key,
        sdk.session_attribute_key,
        stream(
            "old_keys", sdk.user_attribute_key, attribute("clicks", "int32", "counter", sdk.StructuredEvent())
        ),
    ]


SETS = [
    newsroom,
    accounts,
    sessions,
    trips,
    baskets,
    recency,
    calculated,
    warehouse,
    batch,
    mixed,
    deprecated,
]
