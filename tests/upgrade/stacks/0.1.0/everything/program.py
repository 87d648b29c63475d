"""The program as it was last deployed. Each resource is here for one way in which a state can come about."""

import pulumi
from pulumi import ComponentResource, Output, ResourceOptions

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
    attribute,
)

OWNER = "team@example.com"
A, B, C = (f"218e8926-3858-431d-b2ed-66da03a1cbe{digit}" for digit in "abc")


def over(value):
    return attribute("shopping:cart_value") > value


class TeamRule(RuleIntervention):
    """A subclass without a type of its own."""


class OwnedRule(RuleIntervention):
    """A subclass that fills inputs in."""

    def __init__(self, resource_name, **inputs):
        super().__init__(resource_name, owner=OWNER, on_destroy="delete", **inputs)


class TypedRule(RuleIntervention, module="team", name="Rule"):
    """A subclass with a type of its own."""


class TeamGreeting(DirectIntervention):
    """A subclass of the other resource, without a type of its own."""


# Live, and what a definition can hold.
live = RuleIntervention("live", owner=OWNER, criteria=over(75.00))
RuleIntervention("logical-name", name="named_otherwise", owner="Team@Example.COM", criteria=over(75))
RuleIntervention(
    "nested",
    owner=OWNER,
    description="Three levels, each group in each other",
    criteria=InterventionCriteriaAll(
        all=[
            InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75.00),
            InterventionCriteriaAny(
                any=[
                    InterventionCriterion(attribute="account:plan", operator="=", value="free"),
                    InterventionCriteriaNone(
                        none=[
                            InterventionCriterion(attribute="shopping:country", operator="is null"),
                            InterventionCriterion(attribute="shopping:member", operator="=", value=True),
                        ]
                    ),
                ]
            ),
            InterventionCriteriaNone(
                none=[
                    InterventionCriteriaAll(
                        all=[
                            InterventionCriterion(attribute="reading:pages", operator="<=", value=3),
                            InterventionCriterion(
                                attribute="reading:last_page", operator="like", value="/a%"
                            ),
                        ]
                    ),
                    InterventionCriterion(attribute="shopping:coupon", operator="is not null"),
                ]
            ),
        ]
    ),
)
RuleIntervention(
    "expression",
    owner=OWNER,
    criteria=(over(75) & (attribute("shopping:visits") >= 2)) | ~(attribute("account:plan") == "free"),
)
RuleIntervention(
    "plain_dicts", owner=OWNER, criteria={"all": [{"attribute": "shopping:coupon", "operator": "changed"}]}
)
RuleIntervention(
    "addressed",
    owner=OWNER,
    description="Keys and groups out of order",
    criteria=over(75),
    target_attribute_keys=[
        LinkAttributeKey(name="domain_userid"),
        "account_id",
        {"name": "domain_sessionid"},
    ],
    payload_attribute_groups=[
        VersionedLinkAttributeGroup(name="shopping", version=1),
        VersionedLinkAttributeGroup(name="reading", version=2),
        {"name": "account"},
    ],
)

# Awkward, but allowed.
RuleIntervention(
    "unicode",
    owner=OWNER,
    description='Rabatt für "Ümläute" \\ 😀, e\u0301 and é,\nline\u2028separator, \u202eright to left, null \\u0000',
    criteria={
        "attribute": "shopping:country",
        "operator": "in",
        "value": ["日本", "é", "e\u0301", "", " ", "\u2028", "😀"],
    },
)
RuleIntervention(
    "numbers",
    owner=OWNER,
    version=1.0,
    criteria={
        "any": [
            {"attribute": "account:seats", "operator": "=", "value": 2**53},
            {"attribute": "account:seats", "operator": "<=", "value": -(2**53)},
            {
                "attribute": "shopping:cart_value",
                "operator": "in",
                "value": [100.0, 9.5, 20, -0.0, 1e-9, 0.1 + 0.2, 3e15],
            },
            {"attribute": "shopping:visits", "operator": "not in", "value": [10, 9.0, 1, 2]},
        ]
    },
)
RuleIntervention(
    "lists",
    owner=OWNER,
    criteria={
        "all": [
            {
                "attribute": "shopping:country",
                "operator": "in",
                "value": ["UK", "DE", "at", "AT", "DE", "10", "9"],
            },
            {"attribute": "shopping:coupon", "operator": "not in", "value": ["z", "true", "null"]},
            {"attribute": "shopping:member", "operator": "in", "value": [True]},
            {"attribute": "reading:last_page", "operator": "rlike", "value": "^/(a|b)\\d+$"},
            {"attribute": "reading:last_page", "operator": "not rlike", "value": "x{2}"},
            {"attribute": "reading:last_page", "operator": "not like", "value": "%100\\%"},
        ]
    },
)
RuleIntervention(
    "one_in_one",
    owner=OWNER,
    criteria={
        "all": [
            {"any": [{"all": [{"attribute": "shopping:cart_value", "operator": "<", "value": 5.0}]}]},
            {"all": [{"attribute": "shopping:visits", "operator": "!=", "value": 0}]},
        ]
    },
)


def nested_in(levels):
    node = {"attribute": "shopping:visits", "operator": ">", "value": 1}
    for level in range(levels):
        node = {("none", "any", "all")[level % 3]: [node]}
    return node


RuleIntervention("deep", owner=OWNER, criteria=nested_in(60))

