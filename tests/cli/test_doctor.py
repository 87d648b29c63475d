"""`pulumi-signals doctor` says what holds of an account, and nothing of what it does remains or is seen by a visitor."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from command_line import Result, run, settings_of
from registries import emptied
from registry_shapes import GROUPS, connected

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.cli.doctor.draft import NAME
from pulumi_snowplow_signals.cli.doctor.findings import ASSUMPTIONS, Findings
from pulumi_snowplow_signals.cli.doctor.reading import Witness, examine
from signals_local.emulator import ConsoleCredentials, Emulator
from signals_local.emulator.assumptions import switches

_RULE = {"owner": "team@example.com", "criteria": {"attribute": "shop:a", "operator": "=", "value": "x"}}

# What no draft of an intervention tells, nor a look at what is there.
_NOT_TOLD = {
    *("publishing", "previous", "published-key", "published-service", "pinned-group", "fires"),
    "wrong-scope",  # it takes a token that may not write
}


def _examine(emulator: Emulator, directory: Path, *options: str, **environment: str) -> tuple[Result, Any]:
    file = directory / "report.json"
    result = run(emulator, "doctor", "--report", str(file), *options, **environment)
    return result, json.loads(file.read_text())


def _value(report: Any, assumption: str) -> str:
    return next(each["value"] for each in report["assumptions"] if each["name"] == assumption)


def _outcomes(report: Any) -> dict[str, str]:
    return {each["name"]: each["outcome"] for each in report["checks"]}


def _details(report: Any) -> dict[str, str]:
    return {each["name"]: each["detail"] for each in report["checks"]}


def _fill(emulator: Emulator) -> None:
    """Store a name with a live version, and a draft above it."""
    with connected(emulator) as client:
        for number in (1, 2):
            body = {"name": "offer", "version": number, "is_published": number == 1, **_RULE}
            client.post("", json=body).raise_for_status()


def test_every_assumption_has_a_row() -> None:
    """What is not known of the service is one list: the emulator's switches."""
    assert list(ASSUMPTIONS) == [switch.name for switch in switches()]


@pytest.mark.parametrize(
    ("switch", "value"), [(switch.name, value) for switch in switches() for value in switch.values]
)
def test_which_assumption_holds(switch: str, value: str, tmp_path: Path) -> None:
    """With a draft it finds which value is in force, or says that it did not test that; it never finds a wrong one."""
    with emptied(assume={switch: value}) as emulator:
        for name, attributes in GROUPS.items():
            emulator.publish_group(name, attributes)
        _fill(emulator)
        before = emulator.history()["versions"]
        result, report = _examine(emulator, tmp_path, "--write")
        assert result.code == 0, result.out
        assert "failed" not in _outcomes(report).values()
        assert _value(report, switch) == ("not tested" if switch in _NOT_TOLD else value)
        _demand_no_trace(emulator, before)


def _demand_no_trace(emulator: Emulator, before: Any) -> None:
    assert [each for each in emulator.requests() if _publishes(each) and NAME in str(each)] == []
    with connected(emulator) as client:
        assert client.get(NAME).status_code == 404
    after = {key: value for key, value in _by_name(emulator.history()["versions"]).items() if key != NAME}
    assert after == _by_name(before)


