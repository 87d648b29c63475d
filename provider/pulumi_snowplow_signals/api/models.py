"""What the registry holds, as far as the provider looks at it.

The service is free to add fields, and sends null where nothing is set: unknown fields are ignored and null counts as
absent. What is looked at must have its documented type (models of `snowplow-signals` 0.4.10), as otherwise an answer
of something else could pass for the registry's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from pulumi_snowplow_signals.fields.vocabulary import drop_nulls
from pulumi_snowplow_signals.kinds.definition import Definition


def _types_by_name(value: Any) -> Any:
    """Read a list of attributes, or of an external table's fields, as {name: type}."""
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
        version: Its number; 1 where the kind has none.
        is_published: Whether it is live; None where the answer does not say so, which is not a no.
        body: The stored object as it came, unknown fields included: to publish or withdraw it, send this back.
        definition: What the object is; None if it has a form that this release cannot read. Such a version hides no
            other, and it can still be withdrawn.
    """

    name: str
    version: int
    is_published: bool | None
    body: Mapping[str, Any] = field(repr=False)
    definition: D | None = None

    @classmethod
    def parse(cls, kind: type[D], answer: Any) -> Stored[D]:
        """Read an object of an answer. Raise ValidationError where it is none of the registry's."""
        head = _Head.model_validate(answer)
        try:
            definition = kind.stored(answer)
        except ValidationError:
            definition = None
        return cls(head.name, head.version, head.is_published, answer, definition)


class _Head(BaseModel):
    """What every object of the registry has."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    name: str = Field(min_length=1)
    version: int = 1
    is_published: bool | None = None

    _null_is_absent = model_validator(mode="before")(drop_nulls)


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    name: str = Field(min_length=1)
    is_published: bool = False

    _null_is_absent = model_validator(mode="before")(drop_nulls)


class StoredAttributeGroup(_Stored):
    """One version of an attribute group: what criteria may refer to, and for whom it is computed."""

    version: int = 1
    attribute_key: str | None = Field(
        None, validation_alias=AliasChoices(AliasPath("attribute_key", "name"), "attribute_key_or_name")
    )
    attributes: Annotated[Mapping[str, str | None], BeforeValidator(_types_by_name)] = Field(
        default_factory=dict, validation_alias=AliasChoices("attributes", "fields")
    )
    """Type by name; a group over an external table has its columns under `fields`, which are attributes too."""


class StoredAttributeKey(_Stored):
    """An identity that attributes are computed for, such as `domain_userid`."""
