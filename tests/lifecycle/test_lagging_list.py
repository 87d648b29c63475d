"""A list that says less than what the stack recorded as live is not believed without a second question."""

from __future__ import annotations

from typing import Any

import pytest
from stacks import Stack, a_rule

from signals_local.emulator import Emulator


def _list_lags(emulator: Emulator, *versions: dict[str, Any]) -> None:
    emulator.fail(
        method="GET", path="/api/v1/registry/interventions/", status=200, body=list(versions), count=None
    )


@pytest.mark.parametrize("command", ["update", "remove", "withdraw"])
def test_a_live_version_that_the_list_shows_as_withdrawn(
    stack: Stack, emulator: Emulator, command: str
) -> None:
    """It is asked for by its number, so that it does not stay live beside its successor, or after its resource."""
    stack.up(a_rule("down"))
    _list_lags(emulator, {**a_rule("down"), "version": 1, "is_published": False})
    declared = {"update": [a_rule("down", 80)], "remove": [], "withdraw": [a_rule("down", published=False)]}
    stack.up(*declared[command])
    emulator.clear_faults()
    live = [each["version"] for each in emulator.history()["versions"] if each["is_published"]]
    assert live == ([2] if command == "update" else [])