# Not live.
RuleIntervention("draft", owner=OWNER, criteria=over(75), published=False)
RuleIntervention("draft_edited", owner=OWNER, criteria=over(80), published=False)
RuleIntervention("draft_beside", owner=OWNER, criteria=over(80), published=False)
RuleIntervention("withdrawn", owner=OWNER, criteria=over(75), published=False)
RuleIntervention("withdrawn_later", owner=OWNER, criteria=over(80), published=False, on_destroy="delete")

# Several versions.
RuleIntervention("several", owner=OWNER, criteria=over(85))
RuleIntervention("numbered", owner=OWNER, criteria=over(85), version=9)
RuleIntervention("rolled_back", owner=OWNER, criteria=over(75), version=1)
RuleIntervention("retired", owner=OWNER, criteria=over(75), version=1)
RuleIntervention("overtaken", owner=OWNER, criteria=over(80))
RuleIntervention("renamed", name="renamed_to", owner=OWNER, criteria=over(75))

# Taken over.
RuleIntervention("equal", owner=OWNER, criteria=over(75))
RuleIntervention("equal_changed", owner=OWNER, criteria=over(80))
RuleIntervention("equal_unpublished", owner=OWNER, criteria=over(75), adopt=True, on_destroy="unpublish")
RuleIntervention("revived", owner=OWNER, criteria=over(75))
RuleIntervention("adopted", owner=OWNER, criteria=over(75), adopt=True)
RuleIntervention("adopted_by_number", owner=OWNER, criteria=over(75), adopt=True, version=7)
RuleIntervention("adopted_deleted", owner=OWNER, criteria=over(80), adopt=True, on_destroy="delete")
RuleIntervention("adopted_draft", owner=OWNER, criteria=over(75), adopt=True, published=False)
RuleIntervention("nothing_to_adopt", owner=OWNER, criteria=over(75), adopt=True)

# What becomes of them.
RuleIntervention("to_unpublish", owner=OWNER, criteria=over(80), on_destroy="unpublish")
RuleIntervention("to_delete", owner=OWNER, criteria=over(80), on_destroy="delete")
RuleIntervention("to_retain", owner=OWNER, criteria=over(80), on_destroy="retain")
RuleIntervention("left_out_by_now", owner=OWNER, criteria=over(75))

# Secrets.
RuleIntervention(
    "secret_criteria", owner=OWNER, criteria=Output.secret({"any": [over(75), over(80) & over(85)]})
)
RuleIntervention(
    "secret_value",
    owner=OWNER,
    criteria={"attribute": "shopping:coupon", "operator": "in", "value": Output.secret(["VIP-2", "VIP-1"])},
    published=False,
)
RuleIntervention(
    "secret_owner", owner=Output.secret("hidden@example.com"), criteria=over(75), on_destroy="delete"
)
secret = RuleIntervention(
    "secret_description",
    owner=OWNER,
    description=Output.secret("for Ümläute only"),
    criteria=over(80),
    target_attribute_keys=Output.secret(["domain_userid", "account_id"]),
)
RuleIntervention("from_output", owner=live.owner, criteria=live.criteria, description=live.rule)

# Subclasses and Pulumi's own options.
TeamRule("team_rule", owner=OWNER, criteria=over(80))
OwnedRule("owned_rule", criteria=over(75))
TypedRule("typed_rule", owner=OWNER, criteria=over(75))
RuleIntervention("kept", owner=OWNER, criteria=over(75), opts=ResourceOptions(retain_on_delete=True))
RuleIntervention(
    "ignoring", owner=OWNER, criteria=over(90), opts=ResourceOptions(ignore_changes=["criteria"])
)
team = ComponentResource("demo:index:Team", "team")
child = RuleIntervention("child", owner=OWNER, criteria=over(75), opts=ResourceOptions(parent=team))
RuleIntervention(
    "sibling", owner=OWNER, criteria=over(75), opts=ResourceOptions(parent=team, depends_on=[child])
)
team.register_outputs({})

# Messages that were pushed.
DirectIntervention(
    "greeting",
    version=2,
    attributes={"text": "Hello 😀", "empty": "", "alpha": "1.0"},
    targets={"domain_userid": [C, B.upper()], "domain_sessionid": [A]},
)
DirectIntervention("welcome-message", name="welcome", version=1, targets={"domain_sessionid": [A]})
DirectIntervention("delivered", version=1, attributes={"text": "Hi"}, targets={"domain_userid": [A]})
DirectIntervention("unconfirmed", version=1, attributes={"text": "Hi"}, targets={"domain_userid": [A]})
DirectIntervention(
    "triggered",
    version=3,
    attributes={"text": "Hi"},
    targets={"domain_userid": [A]},
    triggers=[2, 1.0, 0.5, "é", True, [], {"b": [1, {"a": False}], "a": 2**53}],
)
DirectIntervention(
    "secret_targets", version=1, attributes={"text": "Hi"}, targets=Output.secret({"domain_userid": [B, A]})
)
DirectIntervention(
    "secret_attributes",
    version=1,
    attributes={"text": Output.secret("only for you"), "plain": "for all"},
    targets={"domain_userid": [A]},
    triggers=[Output.secret("once"), 1],
)
DirectIntervention(
    instance=InterventionInstance(name="instance", version=1, attributes={"text": "Hi"}),
    targets=AttributeKeyIdentifiers({"domain_userid": [A]}),
)
TeamGreeting("team_greeting", version=1, attributes={"text": "Hi"}, targets={"domain_userid": [A]})

pulumi.export("rule", live.rule)
pulumi.export("version", live.version)
pulumi.export("hidden", secret.description)
