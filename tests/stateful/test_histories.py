"""Random histories of two stacks and an outsider over one registry, and the promises that hold after each.

A few short histories are played, the same ones every time, and in a soak 2,000 longer ones. For others, run

    HISTORIES=2000-10000 pytest tests/stateful      # histories 2000 to 9999

The summary says how many histories and operations were played, and what came of the deployments in them. A history that
breaks a promise is shortened and prints as a list of operations, which can be copied into `histories/scenarios.py`.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing

import pytest
from histories.history import History
from histories.judge import BrokenError
from histories.operations import DOWN, Up
from histories.player import Player
from histories.registry import Registry
from histories.scenarios import SCENARIOS
from histories.shortening import shorten
from thorough import SOAK

_QUICK = (range(24), 12)
_LONG_STEPS = 25
_LONG = (range(2000), _LONG_STEPS)


@pytest.fixture(scope="module")
def registry():
    """One registry, emptied before each history."""
    with closing(Registry()) as registry:
        yield registry


def test_random_histories(registry, record_property):
    """Whatever two stacks and an outsider do, every promise holds."""
    tally: Counter[str] = Counter()
    numbers, steps = _histories()
    try:
        for number in numbers:
            play(registry, number, steps, tally)
    finally:
        told = ", ".join(f"{count} {what}" for what, count in tally.items())
        record_property("histories", f"two stacks and an outsider: {told}")
    assert tally["histories"] == len(numbers)


def play(registry, number, steps, tally):
    """Play a history; shorten it if it breaks a promise."""
    try:
        Player(registry, number, tally).play(steps)
    except BrokenError as broken:
        shortened = shorten(registry, broken.operations, broken.promise)
        raise AssertionError(f"history {number}, shortened: {shortened}") from None


def _histories() -> tuple[range, int]:
    """Return the numbers of the histories to play, and how many things are done in each."""
    wanted = os.environ.get("HISTORIES")
    if wanted is None:
        return _LONG if SOAK else _QUICK
    first, _, end = wanted.rpartition("-")
    return range(int(first or 0), int(end)), _LONG_STEPS


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_scenarios(registry, scenario):
    """Each history that once broke a promise keeps them all, and its last deployment says what it must."""
    history = History(registry)
    history.play(*scenario.operations)
    last = [
        said for done, said in zip(history.played, history.outcomes, strict=True) if isinstance(done, Up)
    ][-1]
    missing = [words for words in scenario.says if words not in last]
    assert not missing, f"{missing} not in: {last}\n\n{history.script()}"
    history.play(*DOWN)
