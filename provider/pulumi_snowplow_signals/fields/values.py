"""Plain values on the wire: numbers that fit a double, JSON, digests.

This module stays light, since every program that declares resources imports it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

LARGEST_EXACT_INTEGER: Final = 2**53
"""The largest integer up to which a double holds every integer. Pulumi's protocol turns every number into a double."""


def as_carried(number: float) -> int | float:
    """Return a number as a double carries it, as an int if it is whole. Raise OverflowError if it exceeds every double."""
    double = float(number)
    return int(double) if double.is_integer() else double


def canonical_json(value: Any) -> str:
    """Return `value` as JSON. Equal values give equal texts, whatever the order of their keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str, length: int) -> str:
    """Return the first `length` hex digits of a string's SHA-256. Unpaired surrogates, which JSON may hold, count too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def is_encodable(text: str) -> bool:
    """Return whether a string can be sent. One with an unpaired surrogate cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_sendable(value: Any) -> bool:
    """Return whether a JSON value that Python has read can be sent back. NaN, 1e999 and unpaired surrogates cannot."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def number_order(value: str | float) -> tuple[bool, bool, float, str]:
    """Return a sort key: numbers by size, then booleans, then strings alphabetically."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return (isinstance(value, str), not is_number, float(value) if is_number else 0.0, canonical_json(value))
