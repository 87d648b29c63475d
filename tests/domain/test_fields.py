"""A field of a kind stands everywhere where it has to: what a program may give is stored, recorded, read and tested."""

from __future__ import annotations

import inspect
import subprocess
from typing import Any

import pulumi
import pytest
from generated import declarations
from hypothesis import find
from hypothesis import strategies as st
from warm import warm_python

from pulumi_snowplow_signals import (
    AttributeKey,
    BatchAttributeGroup,
    ExternalBatchAttributeGroup,
    RuleIntervention,
    Service,
    StreamAttributeGroup,
)
from pulumi_snowplow_signals.kinds import attribute_group, attribute_key, catalogue, service
from pulumi_snowplow_signals.kinds.declared import inputs_of
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.lifecycle import lifecycle
from pulumi_snowplow_signals.lifecycle.users import _USERS
from signals_local.emulator import attribute_models, models

# Each resource, its kind, and the model by which the emulator keeps it.
RESOURCES = [
    (RuleIntervention, Intervention, models.RuleIntervention),
    (AttributeKey, attribute_key.AttributeKey, attribute_models.AttributeKey),
    (StreamAttributeGroup, attribute_group.StreamAttributeGroup, attribute_models.AttributeGroup),
    (BatchAttributeGroup, attribute_group.BatchAttributeGroup, attribute_models.AttributeGroup),
    (ExternalBatchAttributeGroup, attribute_group.ExternalBatchAttributeGroup, attribute_models.AttributeGroup),
    (Service, service.Service, models.Service),
]  # fmt: skip
# `definition` stands for several inputs; `online` is accepted, and has no effect.
ARE_NO_INPUTS = {"self", "resource_name", "opts", "unexpected", "definition", "online"}
ARE_NO_FIELDS = {"version", "is_published"}
# What tells the sorts of attribute groups apart follows from the class, and `online` has no effect any more.
TELL_THE_SORT = {"online", "offline"}
KINDS = {kind for _, kind, _ in RESOURCES}
EACH = pytest.mark.parametrize(("resource", "kind", "emulated"), RESOURCES)


def test_every_kind_that_can_be_deployed_is_here() -> None:
    """None of the kinds that have a lifecycle is left out of the tests below."""
    lifecycles = [value for value in vars(lifecycle).values() if isinstance(value, lifecycle.Lifecycle)]
    assert {each.kind for each in lifecycles} == KINDS


def test_every_kind_is_in_the_catalogue() -> None:
    """Whoever asks what a class declares is told so by one table, in which each kind stands after those that it refers to."""
    assert {resource.__name__: kind for resource, kind, _ in RESOURCES} == catalogue.RESOURCES
    labels = list(dict.fromkeys(kind.label for kind in catalogue.KINDS))
    assert all(
        labels.index(user.label) > labels.index(used) for used, users in _USERS.items() for user in users
    )


@EACH
def test_every_input_is_an_argument_and_an_output(
    resource: type[pulumi.Resource], kind: type[Definition], emulated: Any
) -> None:
    """A program can give each input by name, and read each of them but `adopt`, which is consent alone."""
    arguments = {*inspect.signature(resource.__init__).parameters} - ARE_NO_INPUTS
    assert arguments == {*inputs_of(kind)}
    assert {*resource.__annotations__} == {*inputs_of(kind)} - {"adopt"} | {*kind.derived_inputs({})}


LOOKS = """
import pulumi

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return args.name, args.inputs
    def call(self, args):
        return {{}}

pulumi.runtime.set_mocks(Mocks())
from {module} import {name}

@pulumi.runtime.test
def look():
    found = {name}.get("look", "some_name")
    print(*(output for output in {name}.__annotations__ if output not in vars(found)))
    return found.urn

look()
"""


@EACH
def test_a_look_gives_every_output(
    resource: type[pulumi.Resource], kind: type[Definition], emulated: Any
) -> None:
    """`.get` leaves no output out."""
    program = LOOKS.format(module=resource.__module__, name=resource.__name__)
    done = subprocess.run([warm_python(), "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == ([], "")


@EACH
def test_the_emulator_keeps_every_field(
    resource: type[pulumi.Resource], kind: type[Definition], emulated: Any
) -> None:
    """A field that the emulator ignored would differ from the registry for ever: a new version with each deployment."""
    others = {name for _, other, model in RESOURCES if model is emulated for name in other.model_fields}
    assert kind.model_fields.keys() <= emulated.model_fields.keys() - ARE_NO_FIELDS
    assert emulated.model_fields.keys() - ARE_NO_FIELDS - TELL_THE_SORT == others


@pytest.mark.parametrize("name", inputs_of(Intervention))
def test_every_input_is_generated(name: str) -> None:
    """The properties of a definition are tried with each of its inputs."""
    assert find(declarations(st.just({})), lambda raw: name in raw)
