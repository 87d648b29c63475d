"""Every operation, failing at each of its requests in each way; then run again, edited, reverted, destroyed."""

from __future__ import annotations

from contextlib import closing, suppress

import pytest
from cutting.operations import OPERATIONS, cart
from cutting.trial import Tally, Trial, cuts_of
from cutting.ways import PUBLICATION_FAILS, QUICK_WAYS, WAYS, Killed
from cutting.world import World
from driver import Driver
from thorough import chosen

from pulumi_snowplow_signals.errors import SignalsError

_WAYS = chosen(WAYS, QUICK_WAYS)


@pytest.fixture(scope="module")
def world():
    """A registry whose publications are one step."""
    with closing(World()) as world:
        yield world


@pytest.fixture(scope="module")
def world_of_two_steps():
    """A registry that stores a draft first, and then publishes it."""
    with closing(World({"publishing": "two-steps"})) as world:
        yield world


@pytest.fixture(scope="module")
def world_of_other_habits():
    """A registry that answers otherwise wherever it may: lists what is newest, sends definitions back in another form."""
    other = {"publishing": "two-steps", "list": "newest", "latest": "published", "answers": "normalised"}
    with closing(World({**other, "previous": "withdrawn", "error-detail": "list"})) as world:
        yield world


def hold(trial, ways, record_property, kind):
    with closing(trial):
        tally = trial.run(ways)
    record_property("cuts", f"in process, {kind}: {trial.operation.name}: {tally}")
    assert not tally.wrong, "\n".join(tally.wrong)
    return tally


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_whatever_fails_the_next_run_ends_right(world, operation, record_property):
    """Wherever a deployment is cut, the next one ends in the registry of one that never began or never failed."""
    tally = hold(Trial(world, operation), _WAYS, record_property, "any request")
    assert tally.tried > 0 or tally.requests == 0


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.publishes], ids=str)
def test_a_publication_that_fails_half_way(world_of_two_steps, operation, record_property):
    """Where the service stores a version and then fails to publish it, the next run ends right."""
    tally = hold(
        Trial(world_of_two_steps, operation), PUBLICATION_FAILS, record_property, "half-way publication"
    )
    assert tally.tried > 0


@pytest.mark.parametrize(
    "operation",
    [
        each
        for each in OPERATIONS
        if each.name in ("create", "update", "rollback", "publish a draft", "destroy, deleting")
    ],
    ids=str,
)
def test_where_the_service_has_other_habits(world_of_other_habits, operation, record_property):
    """The same holds where what nobody knows of the service is otherwise than is likely."""
    tally = hold(
        Trial(world_of_other_habits, operation), _WAYS, record_property, "other habits of the service"
    )
    assert tally.tried > 0


def test_a_refresh_that_fails_forgets_nothing(world, record_property):
    """Unless the registry itself says that a version is not there, a refresh leaves the state as it was."""
    world.clear()
    stack = Driver()
    for program in (cart(75), cart(80)):
        stack.up(world.process(), program)
    world.mend()
    stack.refresh(world.process())
    requests, before = list(world.passed), stack.told()
    tally = Tally(requests=len(requests))
    for at, request, way in cuts_of(requests, _WAYS):
        tally.tried += 1
        world.cut(way, at)
        with suppress(SignalsError, Killed):
            stack.refresh(world.process())
        assert stack.told() == before, f"{way}, at {request.url.path}"
    world.mend()
    assert tally.tried
    record_property("cuts", f"in process, any request: refresh: {tally}")
