"""Each resource tells the provider its own URN, which has to be the one that the engine gives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from harness import Engine

from signals_local.emulator import Emulator, serve

URN = "__urn"

# Another provider keeps every input as it comes, and so the URN that the base of our resources sends.
PROGRAM = """
from pulumi_snowplow_signals.declaration import Shape, SignalsResource
from pulumi_snowplow_signals.inputs.wholes import Whole


class Kept(SignalsResource, module="demo", name="Kept"):
    _shape = Shape("Kept", Elsewhere, lambda inputs: (), "", {}, lambda props: {}, Whole("whole", (), ""))

    def __init__(self, name, opts=None, source="x"):
        super().__init__(name, {"name": name, "source": source, "given": None, "whole": None}, opts)


class Sub(Kept):
    pass


class Team(pulumi.ComponentResource):
    def __init__(self, name, depth, opts=None):
        super().__init__("demo:index:Team", name, {}, opts)
        first = Kept(f"{name}-first", ResourceOptions(parent=self))
        second = Sub(f"{name}-second", ResourceOptions(parent=self))
        Kept(f"{name}-third", ResourceOptions(parent=first, depends_on=[second]))
        if depth:
            Team(f"{name}-inner", depth - 1, ResourceOptions(parent=self))
        self.register_outputs({})


alone = Kept("alone")
Kept("of_the_stack", ResourceOptions(parent=pulumi.runtime.get_root_resource()))
Kept("secretive", ResourceOptions(parent=alone), pulumi.Output.secret("hidden"))
"""
BEFORE = PROGRAM + 'Team("team", 2)\nKept("old")\n'
AFTER = PROGRAM + (
    'Team("crew", 2, ResourceOptions(aliases=[pulumi.Alias(name="team")]))\n'
    'Sub("new", ResourceOptions(aliases=[pulumi.Alias(name="old")]))\n'
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator, to which nothing is sent."""
    with serve() as emulator:
        yield emulator


def kept(project: Engine) -> dict[str, Any]:
    """Return the URN that each resource has sent, by the URN that it has."""
    resources = project.exported()["deployment"]["resources"]
    return {each["urn"]: each["inputs"][URN] for each in resources if URN in each.get("inputs", {})}


def test_the_urn_is_the_engines(project: Engine) -> None:
    """Under components, resources and the stack itself, as a subclass, and after a parent or a name has moved.

    Two children of one component would wait for each other if the URN that they send made them depend on it.
    """
    for program, number in ((BEFORE, 13), (AFTER, 13)):
        project.write(program)
        outcome = project.run("up", environment={})
        assert outcome.succeeded, outcome.text[-3000:]
        found = kept(project)
        assert len(found) == number
        assert found == {urn: urn for urn in found}
    assert any("$demo:index:Team$" in urn and "::crew-inner-inner-third" in urn for urn in found)


def test_no_preview_shows_it(project: Engine) -> None:
    """Whatever an engine prints of a new resource, the hidden input is not in it."""
    project.write(BEFORE)
    options = ("--diff",) if project.name == "pulumi" else ()  # the local engine always shows the inputs
    shown = project.show("preview", *options, environment={})
    assert shown.succeeded, shown.text
    assert "source" in shown.text
    assert URN not in shown.text
