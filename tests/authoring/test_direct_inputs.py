"""A direct intervention is written in several ways that mean the same, and what can never be right is told at once."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pulumi
import pytest
from warm import warm_python

from pulumi_snowplow_signals import DirectIntervention, InterventionInstance

VISITOR = {"domain_userid": ["218e8926-3858-431d-b2ed-66da03a1cbe5"]}
NAMED = 'name="greeting", version=1, attributes={"text": "hi"}'

SPELLINGS = {
    "one by one": f"DirectIntervention({NAMED}, targets=VISITOR)",
    "a logical name alone": 'DirectIntervention("greeting", version=1, attributes={"text": "hi"}, targets=VISITOR)',
    "an instance": f"DirectIntervention(instance=InterventionInstance({NAMED}), targets=VISITOR)",
    "key identifiers": f"DirectIntervention({NAMED}, targets=AttributeKeyIdentifiers(VISITOR))",
    "a mapping for an instance": f"DirectIntervention(instance=dict({NAMED}), targets=VISITOR)",
    "an instance that is an output": (
        f'DirectIntervention("greeting", instance=Output.from_input(InterventionInstance({NAMED})), targets=VISITOR)'
    ),
    "targets that are an output": f"DirectIntervention({NAMED}, targets=Output.from_input(AttributeKeyIdentifiers(VISITOR)))",
}

# In a process of its own: a program's stack and event loop are Pulumi's globals.
PROGRAM = """
import asyncio, json
import pulumi
from pulumi import Output
from pulumi_snowplow_signals import AttributeKeyIdentifiers, DirectIntervention, InterventionInstance

VISITOR = {visitor}
told = {{}}

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        if args.typ != "pulumi:pulumi:Stack":
            told[args.name] = {{name: value for name, value in args.inputs.items() if not name.startswith("__")}}
        return args.name, args.inputs
    def call(self, args):
        return {{}}

asyncio.set_event_loop(asyncio.new_event_loop())
pulumi.runtime.set_mocks(Mocks())

@pulumi.runtime.test
def declare():
    return {declaration}.urn

declare()
print(json.dumps(told))
"""


def _inputs(declaration: str) -> Any:
    program = PROGRAM.format(visitor=VISITOR, declaration=declaration)
    done = subprocess.run([warm_python(), "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("declaration", SPELLINGS.values(), ids=SPELLINGS)
def test_each_way_to_write_it_gives_the_same_inputs(declaration: str) -> None:
    """Whatever it is made from, what is registered with Pulumi is the same plain definition."""
    (inputs,) = _inputs(declaration).values()
    definition = {name: inputs.get(name) for name in ("name", "version", "attributes", "targets", "triggers")}
    assert definition == {
        "name": "greeting",
        "version": 1,
        "attributes": {"text": "hi"},
        "targets": VISITOR,
        "triggers": None,
    }


INSTANCE = InterventionInstance(name="greeting", version=1)
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no version": (
        {"name": "greeting"},
        'DirectIntervention "greeting": version: is required',
    ),
    "no name at all": (
        {"version": 1},
        "DirectIntervention: needs a name. Pass name=..., or a logical name as the first argument. If the name is an output, pass a logical name as well.",
    ),
    "an instance and a version": (
        {"instance": INSTANCE, "version": 2},
        "DirectIntervention: give instance=..., or version=..., not both: instance has every field.",
    ),
    "an instance that is none": (
        {"instance": "greeting"},
        "DirectIntervention: instance: is str. Write InterventionInstance(name=..., version=..., attributes={...}).",
    ),
    "an instance with a field of its own": (
        {"instance": {"name": "greeting", "version": 1, "target": {}}},
        "DirectIntervention: instance.target: is not a field in Signals; allowed: name, version, attributes. Remove it.",
    ),
    "an import": (
        {"name": "greeting", "version": 1, "opts": pulumi.ResourceOptions(import_="greeting")},
        (
            'DirectIntervention "greeting": import_ does not work for dynamic resources (pulumi/pulumi#16175). '
            "There is nothing to import: Signals keeps no record of a push."
        ),
    ),
}


@pytest.mark.parametrize(("given", "told"), FAULTS.values(), ids=FAULTS)
def test_what_can_never_be_right_is_told_where_it_is_written(given: dict[str, Any], told: str) -> None:
    """The constructor refuses with a sentence, before Pulumi hears of the resource."""
    with pytest.raises(pulumi.RunError) as refused:
        DirectIntervention(**given, targets=VISITOR)
    assert str(refused.value) == told


def test_a_logical_name_that_cannot_be_the_name_asks_for_one() -> None:
    """A logical name may hold what a name in Signals may not."""
    with pytest.raises(pulumi.RunError, match=r'"good day".*Pass name=\.\.\. as well'):
        DirectIntervention("good day", version=1, targets=VISITOR)
