"""One fault of a program's inputs, and how pydantic's report becomes a list of them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from pulumi_snowplow_signals.domain.criteria import as_carried
from pulumi_snowplow_signals.domain.words import key_in_path, printable

FOUND: Final = "\0"
"""Stands in a fault's text for the value that was found, so that it can be withheld where it is a secret."""

TAG: Final = "#"
"""Begins the tags of unions, which pydantic puts into its locations and no user wants to read."""

_OWN: Final = "signals"
_LONGEST_SHOWN: Final = 60

_REASONS: Final = {
    "missing": "is required",
    "string_type": f"is {FOUND}; text is expected",
    "bool_type": f"is {FOUND}; true or false is expected",
    "list_type": f"is {FOUND}; a list is expected",
    "model_type": f"is {FOUND}; an object is expected",
    "model_attributes_type": f"is {FOUND}; an object is expected",
    "dict_type": f"is {FOUND}; an object is expected",
}


# What there is within an input that is not a plain value.
_PARTS: Final[Mapping[str | int, Sequence[str]]] = {
    "criteria": ("attribute", "operator", "value", "all", "any", "none"),
    "target_attribute_keys": ("name",),
    "payload_attribute_groups": ("name", "version"),
}


@dataclass(frozen=True)
class Violation:
    """One fault: where it is, in the user's own terms, and what to do about it."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


def fault(reason: str, detail: str = "") -> PydanticCustomError:
    """Make a fault of our own for a validator to raise.

    Args:
        reason: What is wrong and what is allowed; `FOUND` in it is replaced by the value in question.
        detail: What only somebody who may see the value may be told, since it hints at it.
    """
    # Braces would be taken for a template.
    return PydanticCustomError(_OWN, "{reason}", {"reason": reason, "detail": detail})


def violations_of(
    error: ValidationError, known_inputs: Collection[str], secret: Collection[str]
) -> list[Violation]:
    """Translate pydantic's report. Values below the inputs named in `secret` are withheld."""
    return [_violation(details, known_inputs, secret) for details in error.errors(include_url=False)]


def suggestion(found: object, allowed: Iterable[str]) -> str:
    """Give ` Did you mean "x"?` for the nearest of the allowed words, or nothing."""
    near = difflib.get_close_matches(str(found).lower(), list(allowed), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def path_of(location: Sequence[str | int]) -> str:
    """Write a location as a program would: `criteria.all[1].operator`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith(TAG):
            path += f".{key_in_path(step)}" if path else key_in_path(step)
    return path


def _violation(details: ErrorDetails, known_inputs: Collection[str], secret: Collection[str]) -> Violation:
    location, kind = details["loc"], details["type"]
    is_secret = bool(location) and location[0] in secret
    shown = "a secret" if is_secret else _shown(details["input"])
    if kind == _OWN:
        reason, detail = str(details["ctx"]["reason"]), str(details["ctx"].get("detail", ""))
    elif kind == "extra_forbidden":
        allowed = known_inputs if len(location) == 1 else _PARTS.get(location[0], ())
        if is_secret:
            location = location[:-1]
            return Violation(
                path_of(location), f"has a key that does not exist; there are {', '.join(allowed)}"
            )
        reason, detail = f"does not exist; there are {', '.join(allowed)}.", suggestion(location[-1], allowed)
    else:
        reason, detail = _REASONS.get(kind) or f"is {FOUND}, which cannot be read", ""
    return Violation(path_of(location), reason.replace(FOUND, shown) + ("" if is_secret else detail))


def _shown(value: Any) -> str:
    text = json.dumps(_as_written(value), ensure_ascii=False, default=repr)
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return printable(cut)


def _as_written(value: Any) -> Any:
    """Give whole numbers as a program writes them: Pulumi hands them all over as floats."""
    if isinstance(value, float):
        return as_carried(value)
    if isinstance(value, Mapping):
        return {key: _as_written(item) for key, item in value.items()}
    return [_as_written(item) for item in value] if isinstance(value, (list, tuple)) else value