def _by_name(versions: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for version in versions:
        found.setdefault(version["name"], []).append(version)
    return found


def _publishes(request: dict[str, Any]) -> bool:
    return request["method"] != "GET" and bool((request["body"] or {}).get("is_published"))


@pytest.mark.parametrize(
    ("emulator", "expected"),
    [
        ({}, {"list": "all", "latest": "highest", "extra-fields": "none"}),
        ({"list": "newest"}, {"list": "newest"}),
        ({"latest": "published", "extra-fields": "some"}, {"latest": "published", "extra-fields": "some"}),
    ],
    indirect=["emulator"],
)
def test_what_is_there_tells_too(emulator: Emulator, expected: dict[str, str], tmp_path: Path) -> None:
    """Without --write nothing is written, and what the registry holds tells what it can."""
    _fill(emulator)
    mark = emulator.mark()
    result, report = _examine(emulator, tmp_path)
    assert result.code == 0
    assert {name: _value(report, name) for name in expected} == expected
    assert _outcomes(report)["write"] == "not tested"
    assert {each["method"] for each in emulator.requests(since=mark)} == {"GET"}


def test_what_is_counted(tmp_path: Path) -> None:
    """What was made for the account is counted, and what every account has is told apart from it."""
    with emptied() as emulator:
        _, report = _examine(emulator, tmp_path)
        assert _details(report)["read attribute keys"] == "listed: 0, and 5 built-in"
        emulator.publish_key("account_id")
        emulator.publish_group("basket", {"value": "double"})
        _, report = _examine(emulator, tmp_path)
        assert _details(report)["read attribute keys"] == "listed: 1, and 5 built-in"
        assert _details(report)["read attribute groups"] == "versions listed: 1"


@pytest.mark.parametrize(("status", "outcome"), [(403, "failed"), (404, "warning"), (405, "warning")])
@pytest.mark.parametrize("collection", ["attribute_keys", "attribute_groups", "services"])
def test_a_list_that_cannot_be_read(
    emulator: Emulator, collection: str, status: int, outcome: str, tmp_path: Path
) -> None:
    """Whoever may not read one of the lists is told which; that a service has no such list is no failure."""
    emulator.fail(method="GET", path=f"*/{collection}/", status=status, body={"detail": "no"}, count=None)
    result, report = _examine(emulator, tmp_path)
    name = f"read {collection.replace('_', ' ')}"
    assert (result.code, _outcomes(report)[name]) == (int(outcome == "failed"), outcome)
    assert [each for each in _outcomes(report).values() if each == "failed"] == ["failed"] * result.code


def test_two_live_versions_tell(emulator: Emulator, tmp_path: Path) -> None:
    """Where two versions of a name are live, a publication leaves its predecessor live."""
    _fill(emulator)
    with connected(emulator) as client:
        client.post(
            "", json={"name": "offer", "version": 3, "is_published": True, **_RULE}
        ).raise_for_status()
    _, report = _examine(emulator, tmp_path)
    assert _value(report, "previous") == "stays"


@pytest.mark.parametrize("emulator", [{"wrong-scope": "401"}, {"wrong-scope": "403"}], indirect=True, ids=str)
def test_a_token_that_may_only_read(
    emulator: Emulator, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """It says that these credentials may not write, and with which status."""
    read_only = {"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": emulator.read_only_token}
    result, report = _examine(emulator, tmp_path, "--write", **read_only)
    assert result.code == 1
    assert _outcomes(report)["write"] == "failed"
    assert _value(report, "wrong-scope") == request.node.callspec.params["emulator"]["wrong-scope"]
    assert _value(report, "post-status") == "not tested"


@pytest.mark.parametrize(
    ("environment", "check"),
    [
        ({"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": "another"}, "credentials"),
        ({"SNOWPLOW_SIGNALS_API_URL": "http://127.0.0.1:9"}, "address"),
        ({"SNOWPLOW_SIGNALS_API_URL": ""}, "settings"),
    ],
)
def test_what_is_wrong(emulator: Emulator, environment: dict[str, str], check: str, tmp_path: Path) -> None:
    """The check that fails is named, and the rest is not tried."""
    result, report = _examine(emulator, tmp_path, "--write", **environment)
    assert result.code == 1
    assert [name for name, outcome in _outcomes(report).items() if outcome == "failed"] == [check]


def test_the_exchange_of_credentials(emulator: Emulator, tmp_path: Path) -> None:
    """A Console key that is refused is said to be, and stands in no output."""
    known = ConsoleCredentials()
    console = {
        "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": "",
        "SNOWPLOW_CONSOLE_HOST": emulator.url,
        "SNOWPLOW_CONSOLE_ORG_ID": known.organization_id,
        "SNOWPLOW_CONSOLE_API_KEY_ID": known.api_key_id,
        "SNOWPLOW_CONSOLE_API_KEY": known.api_key,
    }
    right, report = _examine(emulator, tmp_path, "--write", **console)
    assert right.code == 0, right.out
    wrong, refused = _examine(
        emulator, tmp_path, **{**console, "SNOWPLOW_CONSOLE_API_KEY": "a-key-that-is-wrong"}
    )
    assert _outcomes(refused)["token exchange"] == "failed"
    shown = json.dumps([report, refused]) + right.out + right.err + wrong.out + wrong.err
    assert known.api_key not in shown
    assert "a-key-that-is-wrong" not in shown
    assert "eyJ" not in shown


def test_a_clock_that_is_wrong() -> None:
    """A clock that is off by more than a minute is a warning."""
    settings = resolve({"apiUrl": "https://demo.signals.example.com", "sandboxToken": "token"}.get, {})
    long_ago = httpx.Response(200, json=[], headers={"Date": "Thu, 01 Jan 2026 00:00:00 GMT"})
    findings, witness = Findings(), Witness()
    transport = httpx.MockTransport(lambda _request: long_ago)
    with SignalsClient(settings, transport=transport, witness=witness) as client:
        examine(client, witness, findings)
    assert {check.name: check.outcome for check in findings.checks}["clock"] == "warning"


def test_a_kill_is_cleaned_up(emulator: Emulator, tmp_path: Path) -> None:
    """A run that is killed leaves a draft, and the next one removes it."""
    emulator.fail(method="GET", path=f"*/{NAME}/versions/2", nth=2, hang=True)
    command = [sys.executable, "-m", "pulumi_snowplow_signals.cli.main", "doctor", "--write"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**settings_of(emulator)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 60
        while emulator.faults()[0]["seen"] < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
    emulator.clear_faults()
    with connected(emulator) as client:
        assert client.get(f"{NAME}/versions/1").json()["is_published"] is False
    _, look = _examine(emulator, tmp_path)
    assert NAME in next(each["detail"] for each in look["checks"] if each["name"] == "write")
    result, report = _examine(emulator, tmp_path, "--write")
    assert result.code == 0, result.out
    assert _outcomes(report)["remove leftovers"] == "ok"
    _demand_no_trace(emulator, [])


def test_an_interruption_is_cleaned_up(emulator: Emulator, tmp_path: Path) -> None:
    """Where a request fails in the middle, the draft is removed all the same."""
    emulator.fail(method="PUT", path=f"*/{NAME}/versions/2", status=500, count=None)
    result, report = _examine(emulator, tmp_path, "--write")
    assert result.code == 1
    assert _outcomes(report)["remove the draft"] == "ok"
    _demand_no_trace(emulator, [])


@pytest.mark.parametrize(
    ("assume", "outcome"), [({}, "ok"), ({"references-checked": "saving"}, "not tested")], ids=str
)
def test_a_registry_without_groups(assume: dict[str, str], outcome: str, tmp_path: Path) -> None:
    """A draft that may name anything needs no attribute; otherwise what it would tell is not tested."""
    with emptied(assume=assume) as emulator:
        result, report = _examine(emulator, tmp_path, "--write")
        assert result.code == 0, result.out
        assert _outcomes(report).get("write", "not tested") == outcome
        assert _value(report, "references-checked") == assume.get("references-checked", "publishing")
        assert (_value(report, "post-status") == "201") == (outcome == "ok")
        _demand_no_trace(emulator, [])


def test_a_name_that_is_taken(emulator: Emulator, tmp_path: Path) -> None:
    """What somebody else stored under the doctor's name is left alone, and nothing is written."""
    with connected(emulator) as client:
        client.post("", json={"name": NAME, "version": 2, "is_published": True, **_RULE}).raise_for_status()
    mark = emulator.mark()
    result, report = _examine(emulator, tmp_path, "--write")
    assert result.code == 1
    assert _outcomes(report)["remove leftovers"] == "failed"
    assert {each["method"] for each in emulator.requests(since=mark)} == {"GET"}
