"""Keys, groups, services and rules as a program declares them for `stacks.Stack`, and what is live of them."""

from __future__ import annotations

from typing import Any, Final

from stacks import OfKind

from signals_local.emulator import Emulator

OWNER = "team@example.com"


def attribute(name: str, kind: str = "double", **more: Any) -> dict[str, Any]:
    """Return the inputs of an attribute."""
    return {
        "name": name,
        "type": kind,
        "aggregation": "last",
        "events": [{"vendor": "com.example", "name": "cart", "version": "1-0-0"}],
        "property": {
            "type": "event",
            "vendor": "com.example",
            "name": "cart",
            "major_version": 1,
            "path": name,
        },
        **more,
    }


def a_group(*attributes: Any, name: str = "basket", **inputs: Any) -> OfKind:
    """Return a stream group of these attributes."""
    read = [attribute(each) if isinstance(each, str) else each for each in attributes]
    return "group", {
        "name": name,
        "owner": OWNER,
        "attribute_key": "domain_userid",
        "attributes": read,
        **inputs,
    }


def a_service(*groups: str, name: str = "checkout", **inputs: Any) -> OfKind:
    """Return a service of groups in the versions that the program declares."""
    return "service", {
        "name": name,
        "owner": OWNER,
        "attribute_groups": lambda outputs: [
            {"name": group, "version": outputs[f"group {group}"]["version"]} for group in groups
        ],
        **inputs,
    }


def a_rule(attribute: str, name: str = "vip", **inputs: Any) -> OfKind:
    """Return a rule that reads one attribute."""
    criteria = {"attribute": attribute, "operator": ">", "value": 75}
    return "rule", {"name": name, "owner": OWNER, "criteria": criteria, **inputs}


KEY: Final[OfKind] = (
    "key",
    {
        "name": "account_id",
        "property": {
            "type": "entity",
            "vendor": "com.example",
            "name": "account",
            "major_version": 1,
            "path": "id",
        },
        "ttl": "P1Y",
    },
)
"""An attribute key."""

_BUILT_IN = {"user_id", "domain_userid", "network_userid", "domain_sessionid", "snowplow_id"}


def live(emulator: Emulator) -> list[str]:
    """Return what is live, by kind, name and number."""
    found = []
    for kind in ("attribute_group", "service", "intervention", "attribute_key"):
        for each in emulator.history(kind)["versions"]:
            number = f" v{each['version']}" if kind in ("attribute_group", "intervention") else ""
            if each["exists"] and each["is_published"] and not each.get("is_built_in"):
                found.append(f"{each['name']}{number}")
    return [name for name in found if name not in _BUILT_IN]
