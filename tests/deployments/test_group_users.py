"""Users of a group that the stack does not know, and the ways of a group's versions, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attribute_programs import OWNER, attempt, go, group, live, operations, said
from harness import Engine
from registries import emptied

from signals_local.emulator import Emulator

_PIN = [{"name": "basket", "version": 1}]
_OTHER = {"attribute": "basket:idle", "operator": ">", "value": 1}
_FOREIGN: dict[str, tuple[str, dict[str, Any], str]] = {
    "a service": ("services", {"attribute_groups": _PIN}, 'service "theirs"'),
    "a criterion": (
        "interventions",
        {"version": 1, "criteria": {"attribute": "basket:value", "operator": ">", "value": 1}},
        'intervention "theirs" v1',
    ),
    "a payload": (
        "interventions",
        {"version": 1, "criteria": _OTHER, "payload_attribute_groups": _PIN},
        'intervention "theirs" v1',
    ),
}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator in which nothing that something read has gone down when the test is over."""
    with emptied() as emulator:
        yield emulator
        assert emulator.broken_promises() == []


@pytest.mark.parametrize("user", _FOREIGN)
def test_what_others_have_on_an_older_version(project: Engine, emulator: Emulator, user: str) -> None:
    """It is named in the preview, the version stays for it, and goes once it has moved on."""
    kind, fields, named = _FOREIGN[user]
    go(project, group("value", "idle"))
    path = f"/api/v1/registry/{kind}/"
    body = {"name": "theirs", "owner": OWNER, "is_published": True, **fields}
    emulator._client.post(path, json=body).raise_for_status()
    preview = said(go(project, group("idle"), "preview"))
    assert [line for line in preview if line.startswith("basket: v1") and named in line] != []
    outcome = go(project, None)
    assert any("v1 stays live" in line and named in line for line in said(outcome, "warning"))
    assert live(emulator)[:2] == ["basket v1", "basket v2"]
    one = f"{path}theirs" + ("/versions/1" if kind == "interventions" else "")
    emulator._client.put(one, json={**body, "is_published": False}).raise_for_status()
    if kind == "services":  # a draft goes on pinning what it pins
        emulator._client.delete(one).raise_for_status()
    assert "basket: v1 is withdrawn, since nothing uses it any more" in said(go(project, None))
    assert live(emulator) == ["basket v2"]
    assert operations(go(project, None)) == {}


def test_numbers_go_forward(project: Engine, emulator: Emulator) -> None:
    """An older definition comes back as the next version; a lower number is refused with the number to write."""
    go(project, group("value"))
    go(project, group("value", "idle"))
    outcome = attempt(project, group("value", version=1), "preview")
    assert not outcome.succeeded
    assert "version=3" in outcome.text
    go(project, group("value", version=3))
    assert live(emulator) == ["basket v3"]
    go(project, group("value"))
    assert live(emulator) == ["basket v3"]


def test_a_draft_beside_the_live_version(project: Engine, emulator: Emulator) -> None:
    """The changed definition is stored and changes in place, what is live stays, and both are one once it is published."""
    go(project, group("value"))
    go(project, group("value", "idle", published=False))
    assert live(emulator) == ["basket v1"]
    go(project, group("value", "other", published=False))
    assert live(emulator) == ["basket v1"]
    go(project, group("value", "other"))
    assert live(emulator) == ["basket v2"]
    assert operations(go(project, None)) == {}
