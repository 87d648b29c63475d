"""Every operation on both engines, killed for real at each request that it makes.

The same command again then ends right; after some operations an edited and a reverted program are tried, too.
"""

from __future__ import annotations

from contextlib import closing, contextmanager

import pytest
from cutting.operations import OPERATIONS
from cutting.world import World
from harness import ENGINES, ON_BOTH, Outsider, needs, settings_of
from harness.killing import kill_provider, kill_run
from killing.cuts import cuts_of
from killing.runs import AT_ONCE
from killing.stack import Stack
from thorough import SOAK, chosen

from signals_local.emulator import serve

# What a soak tries with every operation: a write, two, a deletion that comes first, and one that comes last.
_QUICK = ("create", "update", "replace by name, deleting first", "destroy, deleting")
_KILLS = {"the run": kill_run, "the provider": kill_provider}
# The run dies of its provider as of itself, but for what it then still writes down: two writes show that as well as any.
_QUICK_OF_PROVIDER = ("update",)
_CASES = [
    pytest.param(operation, victim, engine, id=f"{operation}, {victim} killed, {engine}", marks=needs(engine))
    for operation in chosen(OPERATIONS, [each for each in OPERATIONS if each.name in _QUICK])
    # Of a replacement that is forced, Pulumi tells a provider nothing that was before: what did not change is taken over
    # without a request that could be cut, and what did is refused (lifecycles/resources.py).
    if not operation.is_on_paper and not operation.is_forced
    for victim in _KILLS
    if SOAK or victim == "the run" or operation.name in _QUICK_OF_PROVIDER
    for engine in ENGINES
]
# After which another program is tried on the engines as well; `test_cuts.py` tries it after all of them, in process.
_FOLLOWED = ("update", "publish a draft beside a live version")


# A list that never shows an unpublished version, so that a name is looked at in every run, whatever a killed one has left.
_ASSUMED = {"list": "published"}


@pytest.fixture(scope="module")
def world():
    """A registry in this process, to find out which requests an operation makes."""
    with closing(World(_ASSUMED)) as world:
        yield world


@contextmanager
def stack_of(operation, cuts, engine, directory):
    """Bring a stack to where an operation begins, in a registry of its own."""
    with serve(assume=_ASSUMED) as emulator, closing(Outsider(emulator)) as outsider:
        project = ENGINES[engine](directory, settings_of(emulator))
        stack = Stack(operation, cuts, project, emulator, outsider)
        stack.begin()
        yield stack


@pytest.mark.parametrize(("operation", "victim", "engine"), _CASES)
def test_whatever_is_killed_the_same_command_ends_right(  # noqa: PLR0913, PLR0917  # fixtures
    world, operation, victim, engine, tmp_path, record_property
):
    """Killed at each request, before its work and after it, a deployment that is run again ends as if nothing had been."""
    cuts = cuts_of(world, operation)
    assert cuts
    with stack_of(operation, cuts, engine, tmp_path) as stack:
        tried = stack.cut_everywhere(_KILLS[victim])
        wrong = list(stack.differences())
    record_property("cuts", f"{engine}, {victim} killed: {operation.name}: {tried}, {len(wrong)} faults")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("engine", ON_BOTH)
@pytest.mark.parametrize("following", ["edited", "reverted"])
@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.name in chosen(_FOLLOWED, _FOLLOWED[:1])], ids=str
)
def test_whatever_is_killed_another_program_ends_right(  # noqa: PLR0913, PLR0917  # fixtures
    world, operation, following, engine, tmp_path, record_property
):
    """Killed at each request, a deployment that is edited, or reverted with --refresh, leaves live what the program says."""
    program, options = (
        (operation.edited, ()) if following == "edited" else (operation.reverted, ("--refresh",))
    )
    cuts = cuts_of(world, operation)
    wrong = []
    for first in range(0, len(cuts), AT_ONCE):
        with stack_of(operation, cuts[first : first + AT_ONCE], engine, tmp_path / str(first)) as stack:
            stack.cut_once(kill_run)
            stack.go_on(program, *options)
            wrong += stack.wrong_after(program)
    told = f"{len(cuts)} cuts, {len(wrong)} faults"
    record_property("cuts", f"{engine}, the run killed, then {following}: {operation.name}: {told}")
    assert not wrong, "\n".join(wrong)
