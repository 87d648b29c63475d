"""Texts that stand where a value is meant: what Pulumi writes in place of one that it does not have yet.

Both pass for any other text. Published, the first reaches visitors; sent, the second is read back as "not known yet".
"""

from __future__ import annotations

import re
from typing import Final

UNKNOWN_AS_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi sends for a value that is not known yet (`UNKNOWN` in `pulumi/runtime/rpc.py`)."""

# `Output.__str__` in `pulumi/output.py`, and the representation of an output, which stands in the text of a list of some.
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
    """Return whether a text was made from an output and not from its value."""
    return _OUTPUT_AS_TEXT.search(text) is not None


def placeholder_reason(text: str) -> str | None:
    """Return why a text cannot be meant, if it stands in the place of a value."""
    if is_output_as_text(text):
        return HOLDS_AN_OUTPUT
    return IS_UNKNOWN if text == UNKNOWN_AS_TEXT else None
