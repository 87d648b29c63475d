"""The types that all request models share, and the result of parsing a request.

Unknown fields are ignored, as in the service's published models. Patterns run in pydantic's own engine, where `$` never matches before
a final newline. Numbers out of range and values of a wrong type are refused.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

Kind = Literal["attribute_key", "attribute_group", "service", "intervention"]
KINDS: tuple[Kind, ...] = ("attribute_key", "attribute_group", "service", "intervention")

#: The kinds with versions.
VERSIONED: tuple[Kind, ...] = ("attribute_group", "intervention")

_NAME_PATTERN = r"^[A-Za-z0-9_]+$"
# The largest number that the file can store. The service's own limit is unknown.
MAX_INTEGER = 2**63 - 1

Name = Annotated[str, StringConstraints(pattern=_NAME_PATTERN, min_length=1, max_length=128)]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
Owner = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=255)]


def _refuse_boolean(given: object) -> object:
    if isinstance(given, bool):
        raise PydanticCustomError("int_type", "Input should be a valid integer, not a boolean")
    return given


#: A whole number that the file can store. JSON's true is not one, though pydantic would read it as 1.
Integer = Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER), BeforeValidator(_refuse_boolean)]
Version = Annotated[
    Integer,
    BeforeValidator(lambda given: 1 if given is None else given),
    Field(ge=1),
]
Flag = Annotated[bool, BeforeValidator(lambda given: False if given is None else given)]


def _is_one_scalar(value: object) -> bool:
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))


def _check_value(given: object) -> object:
    """Check a value by hand, since a union of types would report a fault once for each of its members.

    Values keep their type: "75" stays a string and true a boolean. In a list with floats, integers become floats.
    """
    if given is None or _is_one_scalar(given):
        return given
    if isinstance(given, list) and all(map(_is_one_scalar, given)):
        types = {type(each) for each in given}
        if len(types) <= 1:
            return given
        if types == {int, float} and max(map(abs, given)) <= sys.float_info.max:
            return [float(each) for each in given]
    raise PydanticCustomError(
        "value", "A value is a text, a finite number, a boolean, a list of one of these kinds, or null"
    )


def _check_default(given: object) -> object:
    if (
        given is None
        or _is_one_scalar(given)
        or (isinstance(given, list) and all(map(_is_one_scalar, given)))
    ):
        return given
    raise PydanticCustomError(
        "value", "A default value is a text, a finite number, a boolean, a list of these, or null"
    )


Value = Annotated[Any, PlainValidator(_check_value)]
DefaultValue = Annotated[Any, PlainValidator(_check_default)]


class Wire(BaseModel):
    """A part of a request body."""

    model_config = ConfigDict(frozen=True)


class LinkAttributeKey(Wire):
    name: Name


class VersionedLinkAttributeGroup(Wire):
    name: Name
    version: Version = 1


@dataclass(frozen=True)
class Identity:
    """The identity of an object. `version` is 0 if the kind has no versions."""

    kind: Kind
    name: str
    version: int = 0

    def __str__(self) -> str:
        words = f"{self.kind.replace('_', ' ').capitalize()} '{self.name}'"
        return f"{words} version {self.version}" if self.kind in VERSIONED else words


@dataclass(frozen=True)
class Reference:
    """A reference to another object. A `version` of None means no particular one; `attribute` is set for a criterion."""

    role: Literal["criterion", "target", "payload", "key", "member"]
    kind: Kind
    name: str
    version: int | None = None
    attribute: str | None = None

    @property
    def identity(self) -> Identity:
        """The object that is referenced. That of a criterion has no particular version."""
        return Identity(self.kind, self.name, self.version or 0)


@dataclass(frozen=True)
class Proposal:
    """The content of a POST or PUT, of any kind.

    `version` is 0 if the kind has no versions. `definition` is the whole model as JSON values, including nulls, without
    `is_published`, which is `publish` here.
    """

    kind: Kind
    name: str
    version: int
    definition: dict[str, Any]
    publish: bool
    references: tuple[Reference, ...] = ()
    attributes: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        """The object that it registers."""
        return Identity(self.kind, self.name, self.version)

    @property
    def digest(self) -> str:
        """The digest of the definition; see `digest_of`."""
        return digest_of(self.definition)


def digest_of(definition: dict[str, Any]) -> str:
    """Return a short digest of a definition's content, regardless of its version number.

    Null counts as absent, 75.0 equals 75, and the order of an object's fields is ignored. The order of a list matters: definitions that
    differ only in it have different digests.
    """
    content = {
        field: value for field, value in definition.items() if field not in ("version", "is_published")
    }
    text = json.dumps(_to_plain(content), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _to_plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _to_plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_to_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
