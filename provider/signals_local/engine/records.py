"""Convert between resources and their records, with secrets encrypted and references as signed maps.

`pulumi stack import` accepts the written records, and this module reads those of `pulumi stack export`. Anything in an export that
this engine cannot store is refused by name, never dropped.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from signals_local.engine.errors import Refused, StateError
from signals_local.engine.model import Resource
from signals_local.engine.secrets import Crypter
from signals_local.engine.stored import ReferenceRecord, ResourceRecord, SecretRecord
from signals_local.engine.validation import first_fault, parse_json
from signals_local.engine.values import RESOURCE, SECRET, SIGNATURE, Properties, Reference, Secret, Value

_FIELDS: Final = {name: field.alias or name for name, field in ResourceRecord.model_fields.items()}
_ALWAYS: Final = {"urn", "custom", "type"}
# These say where and how a resource was declared, so nothing is lost without them. `provider` names the default provider, which
# no program of dynamic resources chooses. Without it, the real engine uses the stack's current configuration.
_DROPPED: Final = {"provider", "sourcePosition", "stackTrace", "hideDiff", "defaults"}
_EMPTY: Final[tuple[Any, ...]] = (None, "", False, [], {})


def write(resource: Resource, crypter: Crypter | None) -> dict[str, Any]:
    """Return the record of a resource, with secrets encrypted, or in plain text if there is no crypter."""
    found = ((alias, name, getattr(resource, name)) for name, alias in _FIELDS.items())
    return {alias: _write_value(value, crypter) for alias, name, value in found if value or name in _ALWAYS}


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
    if isinstance(value, list | tuple):
        return [_write_value(inner, crypter) for inner in value]
    # Every number crosses the wire as a float. Write whole numbers as Pulumi does.
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def read(record: ResourceRecord, crypter: Crypter) -> Resource:
    """Return the resource of a record.

    Raises:
        Refused: It uses something that this engine cannot store (a component's provider, hooks, an import id ...).
        StateError: A value in it is invalid, or a secret in it cannot be decrypted.
    """
    if record.type.startswith("pulumi:providers:"):
        raise Refused(f"explicit providers ({record.urn})")
    for name, value in (record.model_extra or {}).items():
        if name not in _DROPPED and value not in _EMPTY:
            raise Refused(f"`{name}` in the state of {record.urn}")
    try:
        inputs, outputs = (
            _read_properties(values, crypter, f"{name} of {record.urn}")
            for name, values in (("inputs", record.inputs), ("outputs", record.outputs))
        )
    except RecursionError:
        raise StateError(f"the properties of {record.urn} are nested too deeply") from None
    known = {name: _freeze(getattr(record, name)) for name in _FIELDS}
    links = {key: tuple(urns or ()) for key, urns in record.property_dependencies.items()}
    return Resource(**{**known, "inputs": inputs, "outputs": outputs, "property_dependencies": links})


def _freeze(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _read_properties(values: Mapping[str, Any], crypter: Crypter, place: str) -> Properties:
    return {key: _read_value(inner, crypter, place) for key, inner in values.items()}


def _read_value(value: Any, crypter: Crypter, place: str) -> Value:
    if isinstance(value, list):
        return [_read_value(inner, crypter, place) for inner in value]
    if isinstance(value, dict):
        return _read_map(value, crypter, place)
    if isinstance(value, int | float) and not _fits(value):
        raise StateError(f"the {place} hold a number that does not fit a double")
    return value


def _fits(number: float) -> bool:
    """Return whether a number fits a double, as which it crosses the wire."""
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _read_map(value: dict[str, Any], crypter: Crypter, place: str) -> Value:
    signature = value.get(SIGNATURE)
    if signature is None:
        return _read_properties(value, crypter, place)
    try:
        if signature == SECRET:
            return Secret(_read_value(_reveal(SecretRecord.model_validate(value), crypter), crypter, place))
        if signature == RESOURCE:
            reference = ReferenceRecord.model_validate(value)
            return Reference(reference.urn, _read_value(reference.id, crypter, place))
    except ValidationError as fault:
        raise StateError(f"the {place} hold a damaged reference or secret: {first_fault(fault)}") from None
    except ValueError:
        raise StateError(f"the {place} hold a secret that is not JSON") from None
    raise Refused("assets and archives in the state")


def _reveal(record: SecretRecord, crypter: Crypter) -> Any:
    if record.ciphertext is not None:
        return crypter.decrypt(record.ciphertext)
    return parse_json(record.plaintext or "")
