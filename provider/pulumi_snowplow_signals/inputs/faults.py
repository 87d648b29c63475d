"""The error for inputs that can never be valid, and the message about arguments that do not exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pulumi

from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.fields.text import key_in_path

_INSTEAD: Final = {"is_published": "published"}
"""Fields of Snowplow's client, by the name that this package gives them."""


class InputFault(UserFault, pulumi.RunError):
    """A fault in the program. The text says what was found and what to write instead.

    It is a `pulumi.RunError`, for which Pulumi prints only the text; for any other error it prints a traceback. That also holds
    for errors raised late, inside an output. It must not be a `ValueError`, which Pulumi's serializer wraps in another error.

    Attributes:
        faults: One sentence for each fault.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


def refuse_unexpected(what: str, unexpected: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise InputFault with one sentence for each unexpected argument, if there are any."""
    faults = [f"{what}: {unexpected_fault(name, allowed)}" for name in unexpected]
    if faults:
        raise InputFault(*faults)


def unexpected_fault(name: str, allowed: Iterable[str]) -> str:
    """Return the sentence about an argument or field that does not exist, with a suggestion if one is close."""
    # It imports pydantic, which a program without a fault does not need.
    from pulumi_snowplow_signals.fields.faults import suggestion  # noqa: PLC0415  # see above

    allowed = [*allowed]
    shown = key_in_path(name)
    if _INSTEAD.get(name) in allowed:
        return f"{shown}: is {_INSTEAD[name]} here. Write {_INSTEAD[name]}=True, or False for a draft."
    hint = suggestion(name, allowed)
    if hint:
        return f"{shown}: does not exist.{hint}"
    return f"{shown}: is not a field in Signals; allowed: {', '.join(allowed)}. Remove it."
