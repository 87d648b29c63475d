"""Plain values as they travel: numbers that a double holds, JSON text, digests.

This module stays light, since a program that only declares resources imports it too.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

LARGEST_EXACT_INTEGER: Final = 2**53
"""Beyond it a double, which is what Pulumi's protocol makes of every number, does not hold every integer."""


def as_carried(number: float) -> int | float:
    """Return what a double holds of a number, as an int if it is whole. Raise OverflowError beyond all doubles."""
    double = float(number)
    return int(double) if double.is_integer() else double


def canonical_json(value: Any) -> str:
    """Return `value` as JSON text that is equal exactly when the values are, whatever the order of their keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str, length: int) -> str:
    """Return the first `length` hex digits of a text's SHA-256. JSON may hold half a surrogate pair; it counts too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def is_encodable(text: str) -> bool:
    """Return whether a text can be sent: one that holds half a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_sendable(value: Any) -> bool:
    """Return whether a JSON value, as Python reads it, can be sent back: NaN, 1e999 and half surrogate pairs can be read alone."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def number_order(value: str | float) -> tuple[bool, bool, float, str]:
    """Return a sort key: numbers by size before booleans before strings by letter, as a person would list them."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return (isinstance(value, str), not is_number, float(value) if is_number else 0.0, canonical_json(value))
