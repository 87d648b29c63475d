"""The error of a program that wrote something which can never be right, and the sentence about what does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pulumi

from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.fields.text import key_in_path

_INSTEAD: Final = {"is_published": "published"}
"""Fields of Snowplow's client that have another name here."""


class InputFault(UserFault, pulumi.RunError):
    """Something to change in the program. The text says what was found and what to write instead.

    It is a `pulumi.RunError`, of which Pulumi prints the text alone and of any other error a traceback: also where it is
    raised late, from within an output. It must not be a `ValueError`, which Pulumi's serializer wraps into another one.

    Attributes:
        faults: one sentence for each fault.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


def refuse_unexpected(what: str, unexpected: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise InputFault with one sentence for each argument that does not exist, if there are any."""
    faults = [f"{what}: {unexpected_fault(name, allowed)}" for name in unexpected]
    if faults:
        raise InputFault(*faults)


def unexpected_fault(name: str, allowed: Iterable[str]) -> str:
    """Return the sentence about an argument or field that does not exist, with the one that is meant."""
    # It brings pydantic along, which a program without a fault has no use for.
    from pulumi_snowplow_signals.fields.faults import suggestion  # noqa: PLC0415  # see above

    allowed = [*allowed]
    shown = key_in_path(name)
    if _INSTEAD.get(name) in allowed:
        return f"{shown}: is {_INSTEAD[name]} here. Write {_INSTEAD[name]}=True, or False for a draft."
    hint = suggestion(name, allowed)
    if hint:
        return f"{shown}: does not exist.{hint}"
    return f"{shown}: is not a field in Signals; allowed: {', '.join(allowed)}. Remove it."
