"""Escapes text from users for Markdown.

The content of names and rules goes into a code span or a fenced block. There, Markdown and HTML have no meaning, and GitHub
creates no mention, reference, link or emoji. A pipe would end a table cell even inside a span, and parsers disagree about
an escaped pipe, so a pipe is written as an entity between two spans.
"""

from __future__ import annotations

import re
from typing import Final

from pulumi_snowplow_signals.fields.text import printable

_LONGEST: Final = 600
_RUN_OF_BACKTICKS: Final = re.compile(r"`+")
_SHORTEST_FENCE: Final = 3


def cut(text: str) -> str:
    """Return a text, cut to a readable length."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def to_span(text: str) -> str:
    """Return Markdown that shows a text on one line, also in a table."""
    shown = printable(cut(text))
    return "&#124;".join(_to_code(part) if part else "" for part in shown.split("|")) if shown else ""


def to_block(text: str) -> str:
    """Return Markdown that shows a text of several lines as a fenced block."""
    shown = "\n".join(printable(line) for line in cut(text).splitlines())
    fence = "`" * max(_SHORTEST_FENCE, _find_longest_run(shown) + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _to_code(text: str) -> str:
    fence = "`" * (_find_longest_run(text) + 1)
    pads = text.startswith("`") or text.endswith("`") or (text.startswith(" ") and text.endswith(" "))
    return f"{fence} {text} {fence}" if pads and text.strip(" ") else f"{fence}{text}{fence}"


def _find_longest_run(text: str) -> int:
    return max((len(run) for run in _RUN_OF_BACKTICKS.findall(text)), default=0)
