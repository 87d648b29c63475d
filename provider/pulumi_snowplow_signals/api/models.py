"""What the registry holds, as far as the provider looks at it.

The service is free to add fields, and sends null where nothing is set: unknown fields are ignored and null counts as
absent. What is looked at must have its documented type (models of `snowplow-signals` 0.4.10), as otherwise an answer
of something else could pass for the registry's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

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

from pulumi_snowplow_signals.errors import UnexpectedAnswer
from pulumi_snowplow_signals.fields.vocabulary import drop_nulls
from pulumi_snowplow_signals.kinds.intervention import Intervention


def _types_by_name(value: Any) -> Any:
    """Read a list of attributes, or of an external table's fields, as {name: type}."""
    if isinstance(value, list):
        return {item["name"]: item.get("type") for item in value if isinstance(item, dict) and "name" in item}
    return value


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    name: str = Field(min_length=1)
    is_published: bool = False

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        return drop_nulls(value)


class StoredIntervention(_Stored):
    """One version of a rule intervention as the registry holds it."""

    version: int = 1
    body: Mapping[str, Any] = Field(repr=False)
    """The stored object as it came, unknown fields included: to publish or withdraw it, send this back."""
    definition: Intervention | None = None
    """What the intervention is; None if it has a form that this release cannot read. Such a version hides no other, and
    it can still be withdrawn."""

    @model_validator(mode="before")
    @classmethod
    def _read_definition(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        try:
            definition = Intervention.stored(value)
        except ValidationError:
            definition = None
        return {**drop_nulls(value), "body": value, "definition": definition}

    def require_definition(self) -> Intervention:
        """Return the definition. Raise UnexpectedAnswer if it has a form that this release cannot read."""
        if self.definition is None:
            path = f"registry/interventions/{self.name}/versions/{self.version}"
            raise UnexpectedAnswer("GET", path, 200, "the stored definition has a form that cannot be read")
        return self.definition


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
