"""The types of the fields of all kinds.

A type defines a shape and rules. The shape applies to what a program declares and to what the registry stores. The rules apply to
programs only: a value read with the context `STORED` skips every check marked with `rule`, since objects in the registry need not
satisfy them.

Facts about names, lengths and patterns come from `snowplow_signals.models.model` in the official client 0.4.10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from pulumi_snowplow_signals.fields.comparison import SAME_DOMAIN
from pulumi_snowplow_signals.fields.faults import FOUND, fault
from pulumi_snowplow_signals.fields.names import NAME_PATTERN, NAME_RULE
from pulumi_snowplow_signals.fields.placeholders import placeholder_reason
from pulumi_snowplow_signals.fields.text import quoted
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER

STORED: Final = "stored"
"""The validation context for objects that the registry stores."""

SERVER_FIELDS: Final = frozenset(
    {"id", "blobl_path", "created_at", "updated_at", "fields_hash", "has_published_version"}
)
"""The fields that the service adds to its responses about any object (a public script that copies objects lists them)."""

LONGEST_OWNER: Final = 255
PLAIN_ADDRESS: Final = re.compile(
    r"[a-z0-9]{1,20}([._+-][a-z0-9]{1,20}){0,2}@[a-z0-9]{1,20}([.-][a-z0-9]{1,20}){0,2}[.](com|org|net|[a-z]{2})"
)
"""The most common addresses. `email_validator` accepts all of them, so it is loaded only for others."""

_LARGEST_VERSION: Final = 2**31 - 1  # the registry documents no bound; every database can store this one


def rule(judge: Callable[[Any], Any]) -> AfterValidator:
    """Build a validator that applies to what a program declares and skips what the registry stores."""

    def judge_declared(value: Any, info: ValidationInfo) -> Any:
        return value if info.context == STORED else judge(value)

    return AfterValidator(judge_declared)


def drop_nulls(raw: Any) -> Any:
    """Return an object without its null values, which count as absent."""
    return {key: item for key, item in raw.items() if item is not None} if isinstance(raw, Mapping) else raw


def check_text(value: str) -> str:
    """Return a string that a program may declare. Raise PydanticCustomError for any other."""
    reason = placeholder_reason(value)
    if reason:
        raise fault(reason)
    if "\x00" in value:
        raise fault("contains a null character, which Signals rejects")
    return value


def _check_name(value: str) -> str:
    if not NAME_PATTERN.fullmatch(check_text(value)):
        raise fault(f"is {FOUND}; {NAME_RULE}")
    return value


def _check_owner(value: str | None) -> str:
    if value is None:
        raise fault("is required")
    check_text(value)
    if len(value) > LONGEST_OWNER:
        raise fault(f"is longer than {LONGEST_OWNER} characters")
    if PLAIN_ADDRESS.fullmatch(value):
        return value
    # Importing it takes a third as long as importing pydantic.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        # The official client reads owners with the same library, and fails to list an object whose owner is invalid.
        validate_email(value, check_deliverability=False)
    except EmailNotValidError as why:
        raise fault(f"is {FOUND}; expected the e-mail address of a person or team.", f" {why}") from None
    return value


def _read_version(value: Any, info: ValidationInfo) -> Any:
    """Return a whole number as an int, since Pulumi passes every number as a float."""
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not is_whole or abs(value) > LARGEST_EXACT_INTEGER:
        raise fault(f"is {FOUND}; expected a whole number of 1 or more")
    if info.context != STORED and not 1 <= value <= _LARGEST_VERSION:
        raise fault(f"is {FOUND}; expected a whole number of 1 or more")
    return int(value)


def limit_to(longest: int) -> AfterValidator:
    """Demand a text of no more than so many characters."""

    def judge(value: str) -> str:
        if len(value) > longest:
            raise fault(f"is longer than {longest} characters")
        return value

    return rule(judge)


Text = Annotated[str, rule(check_text)]
ShortOwner = Annotated[Text, limit_to(LONGEST_OWNER)]
"""An owner that need not be an address."""
Name = Annotated[str, rule(_check_name)]
Owner = Annotated[str | None, rule(_check_owner), SAME_DOMAIN, Field(validate_default=True)]
"""The e-mail address of a person or team. Programs must declare it; the registry may hold an object without one."""
Version = Annotated[int, BeforeValidator(_read_version)]


class Part(BaseModel):
    """Base of the objects within a definition. Null counts as absent, and unknown names are faults."""

    # A part is only read and written as part of a larger object, so its own validator need not be built.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    _null_is_absent = model_validator(mode="before")(drop_nulls)


def _read_link(value: Any) -> Any:
    """Read `"domain_userid"` as `{"name": "domain_userid"}`: the documentation shows both."""
    if isinstance(value, str) or value is UNKNOWN:
        return {"name": value}
    if not isinstance(value, (Mapping, Part)):
        raise fault(f'is {FOUND}; expected a name or {{"name": ...}}')
    return value


class LinkedKey(Part):
    """An attribute key by name."""

    name: Name

    @model_serializer(mode="wrap")
    def _write(self, write: SerializerFunctionWrapHandler, info: Any) -> Any:
        """Write a link as an object on the wire, and as the bare name in inputs, as programs and stacks do."""
        return write(self) if info.mode == "json" else self.name

    def __str__(self) -> str:
        return quoted(self.name)


class PinnedGroup(Part):
    """One version of an attribute group."""

    name: Name
    version: Version = 1

    def __str__(self) -> str:
        return f"{quoted(self.name)} version {self.version}"


def _check_distinct(value: list[LinkedKey] | list[PinnedGroup]) -> list[LinkedKey] | list[PinnedGroup]:
    """Refuse a repeated entry. It means the same as a single one, so the second is probably a mistake."""
    seen: set[LinkedKey | PinnedGroup] = set()
    for link in value:
        if link in seen:
            raise fault("has an entry twice", f": {link}. Name each once.")
        seen.add(link)
    return value


DISTINCT: Final = rule(_check_distinct)
"""Each link of a list occurs once."""

KeyLink = Annotated[LinkedKey, BeforeValidator(_read_link)]
"""An attribute key by name, written as the name or as `{"name": ...}`."""

GroupPin = Annotated[PinnedGroup, BeforeValidator(_read_link)]
"""One version of an attribute group."""
