"""A run of several kinds that dies at any request that writes, repeated: the registry ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from registries import emptied
from several_kinds import KEY, a_group, a_rule, a_service, live
from stacks import Cutting, Died, OfKind, Stack

from signals_local.emulator import Emulator

ON_KEY = {"attribute_key": "account_id"}
NOTHING: tuple[OfKind, ...] = ()
FIRST: tuple[OfKind, ...] = (KEY, a_group("value", **ON_KEY), a_service("basket"), a_rule("basket:value"))
SECOND: tuple[OfKind, ...] = (
    KEY,
    a_group("value", "idle", **ON_KEY),
    a_service("basket", description="all of it"),
    a_rule("basket:idle"),
)
DRAFT: tuple[OfKind, ...] = (
    KEY,
    a_group("value", "idle", published=False, **ON_KEY),
    ("service", {**FIRST[2][1], "attribute_groups": [{"name": "basket", "version": 1}]}),
    FIRST[3],
)
DELETED: tuple[OfKind, ...] = tuple((kind, {**given, "on_destroy": "delete"}) for kind, given in FIRST)
MOVES = {
    "from nothing": (NOTHING, FIRST),
    "to a new version": (FIRST, SECOND),
    "to a draft beside": (FIRST, DRAFT),
    "from a draft": (DRAFT, SECOND),
    "to nothing": (FIRST, NOTHING),
    "to nothing, deleted": (DELETED, NOTHING),
}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator in which nothing went down by a cascade when the test is over."""
    with emptied() as emulator:
        yield emulator
        assert emulator.broken_promises() == []


def bring(emulator: Emulator, before: tuple[OfKind, ...]) -> Stack:
    """Return a stack in which something is deployed, in a registry that holds nothing else."""
    emulator.reset()
    stack = Stack(emulator)
    if before is DRAFT:
        stack.up(*FIRST)
    stack.up(*before)
    return stack


@pytest.mark.parametrize("arrives", [False, True], ids=["lost", "arrives"])
@pytest.mark.parametrize("move", MOVES)
def test_a_run_that_is_cut_off(emulator: Emulator, move: str, arrives: bool) -> None:  # noqa: FBT001  # parametrised
    """Whichever request it dies at, before or after the registry has carried it out, the next run ends where it would have."""
    before, after = MOVES[move]
    stack = bring(emulator, before)
    stack.transport = Cutting()
    stack.up(*after)
    writes, expected = stack.transport.writes, live(emulator)
    assert writes > 0
    for at in range(1, writes + 1):
        stack = bring(emulator, before)
        stack.transport = Cutting(at, arrives=arrives)
        with pytest.raises(Died):
            stack.up(*after)
        stack.transport = None
        stack.up(*after)
        stack.up(*after)  # what was held at the end of the first is free in the second
        assert live(emulator) == expected, f"cut at {at} of {writes}"
        assert emulator.broken_promises() == [], f"cut at {at} of {writes}"
        assert stack.up(*after) == {}
