"""Every lifecycle of the table, through each engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import ENGINES, Lifecycle, carry_out, needs
from lifecycles import LIFECYCLES

_ON_BOTH = [
    pytest.param(
        lifecycle,
        engine,
        id=f"{engine}: {lifecycle.promise}",
        marks=needs(engine),
    )
    for lifecycle in LIFECYCLES
    for engine in ENGINES
    if engine in lifecycle.engines
]


@pytest.mark.parametrize(("lifecycle", "engine"), _ON_BOTH)
def test_lifecycle(lifecycle: Lifecycle, engine: str, tmp_path: Path) -> None:
    """The engine takes the steps, says the words and leaves the registry that the lifecycle promises."""
    carry_out(lifecycle, ENGINES[engine], tmp_path)
