"""Previews as `pulumi preview --json` prints them, made of a few facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

TYPES = {
    "rule": "pulumi-python:dynamic/signals:RuleIntervention",
    "direct": "pulumi-python:dynamic/signals:DirectIntervention",
    "group": "pulumi-python:dynamic/signals:StreamAttributeGroup",
    "child": "pulumi-python:dynamic/signals:StreamAttributeGroup$pulumi-python:dynamic/signals:LiveVersion",
    "service": "pulumi-python:dynamic/signals:Service",
    "key": "pulumi-python:dynamic/signals:AttributeKey",
    "typed": "pulumi-python:dynamic/team:Thing",
    "later": "pulumi-python:dynamic/signals:OfALaterRelease",
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


def read(name: str, type_: str = "double") -> dict[str, Any]:
    """Return the recorded definition of an attribute."""
    event = {"vendor": "com.example", "name": "cart", "version": "1-0-0"}
    held = {"type": "event", "vendor": "com.example", "name": "cart", "major_version": 1, "path": name}
    return {"name": name, "type": type_, "aggregation": "last", "events": [event], "property": held}


def group(*attributes: Any, name: str = "basket", version: Any = 1, **inputs: Any) -> dict[str, Any]:
    """Return the recorded inputs of an attribute group, with what others publish beside them."""
    return {
        "name": name,
        "owner": "team@example.com",
        "attribute_key": "user_id",
        "attributes": [read(each) if isinstance(each, str) else each for each in attributes or ("value",)],
        "version": version,
        "published": True,
        "on_destroy": "unpublish",
        "__signals": {"registry": "loopback", "released": {str(version): "d"}, "highest": version},
        **inputs,
    }


def live_version(version: int, *retires: int, group: str = "basket") -> dict[str, Any]:
    """Return the recorded inputs of the child by which a group withdraws its older versions."""
    return {
        "group": group,
        "version": version,
        "__retires": [*retires],
        "__urn": urn_of("group", group),
        "__signals": {"registry": "loopback"},
    }


def service(*pins: tuple[str, int], **inputs: Any) -> dict[str, Any]:
    """Return the recorded inputs of a service."""
    return {
        "name": "checkout",
        "owner": "team@example.com",
        "attribute_groups": [{"name": name, "version": version} for name, version in pins],
        "published": True,
        "on_destroy": "unpublish",
        "__signals": {"registry": "loopback", "released": {}, "highest": 1},
        **inputs,
    }


def attribute_key(**inputs: Any) -> dict[str, Any]:
    """Return the recorded inputs of an attribute key."""
    return {
        "name": "account",
        "external_column": "account",
        "published": True,
        "on_destroy": "unpublish",
        "__signals": {"registry": "loopback", "released": {}, "highest": 1},
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
