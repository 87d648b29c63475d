"""The registered objects, as the page shows them."""

from __future__ import annotations

from typing import Any

from signals_local.emulator.live.book import Book, attributes_in
from signals_local.emulator.live.criteria import parse
from signals_local.emulator.live.words import in_words
from signals_local.emulator.registry import BUILT_IN_KEYS, Registry, Stored
from signals_local.emulator.wire import Kind


def overview(registry: Registry, book: Book) -> dict[str, list[dict[str, Any]]]:
    """Return every registered object as JSON values for the page, by name, newest version first."""
    return {
        "interventions": [
            {**line, **_describe_intervention(stored, book)}
            for stored, line in _list_lines(registry, "intervention")
        ],
        "attribute_groups": [
            {**line, **_describe_group(stored)} for stored, line in _list_lines(registry, "attribute_group")
        ],
        "attribute_keys": [
            {**line, "built_in": stored.identity.name in BUILT_IN_KEYS}
            for stored, line in _list_lines(registry, "attribute_key")
        ],
        "offered": offered(book),
        "services": [
            {**line, "groups": _name_versions(stored.definition["attribute_groups"])}
            for stored, line in _list_lines(registry, "service")
        ],
    }


def offered(book: Book) -> list[dict[str, Any]]:
    """Return the attributes that an event can set, each with its type, its key and the live rules that use it."""
    return [
        {
            "name": name,
            "type": attribute.type,
            "key": attribute.key,
            "rules": [f"{rule.name} v{rule.version}" for rule in book.rules_about([name])],
        }
        for name, attribute in book.attributes().items()
    ]


def _list_lines(registry: Registry, kind: Kind) -> list[tuple[Stored, dict[str, Any]]]:
    released = {
        (each["name"], each["version"])
        for each in registry.history.describe(kind)["versions"]
        if each["released"]
    }
    found = sorted(registry.every(kind), key=lambda stored: (stored.identity.name, -stored.identity.version))
    return [(stored, _describe(stored, released)) for stored in found]


def _describe(stored: Stored, released: set[tuple[str, int]]) -> dict[str, Any]:
    identity = (stored.identity.name, stored.identity.version)
    return {
        "name": stored.identity.name,
        "version": stored.identity.version,
        "status": "live" if stored.is_published else "withdrawn" if identity in released else "draft",
        "description": stored.definition["description"],
        "owner": stored.definition["owner"],
    }


def _describe_intervention(stored: Stored, book: Book) -> dict[str, Any]:
    criteria = parse(stored.definition["criteria"])
    return {
        "rule": in_words(criteria),
        "targets": list(book.targets_of(stored.definition, criteria)),
        "payload": _name_versions(stored.definition["payload_attribute_groups"] or []),
    }


def _describe_group(stored: Stored) -> dict[str, Any]:
    return {
        "key": stored.definition["attribute_key"]["name"],
        "attributes": [
            {"name": each["name"], "type": each["type"]} for each in attributes_in(stored.definition)
        ],
    }


def _name_versions(groups: list[dict[str, Any]]) -> list[str]:
    return [f"{group['name']} v{group['version']}" for group in groups]
