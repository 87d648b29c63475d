"""Durations and points in time, which Signals takes as ISO 8601 strings.

Programs, stacks and the registry all hold them as strings and may spell the same one differently. A year is 365 days and a month
is 30, as in pydantic, which the official client and the service use to read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter, ValidationError, ValidationInfo

from pulumi_snowplow_signals.fields.comparison import Canonical, Pair, Place
from pulumi_snowplow_signals.fields.faults import FOUND, fault
from pulumi_snowplow_signals.fields.vocabulary import STORED, check_text

_DURATION: Final = TypeAdapter(timedelta)
_INSTANT: Final = TypeAdapter(datetime)


def length_of(text: str) -> timedelta:
    """Return the length of an ISO 8601 duration. Raise ValueError if the string is not one."""
    if not text.lstrip("+-").startswith("P"):
        raise ValueError(text)  # pydantic also reads a bare number, as seconds, and 1:30
    return _DURATION.validate_python(text)


def instant_of(text: str) -> datetime:
    """Return an ISO 8601 point in time, in UTC unless it names a zone. Raise ValueError if the string is not one."""
    if "-" not in text:
        raise ValueError(text)  # pydantic also reads a bare number, as seconds since 1970
    read = _INSTANT.validate_python(text)
    return (read if read.tzinfo else read.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)


def _check_duration(value: Any, info: ValidationInfo) -> Any:
    try:
        length = length_of(value) if isinstance(value, str) else None
    except (ValidationError, ValueError):
        length = None
    if length is None:
        if isinstance(value, str) and info.context != STORED:
            check_text(value)
        raise fault(f'is {FOUND}; expected a timedelta or a duration in ISO 8601, such as "PT15M" or "P7D"')
    if length < timedelta() and info.context != STORED:
        raise fault(f"is {FOUND}; a duration cannot be negative")
    return value


def _check_instant(value: Any, info: ValidationInfo) -> Any:
    try:
        if isinstance(value, str):
            instant_of(value)
            return value
    except (ValidationError, ValueError):
        if info.context != STORED:
            check_text(value)
    raise fault(f'is {FOUND}; expected a datetime or a time in ISO 8601, such as "2026-06-01T00:00:00Z"')


def _to_utc(value: str | None) -> str | None:
    return None if value is None else instant_of(value).isoformat().replace("+00:00", "Z")


class _Time(Canonical):
    def pairs(self, path: str, old: Any, new: Any) -> Iterator[Pair]:
        yield self._as_written(path, old), self._as_written(path, new)

    def _as_written(self, path: str, value: str | None) -> Place | None:
        return None if value is None else Place(self.text(value), path, lambda: value)


class _SameLength(_Time):
    """Compare durations by their length."""

    def form(self, value: Any) -> Any:
        return length_of(value).total_seconds()


class _SameInstant(_Time):
    """Compare points in time, regardless of their zone."""

    def form(self, value: Any) -> Any:
        return _to_utc(value)


SAME_LENGTH: Final = _SameLength()

Duration = Annotated[str | None, BeforeValidator(_check_duration), SAME_LENGTH]
"""A length of time, such as `PT15M`."""

Instant = Annotated[
    str | None, BeforeValidator(_check_instant), _SameInstant(), PlainSerializer(_to_utc, when_used="json")
]
"""A point in time. Signals gets it in UTC."""
