"""Say hello to every visitor who has the attribute."""

from pulumi_snowplow_signals import InterventionCriterion, RuleIntervention

RuleIntervention(
    name="say_hello",
    owner="me@example.com",
    criteria=InterventionCriterion(attribute="example_group:test_attribute", operator="is not null"),
)
