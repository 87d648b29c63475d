"""What a program writes: classes named as in Snowplow's own client, and expressions over attributes.

    InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75)
    attribute("shopping:cart_value") > 75

Both lines create the same object. Any value may be one that Pulumi does not know yet. Unknown values are not checked.

- `values`: the base of all input classes, and the classes that are not criteria;
- `criteria`: the criterion, its groups, and how `&`, `|` and `~` join them;
- `expressions`: `attribute(...)` and its comparisons;
- `reading`: which Python values are accepted, and as what;
- `plain`: the conversion to the dicts and lists that Pulumi sends;
- `wholes`: several inputs in one object;
- `arguments`: arguments that are not inputs;
- `trial`: `matches`, which tries a rule without deploying it;
- `faults`: the error that all of them raise.
"""

from pulumi_snowplow_signals.criteria.operators import OperatorName
from pulumi_snowplow_signals.inputs.criteria import (
    Criteria,
    InterventionCriteriaAll,
    InterventionCriteriaAny,
    InterventionCriteriaNone,
    InterventionCriterion,
    all_of,
    any_of,
    none_of,
)
from pulumi_snowplow_signals.inputs.expressions import AttributeReference, attribute
from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.plain import to_plain
from pulumi_snowplow_signals.inputs.trial import matches
from pulumi_snowplow_signals.inputs.values import (
    AttributeKeyIdentifiers,
    InterventionInstance,
    LinkAttributeKey,
    PydanticModel,
    VersionedLinkAttributeGroup,
)

__all__ = [
    "AttributeKeyIdentifiers",
    "AttributeReference",
    "Criteria",
    "InputFault",
    "InterventionCriteriaAll",
    "InterventionCriteriaAny",
    "InterventionCriteriaNone",
    "InterventionCriterion",
    "InterventionInstance",
    "LinkAttributeKey",
    "OperatorName",
    "PydanticModel",
    "VersionedLinkAttributeGroup",
    "all_of",
    "any_of",
    "attribute",
    "matches",
    "none_of",
    "to_plain",
]
