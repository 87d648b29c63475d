"""Makes the harness, the lifecycles and the version rule's table importable, and a project for a module's own emulator.

Test folders are no packages here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "domain"))
sys.path.insert(0, str(Path(__file__).parent))

from harness import ENGINES, ON_BOTH, Engine, settings_of

from signals_local.emulator import Emulator


@pytest.fixture(params=ON_BOTH)
def project(request: pytest.FixtureRequest, emulator: Emulator, tmp_path: Path) -> Engine:
    """A project of each engine that deploys to the emulator."""
    return ENGINES[request.param](tmp_path, settings_of(emulator))
