"""A rule's definition given in one object means what the same means in arguments, and misspelt arguments are told."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from typing import Any

import pulumi
import pytest
from warm import warm_python

from pulumi_snowplow_signals import InterventionCriterion, RuleIntervention

CART = {"attribute": "shopping:cart_value", "operator": ">", "value": 75}
DEFINITION: dict[str, Any] = {"name": "cart", "owner": "team@example.com", "criteria": CART}

# In a process of its own: a program's stack and event loop are Pulumi's globals.
PROGRAM = """
import asyncio, json, sys
import pulumi
from pulumi import Output
from pulumi_snowplow_signals import DirectIntervention, LinkAttributeKey, RuleIntervention, VersionedLinkAttributeGroup, attribute

DEFINITION = {definition}
told = {{}}

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return args.name, args.inputs
    def call(self, args):
        return {{}}

async def values(resource, names):
    return {{name: await getattr(resource, name).future() for name in names}}

asyncio.set_event_loop(asyncio.new_event_loop())
pulumi.runtime.set_mocks(Mocks())

@pulumi.runtime.test
def declare():
    async def look():
        told.update(await values({declaration}, {names}))
    return Output.from_input(look())

declare()
print(json.dumps(told))
"""

RULE_OUTPUTS = (
    *("name", "owner", "description", "criteria", "target_attribute_keys", "payload_attribute_groups"),
    *("version", "published", "on_destroy", "rule"),
)
IN_EFFECT = {
    **DEFINITION,
    "description": None,
    "target_attribute_keys": ["domain_userid"],
    "payload_attribute_groups": [{"name": "shopping", "version": 1}],
    "version": 3,
    "published": False,
    "on_destroy": "unpublish",
    "rule": "shopping:cart_value > 75",
}


def outputs(declaration: str, names: tuple[str, ...] = RULE_OUTPUTS) -> Any:
    """Return the outputs of what is declared, as a unit test with Pulumi's mocks sees them."""
    program = PROGRAM.format(definition=DEFINITION, declaration=declaration, names=names)
    done = subprocess.run([warm_python(), "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


OTHERS = 'target_attribute_keys=["domain_userid"], payload_attribute_groups=[{"name": "shopping"}], version=3'
SPELLINGS = {
    "arguments": (
        'RuleIntervention(**DEFINITION, target_attribute_keys=[LinkAttributeKey(name="domain_userid")], '
        'payload_attribute_groups=[VersionedLinkAttributeGroup(name="shopping")], version=3, published=False)'
    ),
    "a dict": f"RuleIntervention(definition=dict(DEFINITION, {OTHERS}, is_published=True), published=False)",
    "an output": (
        f'RuleIntervention("cart", definition=Output.from_input(dict(DEFINITION, {OTHERS})), published=False)'
    ),
}
if importlib.util.find_spec("snowplow_signals"):
    SPELLINGS["an object of the client"] = (
        "(lambda theirs: RuleIntervention(definition=theirs.RuleIntervention(**DEFINITION, version=3, is_published=True, "
        'target_attribute_keys=[{"name": "domain_userid"}], payload_attribute_groups=[{"name": "shopping"}]), '
        'published=False))(__import__("snowplow_signals"))'
    )


@pytest.mark.parametrize("declaration", SPELLINGS.values(), ids=SPELLINGS)
def test_each_way_to_write_it_has_the_same_outputs(declaration: str) -> None:
    """Whatever it is given in, a unit test sees the outputs that a first deployment would have."""
    assert outputs(declaration) == IN_EFFECT


def test_a_push_is_delivered_in_a_unit_test() -> None:
    """A direct intervention has the outputs of one that reached everybody."""
    told = outputs(
        'DirectIntervention("hello", version=1, targets={"user": ["218e8926-3858-431d-b2ed-66da03a1cbe5"]})',
        ("intervention_id", "status", "ids_served", "ids_not_served"),
    )
    assert len(told.pop("intervention_id")) == 36
    assert told == {"status": "success", "ids_served": 1, "ids_not_served": None}


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "both ways": (
        {"definition": DEFINITION, "owner": "me@example.com", "version": 2},
        "RuleIntervention: give definition=..., or owner=... and version=..., not both: definition has every field.",
    ),
    "no definition": (
        {"definition": 5},
        "RuleIntervention: definition: is int. Write an object of Snowplow's client, or {...} of the same shape.",
    ),
    "a field of its own": (
        {"definition": {**DEFINITION, "tags": []}},
        (
            "RuleIntervention: definition.tags: is not a field in Signals; allowed: name, owner, description, criteria, "
            "target_attribute_keys, payload_attribute_groups, version. Remove it."
        ),
    ),
    "a misspelt argument": (
        {"name": "cart", "owner": "team@example.com", "critera": CART},
        (
            'RuleIntervention "cart": critera: does not exist. Did you mean "criteria"?\n'
            'RuleIntervention "cart": criteria: is required'
        ),
    ),
    "the client's name for published": (
        {**DEFINITION, "is_published": True},
        'RuleIntervention "cart": is_published: is published here. Write published=True, or False for a draft.',
    ),
}


@pytest.mark.parametrize(("given", "told"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_meant_gets_the_line_to_write(given: dict[str, Any], told: str) -> None:
    """No argument leads to a TypeError of Python's."""
    with pytest.raises(pulumi.RunError) as refused:
        RuleIntervention(**given)
    assert str(refused.value) == told


def test_a_misspelt_argument_of_a_class_is_told() -> None:
    """The same for the classes of inputs."""
    misspelt: dict[str, Any] = {"attribute": "a:b", "operater": "is null"}
    with pytest.raises(
        pulumi.RunError, match=r'^InterventionCriterion: operater: does not exist\. Did you mean "operator"'
    ):
        InterventionCriterion(**misspelt)
