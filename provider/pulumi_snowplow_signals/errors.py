"""Everything that can go wrong and is not a bug of ours.

    SignalsError
    ├── UserFault                 the program or its settings are wrong; the text says what to write instead
    │   ├── ConfigurationError    settings are missing or wrong (all faults at once)
    │   └── Refused               a write was not made because it would break a promise
    ├── Incomplete                a step could not be completed; the next run resumes it
    └── ApiError                  the service, or the connection to it, failed
        ├── NotFound              the registry itself says that the object does not exist
        ├── Unauthorized          401 or 403: the credentials are not accepted
        ├── Rejected              400, 409, 422 and the like: the service refuses this request
        ├── Unavailable           no connection, no response in time, 429 or 5xx, after retries
        └── UnexpectedResponse    not a response of the service: HTML, truncated JSON, another shape

Our own bugs have no class: any exception that is not a `SignalsError` is a bug and keeps its traceback.

An error may end up in a terminal, a log or a pickle. So it holds plain values only: no request, no headers, no exception of
the HTTP library (those carry the bearer token). The service's words are redacted and cut to `WORDS_LIMIT`.
"""

# ruff: noqa: N818  # "except NotFound" says what happened; the tree above and the base classes say that these are errors
from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Any, NamedTuple

WORDS_LIMIT = 600
"""The most characters of the service's words in an error: six or seven validation errors fit, and a page of HTML or an echoed
request body does not bury the line that says what happened."""


class SignalsError(Exception):
    """Base of every error that is explained to the user without a traceback."""


class UserFault(SignalsError):
    """The program or its settings have to change. The text says what was found, what is allowed and what to do."""


class ConfigurationError(UserFault):
    """Settings are missing or wrong.

    Attributes:
        faults: One sentence for each fault, in the order of the table of settings.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


class Refused(UserFault):
    """A write was not made because it would break a promise, such as that a released version never changes."""


class Incomplete(SignalsError):
    """A step of a deployment failed at the service. The text repeats the service's words and says how to go on."""


@dataclass(eq=False)
class ApiError(SignalsError):
    """A request to Signals that did not succeed."""

    method: str
    path: str
    """The path below the API's root, without the query, which may hold personal ids."""
    status: int | None
    """The HTTP status; None without a response."""
    words: str
    """The words of the service or the network, without credentials and cut to `WORDS_LIMIT`."""
    sent: bool = False
    """Whether the request may have been carried out although no response said so. False only if no attempt can have done
    anything. A refusal counts as not carried out. Still, get the object after a refused POST: the service may have stored it
    and then refused to publish it."""

    def __str__(self) -> str:
        return f"{self._request}: {self._response}"

    @property
    def brief(self) -> str:
        """The short text for a further resource that meets a failure already reported in full."""
        return f"{self._request}: {self.outcome} (reported in full for another resource)"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by field names: the default of exceptions loses keyword arguments."""
        return partial(type(self), **{field.name: getattr(self, field.name) for field in fields(self)}), ()

    @property
    def outcome(self) -> str:
        """What became of the request, without words that may repeat an input."""
        return "no response" if self.status is None else f"status {self.status}"

    @property
    def _request(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def _response(self) -> str:
        """The status and the words, as far as there are any."""
        return ": ".join(str(part) for part in (self.status, self.words) if part) or "no response"


@dataclass(eq=False)
class NotFound(ApiError):
    """The registry itself responded with 404 for one object: it does not exist. Only this makes a stack forget an object."""

    def __str__(self) -> str:
        return f"{self._request}: not in the registry ({self._response})"


@dataclass(eq=False)
class Unauthorized(ApiError):
    """The credentials are not accepted (401), or do not allow this (403)."""

    advice: str = ""
    """Where the credentials came from and how to change them."""

    def __str__(self) -> str:
        return f"{self._request}: the credentials are not accepted ({self._response}). {self.advice}".rstrip()


class Problem(NamedTuple):
    """One fault that the service found in a request."""

    location: tuple[str | int, ...]
    """The path in the body, such as `("criteria", "all", 0, "operator")`; empty if the service gave none.
    It may contain the service's names for the members of a union."""
    message: str


@dataclass(eq=False)
class Rejected(ApiError):
    """The service refuses this request; sending it again would not help."""

    problems: tuple[Problem, ...] = ()
    """The faults that the service located (422); empty if it gave only words."""

    def __str__(self) -> str:
        return f"{self._request}: refused by Signals ({self._response})"


@dataclass(eq=False)
class Unavailable(ApiError):
    """No connection, no response in time, or a response that asks to try later, after all retries."""

    retry_after: float | None = None
    """The seconds that the service asked to wait, if it did."""
    attempts: int = 1
    """How often the request was tried."""
    is_spent: bool = False
    """Whether retries ended because their time was over. Otherwise the failure or the request allowed no retry."""
    follows: str = ""
    """The request whose failure, with these words, came just before. This one was then not sent."""

    def __str__(self) -> str:
        if self.follows:
            return f"{self._request}: not sent, because Signals did not respond to {self.follows} just before ({self._response})"
        tried = f", tried {self.attempts} times" if self.attempts > 1 else ""
        asked_to_wait = "" if self.retry_after is None else f", asks to wait {self.retry_after:.0f} s"
        return f"{self._request}: Signals is not available ({self._response}{asked_to_wait}{tried})"

    @property
    def outcome(self) -> str:
        """What became of the request, without words that may repeat an input."""
        return "not sent, because Signals is not available" if self.follows else super().outcome


@dataclass(eq=False)
class UnexpectedResponse(ApiError):
    """A response that Signals would not send: HTML, truncated JSON, another shape, a redirect elsewhere."""

    def __str__(self) -> str:
        return f"{self._request}: not a valid response from Signals ({self._response})"
