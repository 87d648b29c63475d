"""Previews as `pulumi preview --json` prints them, made of a few facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

TYPES = {
    "rule": "pulumi-python:dynamic/signals:RuleIntervention",
    "direct": "pulumi-python:dynamic/signals:DirectIntervention",
    "other": "aws:s3/bucket:Bucket",
}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNED_SECRET = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "djE6Y2FuYXJ5LWNpcGhlcnRleHQ=",
}


def over(value: Any, attribute: str = "shop:cart") -> dict[str, Any]:
    """Return a criterion."""
    return {"attribute": attribute, "operator": ">", "value": value}


def rule(name: str = "offer", version: Any = 1, value: Any = 75, **inputs: Any) -> dict[str, Any]:
    """Return the recorded inputs of a rule."""
    given = {
        "name": name,
        "owner": "team@example.com",
        "criteria": over(value),
        "rule": f"shop:cart > {value}",
        "version": version,
        "published": True,
        "on_destroy": "unpublish",
        "__signals": {
            "registry": "loopback",
            "released": {str(version): "d"},
            "highest": version,
            "taken_over": False,
        },
        **inputs,
    }
    return {key: value for key, value in given.items() if value is not None}


def message(name: str = "hello", **inputs: Any) -> dict[str, Any]:
    """Return the recorded inputs of a direct intervention."""
    return {
        "name": name,
        "version": 1,
        "attributes": {"title": "x"},
        "targets": {"domain_sessionid": ["8f3d2a60-5f0e-4a7c-9d52-2f6f4d1c7b11"]},
        "__signals": {"pushed": {"1": "d"}, "registry": "loopback"},
        **inputs,
    }


def urn_of(kind: str, name: str) -> str:
    """Return the URN of a resource."""
    return f"urn:pulumi:prod::shop::{TYPES[kind]}::{name}"


def step(
    op: str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    *,
    kind: str = "rule",
    resource: str | None = None,
    **state: Any,
) -> dict[str, Any]:
    """Return a step."""
    name = resource or str((new or old or {}).get("name", "thing"))
    found: dict[str, Any] = {"op": op, "urn": urn_of(kind, name), "detailedDiff": None}
    if old is not None:
        found["oldState"] = {"type": TYPES[kind], "inputs": old, "outputs": old, **state}
    if new is not None:
        found["newState"] = {"type": TYPES[kind], "inputs": new}
    return found


def preview(*steps: Mapping[str, Any], diagnostics: Any = None, same: int = 0) -> str:
    """Return a document."""
    document: dict[str, Any] = {"steps": [*steps], "duration": 1, "changeSummary": {"same": same}}
    return json.dumps(document if diagnostics is None else {**document, "diagnostics": diagnostics})
