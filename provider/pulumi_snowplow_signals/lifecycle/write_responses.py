"""What the response to a write means: it was done, or other versions have to be withdrawn first."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from pulumi_snowplow_signals.api.models import D, Stored
from pulumi_snowplow_signals.errors import ApiError, NotFound, Rejected, UnexpectedResponse

# These may be about another version that is live. A 422 is always about the request itself.
_CONFLICTS: Final = frozenset({400, 409})


def asks_to_make_way(refused: Rejected, live: Collection[int]) -> bool:
    """Return whether a publication was refused because other versions are live.

    Only the words of the response can tell. No live version is withdrawn on a guess: a service that refused for another
    reason would also refuse to publish that version again.
    """
    if refused.status not in _CONFLICTS or not live:
        return False
    numbers = "|".join(map(str, live))
    named = rf"\bv(ersion)?\W{{0,3}}({numbers})\b|\bunpublish\b"
    words = refused.words
    about_others = re.search(r"\b(group|key|service|attribute)\b", words, re.IGNORECASE)
    return not about_others and re.search(named, words, re.IGNORECASE) is not None


def takes_for_an_edit(refused: Rejected) -> bool:
    """Return whether a withdrawal was refused because its body seems to change a published version.

    The body is what the registry returned, without the fields that only the service writes. Signals says "Cannot update
    published ..." of an edit; other words for it are a guess. A refusal that speaks of users is never one, and neither is
    one with such a word only in a quoted name.
    """
    words = re.sub(r"""(["'`]).*?\1""", "", refused.words)
    speaks_of_users = re.search(r"\b(used|in use|depend\w*)\b", words, re.IGNORECASE)
    speaks_of_edits = re.search(r"\b(updat|edit|chang|modif|immutable)\w*", words, re.IGNORECASE)
    return refused.status in _CONFLICTS and speaks_of_edits is not None and not speaks_of_users


def as_refusal(failure: ApiError) -> ApiError:
    """Return the failure of a PUT to an object that is there: a 404 is then about something that the object refers to.

    Signals says so of an event whose data structure is not in production.
    """
    if not isinstance(failure, NotFound):
        return failure
    return Rejected(failure.method, failure.path, failure.status, failure.words, sent=failure.sent)


def build_not_done(method: str, path: str) -> UnexpectedResponse:
    """Build the failure of a write whose response shows something else than what was sent."""
    words = "the response reports success, but its version is not what was sent"
    return UnexpectedResponse(method, path, None, words, sent=True)


def is_done(wanted: Stored[D], now: Stored[D]) -> bool:
    """Return whether the registry now holds what was sent."""
    if now.is_published != wanted.is_published:
        return False
    if wanted.definition is None:
        return now.definition is None
    return wanted.definition.is_stored_as(now.definition)
