"""A posted event: the ids of a visitor and the new values of attributes.

    {"keys": {"domain_userid": "218e8926-…"}, "attributes": {"shopping:cart_value": 80}}

A key's id may be any string, as in Snowplow's events, but only UUIDs can be subscribed to. UUIDs are compared in lower case.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StrictStr, StringConstraints

from signals_local.emulator.models import QualifiedName
from signals_local.emulator.strict_json import parse_json
from signals_local.emulator.wire import Name

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_uuid(text: str) -> bool:
    """Return whether a string is a UUID in canonical form, in upper or lower case."""
    return _UUID.fullmatch(text) is not None


def canonical_id(text: str) -> str:
    """Return the canonical spelling of an id: lower case for a UUID, anything else as it is."""
    return text.lower() if is_uuid(text) else text


KeyId = Annotated[str, StringConstraints(min_length=1, max_length=1024), AfterValidator(canonical_id)]


class Event(BaseModel):
    """The body of `POST /local/attributes`. Unlike the service's own models, it refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    keys: Annotated[dict[Name, KeyId], Field(min_length=1)]
    attributes: Annotated[dict[QualifiedName, JsonValue], Field(min_length=1)]


class TextEvent(BaseModel):
    """The body of `POST /local/fire`: an event as a person types it, with every value as a string."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: Annotated[dict[Name, KeyId], Field(min_length=1)]
    attributes: Annotated[dict[QualifiedName, StrictStr], Field(min_length=1)]


def typed(text: str, declared: str) -> Any:
    """Return the value that a string represents for an attribute of the declared type.

    `null` means no value. For string types the string is the value; for all others it is JSON, and a list may also be written
    `a,b,c`.

    Raises:
        ValueError: The string does not represent a value of the type.
    """
    if text == "null":
        return None
    value = _read_value(text, declared)
    if not fits(value, declared):
        raise ValueError(f"is of type {declared}, which {text!r} is not")
    return value


def _read_value(text: str, declared: str) -> Any:
    if declared in ("string", "bytes"):
        return text
    if declared == "bool":
        text = text.lower()
    try:
        return parse_json(text.encode())
    except ValueError:
        if declared.endswith("_list"):
            return [_read_value(each.strip(), declared[:-5]) for each in text.split(",")]
        return text


_ACCEPTED: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "bytes": (str,),
    "int32": (int,),
    "int64": (int,),
    "double": (int, float),
    "float": (int, float),
    "bool": (bool,),
    "timestamp": (str, int, float),
    "unix_timestamp": (str, int, float),
    "dict": (dict,),
}


def fits(value: Any, declared: str) -> bool:
    """Return whether an attribute of the declared type may have this JSON value. Null always fits, since it means no value.

    The types are those of `Attribute.type` in the official client's models. A time may be a number or a string.
    """
    if value is None:
        return True
    if declared.endswith("_list"):
        return isinstance(value, list) and all(
            item is not None and fits(item, declared[:-5]) for item in value
        )
    if isinstance(value, bool):
        return declared == "bool"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return isinstance(value, _ACCEPTED[declared])
