"""The errors of the emulator.

StartError      the emulator cannot start as requested; the text is for the person who started it
Refusal         the service's own response to a request that it does not accept; the text is for a client
"""

from __future__ import annotations


class StartError(Exception):
    """The emulator cannot start as requested. The text says what was found, what is allowed and what to do."""


class Refusal(Exception):  # noqa: N818 - the service's response, not an error of the emulator
    """A response other than success.

    Args:
        status: The HTTP status.
        detail: The text for the client, in the service's words if they are known.
        location: The location of the fault in the request, shown only under the assumption `error-detail=list`.
    """

    def __init__(self, status: int, detail: str, *, location: tuple[str | int, ...] = ("body",)) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.location = location
