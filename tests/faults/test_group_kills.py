"""Groups whose users move with them, on both engines, killed for real at each request: the same command again ends right."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import ENGINES, needs, settings_of
from harness.killing import kill_provider, kill_run
from killing.groups import MOVES, GroupStack, Move
from thorough import SOAK

from signals_local.emulator import serve

_KILLS = {"the run": kill_run, "the provider": kill_provider}
_CASES = [
    pytest.param(move, victim, engine, id=f"{move}, {victim} killed, {engine}", marks=needs(engine))
    for move in MOVES
    for victim in _KILLS
    for engine in ENGINES
    # Without a soak: the move that has most to lose, with the provider killed, which leaves the engine to note what it can.
    if SOAK or (move is MOVES[0] and victim == "the provider")
]


@pytest.mark.parametrize(("move", "victim", "engine"), _CASES)
def test_whatever_is_killed_the_same_command_ends_right(
    move: Move, victim: str, engine: str, tmp_path: Path, record_property: pytest.RecordProperty
) -> None:
    """Killed at each request, before its work and after it, and nothing that a service or a rule reads is ever withdrawn."""
    with serve() as emulator:
        stack = GroupStack(move, ENGINES[engine](tmp_path, settings_of(emulator)), emulator)
        stack.learn()
        tried = stack.cut_everywhere(_KILLS[victim])
        wrong = [*stack.differences()]
    record_property("cuts", f"{engine}, {victim} killed: group, {move}: {tried}, {len(wrong)} faults")
    assert not wrong, "\n".join(wrong)
