"""Everything that can go wrong and is not a bug of ours, in two families that are never mixed.

    SignalsError
    ├── UserFault                 the program or its settings; the text says what to write instead
    │   ├── ConfigurationError    settings are missing or wrong (all faults at once)
    │   └── Refused               a write that would break a promise, so it was not made
    ├── Incomplete                a step that could not be carried out; running again carries it on
    └── ApiError                  the service, or the way to it
        ├── NotFound              the registry itself says that the object does not exist
        ├── Unauthorized          401 or 403: the credentials are not accepted
        ├── Rejected              400, 409, 422 and the like: the service refuses this request
        ├── Unavailable           no connection, no answer in time, 429 or 5xx, after retries
        └── UnexpectedAnswer      an answer that is not the service's: HTML, cut JSON, another shape

The third family, our own bugs, has no class: whatever is not a `SignalsError` is one, and keeps its traceback.

An error here may end in a terminal, a log or a pickle. It therefore holds plain values only: no request, no
headers, no exception of the HTTP library (those carry the bearer token), and words of the service from which
the credentials were struck out and which are cut to `WORDS_LIMIT`.
"""

# ruff: noqa: N818  # "except NotFound" says what happened; that these are errors, the tree above and the base names say
from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Any, NamedTuple

WORDS_LIMIT = 600
"""Characters of the service's own words in an error: a list of six or seven validation errors fits, a page of HTML
or an echoed request body does not drown the line that says what happened."""


class SignalsError(Exception):
    """Base of every error that is explained to the user without a traceback."""


class UserFault(SignalsError):
    """Something to change in the program or its settings. The text says what was found, what is allowed, what to do."""


class ConfigurationError(UserFault):
    """Settings are missing or wrong.

    Attributes:
        faults: one sentence for each fault, in the order of the settings' table.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


class Refused(UserFault):
    """A write that was not made because it would break a promise, such as changing a released version."""


class Incomplete(SignalsError):
    """A step of a deployment that the service did not let happen. The text is the service's, and says how to go on."""


@dataclass(eq=False)
class ApiError(SignalsError):
    """A request to Signals that did not succeed."""

    method: str
    path: str
    """What was asked for, relative to the API's root and without the query, which may hold personal ids."""
    status: int | None
    """The HTTP status, or None if no answer came."""
    words: str
    """The service's own words, or the network's, without credentials and cut to `WORDS_LIMIT`."""
    sent: bool = False
    """Whether the request may have been carried out although no answer said so. False only where surely nothing was
    done, by the last attempt or an earlier one. A refusal counts as not carried out; all the same read the object
    before judging a refused POST: the service may have stored it and then refused to publish it."""

    def __str__(self) -> str:
        return f"{self._asked}: {self._answered}"

    @property
    def brief(self) -> str:
        """Return it for one more resource that meets a failure which was told in full."""
        what = "not available" if self.status is None else f"status {self.status}"
        return f"{self._asked}: {what} (reported in full for another resource)"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by field names: an exception's own way loses arguments given by keyword."""
        return partial(type(self), **{field.name: getattr(self, field.name) for field in fields(self)}), ()

    @property
    def _asked(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def _answered(self) -> str:
        """The status and the words, whichever there are."""
        return ": ".join(str(part) for part in (self.status, self.words) if part) or "no answer"


@dataclass(eq=False)
class NotFound(ApiError):
    """The registry itself answered 404 for one object: it does not exist. Nothing less makes anyone forget an object."""

    def __str__(self) -> str:
        return f"{self._asked}: not in the registry ({self._answered})"


@dataclass(eq=False)
class Unauthorized(ApiError):
    """The credentials are not accepted (401), or do not allow this (403)."""

    advice: str = ""
    """Where the credentials in use came from, and how to change them."""

    def __str__(self) -> str:
        return f"{self._asked}: the credentials are not accepted ({self._answered}). {self.advice}".rstrip()


class Problem(NamedTuple):
    """One fault that the service found in a request."""

    location: tuple[str | int, ...]
    """Where in the body, from its top, such as `("criteria", "all", 0, "operator")`; empty if it was not said.
    The service's names for the members of a union may stand between the field names."""
    message: str


@dataclass(eq=False)
class Rejected(ApiError):
    """The service refuses this request as it stands; sending it again is of no use."""

    problems: tuple[Problem, ...] = ()
    """The faults that the service located (422); empty where it gave only words."""

    def __str__(self) -> str:
        return f"{self._asked}: refused by Signals ({self._answered})"


@dataclass(eq=False)
class Unavailable(ApiError):
    """No connection, no answer in time, or an answer that asks to come back later; retries are already spent."""

    retry_after: float | None = None
    """Seconds that the service asked to wait, if it did."""
    attempts: int = 1
    """How often the request was tried."""
    is_spent: bool = False
    """Whether it was tried for as long as such a failure is worth it. Otherwise it was tried once, for its own sake."""

    def __str__(self) -> str:
        tried = f", tried {self.attempts} times" if self.attempts > 1 else ""
        asked_to_wait = "" if self.retry_after is None else f", asks to wait {self.retry_after:.0f} s"
        return f"{self._asked}: Signals is not available ({self._answered}{asked_to_wait}{tried})"


@dataclass(eq=False)
class UnexpectedAnswer(ApiError):
    """An answer that Signals would not give: HTML, JSON cut short, another shape, a redirect elsewhere."""

    def __str__(self) -> str:
        return f"{self._asked}: not a valid response from Signals ({self._answered})"
