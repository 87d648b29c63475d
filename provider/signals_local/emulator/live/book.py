"""The published rules, ready to be judged, and the attributes that they may refer to.

They are derived from the registry after each of its changes, so definitions are parsed once and not for each event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from signals_local.emulator.live.criteria import Node, attributes_of, parse
from signals_local.emulator.registry import Identity, Registry, Stored


@dataclass(frozen=True)
class Attribute:
    """The attribute that `group:name` refers to, with its type and the key for whose ids its values are stored."""

    key: str
    type: str


@dataclass(frozen=True)
class Rule:
    """A published version of an intervention.

    `targets` are names of keys. `payload` maps each attribute that the message carries to its name in the message.
    """

    name: str
    version: int
    criteria: Node
    targets: tuple[str, ...]
    payload: tuple[tuple[str, str, str], ...]


class Book:
    """The rules and attributes in the registry now."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._attributes: dict[str, Attribute | None] = {}
        self._about: dict[str, list[Rule]] = defaultdict(list)
        for stored in registry.published("intervention"):
            rule = self._build_rule(stored)
            for attribute in attributes_of(rule.criteria):
                self._about[attribute].append(rule)

    def attribute(self, qualified: str) -> Attribute | None:
        """Return the attribute `group:name` of the highest published version that has it, or None if no version has."""
        if qualified not in self._attributes:
            self._attributes[qualified] = self._resolve(*qualified.split(":"))
        return self._attributes[qualified]

    def attributes(self) -> dict[str, Attribute]:
        """Return every attribute of the published groups, by qualified name."""
        names = {
            f"{stored.identity.name}:{attribute['name']}"
            for stored in self._registry.published("attribute_group")
            for attribute in attributes_in(stored.definition)
        }
        resolved = ((name, self.attribute(name)) for name in sorted(names))
        return {name: attribute for name, attribute in resolved if attribute is not None}

    def rules_about(self, attributes: Iterable[str]) -> list[Rule]:
        """Return the published rules that refer to any of the attributes, by name and version."""
        found = {(rule.name, rule.version): rule for name in attributes for rule in self._about.get(name, ())}
        return [found[identity] for identity in sorted(found)]

    def targets_of(self, definition: dict[str, Any], criteria: Node) -> tuple[str, ...]:
        """Return the keys that an intervention is sent to: its own, or those of the groups that its criteria refer to."""
        if definition["target_attribute_keys"]:
            return tuple(key["name"] for key in definition["target_attribute_keys"])
        resolved = (self.attribute(name) for name in attributes_of(criteria))
        return tuple(dict.fromkeys(attribute.key for attribute in resolved if attribute))

    def _build_rule(self, stored: Stored) -> Rule:
        definition = stored.definition
        criteria = parse(definition["criteria"])
        return Rule(
            name=stored.identity.name,
            version=stored.identity.version,
            criteria=criteria,
            targets=self.targets_of(definition, criteria),
            payload=tuple(
                (group["attribute_key"]["name"], f"{group['name']}:{attribute['name']}", attribute["name"])
                for group in map(self._find_group, definition["payload_attribute_groups"] or ())
                for attribute in attributes_in(group)
            ),
        )

    def _resolve(self, group: str, name: str) -> Attribute | None:
        version = self._registry.references.resolve(group, name)
        if version is None:
            return None
        definition = self._find_group({"name": group, "version": version})
        declared = next(each["type"] for each in attributes_in(definition) if each["name"] == name)
        return Attribute(key=definition["attribute_key"]["name"], type=declared)

    def _find_group(self, link: dict[str, Any]) -> dict[str, Any]:
        return self._registry.get(Identity("attribute_group", link["name"], link["version"])).definition


def attributes_in(group: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the attributes in a group's definition, or the fields of an external group."""
    return group["attributes"] or group["fields"] or []
