"""The answers of docs/questions.md, tried on both engines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from harness import ENGINES, ON_BOTH, Engine, Outsider, rule, settings_of
from registries import emptied
from warm import warm_python

from signals_local.emulator import Emulator

VISITOR = "domain_userid=8c9104e3-c300-4b20-82f2-93b7fa0b8feb"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator with the attribute that the rules are about."""
    with emptied() as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
        yield emulator


@pytest.fixture(params=ON_BOTH)
def project(request: pytest.FixtureRequest, emulator: Emulator, tmp_path: Path) -> Engine:
    """A project of each engine that deploys to the emulator."""
    return ENGINES[request.param](tmp_path, settings_of(emulator))


@pytest.fixture
def colleague(emulator: Emulator) -> Iterator[Outsider]:
    """Somebody else who writes to the registry."""
    with closing(Outsider(emulator)) as outsider:
        yield outsider


def up(project: Engine, program: str, *options: str) -> str:
    """Deploy a program; return what is shown."""
    project.write(program)
    outcome = project.show("up", *options, environment={})
    assert outcome.succeeded, outcome.text
    return outcome.text


def live(emulator: Emulator) -> dict[str, list[int]]:
    """Return the live versions of every rule that was ever there."""
    return {name: timeline[-1]["live"] for name, timeline in emulator.history()["names"].items()}


