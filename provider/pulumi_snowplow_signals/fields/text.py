"""Text for one line of a terminal: quoted, escaped and cut to a readable length."""

from __future__ import annotations

import json
from typing import Final

_LONGEST_TEXT: Final = 60
_SHOWN_BEFORE_A_CHANGE: Final = 20
_LONGEST_KEY: Final = 128
_LONGEST_SHOWN: Final = 4_000  # two rules in words, before and after


def quoted(text: str) -> str:
    """Return a string in quotes and on one line."""
    return printable(json.dumps(text, ensure_ascii=False))


def quoted_in_brief(text: str) -> str:
    """Return a string in quotes, or the beginning of a long one."""
    return _excerpt(text, 0)


def quoted_beside(old: str, new: str) -> tuple[str, str]:
    """Return two strings in quotes. Long ones are cut to start shortly before the first difference."""
    if max(len(old), len(new)) <= _LONGEST_TEXT:
        return quoted(old), quoted(new)
    differing = (i for i, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    start = max(0, next(differing, min(len(old), len(new))) - _SHOWN_BEFORE_A_CHANGE)
    return _excerpt(old, start), _excerpt(new, start)


def key_in_path(key: str) -> str:
    """Return an arbitrary key as a step of a path: on one line, and cut beyond the length of any valid name."""
    return printable(key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…")


def shown(text: str) -> str:
    """Return words that may repeat arbitrary strings from the registry, on one line and cut."""
    return printable(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


def printable(text: str) -> str:
    """Escape characters that are invisible or control a terminal."""
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() else _escape(char) for char in text])


def _excerpt(text: str, start: int) -> str:
    shown = quoted(text[start : start + _LONGEST_TEXT])[1:-1]
    return f'"{"…" if start else ""}{shown}{"…" if start + _LONGEST_TEXT < len(text) else ""}"'


def _escape(char: str) -> str:
    return "\\u007f" if char == "\x7f" else json.dumps(char)[1:-1]  # JSON does not escape it
