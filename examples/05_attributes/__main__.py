"""Two rules and everything that they read: from an empty registry to a rule that fires."""

from pulumi_snowplow_signals import (
    Attribute,
    AttributeKey,
    EntityProperty,
    Event,
    EventProperty,
    PageView,
    RuleIntervention,
    Service,
    StreamAttributeGroup,
    domain_userid,
)

cart = Event(vendor="com.example", name="cart", version="1-0-0")

account = AttributeKey(
    name="account_id",
    property=EntityProperty(vendor="com.example", name="account", major_version=1, path="account_id"),
)

profile = StreamAttributeGroup(
    name="profile",
    owner="data@company.com",
    attribute_key=account,
    attributes=[
        Attribute(
            name="coupon",
            type="string",
            aggregation="last",
            events=[cart],
            property=EventProperty(vendor="com.example", name="cart", major_version=1, path="coupon"),
        )
    ],
)

basket = StreamAttributeGroup(
    name="basket",
    owner="data@company.com",
    attribute_key=domain_userid,
    attributes=[
        Attribute(
            name="value",
            type="double",
            aggregation="last",
            events=[cart],
            property=EventProperty(vendor="com.example", name="cart", major_version=1, path="total"),
        ),
        Attribute(
            name="idle_minutes",
            type="double",
            aggregation="time_since_last",
            time_unit="min",
            events=[PageView(), cart],
        ),
    ],
)

Service(name="checkout", owner="data@company.com", attribute_groups=[basket])

RuleIntervention(
    name="coupon_reminder",
    owner="marketing@company.com",
    criteria=profile["coupon"].is_not_null(),
)

RuleIntervention(
    name="basket_reminder",
    owner="marketing@company.com",
    description="Remind visitors of a high-value basket that they left",
    criteria=(basket["value"] > 75) & (basket["idle_minutes"] >= 15),
)
