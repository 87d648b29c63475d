"""A rule in one line of words, for the reviewer of a preview.

The line is made from the canonical form: whatever order things were written in, equal criteria read the same, and
different criteria never share a line. What is cut, a list, a string or the line itself, carries a digest of the whole.
"""

from __future__ import annotations

import json
from typing import Final

from pulumi_snowplow_signals.domain.canonical import (
    canonical_criteria,
    canonical_json,
    canonical_value,
    digest_of,
)
from pulumi_snowplow_signals.domain.criteria import Criterion, Node, Scalar, Value, leaves

_LONGEST_RULE: Final = 2_000
_SHOWN_OF_A_LONGER_RULE: Final = 1_500
_LONGEST_LIST: Final = 8
_SHOWN_OF_A_LONGER_LIST: Final = 5
_LONGEST_STRING: Final = 80
_SHOWN_OF_A_LONGER_STRING: Final = 60
_DIGEST_LENGTH: Final = 8
_LONGEST_TEXT: Final = 60
_SHOWN_BEFORE_A_CHANGE: Final = 20
_LONGEST_KEY: Final = 128


def rule_in_words(criteria: Node) -> str:
    """Say a criteria tree in one line, such as `shop:cart_value > 75 and (shop:idle >= 15 or shop:left = true)`."""
    canonical = canonical_criteria(criteria)
    said = _say(canonical)
    if len(said) <= _LONGEST_RULE:
        return said
    in_all = f"{len(list(leaves(canonical)))} criteria in all, #{digest_of(said, _DIGEST_LENGTH)}"
    return f"{said[:_SHOWN_OF_A_LONGER_RULE]}… ({in_all})"


def criterion_in_words(criterion: Criterion) -> str:
    """Say one criterion."""
    said = f"{criterion.attribute} {criterion.operator}"
    value = canonical_value(criterion)
    return said if value is None else f"{said} {value_in_words(value)}"


def value_in_words(value: Value) -> str:
    """Say a criterion's value: strings in quotes, lists in brackets, long ones cut with a count and a digest."""
    if not isinstance(value, tuple):
        return "nothing" if value is None else _scalar(value)
    if len(value) <= _LONGEST_LIST:
        return f"({', '.join(map(_scalar, value))})"
    shown = ", ".join(map(_scalar, value[:_SHOWN_OF_A_LONGER_LIST]))
    return f"({shown}, … {len(value)} in all, #{digest_of(canonical_json(value), _DIGEST_LENGTH)})"


def quoted(text: str) -> str:
    """Put a text into quotes and on one line."""
    return printable(json.dumps(text, ensure_ascii=False))


def quoted_beside(old: str, new: str) -> tuple[str, str]:
    """Put a text before and after into quotes; of long ones, show the part from shortly before they differ."""
    if max(len(old), len(new)) <= _LONGEST_TEXT:
        return quoted(old), quoted(new)
    differing = (i for i, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    start = max(0, next(differing, min(len(old), len(new))) - _SHOWN_BEFORE_A_CHANGE)
    return _excerpt(old, start), _excerpt(new, start)


def key_in_path(key: str) -> str:
    """Write a key that a program made up as a step of a path: on one line, cut where no name is as long."""
    return printable(key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…")


def printable(text: str) -> str:
    """Escape what cannot be seen, or would steer a terminal."""
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() else _escaped(char) for char in text])


def _say(node: Node, within: str | None = None) -> str:
    if isinstance(node, Criterion):
        return criterion_in_words(node)
    if node.kind == "none":
        said = ", ".join([_say(child) for child in node.children])
        return f"not ({said})" if len(node.children) == 1 else f"none of ({said})"
    if not node.children:
        return f"{node.kind} of ()"
    conjunction = " and " if node.kind == "all" else " or "
    joined = conjunction.join([_say(child, node.kind) for child in node.children])
    # "and" binds tighter, as everywhere: only an "or" inside an "and" needs brackets.
    return f"({joined})" if node.kind == "any" and within == "all" else joined


def _scalar(value: Scalar) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if len(value) <= _LONGEST_STRING:
        return quoted(value)
    shown = quoted(value[:_SHOWN_OF_A_LONGER_STRING])
    return f'{shown[:-1]}…" ({len(value)} characters, #{digest_of(value, _DIGEST_LENGTH)})'


def _excerpt(text: str, start: int) -> str:
    shown = quoted(text[start : start + _LONGEST_TEXT])[1:-1]
    return f'"{"…" if start else ""}{shown}{"…" if start + _LONGEST_TEXT < len(text) else ""}"'


def _escaped(char: str) -> str:
    return "\\u007f" if char == "\x7f" else json.dumps(char)[1:-1]  # JSON leaves that one alone
