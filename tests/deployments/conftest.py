"""A project for a module's own emulator."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import ENGINES, ON_BOTH, Engine, settings_of

from signals_local.emulator import Emulator


@pytest.fixture(params=ON_BOTH)
def project(request: pytest.FixtureRequest, emulator: Emulator, tmp_path: Path) -> Engine:
    """A project of each engine that deploys to the emulator."""
    return ENGINES[request.param](tmp_path, settings_of(emulator))
