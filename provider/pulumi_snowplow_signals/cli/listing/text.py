"""What is live as text: paragraphs for a terminal, lines for other programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

import click

from pulumi_snowplow_signals.cli.listing.live import Live
from pulumi_snowplow_signals.fields.text import printable

_HEAD: Final = ("NAME", "VERSION", "OWNER", "RULE", "SENT TO")
_MANAGED: Final = "MANAGED BY"
_INDENT: Final = "    "
_MOST_LINES: Final = 3
_UNREADABLE: Final = "a form that this release cannot read"


def to_paragraphs(live: Sequence[Live], width: int) -> Iterator[str]:
    """Yield what is live for a terminal: a headline, and below it the rule, cut where it is long.

    Args:
        live: What is live.
        width: The columns of the terminal.
    """
    for each in live:
        name, version, owner, rule, recipients, *stacks = _cells(each)
        managed = f", managed by {stacks[0]}" if stacks else ""
        yield f"{click.style(f'{name} v{version}', bold=True)}  {owner or 'no owner'}, sent to {recipients or 'nobody'}{managed}"
        yield from textwrap.wrap(
            rule,
            max(width, 40),
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
            max_lines=_MOST_LINES,
            placeholder=" …",
            break_on_hyphens=False,
        )


def to_lines(live: Sequence[Live], *, with_stacks: bool) -> Iterator[str]:
    """Yield what is live for other programs: a line each, after one of titles, with tabs between its parts.

    Args:
        live: What is live.
        with_stacks: Whether stacks are known.
    """
    yield "\t".join((*_HEAD, _MANAGED) if with_stacks else _HEAD)
    for each in live:
        yield "\t".join(_cells(each))


def _cells(live: Live) -> Iterator[str]:
    yield printable(live.name)
    yield str(live.version)
    yield printable(live.definition.owner or "") if live.definition else ""
    yield live.rule if live.definition else _UNREADABLE
    yield printable(", ".join(live.recipients))
    if live.stacks is not None:
        yield printable(", ".join(live.stacks)) or "nobody"
