"""Programs that both type checkers refuse, on the lines marked `# refused` and on no other. They are never run."""

# ruff: noqa: B015  # comparisons are criteria here
from __future__ import annotations

import pulumi

from pulumi_snowplow_signals import (
    DirectIntervention,
    InterventionCriteriaAll,
    InterventionCriterion,
    LinkAttributeKey,
    RuleIntervention,
    all_of,
    attribute,
    matches,
)


def classes(word: str, text: pulumi.Output[str]) -> None:
    """The classes of the documentation, misused."""
    InterventionCriterion(attribute="shopping:cart_value", operator="==", value=75)  # refused
    InterventionCriterion(attribute="shopping:cart_value", operator=word, value=75)  # refused
    InterventionCriterion(attribute="shopping:cart_value", operator=text, value=75)  # refused
    InterventionCriterion(attribute=75, operator="is null")  # refused
    InterventionCriterion(attribute="account:plan", operator="=", value={"a": 1})  # refused
    InterventionCriterion(attribute="account:plan", operator="in", value={"a", "b"})  # refused
    InterventionCriterion(attribute="account:plan", op="is null")  # refused
    InterventionCriterion("account:plan", "is null")  # refused
    InterventionCriterion(attribute="account:plan")  # refused
    InterventionCriteriaAll(any=[attribute("account:plan").is_null()])  # refused
    InterventionCriteriaAll(all=attribute("account:plan").is_null())  # refused
    InterventionCriteriaAll(all=["account:plan is null"])  # refused
    LinkAttributeKey(name=1)  # refused


def expressions() -> None:
    """Expressions, misused."""
    cart, plan = attribute("shopping:cart_value"), attribute("account:plan")
    cart > None  # refused
    cart > [1]  # refused
    cart > plan  # refused
    plan.in_(75)  # refused
    plan.like(75)  # refused
    plan.is_null(1)  # refused
    (cart > 1) & 5  # refused
    all_of(cart, plan)  # refused
    all_of([cart > 1, plan.is_null()])  # refused
    attribute(75)  # refused


def trial() -> None:
    """A look at a rule, misused."""
    matches(attribute("account:plan"), after={})  # refused
    matches(attribute("account:plan").is_null())  # refused


def resources() -> None:
    """Rules, misused."""
    rule = attribute("account:plan").is_null()
    RuleIntervention(name="hello", criteria=rule)  # refused
    RuleIntervention(name="hello", owner="me@example.com")  # refused
    RuleIntervention(name="hello", owner="me@example.com", criteria=attribute("account:plan"))  # refused
    RuleIntervention(name="hello", owner="me@example.com", criteria=rule, version="1")  # refused
    RuleIntervention(name="hello", owner="me@example.com", criteria=rule, on_destroy="drop")  # refused
    RuleIntervention(name="hello", owner="me@example.com", criteria=rule, is_published=True)  # refused
    RuleIntervention(name="hello", owner="me@example.com", critera=rule)  # refused
    RuleIntervention(definition={"name": "hello"}, owner="me@example.com")  # refused
    RuleIntervention(definition="hello")  # refused
    RuleIntervention.get("look", "hello", versoin=1)  # refused
    RuleIntervention.get("look", "hello", version="1")  # refused
    DirectIntervention(name="hello", version=1, targets={}, tags=[])  # refused
