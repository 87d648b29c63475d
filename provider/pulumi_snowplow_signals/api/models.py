"""The registry's objects, as far as the provider reads them.

The service may add fields, and sends null for what is not set: unknown fields are ignored, and null counts as absent. The
fields that are read must have their documented types (models of `snowplow-signals` 0.4.10). Otherwise a response of another
service could pass for the registry's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER, is_sendable
from pulumi_snowplow_signals.fields.vocabulary import drop_nulls
from pulumi_snowplow_signals.kinds.definition import Definition

if TYPE_CHECKING:
    from typing_extensions import Self


def _read_types(value: Any) -> Any:
    """Return a list of attributes, or of an external table's fields, as {name: type}."""
    if isinstance(value, list):
        return {
            item["name"]: item.get("type")
            for item in value
            if isinstance(item, dict) and isinstance(item.get("name"), str)
        }
    return value


D = TypeVar("D", bound=Definition)


@dataclass(frozen=True)
class Stored(Generic[D]):
    """One version of an object as the registry holds it.

    Attributes:
        name: The object's name.
        version: Its number; 1 if the kind has no versions.
        is_published: Whether it is live; None if the response does not say, which is not the same as False.
        body: The stored object as received, unknown fields included: to publish or withdraw it, send this back.
        definition: Its definition; None if this release cannot read its form. Such a version does not hide the others, and
            it can still be withdrawn.
        fault: What is wrong with an item of a list that has a name but is otherwise not a version; `version` is 0 then.
    """

    name: str
    version: int
    is_published: bool | None
    body: Mapping[str, Any] = field(repr=False)
    definition: D | None = None
    fault: str = ""

    @classmethod
    def parse(cls, kind: type[D], body: Any) -> Stored[D]:
        """Parse an object of a response. Raise ValidationError if it is not an object of the registry."""
        head = _Head.model_validate(body)
        try:
            definition = kind.stored(body) if is_sendable(body) else None
        except ValidationError:
            definition = None
        return cls(head.name, head.version, head.is_published, body, definition)

    @classmethod
    def parse_item(cls, kind: type[D], item: Any) -> Stored[D]:
        """Parse an item of a list; note the fault of one that cannot be read. Raise ValidationError if it has no name."""
        try:
            return cls.parse(kind, item)
        except ValidationError as wrong:
            return cls(_Named.model_validate(item).name, 0, None, item, fault=first_fault(wrong))


def first_fault(wrong: ValidationError) -> str:
    """Return the first error of pydantic's report, with its location and without the value."""
    first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return f"{place}: {first['msg']}".removeprefix(": ")


_Number = Annotated[int, Field(ge=1, le=LARGEST_EXACT_INTEGER)]
"""A version's number. Pulumi's protocol cannot carry a larger one exactly."""


class _Named(BaseModel):
    """The part that every object in the registry has."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    name: str = Field(min_length=1)

    _null_is_absent = model_validator(mode="before")(drop_nulls)


class _Head(_Named):
    """The part that every version of a managed kind has."""

    version: _Number = 1
    is_published: bool | None = None


class _Stored(_Named):
    is_published: bool | None = None
    """Whether it is live; None where the answer does not say so, which is not a no."""

    _fault: str = PrivateAttr("")

    @property
    def fault(self) -> str:
        """What is wrong with an item of which only the name can be read; empty for any other."""
        return self._fault

    @classmethod
    def parse_item(cls, item: Any) -> Self:
        """Parse an item of a list; note the fault of one that cannot be read. Raise ValidationError if it has no name."""
        try:
            return cls.model_validate(item)
        except ValidationError as wrong:
            named = cls.model_construct(name=_Named.model_validate(item).name)
            named._fault = first_fault(wrong)  # noqa: SLF001  # its own
            return named


class StoredAttributeGroup(_Stored):
    """One version of an attribute group: the attributes that criteria may refer to, and the key they are computed for."""

    version: _Number = 1
    attribute_key: str | None = Field(
        None, validation_alias=AliasChoices(AliasPath("attribute_key", "name"), "attribute_key_or_name")
    )
    attributes: Annotated[Mapping[str, str | None], BeforeValidator(_read_types)] = Field(
        default_factory=dict, validation_alias=AliasChoices("attributes", "fields")
    )
    """Types by name. A group over an external table lists its columns under `fields`; they are attributes too."""


class Deletion(BaseModel):
    """The response to a deletion: `{"ok": true}` as documented, or `{}` as in the official client's tests."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    ok: bool | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        # Any other successful response may come from another service.
        if not (self.ok or (self.ok is None and not self.model_extra)):
            raise PydanticCustomError("no_deletion", "it does not confirm that the version was deleted")
        return self

    @property
    def is_documented(self) -> bool:
        """Whether it is exactly `{"ok": true}`."""
        return self.ok is True and not self.model_extra


class Push(BaseModel):
    """The response to a push. One without a status counts as a failure, as in the official client."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    status: str = "failure"


class TokenExchange(BaseModel):
    """The Console's response to an exchange of credentials."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    token: str = Field(alias="accessToken", pattern=r"^[\x21-\x7e]+$", repr=False)
    """Only visible ASCII: a header cannot carry anything else."""


class StoredAttributeKey(_Stored):
    """An identity that attributes are computed for, such as `domain_userid`."""
