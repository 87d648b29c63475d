"""A stack whose configuration says what others leave to the defaults: see `config.json`."""

from pulumi_snowplow_signals import RuleIntervention, attribute

OWNER = "team@example.com"


def over(value):
    return attribute("shopping:cart_value") > value


RuleIntervention("live", owner=OWNER, criteria=over(80), version=2)
RuleIntervention("draft", owner=OWNER, criteria=over(75), version=1, published=False)
RuleIntervention("adopted", owner=OWNER, criteria=over(75), version=3)
RuleIntervention("not_adopted", owner=OWNER, criteria=over(75), version=1, adopt=False)
RuleIntervention("to_retain", owner=OWNER, criteria=over(75), version=1, on_destroy="retain")
RuleIntervention("to_unpublish", owner=OWNER, criteria=over(75), version=1, on_destroy="unpublish")
RuleIntervention("overtaken", owner=OWNER, criteria=over(75), version=1)
RuleIntervention.get("looked_at", "theirs", version=1)
RuleIntervention.get("looked_at_the_highest", "theirs")
