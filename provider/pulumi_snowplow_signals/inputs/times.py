"""Durations and points in time of a program, in the text that Signals has for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pulumi

from pulumi_snowplow_signals.inputs.values import InputValue, field_values


def with_times_as_text(value: Any) -> Any:
    """Return a value with every `timedelta` and `datetime` in it, at any depth, as ISO 8601 text. All else is left as it is.

    They are written as pydantic does, with which the official client and the service read them.
    """
    if isinstance(value, (timedelta, datetime)):
        return _as_text(value)
    if isinstance(value, pulumi.Output):
        return value.apply(with_times_as_text)
    value = _opened(value)
    if isinstance(value, Mapping):
        return {key: with_times_as_text(item) for key, item in value.items()}
    return [with_times_as_text(item) for item in value] if isinstance(value, (list, tuple)) else value


def _opened(value: Any) -> Any:
    """Return an object of this package or of the official client as a mapping, and anything else as it is."""
    if isinstance(value, InputValue):
        return {name: item for name, item in field_values(value).items() if item is not None}
    if not isinstance(value, type) and hasattr(value, "model_dump"):
        return value.model_dump(exclude_none=True)
    return value


def _as_text(value: timedelta | datetime) -> Any:
    # Loaded late: importing it takes longer than a program that declares nothing.
    from pydantic_core import to_jsonable_python  # noqa: PLC0415  # see above

    return to_jsonable_python(value)
