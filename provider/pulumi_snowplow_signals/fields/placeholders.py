"""Strings that Pulumi leaves in place of a value that it does not have yet.

Both look like any other string. An output formatted as text would reach visitors. The marker of an unknown value would be read
back as "not known yet".
"""

from __future__ import annotations

import re
from typing import Final

UNKNOWN_AS_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi sends for a value that is not known yet (`UNKNOWN` in `pulumi/runtime/rpc.py`)."""

# `Output.__str__` in `pulumi/output.py`, and the repr of an output, which appears when a list of outputs is formatted.
_OUTPUT_AS_TEXT: Final = re.compile(
    r"Calling __str__ on an Output\[T\] is not supported|<pulumi\.output\.Output object at 0x[0-9a-fA-F]+>"
)

HOLDS_AN_OUTPUT: Final = (
    "contains an output that was formatted as text, so its value is missing. "
    'Write Output.concat("...", x) or x.apply(lambda v: f"...{v}").'
)
IS_UNKNOWN: Final = (
    f'is "{UNKNOWN_AS_TEXT}", which Pulumi uses to mark a value that is not known yet. Use another value.'
)


def is_output_as_text(text: str) -> bool:
    """Return whether a string was formatted from an output instead of its value."""
    return _OUTPUT_AS_TEXT.search(text) is not None


def placeholder_reason(text: str) -> str | None:
    """Return why a string is a placeholder instead of a value, or None if it is not."""
    if is_output_as_text(text):
        return HOLDS_AN_OUTPUT
    return IS_UNKNOWN if text == UNKNOWN_AS_TEXT else None
