"""Durations and points in time, which Signals takes as ISO 8601 text.

Programs, stacks and the registry all have them as text, and each may spell the same one differently: a year is 365 days, a
month 30, as for pydantic, with which the official client and the service read them.
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
    """Return the length of a duration in ISO 8601. Raise ValueError where the text is none."""
    if not text.lstrip("+-").startswith("P"):
        raise ValueError(text)  # pydantic reads a bare number as seconds, and 1:30 as well
    return _DURATION.validate_python(text)


def instant_of(text: str) -> datetime:
    """Return a point in time; one without a zone is in UTC. Raise ValueError where the text is none."""
    if "-" not in text:
        raise ValueError(text)  # pydantic reads a bare number as seconds since 1970
    read = _INSTANT.validate_python(text)
    return (read if read.tzinfo else read.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)


def _duration(value: Any, info: ValidationInfo) -> Any:
    try:
        length = length_of(value) if isinstance(value, str) else None
    except (ValidationError, ValueError):
        length = None
    if length is None:
        if isinstance(value, str) and info.context != STORED:
            check_text(value)
        raise fault(f'is {FOUND}; expected a timedelta or a duration in ISO 8601, such as "PT15M" or "P7D"')
    if length < timedelta() and info.context != STORED:
        raise fault(f"is {FOUND}; a duration is not negative")
    return value


def _instant(value: Any, info: ValidationInfo) -> Any:
    try:
        if isinstance(value, str):
            instant_of(value)
            return value
    except (ValidationError, ValueError):
        if info.context != STORED:
            check_text(value)
    raise fault(f'is {FOUND}; expected a datetime or a time in ISO 8601, such as "2026-06-01T00:00:00Z"')


def _as_sent(value: str | None) -> str | None:
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
    """Compare points in time, whatever their zone."""

    def form(self, value: Any) -> Any:
        return _as_sent(value)


SAME_LENGTH: Final = _SameLength()

Duration = Annotated[str | None, BeforeValidator(_duration), SAME_LENGTH]
"""A length of time, such as `PT15M`."""

Instant = Annotated[
    str | None, BeforeValidator(_instant), _SameInstant(), PlainSerializer(_as_sent, when_used="json")
]
"""A point in time. Signals gets it in UTC."""
