"""Attribute keys: the identities that attributes are computed for, such as a visitor's account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import ValidationInfo, field_validator, model_validator

from pulumi_snowplow_signals.fields.faults import FOUND, check_together, fault
from pulumi_snowplow_signals.fields.parts import PART
from pulumi_snowplow_signals.fields.text import quoted
from pulumi_snowplow_signals.fields.times import Duration
from pulumi_snowplow_signals.fields.vocabulary import STORED, Name, ShortOwner, Text, limit_to, rule
from pulumi_snowplow_signals.kinds.definition import NO_TYPES, Doubt, Said, Unnumbered
from pulumi_snowplow_signals.kinds.properties import LeafProperty

BUILT_IN_KEYS: Final = ("domain_userid", "domain_sessionid", "user_id", "network_userid", "snowplow_id")
"""The keys built into every registry (Snowplow's documentation of attribute keys, November 2026)."""

_LONGEST_COLUMN: Final = 128


def _check_no_date_part(value: Any) -> Any:
    if getattr(value, "date_part", None) is not None:
        raise fault("has a date_part, which an attribute key cannot have")
    return value


def _find_conflicts(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name, column = raw.get("name"), raw.get("external_column")
    if not isinstance(name, str) or not isinstance(column, str):
        return
    # Longer ones are reported as too long.
    if name != column and max(len(name), len(column)) <= _LONGEST_COLUMN:
        reason = "external_column and the name differ, but the official client requires them to be equal"
        yield reason, f": {quoted(column)} and {quoted(name)}"


class AttributeKey(Unnumbered):
    """An identity that attributes are computed for. Signals stores it by name."""

    label: ClassVar = "attribute key"
    loss: ClassVar = "no attribute group can be published on it"
    path: ClassVar = "registry/attribute_keys/"
    fixed_while_used: ClassVar = frozenset({"property", "external_column", "key"})
    way_out: ClassVar = (
        "Signals may refuse to change a published attribute key. It was left unchanged: to withdraw it first, every attribute "
        "group on it would have to be withdrawn. Undo the change, or give the key another name."
    )

    name: Name
    property: Annotated[LeafProperty | None, rule(_check_no_date_part), PART] = None
    external_column: Annotated[Text, limit_to(_LONGEST_COLUMN)] | None = None
    key: Name | None = None
    description: Text | None = None
    owner: ShortOwner | None = None
    ttl: Duration = None

    @model_validator(mode="before")
    @classmethod
    def _drop_redundant_key(cls, raw: Any) -> Any:
        """Drop a `key` that equals the name, since the service defaults to the name."""
        is_told = (
            isinstance(raw, Mapping) and raw.get("key") is not None and raw.get("key") == raw.get("name")
        )
        if is_told and raw.get("property") is None:
            return {name: value for name, value in raw.items() if name != "key"}
        return raw

    @field_validator("name", mode="after")
    @classmethod
    def _check_not_built_in(cls, name: str, info: ValidationInfo) -> str:
        if info.context != STORED and name in BUILT_IN_KEYS:
            raise fault(
                f"is {FOUND}, which is built into Signals and cannot be created, changed or removed",
                f'. Refer to it as attribute_key="{name}", or choose another name',
            )
        return name

    _column_is_name = check_together(_find_conflicts)

    def doubts(self, types: Mapping[str, str] = NO_TYPES) -> Iterator[Doubt]:  # noqa: ARG002  # only criteria need them
        """Yield a doubt if no field says where the key's values come from."""
        if self.property is None and self.external_column is None and self.key is None:
            reason = "has neither property nor external_column, so the source of its values is not known"
            yield Doubt("property", reason, reason)

    def content(self) -> Said:
        """Return where the key's values come from."""
        if self.property is not None:
            return Said(("property",), f"values of {self.property}", "values of a secret property")
        if self.external_column is not None:
            return Said(
                ("external_column",),
                f"values of the column {quoted(self.external_column)}",
                "values of a secret column",
            )
        return Said(
            ("key",), f"values of {quoted(self.key)}" if self.key else "an attribute key", "an attribute key"
        )
