"""Values that are not known until the deployment runs, such as an output of a resource that does not exist yet.

In a preview, Pulumi may pass such values to the provider anywhere in its inputs. Checks that depend on one are skipped: the value
is never guessed and never refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final


class Unknown(Enum):
    """The type of `UNKNOWN`, for annotations: `int | Unknown`."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


def has_unknown(value: Any) -> bool:
    """Return whether `value`, a tree of mappings and lists, contains an unknown value anywhere."""
    if value is UNKNOWN:
        return True
    # Most values are one of these, and a check for a Mapping takes longer.
    if value is None or isinstance(value, (str, int, float)):
        return False
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_unknown(item) for item in value)
    return False


def is_given(raw: Mapping[str, Any], name: str) -> bool:
    """Return whether an object has a known value under a name. An unknown one may turn out to be None."""
    return raw.get(name) is not None and raw[name] is not UNKNOWN
