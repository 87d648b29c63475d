"""`pulumi-signals summarize` reads what both engines print, and says the same of both."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import ENGINES, ON_BOTH, Engine, Outsider, settings_of
from warm import warm_python

from signals_local.emulator import Emulator, serve

IDS = '{"domain_sessionid": pulumi.Output.secret(["8f3d2a60-5f0e-4a7c-9d52-2f6f4d1c7b11"])}'
BEFORE = f"""
from pulumi_snowplow_signals import DirectIntervention

visits, cart = attribute("shopping:visits"), attribute("shopping:cart_value")
own = {{"owner": "t@example.com"}}
RuleIntervention("cart", **own, criteria=(cart > 75) & (visits >= 2), target_attribute_keys=["domain_userid"])
RuleIntervention("gone", **own, criteria=visits > 3)
RuleIntervention("gone_draft", **own, published=False, criteria=visits > 3)
RuleIntervention("kept", **own, criteria=visits > 3, on_destroy="retain")
RuleIntervention("off", **own, criteria=visits > 4)
RuleIntervention("moved", name="moved_old", **own, criteria=visits > 5)
RuleIntervention("same", **own, criteria=visits > 6)
RuleIntervention("hidden", **own, criteria=pulumi.Output.secret(
    {{"attribute": "shopping:country", "operator": "=", "value": "canary1"}}))
DirectIntervention("hello", version=1, attributes={{"title": "x"}}, targets={IDS})
Other("other", "a")
"""
AFTER = f"""
from pulumi_snowplow_signals import DirectIntervention

visits, cart = attribute("shopping:visits"), attribute("shopping:cart_value")
own = {{"owner": "t@example.com"}}
RuleIntervention("cart", **own, criteria=(cart > 80) & (visits >= 2), target_attribute_keys=["domain_userid"])
RuleIntervention("off", **own, published=False, criteria=visits > 4)
RuleIntervention("moved", name="moved_new", **own, criteria=visits > 5)
RuleIntervention("same", **own, criteria=visits > 6)
RuleIntervention("hidden", **own, criteria=pulumi.Output.secret(
    {{"attribute": "shopping:country", "operator": "=", "value": "canary2"}}))
other = Other("other", "b")
RuleIntervention("later", **own, description=other.given, criteria=visits > 8)
RuleIntervention("fresh", **own, criteria=visits > 7)
DirectIntervention("hello", version=2, attributes={{"title": "y"}}, targets={IDS})
"""
REFUSED = BEFORE + 'RuleIntervention("bad", **own, criteria=attribute("shopping:cart_vale") > 7)\n'
CRASHED = BEFORE + "1 / 0\n"


@dataclass
class Stack:
    """A deployed stack, whose previews are summed up."""

    engine: Engine
    emulator: Emulator

    def preview(self, program: str, *options: str) -> str:
        """Return what a preview prints on its standard output."""
        self.engine.write(program)
        plain = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": ""}
        return self.engine.call("preview", "--json", *options, environment=plain).stdout


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("summaries")


@pytest.fixture(scope="module", params=ON_BOTH)
def stack(request: pytest.FixtureRequest, directory: Path) -> Iterator[Stack]:
    with serve(token="token") as emulator:
        emulator.publish_group("shopping", {"cart_value": "double", "visits": "int32", "country": "string"})
        engine = ENGINES[request.param](directory / request.param, settings_of(emulator))
        engine.write(BEFORE)
        assert engine.call(*engine.unasked("up")).returncode == 0
        yield Stack(engine, emulator)


def summarize(preview: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [warm_python(), "-m", "pulumi_snowplow_signals.cli.main", "summarize", *options],
        input=preview, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_what_a_preview_does(stack: Stack) -> None:
    """Of a preview of either engine, each resource is told by what happens to visitors; no secret is."""
    preview = stack.preview(AFTER)
    done = summarize(preview, "--format", "json", "--fail-on", "withdrawals")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    told = {
        change["name"]: (change["event"], change["takenAway"], change["reach"])
        for change in document["changes"]
    }
    assert told == {
        "gone": ("leaves the program and is withdrawn", "live", ""),
        "moved_new": ("takes another name; the old one is withdrawn", "live", ""),
        "off": ("is withdrawn", "live", ""),
        "gone_draft": ("leaves the program", "draft", ""),
        "kept": ("leaves the program and stays live, managed by no stack", "none", ""),
        "cart": ("goes live in place of the previous version", "none", "reaches fewer visitors"),
        "hidden": ("goes live in place of the previous version", "none", "reach not compared"),
        "later": ("goes live", "none", ""),
        "fresh": ("goes live", "none", ""),
        "hello": ("is pushed again at once, to all ids", "none", ""),
    }
    assert document["otherProviders"] == {"update": 1}
    assert document["unchanged"] == 1
    for form in ("markdown", "text", "json"):
        text = summarize(preview, "--format", form).stdout
        assert "canary" not in text
        assert "8f3d2a60" not in text


def test_failed_previews(stack: Stack) -> None:
    """A refusal and a crash of the program are told by their own words, without Pulumi's traceback."""
    for program, sentence in (
        (REFUSED, "Did you mean &quot;cart_value&quot;?"),
        (CRASHED, "ZeroDivisionError"),
    ):
        done = summarize(stack.preview(program), "--format", "markdown", "--fail-on", "failures")
        assert done.returncode == 1
        assert "**The preview failed.**" in done.stdout
        assert sentence.replace("&quot;", '"') in done.stdout
        assert "KeyboardInterrupt" not in done.stdout


