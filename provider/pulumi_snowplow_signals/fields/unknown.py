"""A value that is not decided until the deployment runs, such as an output of a resource yet to be created.

During a preview Pulumi hands such values to the provider anywhere in its inputs. What depends on one is skipped: never
guessed, never refused.
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
    """Return whether `value`, a tree of mappings and lists, holds an unknown anywhere."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_unknown(item) for item in value)
    return False


def is_given(raw: Mapping[str, Any], name: str) -> bool:
    """Return whether an object surely has something under a name: neither nothing nor what may turn out to be nothing."""
    return raw.get(name) is not None and raw[name] is not UNKNOWN
