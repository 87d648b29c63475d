"""Keeps credentials and personal ids out of the text of errors.

The text comes from the service, or from whatever responds in its place: a proxy's page may well echo a request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pulumi_snowplow_signals.errors import WORDS_LIMIT

HIDDEN = "[hidden]"

_LONGEST_READ = 20_000
"""The most characters that are read, so that no search takes long. If they are all blanks, the rest is not shown."""

_SHORT = 12
"""A secret of fewer characters is hidden as a whole word only: the token "local" stays visible in "localhost"."""

_BEARER_OR_JWT = re.compile(r"\bbearer\s+\S+|\beyJ[\w-]{6,}\.[\w-]+(\.[\w-]*)?", re.IGNORECASE)


class Redaction:
    """The secrets of a client, to be hidden in texts. Secrets may be added while other threads read."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset(secrets)

    def add(self, secret: str) -> None:
        """Hide this secret too from now on."""
        self._secrets |= {secret}

    def clean(self, text: str, also: Iterable[str] = (), limit: int = WORDS_LIMIT) -> str:
        """Return a text without secrets, on one line, without control characters, and cut to `limit` characters."""
        text = "".join(character if character.isprintable() else " " for character in text[:_LONGEST_READ])
        text = " ".join(text.split())
        hidden = {*self._secrets, *also}
        if hidden:
            # Longest first, since one may be part of another; in any case, since a service may change the case.
            any_of_them = "|".join(_build_pattern(secret) for secret in sorted(hidden, key=len, reverse=True))
            text = re.sub(any_of_them, HIDDEN, text, flags=re.IGNORECASE)
        text = _BEARER_OR_JWT.sub(HIDDEN, text)
        return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _build_pattern(secret: str) -> str:
    exact = re.escape(secret)
    return exact if len(secret) >= _SHORT else rf"(?<![\w-]){exact}(?![\w-])"
