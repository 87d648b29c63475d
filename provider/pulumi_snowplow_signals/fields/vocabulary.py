"""The types that the fields of all kinds are made of.

A type says two things: the shape, which holds for what a program declares and for what the registry stores, and the rules,
which hold for programs alone. Mark a rule with `rule`; a value read with the context `STORED` passes it by, since what the
registry holds need not satisfy us.

Facts about names, lengths and patterns are those of `snowplow_signals.models.model` in the official client 0.4.10.
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
"""The context to read with what the registry stores."""

LONGEST_OWNER: Final = 255
PLAIN_ADDRESS: Final = re.compile(
    r"[a-z0-9]{1,20}([._+-][a-z0-9]{1,20}){0,2}@[a-z0-9]{1,20}([.-][a-z0-9]{1,20}){0,2}[.](com|org|net|[a-z]{2})"
)
"""The commonest addresses. The library that judges owners takes every one of them, so it is loaded for others alone."""

_LARGEST_VERSION: Final = 2**31 - 1  # the registry states no bound; every database holds this one


def rule(judge: Callable[[Any], Any]) -> AfterValidator:
    """Judge what a program declares; take what the registry stores as it is."""

    def judge_declared(value: Any, info: ValidationInfo) -> Any:
        return value if info.context == STORED else judge(value)

    return AfterValidator(judge_declared)


def drop_nulls(raw: Any) -> Any:
    """Return an object without what is null: it counts as absent."""
    return {key: item for key, item in raw.items() if item is not None} if isinstance(raw, Mapping) else raw


def check_text(value: str) -> str:
    """Return a text that a program may declare. Raise PydanticCustomError where it is none."""
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
    # Importing it takes a third of the time that pydantic takes.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        # The official client reads every owner with the same library, and cannot list an object without one.
        validate_email(value, check_deliverability=False)
    except EmailNotValidError as why:
        raise fault(f"is {FOUND}; expected the e-mail address of a person or team.", f" {why}") from None
    return value


def _whole(value: Any, info: ValidationInfo) -> Any:
    """Return a whole number as an int: Pulumi hands every number over as a float."""
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not is_whole or abs(value) > LARGEST_EXACT_INTEGER:
        raise fault(f"is {FOUND}; expected a whole number of 1 or more")
    if info.context != STORED and not 1 <= value <= _LARGEST_VERSION:
        raise fault(f"is {FOUND}; expected a whole number of 1 or more")
    return int(value)


Text = Annotated[str, rule(check_text)]
Name = Annotated[str, rule(_check_name)]
Owner = Annotated[str | None, rule(_check_owner), SAME_DOMAIN, Field(validate_default=True)]
"""The e-mail address of a person or team: required of programs, while the registry may hold an object without one."""
Version = Annotated[int, BeforeValidator(_whole)]


class Part(BaseModel):
    """Base of the objects within a definition. Null counts as absent, and a program may add no names of its own."""

    # A part is read and written as a part of something else: what would read it alone need not be built.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    _null_is_absent = model_validator(mode="before")(drop_nulls)


def _name_as_link(value: Any) -> Any:
    """Read `"domain_userid"` as `{"name": "domain_userid"}`: the documentation has both."""
    if isinstance(value, str) or value is UNKNOWN:
        return {"name": value}
    if not isinstance(value, (Mapping, Part)):
        raise fault(f'is {FOUND}; expected a name or {{"name": ...}}')
    return value


class LinkedKey(Part):
    """An attribute key, by its name."""

    name: Name

    @model_serializer(mode="wrap")
    def _write(self, write: SerializerFunctionWrapHandler, info: Any) -> Any:
        """Write a link in wire form, and the name alone as an input: that is how programs and stacks have it."""
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
    """Refuse what is named twice: it means nothing else than once, so that the second was to be another one."""
    seen: set[LinkedKey | PinnedGroup] = set()
    for link in value:
        if link in seen:
            raise fault("has an entry twice", f": {link}. Name each once.")
        seen.add(link)
    return value


DISTINCT: Final = rule(_check_distinct)
"""Each link of a list is there once."""

KeyLink = Annotated[LinkedKey, BeforeValidator(_name_as_link)]
"""An attribute key by its name."""

GroupPin = Annotated[PinnedGroup, BeforeValidator(_name_as_link)]
"""One version of an attribute group."""
