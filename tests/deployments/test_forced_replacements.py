"""A rule whose resource is replaced though nothing of the rule changes: by force, or by another logical name.

Only the real engine has `up --replace` and `pulumi state taint`. It then checks a resource without what was recorded of it,
creates it, and deletes the old half last (seen with engine 3.260). What the old half knew is at hand in its delete alone, so
that a preview may be all that can tell. A resource of another logical name is new, and its old half is never checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from harness import ENGINES, ON_BOTH, Code, Engine, needs, rule, settings_of
from harness.judgement import registered
from harness.outcome import Outcome

from signals_local.emulator import Emulator, serve

_URN = "urn:pulumi:dev::interventions::pulumi-python:dynamic/signals:RuleIntervention::cart"
_DELETE_FIRST = {"opts": Code("ResourceOptions(delete_before_replace=True)")}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator with the attribute that the rule is about."""
    with serve() as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
        yield emulator


@pytest.fixture
def pulumi(emulator: Emulator, tmp_path: Path) -> Engine:
    """A project of the real engine."""
    return ENGINES["pulumi"](tmp_path, settings_of(emulator))


def carry_out(project: Engine, command: str, *options: str) -> Outcome:
    """Run a command that succeeds."""
    outcome = project.run(command, *options, environment={})
    assert outcome.succeeded, outcome.text
    return outcome


def replace(project: Engine, way: str) -> Outcome:
    """Replace the rule's resource; return what a preview said of it."""
    options = ("--replace", _URN) if way == "replace" else ()
    if way == "taint":
        project.call("state", "taint", _URN, "--yes").check_returncode()
    preview = carry_out(project, "preview", *options)
    carry_out(project, "up", *options)
    return preview


def demand_kept_or_announced(project: Engine, emulator: Emulator, preview: Outcome) -> None:
    """Demand that a destroy takes the rule down, or that the preview said how to have it do so."""
    carry_out(project, "destroy")
    is_live = any(registered(emulator.history())["cart"].values())
    is_announced = any("cart" in found.text and "on_destroy=" in found.text for found in preview.messages)
    assert not is_live or is_announced, "the rule is left live, and the preview did not name on_destroy="


@needs("pulumi")
@pytest.mark.parametrize("way", ["replace", "taint"])
@pytest.mark.parametrize("options", [{}, _DELETE_FIRST], ids=["create first", "delete first"])
def test_a_forced_replacement_keeps_the_policy_or_says_so(
    pulumi: Engine, emulator: Emulator, way: str, options: Mapping[str, Code]
) -> None:
    """After it, a destroy leaves nothing live that this stack brought to life, unless the preview named `on_destroy=`."""
    for over in (75, 80):
        pulumi.write(rule("cart", over, **options))
        carry_out(pulumi, "up")
    demand_kept_or_announced(pulumi, emulator, replace(pulumi, way))


@pytest.mark.parametrize("engine", ON_BOTH)
def test_another_logical_name_keeps_the_policy_or_says_so(
    engine: str, emulator: Emulator, tmp_path: Path
) -> None:
    """So it is where a resource only changed its logical name, without an alias."""
    project = ENGINES[engine](tmp_path, settings_of(emulator))
    project.write(rule("cart"))
    carry_out(project, "up")
    project.write(rule("basket", name="cart"))
    preview = carry_out(project, "preview")
    carry_out(project, "up")
    demand_kept_or_announced(project, emulator, preview)


@needs("pulumi")
@pytest.mark.parametrize("way", ["replace", "taint"])
@pytest.mark.parametrize("on_destroy", ["unpublish", "retain"])
def test_a_forced_replacement_keeps_a_written_policy(
    pulumi: Engine, emulator: Emulator, way: str, on_destroy: str
) -> None:
    """What the program says of a destroy holds, and the replacement itself writes nothing."""
    pulumi.write(rule("cart", on_destroy=on_destroy))
    carry_out(pulumi, "up")
    mark = emulator.mark()
    replace(pulumi, way)
    assert {each["method"] for each in emulator.requests(since=mark)} == {"GET"}
    carry_out(pulumi, "destroy")
    assert registered(emulator.history()) == {"cart": {1: on_destroy == "retain"}}
