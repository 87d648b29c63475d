"""Pulumi's resource options on attribute groups, whose hidden child has to go along with them, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attribute_programs import RULE, SERVICE, attempt, go, group, live, operations
from harness import ENGINES, Engine, needs, settings_of
from registries import emptied

from signals_local.emulator import Emulator

_COMPONENT = """
class Shop(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("example:Shop", name, None, opts)

shop = Shop("shop")
"""


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator in which nothing that something read has gone down when the test is over."""
    with emptied() as emulator:
        yield emulator
        assert emulator.broken_promises() == []


def test_a_protected_group_stays(project: Engine, emulator: Emulator) -> None:
    """Its removal and a destroy are refused, and its child withdraws nothing."""
    protected = group("value", opts="ResourceOptions(protect=True)")
    go(project, protected)
    assert not attempt(project, "").succeeded
    assert not attempt(project, protected, "destroy").succeeded
    assert live(emulator) == ["basket v1"]
    assert operations(go(project, None)).keys() <= {"live"}  # a destroy may have taken the child along


def test_a_retained_group_stays(project: Engine, emulator: Emulator) -> None:
    """It is forgotten by the stack, and live as it was."""
    go(project, group("value", opts="ResourceOptions(retain_on_delete=True)"))
    assert operations(go(project, "")) == {"basket": "delete", "live": "delete"}
    assert live(emulator) == ["basket v1"]


def test_replace_on_changes_does_nothing(project: Engine, emulator: Emulator) -> None:
    """A changed group is a new version, an update in place."""
    opts = 'ResourceOptions(replace_on_changes=["attributes"])'
    go(project, group("value", opts=opts) + SERVICE + RULE)
    outcome = go(project, group("value", "idle", opts=opts) + SERVICE + RULE)
    assert operations(outcome) == {"basket": "update", "live": "replace", "checkout": "update"}
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]


def test_a_group_that_moves_into_a_component(project: Engine, emulator: Emulator) -> None:
    """With an alias, neither the group nor its child is another."""
    go(project, group("value") + SERVICE + RULE)
    aliased = "ResourceOptions(parent=shop, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)])"
    moved = go(project, _COMPONENT + group("value", opts=aliased) + SERVICE + RULE)
    assert operations(moved).keys() <= {"shop"}  # of which the real engine's events say nothing
    go(project, _COMPONENT + group("value", "idle", opts=aliased) + SERVICE + RULE)
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]
    go(project, None, "destroy")
    assert live(emulator) == []


def test_a_group_within_a_component(project: Engine, emulator: Emulator) -> None:
    """Versions follow each other there as anywhere."""
    opts = "ResourceOptions(parent=shop)"
    go(project, _COMPONENT + group("value", opts=opts) + SERVICE + RULE)
    go(project, _COMPONENT + group("value", "idle", opts=opts) + SERVICE + RULE)
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]
    assert operations(go(project, None)) == {}


def test_a_group_of_another_logical_name_with_an_alias(project: Engine, emulator: Emulator) -> None:
    """Group and child are what they were, and the next version retires the one before."""
    go(project, group("value") + SERVICE + RULE)

    def renamed(*attributes: str) -> str:
        opts = 'ResourceOptions(aliases=[pulumi.Alias(name="basket")])'
        text = group(*attributes, name="basket", opts=opts)
        return text.replace('("basket", owner', '("trolley", owner') + SERVICE + RULE

    assert operations(go(project, renamed("value"))) == {}
    go(project, renamed("value", "idle"))
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]
    go(project, None, "destroy")
    assert live(emulator) == []


@needs("pulumi")
def test_a_stack_of_another_name(emulator: Emulator, tmp_path: Path) -> None:
    """Nothing changes, and versions go on from where they were. The local engine renames no stacks."""
    project = ENGINES["pulumi"](tmp_path, settings_of(emulator))
    go(project, group("value") + SERVICE + RULE)
    project.call("stack", "rename", "production").check_returncode()
    assert operations(go(project, None)) == {}
    go(project, group("value", "idle") + SERVICE + RULE)
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]
    go(project, None, "destroy")
    assert live(emulator) == []
