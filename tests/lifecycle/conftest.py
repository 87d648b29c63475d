"""An emulator of its own for each test, and a stack that deploys to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from registries import emptied
from stacks import Stack

from signals_local.emulator import Emulator


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator with the attribute groups that the rules refer to; parametrised with what it assumes."""
    with emptied(assume=getattr(request, "param", None)) as emulator:
        emulator.publish_group("shopping", {"cart_value": "double", "visits": "int32"})
        yield emulator
        assert emulator.broken_promises(meant_down=["down"]) == []


@pytest.fixture
def stack(emulator: Emulator) -> Stack:
    """A stack in which nothing is deployed yet."""
    return Stack(emulator)