def test_nothing_changes(stack: Stack) -> None:
    """A preview without changes says so, and meets no gate."""
    done = summarize(
        stack.preview(BEFORE), "--format", "json", "--fail-on", "withdrawals,drift,pushes,failures"
    )
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert (document["changes"], document["drift"], document["unchanged"]) == ([], [], 10)


def test_drift(stack: Stack) -> None:
    """What somebody withdrew elsewhere is drift, which a nightly preview with a refresh reports."""
    with closing(Outsider(stack.emulator)) as outsider:
        outsider.withdraws("same", 1)
    done = summarize(stack.preview(BEFORE, "--refresh"), "--format", "json", "--fail-on", "drift")
    assert done.returncode == 1
    (drift,) = json.loads(done.stdout)["drift"]
    assert (drift["name"], drift["event"], drift["takenAway"]) == ("same", "is no longer live:", "live")


GROUP = """
from pulumi_snowplow_signals import Attribute, Event, EventProperty, StreamAttributeGroup

def last(name):
    path = EventProperty(vendor="com.example", name="cart", major_version=1, path=name)
    events = [Event(vendor="com.example", name="cart", version="1-0-0")]
    return Attribute(name=name, type="double", aggregation="last", events=events, property=path)

StreamAttributeGroup("basket", owner="t@example.com", attribute_key="domain_userid", attributes=[last("idle"){}])
"""
THEIRS = {
    "name": "theirs",
    "version": 1,
    "owner": "o@example.com",
    "criteria": {"attribute": "basket:value", "operator": ">", "value": 1},
}


@pytest.mark.parametrize("engine", ON_BOTH)
def test_an_older_version_of_a_group(engine: str, tmp_path: Path) -> None:
    """What others hold stays with a warning in the group's row; once it is free, the group has a row though nothing else changes.

    What somebody withdrew is drift.
    """
    with serve(token="token") as emulator, closing(Outsider(emulator)) as outsider:
        project = ENGINES[engine](tmp_path, settings_of(emulator))
        stack = Stack(project, emulator)
        project.write(GROUP.format(', last("value")'))
        assert project.call(*project.unasked("up")).returncode == 0
        registry = "/api/v1/registry/interventions/"
        emulator._client.post(registry, json={**THEIRS, "is_published": True}).raise_for_status()
        (held,) = json.loads(summarize(stack.preview(GROUP.format("")), "--format", "json").stdout)["changes"]
        assert (held["event"], held["fields"], held["retires"]) == (
            "goes live beside v1, without",
            ["value"],
            [1],
        )
        assert any("v1 stays live for intervention" in remark["text"] for remark in held["remarks"])
        assert project.call(*project.unasked("up")).returncode == 0
        idle = json.loads(summarize(stack.preview(GROUP.format("")), "--format", "json").stdout)
        assert (idle["changes"], idle["unchanged"]) == ([], 2)

        outsider.withdraws("theirs", 1)
        done = summarize(
            stack.preview(GROUP.format("")), "--format", "json", "--fail-on", "withdrawals,drops"
        )
        assert done.returncode == 0
        (free,) = json.loads(done.stdout)["changes"]
        assert (free["name"], free["event"]) == ("basket", "v1 is withdrawn, no longer in use")
        assert project.call(*project.unasked("up")).returncode == 0

        place = "/api/v1/registry/attribute_groups/basket/versions/2"
        body = {**emulator._client.get(place).json(), "is_published": False}
        emulator._client.put(place, json=body).raise_for_status()
        done = summarize(
            stack.preview(GROUP.format(""), "--refresh"), "--format", "json", "--fail-on", "drift"
        )
        assert done.returncode == 1
        (drift,) = json.loads(done.stdout)["drift"]
        assert (drift["name"], drift["kind"], drift["event"]) == (
            "basket",
            "attribute group",
            "is no longer live:",
        )