def fired(emulator: Emulator, value: float) -> str:
    """Set the value of a visitor's cart, and return the first line of the output."""
    where = ("--url", emulator.url, "--token", emulator.token)
    done = subprocess.run(
        [warm_python(), "-m", "signals_local.cli", "fire", *where, VISITOR, f"shopping:cart_value={value}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[0]


@pytest.mark.parametrize("project", ["local"], indirect=True)
def test_a_new_version_fires_when_it_becomes_true_again(project: Engine, emulator: Emulator) -> None:
    """Not for a cart that is over 75 already, and again for a visitor who had the version before."""
    up(project, rule("offer"))
    assert fired(emulator, 90) == "offer v1 fired"
    up(project, rule("offer", description="Says what it is"))
    assert fired(emulator, 95) == "Nothing fired."
    assert fired(emulator, 10) == "Nothing fired."
    assert fired(emulator, 90) == "offer v2 fired"
    assert fired(emulator, 10) == "Nothing fired."
    assert fired(emulator, 90) == "Nothing fired."


def test_a_stack_that_is_destroyed_and_deployed_again(project: Engine, emulator: Emulator) -> None:
    """The same definition comes back under its number, another one under the next; the history goes on."""
    up(project, rule("offer"))
    for over, number in ((75, 1), (80, 2)):
        assert project.run("destroy", environment={}).succeeded
        assert live(emulator) == {"offer": []}
        up(project, rule("offer", over))
        assert live(emulator) == {"offer": [number]}


def test_a_state_that_is_lost(project: Engine, emulator: Emulator, tmp_path: Path) -> None:
    """What is live is taken over without a write, and is left live by a destroy from then on."""
    up(project, rule("offer"))
    mark = emulator.mark()
    anew = type(project)(tmp_path / "anew", settings_of(emulator))
    assert 'on_destroy is "retain"' in up(anew, rule("offer"))
    assert [found for found in emulator.requests(since=mark) if found["method"] != "GET"] == []
    assert anew.run("destroy", environment={}).succeeded
    assert live(emulator) == {"offer": [1]}


def test_one_rule_is_stopped(project: Engine, emulator: Emulator) -> None:
    """With `published=False` and its name as the target, it alone is withdrawn, and the next `up` leaves it so."""
    up(project, rule("offer") + rule("other"))
    stopped = rule("offer", published=False) + rule("other", 80)
    up(project, stopped, "--target", "**::offer")
    assert live(emulator) == {"offer": [], "other": [1]}
    up(project, stopped)
    assert live(emulator) == {"offer": [], "other": [2]}
    up(project, rule("offer") + rule("other", 80))
    assert live(emulator) == {"offer": [1], "other": [2]}


def test_a_rule_that_was_stopped_by_hand(project: Engine, emulator: Emulator, colleague: Outsider) -> None:
    """A refresh finds it, and the next `up` of an unchanged program publishes it again."""
    up(project, rule("offer"))
    colleague.withdraws("offer", 1)
    assert "offer v1 was withdrawn elsewhere" in project.show("refresh", environment={}).text
    up(project, rule("offer"))
    assert live(emulator) == {"offer": [1]}


def test_a_deployment_that_failed_half_way(project: Engine, emulator: Emulator) -> None:
    """Each rule is at its old version or its new one, never at none, and `up` again finishes it."""
    names = ("first", "second", "third")
    up(project, "".join(map(rule, names)))
    emulator.fail(method="POST", path="/api/v1/registry/interventions/", status=500, nth=2, count=None)
    project.write("".join(rule(name, 80) for name in names))
    settings = {"SNOWPLOW_SIGNALS_RETRY_SECONDS": "0"}
    assert not project.run("up", "--parallel", "1", environment=settings).succeeded
    assert sorted(live(emulator).values()) == [[1], [1], [2]]
    emulator.clear_faults()
    up(project, "".join(rule(name, 80) for name in names))
    assert live(emulator) == {name: [2] for name in names}
    assert emulator.broken_promises() == []


def test_drift_is_found_at_night(
    project: Engine, emulator: Emulator, colleague: Outsider, tmp_path: Path
) -> None:
    """The commands of the page end with 1 where somebody else changed something, and with 0 otherwise."""
    up(project, rule("offer"))
    for others, code in ((False, 0), (True, 1)):
        if others:
            colleague.withdraws("offer", 1)
            colleague.stores("offer", 2, 90)
        told = project.call(
            "preview", "--refresh", "--json", environment={"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": ""}
        )
        judge = (Path(sys.executable).parent / "pulumi-signals", "summarize", "--fail-on", "drift,failures")
        done = subprocess.run(judge, input=told.stdout, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr


def test_dev_and_prod_count_separately(project: Engine, emulator: Emulator, tmp_path: Path) -> None:
    """Ten tries in one registry are one version in the other."""
    with emptied() as production:
        production.publish_group("shopping", {"cart_value": "double"})
        for over in (75, 80, 90):
            up(project, rule("offer", over))
        prod = type(project)(tmp_path / "prod", settings_of(production))
        up(prod, rule("offer", 90))
        assert (live(emulator), live(production)) == ({"offer": [3]}, {"offer": [1]})


PUSH = """
from pulumi_snowplow_signals import DirectIntervention
DirectIntervention(
    "notice", version=1, targets={"domain_sessionid": ["8f3d2a60-5f0e-4a7c-9d52-2f6f4d1c7b11"]}
)
"""


def methods(emulator: Emulator, since: int) -> set[str]:
    """Return the methods of the requests since a mark; those of a push are `push`."""
    return {
        "push" if found["path"].endswith("/v1/interventions") else found["method"]
        for found in emulator.requests(since=since)
    }


def test_what_each_command_asks(project: Engine, emulator: Emulator) -> None:
    """A preview and a refresh read, an `up` and a destroy write, and an unchanged preview asks nothing."""
    asked = {}
    project.write(rule("offer"))
    for name, command in (
        ("preview", "preview"),
        ("up", "up"),
        ("unchanged preview", "preview"),
        ("refresh", "refresh"),
        ("destroy", "destroy"),
    ):
        mark = emulator.mark()
        assert project.run(command, environment={}).succeeded
        asked[name] = methods(emulator, mark)
    assert asked == {
        "preview": {"GET"},
        "up": {"GET", "POST"},
        "unchanged preview": set(),
        "refresh": {"GET"},
        "destroy": {"GET", "PUT"},
    }


def test_a_key_that_may_only_read(project: Engine, emulator: Emulator) -> None:
    """It is enough for a preview and a refresh; an `up` says that it is not."""
    reading = {"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": emulator.read_only_token}
    up(project, rule("offer"))
    assert project.run("refresh", environment=reading).succeeded
    project.write(rule("offer", 80))
    assert project.run("preview", environment=reading).succeeded
    outcome = project.run("up", environment=reading)
    assert not outcome.succeeded
    assert "The token's scope does not allow this" in outcome.text
    assert live(emulator) == {"offer": [1]}


def test_two_teams(project: Engine, emulator: Emulator, tmp_path: Path) -> None:
    """A name that the other stack has live is refused in preview, and a destroy takes down one's own alone."""
    up(project, rule("crm_offer"))
    other = type(project)(tmp_path / "other", settings_of(emulator))
    other.write(rule("crm_offer", 90))
    refused = other.show("preview", environment={})
    assert not refused.succeeded
    assert "is in the registry already" in refused.text
    up(other, rule("shop_offer"))
    assert other.run("destroy", environment={}).succeeded
    assert live(emulator) == {"crm_offer": [1], "shop_offer": []}


def test_a_direct_intervention_is_pushed_again_when_the_state_is_lost(
    project: Engine, emulator: Emulator, tmp_path: Path
) -> None:
    """A stack that is rebuilt from nothing pushes again; a second `up` of the same stack does not."""
    up(project, PUSH)
    mark = emulator.mark()
    up(project, PUSH)
    assert methods(emulator, mark) == set()
    up(type(project)(tmp_path / "anew", settings_of(emulator)), PUSH)
    assert methods(emulator, mark) == {"push"}
