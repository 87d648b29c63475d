"""Properties on the wire: protobuf structs in which secrets, unknown values and references are maps with a signature."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from google.protobuf.struct_pb2 import NullValue, Struct
from google.protobuf.struct_pb2 import Value as WireValue

from signals_local.engine.errors import Refused
from signals_local.engine.values import (
    RESOURCE,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXT,
    Properties,
    Reference,
    Secret,
    Unknown,
    Value,
)

_REFUSED: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
    "d0e6a833031e9bbcd3f4e8bde6ca49a4": "an output value",
}


def from_struct(struct: Struct) -> Properties:
    """Decode a message's properties. Nulls are dropped from maps, as in the real engine.

    Raises:
        Refused: A property is an asset, an archive or an output value, which this engine does not support.
    """
    return {
        # Thousands of resources share a few names of inputs and outputs, so share the strings.
        sys.intern(key): _from_wire(value)
        for key, value in struct.fields.items()
        if value.WhichOneof("kind") != "null_value"
    }


def _from_wire(value: WireValue) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _from_map(value.struct_value)
    if kind == "list_value":
        return [_from_wire(element) for element in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
    if kind == "number_value":
        return value.number_value
    if kind == "bool_value":
        return value.bool_value
    return None


def _from_map(struct: Struct) -> Value:
    if SIGNATURE not in struct.fields:
        return from_struct(struct)
    signature = struct.fields[SIGNATURE].string_value
    if signature == SECRET:
        inner = _from_wire(struct.fields["value"])
        return inner if isinstance(inner, Secret) else Secret(inner)
    if signature == RESOURCE:
        identifier = _from_wire(struct.fields["id"]) if "id" in struct.fields else None
        return Reference(struct.fields["urn"].string_value, identifier)
    raise Refused(f"{_REFUSED.get(signature, 'a value of an unknown kind')} as a property")


def to_struct(properties: Mapping[str, Value]) -> Struct:
    """Encode properties for the program, with secrets, unknown values and references as signed maps."""
    struct = Struct()
    for key, value in properties.items():
        _to_wire(value, struct.fields[key])
    return struct


def to_provider(properties: Mapping[str, Value], *, unknowns: bool) -> Struct:
    """Encode properties for a provider that accepts neither secrets nor references.

    Args:
        properties: The properties to send.
        unknowns: Whether to send unknown values, as in a preview. Otherwise they are omitted.
    """
    return to_struct(
        {key: value for key, value in _to_plain(properties, unknowns=unknowns).items() if value is not None}
    )


def _to_plain(value: Value, *, unknowns: bool) -> Value:
    if isinstance(value, Secret):
        return _to_plain(value.value, unknowns=unknowns)
    if isinstance(value, Reference):
        return _to_plain(value.urn if value.id is None else value.id, unknowns=unknowns)
    if isinstance(value, Mapping):
        return {
            key: _to_plain(inner, unknowns=unknowns)
            for key, inner in value.items()
            if inner is not None and (unknowns or inner is not UNKNOWN)
        }
    if isinstance(value, list):
        return [_to_plain(inner, unknowns=unknowns) for inner in value]
    return None if value is UNKNOWN and not unknowns else value


def _to_wire(value: Value, wire: WireValue) -> None:
    if value is None:
        wire.null_value = NullValue.NULL_VALUE
    elif isinstance(value, bool):
        wire.bool_value = value
    elif isinstance(value, int | float):
        wire.number_value = float(value)
    elif isinstance(value, str):
        wire.string_value = value
    elif isinstance(value, list):
        wire.list_value.SetInParent()
        for element in value:
            _to_wire(element, wire.list_value.values.add())
    elif isinstance(value, Mapping):
        wire.struct_value.SetInParent()
        for key, inner in value.items():
            _to_wire(inner, wire.struct_value.fields[key])
    else:
        _to_wire(_sign(value), wire)


def _sign(value: Secret | Reference | Unknown) -> Value:
    if isinstance(value, Unknown):
        return UNKNOWN_TEXT
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "value": value.value}
    found = {SIGNATURE: RESOURCE, "urn": value.urn}
    return found if value.id is None else {**found, "id": value.id}
