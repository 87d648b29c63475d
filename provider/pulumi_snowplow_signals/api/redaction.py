"""Keeps credentials and personal ids out of the words that end in errors.

The words are the service's, or those of whatever answers in its place: a proxy's page may well echo a request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pulumi_snowplow_signals.errors import WORDS_LIMIT

HIDDEN = "[hidden]"

_LONGEST_READ = 20_000
"""Characters that are looked at: no search takes long, whatever a body holds. So many blanks alone hide what follows them."""

_SHORT = 12
"""Characters below which a secret is struck out as a whole word only: the token "local" is no part of "localhost"."""

_BEARER_OR_JWT = re.compile(r"\bbearer\s+\S+|\beyJ[\w-]{6,}\.[\w-]+(\.[\w-]*)?", re.IGNORECASE)


class Redaction:
    """The secrets of a client, and the way to strike them out. Secrets may be added while others read."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset(secrets)

    def add(self, secret: str) -> None:
        """Strike this out too from now on."""
        self._secrets |= {secret}

    def clean(self, text: str, also: Iterable[str] = (), limit: int = WORDS_LIMIT) -> str:
        """Strike secrets out of a text, bring it onto one line without control characters, and cut it to `limit`."""
        text = "".join(character if character.isprintable() else " " for character in text[:_LONGEST_READ])
        text = " ".join(text.split())
        hidden = {*self._secrets, *also}
        if hidden:
            # Longest first, as one may be part of another; in either case, as a service may have its own spelling.
            any_of_them = "|".join(_pattern(secret) for secret in sorted(hidden, key=len, reverse=True))
            text = re.sub(any_of_them, HIDDEN, text, flags=re.IGNORECASE)
        text = _BEARER_OR_JWT.sub(HIDDEN, text)
        return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _pattern(secret: str) -> str:
    exact = re.escape(secret)
    return exact if len(secret) >= _SHORT else rf"(?<![\w-]){exact}(?![\w-])"
