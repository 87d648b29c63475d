"""Text of anybody's in Markdown, so that it stays text.

Whatever a name or a rule holds goes into a code span or a fenced block. There neither Markdown nor HTML means anything, and
GitHub makes no mention, reference, link or emoji of it. A pipe would end a cell of a table even there, by a rule that
parsers read differently once a backslash stands before it; so it stands between two spans, as an entity.
"""

from __future__ import annotations

import re
from typing import Final

from pulumi_snowplow_signals.fields.text import printable

_LONGEST: Final = 600
_RUN_OF_BACKTICKS: Final = re.compile(r"`+")
_SHORTEST_FENCE: Final = 3


def cut(text: str) -> str:
    """Return a text, cut where nobody reads on."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def span(text: str) -> str:
    """Return a text as Markdown that shows it on one line, in a table too."""
    shown = printable(cut(text))
    return "&#124;".join(_code(part) if part else "" for part in shown.split("|")) if shown else ""


def block(text: str) -> str:
    """Return a text of several lines as a fenced block."""
    shown = "\n".join(printable(line) for line in cut(text).splitlines())
    fence = "`" * max(_SHORTEST_FENCE, _longest_run(shown) + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _code(text: str) -> str:
    fence = "`" * (_longest_run(text) + 1)
    pads = text.startswith("`") or text.endswith("`") or (text.startswith(" ") and text.endswith(" "))
    return f"{fence} {text} {fence}" if pads and text.strip(" ") else f"{fence}{text}{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUN_OF_BACKTICKS.findall(text)), default=0)
