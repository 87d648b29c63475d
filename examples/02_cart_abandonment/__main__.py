"""The two rule interventions from the Signals documentation, with the import changed and the publish line dropped."""

from pulumi_snowplow_signals import InterventionCriteriaAll, InterventionCriterion, RuleIntervention

RuleIntervention(
    name="say_hello",
    owner="me@example.com",
    criteria=InterventionCriterion(attribute="example_group:test_attribute", operator="is not null"),
)

RuleIntervention(
    name="cart_abandonment_discount",
    owner="marketing@company.com",
    description="Offer discount when high-value cart is abandoned",
    criteria=InterventionCriteriaAll(
        all=[
            InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75.00),
            InterventionCriterion(attribute="shopping:minutes_since_last_activity", operator=">=", value=15),
        ]
    ),
    target_attribute_keys=["domain_userid"],
    version=1,
)
