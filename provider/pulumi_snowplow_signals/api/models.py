"""What the registry holds, as far as the provider looks at it.

The service is free to add fields, and sends null where nothing is set: unknown fields are ignored and null counts as
absent. What is looked at must have its documented type (models of `snowplow-signals` 0.4.10), as otherwise an answer
of something else could pass for the registry's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pulumi_snowplow_signals.api.redaction import Redaction
from pulumi_snowplow_signals.domain.definition import Definition
from pulumi_snowplow_signals.errors import UnexpectedAnswer


def _without_nulls(value: Any) -> Any:
    return (
        {name: held for name, held in value.items() if held is not None} if isinstance(value, dict) else value
    )


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
        return _without_nulls(value)


class StoredIntervention(_Stored):
    """One version of a rule intervention as the registry holds it.

    Only its name, number and state are checked when it is read, so that one intervention that somebody else wrote in
    a way unknown to this release hides no other; `definition` checks the rest of the one it is asked of.
    """

    version: int = 1
    body: Mapping[str, Any] = Field(repr=False)
    """The stored object as it came, unknown fields included: to publish or withdraw it, send this back."""

    @model_validator(mode="before")
    @classmethod
    def _keep_body(cls, value: Any) -> Any:
        return {**_without_nulls(value), "body": value} if isinstance(value, dict) else value

    @cached_property
    def definition(self) -> Definition:
        """What the intervention is, apart from its number and state.

        Raises:
            UnexpectedAnswer: the stored object is of no shape that this release knows.
        """
        try:
            return Definition.from_wire(self.body)
        except ValueError as unusable:
            words = Redaction().clean(f"the stored definition cannot be read: {unusable}")
        raise UnexpectedAnswer(
            "GET", f"registry/interventions/{self.name}/versions/{self.version}", 200, words
        )


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
