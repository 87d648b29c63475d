"""Every argument that takes a value, by name: how it is written, and where what was taken for it is found."""

# ruff: noqa: SIM300  # the value may come first
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from attribute_places import attribute_places

from pulumi_snowplow_signals import (
    AttributeKeyIdentifiers,
    DirectIntervention,
    InterventionCriteriaAll,
    InterventionCriteriaAny,
    InterventionCriteriaNone,
    InterventionCriterion,
    InterventionInstance,
    LinkAttributeKey,
    RuleIntervention,
    VersionedLinkAttributeGroup,
    all_of,
    attribute,
    matches,
    none_of,
)

ID: Final = "8c9104e3-c300-4b20-82f2-93b7fa0b8feb"
TARGETS: Final = {"domain_userid": [ID]}
CART: Final = {"attribute": "shopping:cart_value", "operator": ">", "value": 75}
RULE: Final = {"owner": "team@example.com", "criteria": CART}


@dataclass(frozen=True)
class Place:
    """An argument.

    Attributes:
        write: Writes a value for it.
        path: Where, in the inputs that reach the provider, what was taken is found.
        is_input: Whether it may be an output.
        values: The values that are tried, by name; all, if none is named.
    """

    write: Callable[[Any], Any]
    path: tuple[str | int, ...] = ()
    is_input: bool = True
    values: frozenset[str] = frozenset()

    def tries(self, value: str) -> bool:
        """Return whether a value is tried for it."""
        return not self.values or value in self.values

    @property
    def where(self) -> str:
        """How a fault names the argument; nothing where it names no input."""
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return path.removeprefix(".")


def rule(name: str) -> Place:
    return Place(lambda value: RuleIntervention("cart", **{**RULE, name: value}), (name,))


def criteria(write: Callable[[Any], Any], *path: str | int) -> Place:
    return Place(
        lambda value: RuleIntervention("cart", owner="team@example.com", criteria=write(value)),
        ("criteria", *path),
    )


def criterion(name: str, **others: Any) -> Place:
    given = {"attribute": "account:plan", "operator": "=", "value": "x", **others}
    return criteria(lambda value: InterventionCriterion(**{**given, name: value}), name)


def link(name: str, write: Callable[[Any], Any], *path: str | int) -> Place:
    return Place(lambda value: RuleIntervention("cart", **RULE, **{name: [write(value)]}), (name, 0, *path))


def push(name: str, write: Callable[[Any], Any] = lambda value: value, *path: str | int) -> Place:
    given = {"version": 1, "targets": TARGETS}
    return Place(lambda value: DirectIntervention("hello", **{**given, name: write(value)}), (name, *path))


def instance(name: str) -> Place:
    given = {"name": "hello", "version": 1}
    return Place(
        lambda value: DirectIntervention(
            "hello", instance=InterventionInstance(**{**given, name: value}), targets=TARGETS
        ),
        (name,),
    )


_ONE_OF_EACH: Final = frozenset({
    "None", "True", "1", "1.5", "2**53 + 1", "nan", "Decimal('2')", "numpy.int64(2)", "''", "'free'", "half a surrogate pair",
    "control characters", "bytes", "a datetime", "a timedelta", "[]", "a list of texts", "a generator",
    "a list that holds itself", "{}", "a dict", "a dict that holds itself", "an object of pydantic", "an object of ours",
    "an attribute", "object()", "an object that raises", "a class", "an output", "an output that is not known",
    "an output of bytes", "an output as text", "a coroutine",
})  # fmt: skip
"""The values that are tried for arguments whose reading other arguments have shown in full: one of each kind."""

_PLAN: Final = attribute("account:plan")

