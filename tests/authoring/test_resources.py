"""What a resource registers beside its inputs: its type, also as a subclass, and its own URN."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pulumi
import pytest
from pulumi._types import resource_types
from warm import warm_python

from pulumi_snowplow_signals import RuleIntervention

RULE_TYPE = "pulumi-python:dynamic/signals:RuleIntervention"
DIRECT_TYPE = "pulumi-python:dynamic/signals:DirectIntervention"
URN = "urn:pulumi:stack::project::"

# With Pulumi's own mocks, as a team tests its programs, and in a process of its own: they are Pulumi's globals.
PROGRAM = """
import asyncio, json
import pulumi
from pulumi import ComponentResource, ResourceOptions
from pulumi_snowplow_signals import DirectIntervention, RuleIntervention, attribute
from pulumi_snowplow_signals.declaration import SignalsResource

class TeamRule(RuleIntervention): pass
class ShopRule(TeamRule): pass
class TypedRule(RuleIntervention, module="team", name="Rule"): pass
class OfTyped(TypedRule): pass
class Named(RuleIntervention, name="Rule"): pass
class Mixin: pass
class Mixed(Mixin, TeamRule): pass
class TeamGreeting(DirectIntervention): pass

RULE = dict(owner="team@example.com", criteria=attribute("shopping:cart_value") > 75)
PUSH = dict(version=1, targets={{"domain_userid": ["218e8926-3858-431d-b2ed-66da03a1cbe5"]}})
told = {{}}

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        told[args.name] = {{"type": args.typ, "urn": args.inputs.get("__urn"), "names": sorted(args.inputs)}}
        return args.name, args.inputs
    def call(self, args):
        return {{}}

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
pulumi.runtime.set_mocks(Mocks(), preview={preview})

@pulumi.runtime.test
def declare():
    resources = [{declarations}]
    return pulumi.Output.all(*(resource.urn for resource in resources))

declare()
print(json.dumps(told))
loop.close()
asyncio.get_event_loop().close()
"""


def registered(*declarations: str, preview: bool = False) -> dict[str, Any]:
    """Return what Pulumi's mocks are told of each resource, by its logical name."""
    program = PROGRAM.format(declarations=", ".join(declarations), preview=preview)
    done = subprocess.run([warm_python(), "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told: dict[str, Any] = json.loads(done.stdout)
    return told


CLASSES = {
    "RuleIntervention": (RULE_TYPE, "RULE"),
    "TeamRule": (RULE_TYPE, "RULE"),
    "ShopRule": (RULE_TYPE, "RULE"),
    "Mixed": (RULE_TYPE, "RULE"),
    "TypedRule": ("pulumi-python:dynamic/team:Rule", "RULE"),
    "OfTyped": ("pulumi-python:dynamic/team:Rule", "RULE"),
    "Named": ("pulumi-python:dynamic:Rule", "RULE"),
    "DirectIntervention": (DIRECT_TYPE, "PUSH"),
    "TeamGreeting": (DIRECT_TYPE, "PUSH"),
}


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_each_class_has_its_type_and_sends_its_urn(*, preview: bool) -> None:
    """A subclass has the type of its base unless it names one of its own; the URN has that type."""
    told = registered(
        *(f'{name}("{name}", **{given})' for name, (_, given) in CLASSES.items()), preview=preview
    )
    found = {name: (each["type"], each["urn"]) for name, each in told.items()}
    assert found == {name: (type_, f"{URN}{type_}::{name}") for name, (type_, _) in CLASSES.items()}


def test_an_annotation_may_name_what_is_not_there_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where two modules import each other. Pulumi evaluates it when a resource is registered."""
    module = ModuleType("team")
    monkeypatch.setitem(sys.modules, "team", module)
    shared = SimpleNamespace()
    vars(module).update(RuleIntervention=RuleIntervention, shared=shared)
    exec(
        "class TeamRule(RuleIntervention):\n    team: shared.Team", vars(module)
    )  # annotations stay text, as in this module
    shared.Team = pulumi.Output[str]
    assert resource_types(vars(module)["TeamRule"]) == {"team": str}


def test_a_urn_is_never_a_secret_and_a_secret_stays_told() -> None:
    """The hidden inputs of a rule with a secret in it name that input alone."""
    told = registered(
        'RuleIntervention("cart", **{**RULE, "owner": pulumi.Output.secret("team@example.com")})'
    )
    assert told["cart"]["urn"] == f"{URN}{RULE_TYPE}::cart"
    assert {"__secret", "__urn"} <= set(told["cart"]["names"])


def test_a_look_at_what_others_manage_sends_no_urn() -> None:
    """A `.get` declares nothing, and has the type of its base as well."""
    told = registered('RuleIntervention.get("cart", "cart")', 'TeamRule.get("team", "cart", version=2)')
    assert [each["type"] for each in told.values()] == [RULE_TYPE, RULE_TYPE]
    assert all("__urn" not in each["names"] for each in told.values())
