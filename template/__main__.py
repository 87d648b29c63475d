"""A Snowplow Signals rule, with the attributes that it reads."""

from pulumi_snowplow_signals import (
    Attribute,
    PageView,
    RuleIntervention,
    StreamAttributeGroup,
    domain_sessionid,
)

OWNER = "team@example.com"

reading = StreamAttributeGroup(
    name="reading",
    owner=OWNER,
    attribute_key=domain_sessionid,
    attributes=[Attribute(name="pages", type="int32", aggregation="counter", events=[PageView()])],
    published=False,  # a draft: nothing is computed. Remove this line to publish the group
)

RuleIntervention(
    name="newsletter_offer",
    owner=OWNER,
    description="Offer the newsletter to visitors who read three pages in a session",
    criteria=reading["pages"] >= 3,
    published=False,  # a draft: no visitor gets it. Remove this line to publish the rule
)
