"""A canary in every input that can be a secret: whatever is deployed, refused or fails, no text repeats it.

The name is the exception: it is the resource's id, which Pulumi shows and stores in the clear.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from driver import CheckFailed
from stacks import Stack

from pulumi_snowplow_signals.errors import SignalsError
from signals_local.emulator import Emulator

CANARY = "canary"
SECRET = ["owner", "description", "criteria", "target_attribute_keys", "payload_attribute_groups"]


def secret_rule(over: Any = f"{CANARY}_75", **inputs: Any) -> dict[str, Any]:
    """Return a rule whose inputs are all secrets and all hold the canary."""
    return {
        "name": "down",
        "owner": f"{CANARY}@example.com",
        "description": f"{CANARY}: first",
        "criteria": {"attribute": f"{CANARY}:plan", "operator": "=", "value": over},
        "target_attribute_keys": [f"{CANARY}_key"],
        "payload_attribute_groups": [{"name": CANARY, "version": 1}],
        "__secret": SECRET,
        **inputs,
    }


@dataclass
class Listener:
    """Deploys, and keeps every text that a user would see."""

    stack: Stack
    texts: list[str] = field(default_factory=list)

    def up(self, rule: Mapping[str, Any] | None) -> bool:
        """Deploy a rule, or nothing; return whether it succeeded."""
        try:
            self.stack.up(*([rule] if rule else []))
        except (CheckFailed, SignalsError) as failed:
            self.texts.append(str(failed))
            return False
        finally:
            self.texts += [remark.text for remark in self.stack.said]
        return True

    def refresh(self) -> None:
        """Read what is deployed."""
        try:
            self.stack.refresh()
        except SignalsError as failed:
            self.texts.append(str(failed))


@pytest.fixture
def listener(emulator: Emulator) -> Listener:
    """A stack whose registry has what the rule refers to."""
    emulator.publish_key(f"{CANARY}_key")
    emulator.publish_group(CANARY, {"plan": "string", "size": "double"}, key=f"{CANARY}_key")
    return Listener(Stack(emulator))


WRONG: list[dict[str, Any]] = [
    {"owner": CANARY},
    {"owner": [CANARY]},
    {"description": {CANARY: CANARY}},
    {"criteria": {"attribute": CANARY, "operator": CANARY, "value": CANARY}},
    {"criteria": {CANARY: CANARY}},
    {
        "criteria": {
            "all": [{"attribute": f"{CANARY}:plan", "operator": "is null", "value": CANARY}],
            CANARY: 1,
        }
    },
    {"criteria": {"attribute": f"{CANARY}:absent", "operator": "=", "value": CANARY}},
    {"criteria": {"attribute": f"{CANARY}x:plan", "operator": "=", "value": CANARY}},
    {"criteria": {"attribute": f"{CANARY}:plan", "operator": "rlike", "value": f"({CANARY}"}},
    {"criteria": {"attribute": f"{CANARY}:size", "operator": "=", "value": CANARY}},
    {"target_attribute_keys": [f"{CANARY}!"]},
    {"target_attribute_keys": [f"{CANARY}_absent"]},
    {"payload_attribute_groups": [{"name": CANARY, CANARY: 1}]},
    {"payload_attribute_groups": [{"name": CANARY, "version": 7}]},
    {"version": 1, "description": f"{CANARY}: changed"},
    {"version": 1, "criteria": {"attribute": f"{CANARY}:plan", "operator": "=", "value": f"{CANARY}_80"}},
]


@pytest.mark.parametrize("wrong", WRONG, ids=json.dumps)
def test_no_fault_repeats_a_secret(listener: Listener, wrong: dict[str, Any]) -> None:
    """What is refused or doubted is told without its value, for a new resource and for a changed one."""
    listener.up(secret_rule(**wrong))
    assert listener.up(secret_rule())
    listener.up(secret_rule(**wrong))
    assert [text for text in listener.texts if CANARY in text] == []
    assert listener.texts


def test_no_change_repeats_a_secret(listener: Listener) -> None:
    """Nor does what is carried out, undone, taken over, found to be another, or no longer a secret."""
    assert listener.up(secret_rule())
    assert listener.up(secret_rule(f"{CANARY}_80"))
    assert listener.up(secret_rule(version=1))
    assert listener.up(secret_rule(published=False))
    assert listener.up(None)
    assert not listener.up(secret_rule(f"{CANARY}_90", owner=f"{CANARY}.other@example.com"))
    assert listener.up(secret_rule(f"{CANARY}_90", owner=f"{CANARY}.other@example.com", adopt=True))
    plain = secret_rule("gold", owner="a@example.com", description="plain", adopt=True)
    assert listener.up({name: value for name, value in plain.items() if name != "__secret"})
    assert [text for text in listener.texts if CANARY in text and f"{CANARY}_key" not in text] == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 502])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_no_failure_repeats_a_secret(
    listener: Listener, emulator: Emulator, method: str, status: int
) -> None:
    """The words of the service, which may repeat what was sent, are withheld in every call."""
    assert listener.up(secret_rule(on_destroy="delete"))
    body = {"detail": [{"loc": ["body", "criteria", "value"], "msg": f"{CANARY} is no good", "type": "x"}]}

    def fail() -> None:
        for path in ("", "down/versions/1"):
            at = f"/api/v1/registry/interventions/{path}"
            emulator.fail(method=method, path=at, status=status, body=body, count=None)

    changed = secret_rule(f"{CANARY}_80", on_destroy="delete")
    for what in (changed, None):
        fail()
        listener.up(what)
        listener.refresh()
        emulator.clear_faults()
        assert listener.up(what)
    assert [text for text in listener.texts if CANARY in text] == []
