"""The error of a program that wrote something which can never be right."""

from __future__ import annotations

import pulumi

from pulumi_snowplow_signals.errors import UserFault


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
