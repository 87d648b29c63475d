"""A rule of Snowplow Signals, with the attributes that it reads."""

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
    published=False,  # a draft: nothing is computed. Remove this line to publish it
)

RuleIntervention(
    name="newsletter_offer",
    owner=OWNER,
    description="Offer the newsletter to whoever reads three pages in a session",
    criteria=reading["pages"] >= 3,
    published=False,  # a draft: nobody gets it. Remove this line to publish it
)
