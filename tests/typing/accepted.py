"""Programs that both type checkers accept. They are checked and never run."""

# ruff: noqa: SIM300  # the value may come first
from __future__ import annotations

from collections.abc import Awaitable, Sequence

import pulumi
import pydantic

from pulumi_snowplow_signals import (
    AttributeKeyIdentifiers,
    InterventionCriteriaAll,
    InterventionCriteriaAny,
    InterventionCriteriaNone,
    InterventionCriterion,
    InterventionInstance,
    LinkAttributeKey,
    RuleIntervention,
    VersionedLinkAttributeGroup,
    all_of,
    any_of,
    attribute,
    matches,
    none_of,
)
from pulumi_snowplow_signals.inputs import Criteria, OperatorName


def classes(number: pulumi.Output[int], names: pulumi.Output[list[str]], later: Awaitable[str]) -> Criteria:
    """The classes of the documentation, with values now and later."""
    operator: OperatorName = ">="
    return InterventionCriteriaAll(
        all=[
            InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75.00),
            InterventionCriterion(attribute="shopping:cart_value", operator=operator, value=number),
            InterventionCriterion(attribute="account:plan", operator="in", value=["free", "trial"]),
            InterventionCriterion(attribute="account:plan", operator="not in", value=names),
            InterventionCriterion(attribute="account:level", operator="in", value=[1, 2.5, number]),
            InterventionCriterion(attribute="account:paid", operator="=", value=True),
            InterventionCriterion(attribute=later, operator="is null"),
            InterventionCriteriaAny(any=[{"attribute": "account:plan", "operator": "changed"}]),
            InterventionCriteriaNone(none=[attribute("account:plan").like("fr%")]),
        ]
    )


def expressions(number: pulumi.Output[int], later: Awaitable[str]) -> list[Criteria]:
    """All fifteen operators, reflected and with outputs on either side."""
    cart, plan = attribute("shopping:cart_value"), attribute("account:plan")
    rich: InterventionCriterion = cart > 75
    both: InterventionCriteriaAll = rich & (number < cart)
    either: InterventionCriteriaAny = both | plan.is_null()
    return [
        (cart == 75) & (cart != number) & (cart < 75.5) & (cart <= number) & (cart >= "a") & (75 < cart),
        plan.is_not_null()
        | plan.in_(["a", later])
        | plan.not_in([1, 2.5])
        | plan.in_([True])
        | plan.changed(),
        plan.like("fr%") & plan.not_like(later) & plan.rlike("^fr") & plan.not_rlike("^fr"),
        ~either,
        all_of(rich, either, {"attribute": "account:plan", "operator": "changed"}),
        any_of(*[rich, both]),
        none_of(rich),
        attribute(later).is_null(),
    ]


class Theirs(pydantic.BaseModel):
    """What the objects of Snowplow's own client are."""

    name: str = "domain_userid"


def official(theirs: Theirs) -> Criteria:
    """Objects of Snowplow's own client stand wherever ours may."""
    RuleIntervention(name="theirs", owner="me@example.com", criteria=theirs, target_attribute_keys=[theirs])
    return all_of(theirs, theirs & attribute("account:plan").is_null())


def trial(criteria: Criteria) -> bool:
    """A look at a rule."""
    return matches(criteria, before={}, after={"shopping:cart_value": 80, "account:plan": None})


def resources(
    number: pulumi.Output[int], owner: pulumi.Output[str], groups: Sequence[VersionedLinkAttributeGroup]
) -> None:
    """Rules with everything that may be given."""
    first = RuleIntervention(
        "cart",
        name="cart_abandonment_discount",
        owner=owner,
        description="Offer a discount",
        criteria=(attribute("shopping:cart_value") > number) & attribute("account:plan").is_null(),
        target_attribute_keys=["domain_userid", LinkAttributeKey(name="user"), {"name": "session"}],
        payload_attribute_groups=groups,
        version=2,
        published=False,
        adopt=True,
        on_destroy="retain",
        opts=pulumi.ResourceOptions(protect=True),
    )
    RuleIntervention(
        name="plain",
        owner="me@example.com",
        criteria={"attribute": "account:plan", "operator": "changed"},
        version=first.version,
    )
    pulumi.export("version", first.version.apply(lambda version: version + 1))


def wholes(theirs: Theirs, later: pulumi.Output[Theirs]) -> None:
    """Definitions of Snowplow's own client, whole."""
    for definition in (theirs, {"name": "hello", "owner": "me@example.com"}):
        RuleIntervention(definition=definition, published=False, opts=pulumi.ResourceOptions(protect=True))
    RuleIntervention("later", definition=later, adopt=True, on_destroy="retain")


def direct(ids: pulumi.Output[list[str]]) -> tuple[InterventionInstance, AttributeKeyIdentifiers]:
    """What is pushed at once."""
    return (
        InterventionInstance(name="hello", version=1, attributes={"text": "hi"}),
        AttributeKeyIdentifiers({"domain_userid": ids}),
    )
