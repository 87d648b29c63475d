"""The logical name of a resource, which Pulumi needs while the program runs."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from pulumi_snowplow_signals.fields.placeholders import is_output_as_text
from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.reading import Later, Refused, read
from pulumi_snowplow_signals.inputs.wording import as_code

_LONGEST: Final = 1_000
"""The most characters in a logical name, since every line about its resource repeats it. Pulumi has no limit."""

_STEERING: Final = frozenset({"Cc", "Zl", "Zp"})
"""Categories of characters that would break the line that shows a logical name, or control a terminal."""


def read_logical_name(kind: str, given: Any, argument: str = "the logical name") -> str:
    """Return a logical name as a plain string.

    Args:
        kind: The class, as faults name it.
        given: The value that the program passed.
        argument: The argument, as faults name it.

    Raises:
        InputFault: The value cannot be a logical name.
    """
    found = read(given)
    if isinstance(found, Later):
        raise InputFault(
            f"{kind}: {argument} is {as_code(given)}. Pulumi needs it while the program runs, so write a plain string. "
            "The name in Signals may be an output: name=..."
        )
    if not isinstance(found, str):
        what = found.reason if isinstance(found, Refused) else f"{as_code(given)}. Write a string."
        raise InputFault(f"{kind}: {argument} is {what}")
    reason = _find_reason_against(found)
    if reason:
        raise InputFault(f"{kind}: {argument} {reason}")
    return found


def _find_reason_against(name: str) -> str | None:
    """Return why a string cannot be a logical name, or None if it can."""
    if not name:
        return "is empty. Use the name in Signals, for example."
    if is_output_as_text(name):
        return (
            "contains an output that was formatted as text. Pulumi needs a logical name while the program runs: write a plain "
            "string as the first argument. The name in Signals may be an output: name=..."
        )
    if len(name) > _LONGEST:
        return f"is longer than {_LONGEST:,} characters."
    if any(unicodedata.category(character) in _STEERING for character in name):
        return f"is {as_code(name)}, which contains control characters. Remove them."
    return None
