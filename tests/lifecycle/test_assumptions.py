"""Each thing that nobody outside Snowplow knows about the service, by itself: a stack ends the same whichever is true."""

from __future__ import annotations

from typing import Any

import pytest
from registries import emptied
from stacks import Stack, a_rule

from signals_local.emulator import Emulator
from signals_local.emulator.assumptions import switches

_VALUES = [(switch.name, value) for switch in switches() for value in switch.values]

# Whoever may have only one live version of a name has to do without for a moment. Nothing a client does can avoid that.
_NEEDS_A_GAP = ("previous", "blocks")


def _live(emulator: Emulator) -> dict[str, dict[int, bool]]:
    found: dict[str, dict[int, bool]] = {}
    for version in emulator.history()["versions"]:
        if version["exists"]:
            found.setdefault(version["name"], {})[version["version"]] = version["is_published"]
    return found


def _published_by_others(emulator: Emulator, stack: Stack) -> None:
    """Put `adopted` into the registry as others would: by a stack that is then forgotten."""
    others = Stack(emulator, stack.config)
    others.up(a_rule("adopted", 60), a_rule("equal"))


@pytest.mark.parametrize(("name", "value"), _VALUES, ids=[f"{name}={value}" for name, value in _VALUES])
def test_ends_the_same(name: str, value: str) -> None:
    """Create, update, withdraw, roll back, edit a draft, adopt, refresh and destroy end in the same registry."""
    with emptied(assume={name: value}) as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
        stack = Stack(emulator)
        _published_by_others(emulator, stack)
        _live_through(stack)
        assert _live(emulator) == {
            "updated": {1: False, 2: False, 3: False},
            "down": {1: False},
            "rolled_back": {1: False, 2: False},
            "drafted": {1: False},
            "adopted": {1: False, 2: False},
            "equal": {1: True},
        }
        broken = emulator.broken_promises(meant_down=["down"])
        if (name, value) == _NEEDS_A_GAP:
            assert all("had no live version" in promise for promise in broken)
        else:
            assert broken == []


def _live_through(stack: Stack) -> None:
    kept: list[dict[str, Any]] = [a_rule("adopted", adopt=True, on_destroy="unpublish"), a_rule("equal")]
    stack.up(
        a_rule("updated"),
        a_rule("down"),
        a_rule("rolled_back", version=1),
        a_rule("drafted", published=False),
        a_rule("removed", on_destroy="delete"),
        *kept,
    )
    stack.up(
        a_rule("updated", 80),
        a_rule("down", published=False),
        a_rule("rolled_back", 80, version=2),
        a_rule("drafted", 80, published=False),
        a_rule("removed", 80, on_destroy="delete"),
        *kept,
    )
    assert stack.refresh() == {}
    last = (
        a_rule("updated", 90),
        a_rule("down"),
        a_rule("rolled_back", version=1),
        a_rule("drafted", 80),
        a_rule("removed", 80, on_destroy="delete"),
        *kept,
    )
    stack.up(*last)
    assert stack.refresh() == {}
    assert stack.up(*last) == {}
    stack.destroy()
