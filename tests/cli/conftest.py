"""An emulator for each test, and a process that runs programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from command_line import Evaluator
from registries import emptied
from registry_shapes import GROUPS

from signals_local.emulator import Emulator


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator with the groups that rules refer to; parametrised with what it assumes."""
    with emptied(assume=getattr(request, "param", None)) as emulator:
        for name, attributes in GROUPS.items():
            emulator.publish_group(name, attributes)
        yield emulator


@pytest.fixture(scope="session")
def evaluator() -> Iterator[Evaluator]:
    """A process that runs programs without an engine."""
    with Evaluator() as evaluator:
        yield evaluator
