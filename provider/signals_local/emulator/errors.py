"""What can go wrong, in two families.

StartError      the emulator cannot start as asked: the person who started it reads the text
Refusal         the service's own answer to a request that it does not accept: a client reads it
"""

from __future__ import annotations


class StartError(Exception):
    """The emulator cannot start as asked. The text says what was found, what is allowed and what to do."""


class Refusal(Exception):  # noqa: N818 - the service's answer, and no error of the emulator
    """An answer other than success.

    Args:
        status: the HTTP status.
        detail: the text for the client, as the service words it where that is known.
        location: where in the request the fault lies; only shown under the assumption `error-detail=list`.
    """

    def __init__(self, status: int, detail: str, *, location: tuple[str | int, ...] = ("body",)) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.location = location