PLACES: Final[dict[str, Place]] = {
    "RuleIntervention.resource_name": Place(
        lambda value: RuleIntervention(value, name="cart", **RULE), ("__urn",), is_input=False
    ),
    "RuleIntervention.name": rule("name"),
    "RuleIntervention.name, no logical name": Place(
        lambda value: RuleIntervention(name=value, **RULE), ("name",), is_input=False
    ),
    "RuleIntervention.owner": rule("owner"),
    "RuleIntervention.description": rule("description"),
    "RuleIntervention.criteria": rule("criteria"),
    "RuleIntervention.target_attribute_keys": rule("target_attribute_keys"),
    "RuleIntervention.payload_attribute_groups": rule("payload_attribute_groups"),
    "RuleIntervention.version": rule("version"),
    "RuleIntervention.published": rule("published"),
    "RuleIntervention.adopt": rule("adopt"),
    "RuleIntervention.on_destroy": rule("on_destroy"),
    "RuleIntervention.definition": Place(lambda value: RuleIntervention("cart", definition=value), ()),
    "RuleIntervention.definition.owner": Place(
        lambda value: RuleIntervention(definition={**RULE, "name": "cart", "owner": value}), ("owner",)
    ),
    "RuleIntervention.opts": Place(
        lambda value: RuleIntervention("cart", **RULE, opts=value), ("name",), is_input=False
    ),
    "RuleIntervention.get.resource_name": Place(
        lambda value: RuleIntervention.get(value, "cart"), (), is_input=False
    ),
    "RuleIntervention.get.id": Place(lambda value: RuleIntervention.get("look", value), ()),
    "RuleIntervention.get.version": Place(
        lambda value: RuleIntervention.get("look", "cart", version=value), ()
    ),
    "RuleIntervention.get.opts": Place(
        lambda value: RuleIntervention.get("look", "cart", opts=value), (), is_input=False
    ),
    "DirectIntervention.resource_name": Place(
        lambda value: DirectIntervention(value, name="hello", version=1, targets=TARGETS),
        ("__urn",),
        is_input=False,
    ),
    "DirectIntervention.name": push("name"),
    "DirectIntervention.version": push("version"),
    "DirectIntervention.attributes": push("attributes"),
    "DirectIntervention.attributes.text": push("attributes", lambda value: {"text": value}, "text"),
    "DirectIntervention.targets": push("targets"),
    "DirectIntervention.targets.key": push(
        "targets", lambda value: {"domain_userid": value}, "domain_userid"
    ),
    "DirectIntervention.targets.id": push(
        "targets", lambda value: {"domain_userid": [value]}, "domain_userid", 0
    ),
    "DirectIntervention.triggers": push("triggers"),
    "DirectIntervention.triggers.item": push("triggers", lambda value: [value], 0),
    "DirectIntervention.instance": Place(
        lambda value: DirectIntervention("hello", instance=value, targets=TARGETS), ("name",)
    ),
    "DirectIntervention.opts": Place(
        lambda value: DirectIntervention("hello", version=1, targets=TARGETS, opts=value),
        ("name",),
        is_input=False,
    ),
    "InterventionCriterion.attribute": criterion("attribute"),
    "InterventionCriterion.operator": criterion("operator"),
    "InterventionCriterion.value": criterion("value"),
    "InterventionCriterion.value of in": criterion("value", operator="in"),
    "InterventionCriteriaAll.all": criteria(lambda value: InterventionCriteriaAll(all=value), "all"),
    "InterventionCriteriaAll.all.item": criteria(
        lambda value: InterventionCriteriaAll(all=[value]), "all", 0
    ),
    "InterventionCriteriaAny.any": criteria(lambda value: InterventionCriteriaAny(any=value), "any"),
    "InterventionCriteriaNone.none": criteria(lambda value: InterventionCriteriaNone(none=value), "none"),
    "LinkAttributeKey.name": link("target_attribute_keys", lambda value: LinkAttributeKey(name=value)),
    "VersionedLinkAttributeGroup.name": link(
        "payload_attribute_groups", lambda value: VersionedLinkAttributeGroup(name=value), "name"
    ),
    "VersionedLinkAttributeGroup.version": link(
        "payload_attribute_groups",
        lambda value: VersionedLinkAttributeGroup(name="shopping", version=value),
        "version",
    ),
    "InterventionInstance.name": instance("name"),
    "InterventionInstance.version": instance("version"),
    "InterventionInstance.attributes": instance("attributes"),
    "InterventionInstance.intervention_id": instance("intervention_id"),
    "InterventionInstance.target_attribute_key": instance("target_attribute_key"),
    "AttributeKeyIdentifiers.root": push("targets", AttributeKeyIdentifiers),
    "attribute": criteria(lambda value: attribute(value).is_null(), "attribute"),
    "attribute == value": criteria(lambda value: _PLAN == value, "value"),
    "attribute greater than value": criteria(lambda value: _PLAN > value, "value"),
    "value less than attribute": criteria(lambda value: value < _PLAN, "value"),
    "attribute.like": criteria(_PLAN.like, "value"),
    "attribute.in_": criteria(_PLAN.in_, "value"),
    "attribute.in_ item": criteria(lambda value: _PLAN.in_([value]), "value", 0),
    "criterion and value": criteria(lambda value: _PLAN.is_null() & value),
    "all_of": criteria(lambda value: all_of(_PLAN.is_null(), value)),
    "none_of": criteria(none_of),
    "matches.criteria": Place(lambda value: matches(value, after={"account:plan": "free"}), is_input=False),
    "matches.before": Place(lambda value: matches(_PLAN == "free", before=value, after={}), is_input=False),
    "matches.after": Place(lambda value: matches(_PLAN == "free", after=value), is_input=False),
    "matches.after of an attribute": Place(
        lambda value: matches(_PLAN == "free", after={"account:plan": value}), is_input=False
    ),
    **{name: Place(write, path, is_input=is_input) for name, write, path, is_input in attribute_places()},
}
