"""Every operation on both engines, killed for real at each request that it makes; the same command again then ends right."""

from __future__ import annotations

from contextlib import closing

import pytest
from cutting.operations import OPERATIONS
from cutting.world import World
from harness import ENGINES, Outsider, PulumiEngine
from harness.killing import kill_provider, kill_run
from killing.cuts import cuts_of
from killing.stack import Stack

from signals_local.emulator import serve

_KILLS = {"the run": kill_run, "the provider": kill_provider}
_CASES = [
    pytest.param(
        operation,
        victim,
        engine,
        id=f"{operation}, {victim} killed, {engine}",
        marks=pytest.mark.skipif(
            engine == "pulumi" and not PulumiEngine.is_there(),
            reason="the real engine, `pulumi`, is not on PATH",
        ),
    )
    for operation in OPERATIONS
    # Of a replacement that is forced, Pulumi tells a provider nothing that was before: what did not change is taken over
    # without a request that could be cut, and what did is refused (lifecycles/resources.py).
    if not operation.is_on_paper and not operation.is_forced
    for victim in _KILLS
    for engine in ENGINES
]


@pytest.fixture(scope="module")
def world():
    """A registry in this process, to find out which requests an operation makes."""
    with closing(World()) as world:
        yield world


@pytest.mark.parametrize(("operation", "victim", "engine"), _CASES)
def test_whatever_is_killed_the_same_command_ends_right(  # noqa: PLR0913, PLR0917  # fixtures
    world, operation, victim, engine, tmp_path, record_property
):
    """Killed at each request, before its work and after it, a deployment that is run again ends as if nothing had been."""
    cuts = cuts_of(world, operation)
    assert cuts
    with serve() as emulator, closing(Outsider(emulator)) as outsider:
        settings = {
            "SNOWPLOW_SIGNALS_API_URL": emulator.url,
            "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": emulator.token,
        }
        stack = Stack(operation, cuts, ENGINES[engine](tmp_path, settings), emulator, outsider)
        stack.begin()
        tried = stack.cut_everywhere(_KILLS[victim])
        wrong = list(stack.differences())
    record_property("cuts", f"{engine}, {victim} killed: {operation.name}: {tried}, {len(wrong)} faults")
    assert not wrong, "\n".join(wrong)
