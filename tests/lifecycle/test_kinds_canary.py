"""A canary in every secret input of a group, a service and a key: no line, fault or failure repeats it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver import CheckFailed
from registries import emptied
from several_kinds import attribute
from stacks import OfKind, Stack

from pulumi_snowplow_signals.errors import SignalsError
from signals_local.emulator import Emulator

CANARY = "canary"
SINCE = "2026-01-02T00:00:00Z"
HIDES_SINCE = {"__secret": ["owner", "description", "attribute_key", "attributes", "backfill_since_tstamp"]}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator with a key that the group names."""
    with emptied() as emulator:
        emulator.publish_key(f"{CANARY}_key")
        yield emulator


def key(**inputs: Any) -> OfKind:
    """Return a key with secrets."""
    hidden = {
        "property": {"type": "event", "vendor": CANARY, "name": CANARY, "major_version": 1, "path": CANARY}
    }
    base = {"name": "account", **hidden, "description": CANARY, "owner": CANARY, "ttl": "P1D"}
    return "key", {**base, "__secret": ["property", "description", "owner", "ttl"], **inputs}


def group(*attributes: Any, **inputs: Any) -> OfKind:
    """Return a group with secrets."""
    base = {
        "name": "basket",
        "owner": f"{CANARY}@example.com",
        "description": CANARY,
        "attribute_key": f"{CANARY}_key",
        "attributes": [*attributes] or [attribute(f"{CANARY}_value", description=CANARY)],
    }
    return "group", {**base, "__secret": ["owner", "description", "attribute_key", "attributes"], **inputs}


def service(**inputs: Any) -> OfKind:
    """Return a service with secrets."""
    pins = [{"name": "basket", "version": 1}]
    base = {
        "name": "checkout",
        "owner": f"{CANARY}@example.com",
        "description": CANARY,
        "attribute_groups": pins,
    }
    return "service", {**base, "__secret": ["owner", "description", "attribute_groups"], **inputs}


def rule() -> OfKind:
    """Return a rule that reads the group, and keeps that a secret."""
    criteria = {"attribute": f"basket:{CANARY}_value", "operator": ">", "value": 1}
    return "rule", {"name": "vip", "owner": "a@example.com", "criteria": criteria, "__secret": ["criteria"]}


STAGES: list[tuple[OfKind, ...]] = [
    (key(), group(), service(), rule()),
    (key(description=f"{CANARY} again"), group(attribute(f"{CANARY}_value", "string")), service(), rule()),
    (key(), group(attribute(f"{CANARY}_other")), service(), rule()),
    (key(), group(attribute(f"{CANARY}_other", "nothing", ttl=CANARY, period=CANARY))),
    (key(ttl=CANARY, property={"type": CANARY}),),
    (key(), group(published=False)),
    (key(), group(attribute_key=f"{CANARY}_absent")),
    (key(), group(backfill_since_tstamp=SINCE, **HIDES_SINCE)),
    (key(), group(attribute("filled"), backfill_since_tstamp=SINCE, **HIDES_SINCE)),
    (key(), group(), service(attribute_groups=[{"name": f"{CANARY}_absent"}, {"name": "basket", "version": 9}])),
    (key(), group(), service(attribute_groups=[f"{CANARY}!"])),
    (),
]  # fmt: skip


def fault_of(step: Callable[..., object], declared: tuple[OfKind, ...]) -> list[str]:
    """Return what a step fails with, if it does."""
    try:
        step(*declared)
    except (CheckFailed, SignalsError) as failed:
        return [str(failed)]
    return []


def test_no_text_repeats_a_secret(emulator: Emulator) -> None:
    """Whatever is deployed, changed, refused or taken down."""
    stack, texts = Stack(emulator), list[str]()
    for declared in STAGES:
        for step in (stack.preview, stack.up):
            texts += fault_of(step, declared)
        stack.refresh()
    stack.destroy()
    texts += [remark.text for remark in stack.said]
    assert len(texts) > 20
    assert [text for text in texts if "are backfilled, and may be empty" in text] != []
    assert [text for text in texts if CANARY in text or SINCE[:10] in text] == []


def test_faults_about_several_inputs_show_none_that_is_secret(emulator: Emulator) -> None:
    """Where inputs contradict each other and one of them is a secret, the fault says so without either."""
    contradiction = {"external_column": CANARY, "property": None, "__secret": ["external_column"]}
    with pytest.raises(CheckFailed) as refused:
        Stack(emulator).preview(key(**contradiction, description=None, owner=None))
    assert str(refused.value) == (
        "external_column and the name differ, but the official client requires them to be equal"
    )
