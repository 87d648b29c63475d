"""Every response of every command, wrong in each way: nothing is forgotten, nothing is done that was not, nothing crashes."""

from __future__ import annotations

from contextlib import closing

import pytest
from cutting.world import World
from tampering.calls import CALLS
from tampering.operations import COMMANDS
from tampering.trial import Trial
from thorough import SOAK

# A prime, so that the ways which are tried of one response are not those of the next.
EVERY = 1 if SOAK else 179


@pytest.fixture(scope="module")
def world():
    """A registry whose publications are one step."""
    with closing(World()) as world:
        yield world


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_whatever_is_answered_the_next_run_ends_right(world, command, record_property):
    """A tampered response is told in a sentence or does no harm, and the next run ends as if it had never been."""
    tally = Trial(world, command).run(EVERY)
    record_property("cuts", f"in process, tampered responses: {command}: {tally}")
    assert tally.tried
    assert not tally.wrong, "\n".join(tally.wrong)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_whatever_is_answered_a_call_tells_what_is_known(world, call, record_property):
    """A push is repeated only where it surely was not delivered, and never called a success that nobody confirmed."""
    tally = call.tamper(world, max(1, EVERY // 4))
    record_property("cuts", f"in process, tampered responses: {call}: {tally}")
    assert tally.tried
    assert not tally.wrong, "\n".join(tally.wrong)
