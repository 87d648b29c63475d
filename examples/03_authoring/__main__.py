"""Rules as expressions: one live with a payload, one kept as a draft."""

import pulumi
from rules import abandoned_cart, upgrade_offer

from pulumi_snowplow_signals import RuleIntervention

config = pulumi.Config()

discount = RuleIntervention(
    "discount",
    name="abandoned_cart_discount",
    owner="marketing@company.com",
    criteria=abandoned_cart,
    target_attribute_keys=["domain_userid", "domain_sessionid"],
    payload_attribute_groups=[{"name": "shopping", "version": 1}],
)

RuleIntervention(
    "upgrade",
    name="upgrade_offer",
    owner="growth@company.com",
    description="Waits for the launch of the new plans",
    criteria=upgrade_offer,
    published=config.get_bool("launch") or False,
)

pulumi.export("discount version", discount.version)
pulumi.export("discount rule", discount.rule)
