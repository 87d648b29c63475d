"""Snowplow Signals interventions as Pulumi resources.

    from pulumi_snowplow_signals import RuleIntervention, attribute

    RuleIntervention(
        name="cart_abandonment_discount",
        owner="marketing@company.com",
        criteria=(attribute("shopping:cart_value") > 75) & (attribute("shopping:minutes_since_last_activity") >= 15),
    )

How the pieces fit, from the program to the service, imports running one way:

- `resources`: the resources that a program declares; `inputs`: the values it declares them with; `gate`: reports all faults of a program at once, before anything is deployed;
- `dynamic`: the provider classes, which Pulumi stores by their address; `bridge`: translates Pulumi's protocol into typed calls;
- `push`: direct interventions; `lifecycle`: check, diff, create, read, update and delete for every kind in the registry;
- `wording`: every sentence that contains a user's value;
- `versions`: pure functions that decide what a change becomes;
- `api`: the only place that speaks HTTP;
- `kinds`, `criteria`, `fields`: what objects are, and when two are equal;
- `errors`: everything that can go wrong and is not a bug.

Limits of the platform: a dynamic provider gets no URN (so the program sends it), cannot report a partly completed step, and does not
support `pulumi import` (pulumi/pulumi#16175; use `adopt=True` instead).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from pulumi_snowplow_signals.loading import uncollected

if TYPE_CHECKING:
    from pulumi_snowplow_signals.inputs.attributes import (
        AtomicProperty,
        Attribute,
        BatchSource,
        CalculatedProperty,
        Criteria,
        Criterion,
        EntityProperty,
        Event,
        EventProperty,
        Field,
        PagePing,
        PageView,
        StructuredEvent,
        domain_sessionid,
        domain_userid,
        network_userid,
        session_attribute_key,
        user_attribute_key,
        user_id,
    )
    from pulumi_snowplow_signals.inputs.criteria import (
        InterventionCriteriaAll,
        InterventionCriteriaAny,
        InterventionCriteriaNone,
        InterventionCriterion,
        all_of,
        any_of,
        none_of,
    )
    from pulumi_snowplow_signals.inputs.expressions import attribute
    from pulumi_snowplow_signals.inputs.trial import matches
    from pulumi_snowplow_signals.inputs.values import (
        AttributeKeyIdentifiers,
        InterventionInstance,
        LinkAttributeKey,
        VersionedLinkAttributeGroup,
    )
    from pulumi_snowplow_signals.resources.attribute_group import (
        AttributeGroup,
        BatchAttributeGroup,
        ExternalBatchAttributeGroup,
        StreamAttributeGroup,
    )
    from pulumi_snowplow_signals.resources.attribute_key import AttributeKey
    from pulumi_snowplow_signals.resources.interventions import (
        DirectIntervention,
        RuleIntervention,
    )
    from pulumi_snowplow_signals.resources.service import Service

__all__ = [
    "AtomicProperty",
    "Attribute",
    "AttributeGroup",
    "AttributeKey",
    "AttributeKeyIdentifiers",
    "BatchAttributeGroup",
    "BatchSource",
    "CalculatedProperty",
    "Criteria",
    "Criterion",
    "DirectIntervention",
    "EntityProperty",
    "Event",
    "EventProperty",
    "ExternalBatchAttributeGroup",
    "Field",
    "InterventionCriteriaAll",
    "InterventionCriteriaAny",
    "InterventionCriteriaNone",
    "InterventionCriterion",
    "InterventionInstance",
    "LinkAttributeKey",
    "PagePing",
    "PageView",
    "RuleIntervention",
    "Service",
    "StreamAttributeGroup",
    "StructuredEvent",
    "VersionedLinkAttributeGroup",
    "all_of",
    "any_of",
    "attribute",
    "domain_sessionid",
    "domain_userid",
    "matches",
    "network_userid",
    "none_of",
    "session_attribute_key",
    "user_attribute_key",
    "user_id",
]

_HOMES: Final = {
    "inputs.attributes": (
        "AtomicProperty",
        "Attribute",
        "BatchSource",
        "CalculatedProperty",
        "Criteria",
        "Criterion",
        "EntityProperty",
        "Event",
        "EventProperty",
        "Field",
        "PagePing",
        "PageView",
        "StructuredEvent",
        "domain_sessionid",
        "domain_userid",
        "network_userid",
        "session_attribute_key",
        "user_attribute_key",
        "user_id",
    ),
    "inputs.criteria": (
        "InterventionCriteriaAll",
        "InterventionCriteriaAny",
        "InterventionCriteriaNone",
        "InterventionCriterion",
        "all_of",
        "any_of",
        "none_of",
    ),
    "inputs.expressions": ("attribute",),
    "inputs.trial": ("matches",),
    "inputs.values": (
        "AttributeKeyIdentifiers",
        "InterventionInstance",
        "LinkAttributeKey",
        "VersionedLinkAttributeGroup",
    ),
    "resources.attribute_group": (
        "AttributeGroup",
        "BatchAttributeGroup",
        "ExternalBatchAttributeGroup",
        "StreamAttributeGroup",
    ),
    "resources.attribute_key": ("AttributeKey",),
    "resources.interventions": ("DirectIntervention", "RuleIntervention"),
    "resources.service": ("Service",),
}
"""The module of each name. It is loaded when a program first uses one of its names, since few programs need them all."""


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            with uncollected():
                found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
