"""Every operation, failing at each of its requests in each way; then run again, edited, reverted, destroyed."""

from __future__ import annotations

from contextlib import closing

import pytest
from cutting.operations import OPERATIONS
from cutting.trial import Trial
from cutting.ways import PUBLICATION_FAILS, WAYS
from cutting.world import World


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
    tally = trial.run(ways)
    record_property("cuts", f"in process, {kind}: {trial.operation.name}: {tally}")
    assert not tally.wrong, "\n".join(tally.wrong)
    return tally


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_whatever_fails_the_next_run_ends_right(world, operation, record_property):
    """Wherever a deployment is cut, the next one ends in the registry of one that never began or never failed."""
    tally = hold(Trial(world, operation), WAYS, record_property, "any request")
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
        Trial(world_of_other_habits, operation), WAYS, record_property, "other habits of the service"
    )
    assert tally.tried > 0
