"""What the answer to a write says: that it was done, or that other versions have to make way first."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from pulumi_snowplow_signals.api.models import D, Stored
from pulumi_snowplow_signals.errors import Rejected

# A 422 is about the request itself. These may also be about another version that is live.
_CONFLICTS: Final = frozenset({400, 409})


def asks_to_make_way(refused: Rejected, live: Collection[int]) -> bool:
    """Return whether a publication was refused because other versions are live.

    Only the words can tell. On a guess nothing that is live is withdrawn: a service that refuses for another reason would
    refuse to publish it again as well.
    """
    if refused.status not in _CONFLICTS or not live:
        return False
    numbers = "|".join(map(str, live))
    named = rf"\bv(ersion)?\W{{0,3}}({numbers})\b|\bunpublish\b"
    words = refused.words
    about_others = re.search(r"\b(group|key|service|attribute)\b", words, re.IGNORECASE)
    return not about_others and re.search(named, words, re.IGNORECASE) is not None


def is_done(wanted: Stored[D], now: Stored[D]) -> bool:
    """Return whether what is there now is what was sent."""
    if now.is_published != wanted.is_published:
        return False
    if wanted.definition is None:
        return now.definition is None
    return wanted.definition.is_stored_as(now.definition)
