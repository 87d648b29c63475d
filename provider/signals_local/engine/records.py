"""Resources as Pulumi's deployment format (version 3) writes them, `apitype.ResourceV3` in the Pulumi SDK.

Written so that `pulumi stack import` takes it, and read so that `pulumi stack export` can be taken in: what an export
carries and this engine cannot keep is refused by name rather than dropped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from signals_local.engine.errors import Refused, StateError
from signals_local.engine.model import Resource
from signals_local.engine.secrets import Crypter
from signals_local.engine.values import RESOURCE, SECRET, SIGNATURE, Properties, Reference, Secret, Value

_PROVIDER_TYPE: Final = "pulumi:providers:pulumi-python"
# A field of the record -> the attribute it is, where the value is plain.
_PLAIN: Final = {
    "urn": "urn", "type": "type", "custom": "custom", "id": "id", "parent": "parent", "protect": "protect",
    "external": "external", "retainOnDelete": "retain_on_delete", "deletedWith": "deleted_with", "delete": "delete",
    "pendingReplacement": "pending_replacement", "created": "created", "modified": "modified",
}  # fmt: skip
_LISTS: Final = {
    "dependencies": "dependencies", "ignoreChanges": "ignore_changes", "replaceOnChanges": "replace_on_changes",
    "additionalSecretOutputs": "additional_secret_outputs", "aliases": "aliases",
}  # fmt: skip
# These say where and how a resource was declared; nothing is lost without them. `provider` names the default provider,
# which no program of dynamic resources chooses: left out, the real engine uses the stack's present configuration.
_DROPPED: Final = {"provider", "sourcePosition", "stackTrace", "hideDiff", "defaults"}


def write(resource: Resource, crypter: Crypter | None) -> dict[str, Any]:
    """Return the record of a resource, its secrets encrypted; in plain text where there is no crypter."""
    record: dict[str, Any] = {"urn": resource.urn, "custom": resource.custom, "type": resource.type}
    for name, attribute in _PLAIN.items():
        if value := getattr(resource, attribute):
            record[name] = value
    for name, attribute in _LISTS.items():
        if value := getattr(resource, attribute):
            record[name] = list(value)
    if resource.property_dependencies:
        record["propertyDependencies"] = {
            key: list(urns) for key, urns in resource.property_dependencies.items()
        }
    for name, properties in (("inputs", resource.inputs), ("outputs", resource.outputs)):
        if properties:
            record[name] = _write_value(properties, crypter)
    return record


def _write_value(value: Value, crypter: Crypter | None) -> Value:
    if isinstance(value, Secret):
        inner = _write_value(value.value, crypter)
        if crypter is None:
            return {SIGNATURE: SECRET, "plaintext": json.dumps(inner, separators=(",", ":"))}
        return {SIGNATURE: SECRET, "ciphertext": crypter.encrypt(inner)}
    if isinstance(value, Reference):
        found = {SIGNATURE: RESOURCE, "urn": value.urn}
        return found if value.id is None else {**found, "id": _write_value(value.id, crypter)}
    if isinstance(value, Mapping):
        return {key: _write_value(inner, crypter) for key, inner in value.items()}
    if isinstance(value, list):
        return [_write_value(inner, crypter) for inner in value]
    # Every number crosses the wire as a float; a whole one is written the way Pulumi writes it.
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def is_default_provider(record: Mapping[str, Any]) -> bool:
    """Tell whether the record is the default provider of dynamic resources, which this engine keeps none of."""
    return record.get("type") == _PROVIDER_TYPE


def read(record: Mapping[str, Any], crypter: Crypter) -> Resource:
    """Return the resource of a record.

    Raises:
        Refused: if it uses what this engine cannot keep (a component's provider, hooks, an import id ...).
        StateError: if it is no record of a resource, or a secret in it cannot be decrypted.
    """
    if not all(isinstance(record.get(key), str) for key in ("urn", "type")):
        raise StateError("the state holds an entry without a URN or a type")
    urn: str = record["urn"]
    if record["type"].startswith("pulumi:providers:"):
        raise Refused(f"explicit providers ({urn})")
    known: dict[str, Any] = {"custom": False}
    for name, value in record.items():
        if name in _PLAIN:
            known[_PLAIN[name]] = value
        elif name in _LISTS:
            known[_LISTS[name]] = tuple(value or ())
        elif name in ("inputs", "outputs"):
            known[name] = _read_properties(value, crypter)
        elif name == "propertyDependencies":
            known["property_dependencies"] = {key: tuple(urns or ()) for key, urns in (value or {}).items()}
        elif name not in _DROPPED and value not in (None, "", False, [], {}):
            raise Refused(f"`{name}` in the state of {urn}")
    return Resource(**known)


def _read_properties(value: Any, crypter: Crypter) -> Properties:
    return {key: _read_value(inner, crypter) for key, inner in (value or {}).items()}


def _read_value(value: Any, crypter: Crypter) -> Value:
    if isinstance(value, list):
        return [_read_value(inner, crypter) for inner in value]
    if not isinstance(value, dict):
        return value
    signature = value.get(SIGNATURE)
    if signature is None:
        return _read_properties(value, crypter)
    if signature == SECRET:
        plain = (
            json.loads(value["plaintext"]) if "plaintext" in value else crypter.decrypt(value["ciphertext"])
        )
        return Secret(_read_value(plain, crypter))
    if signature == RESOURCE:
        return Reference(value["urn"], _read_value(value["id"], crypter) if "id" in value else None)
    raise Refused("assets and archives in the state")
