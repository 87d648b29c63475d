"""The first program of the stack with a configuration."""

from pulumi_snowplow_signals import RuleIntervention, attribute

OWNER = "team@example.com"

RuleIntervention("live", owner=OWNER, criteria=attribute("shopping:cart_value") > 75, version=1)
RuleIntervention("overtaken", owner=OWNER, criteria=attribute("shopping:cart_value") > 75, version=1)
