"""Shows what is live: as paragraphs for a terminal, as lines for other programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

import click

from pulumi_snowplow_signals.cli.listing.live import Live
from pulumi_snowplow_signals.fields.text import printable
from pulumi_snowplow_signals.kinds.catalogue import name_of
from pulumi_snowplow_signals.kinds.intervention import Intervention

_HEAD: Final = ("KIND", "NAME", "VERSION", "OWNER", "CONTENT", "ATTRIBUTE KEYS")
_MANAGED: Final = "MANAGED BY"
_INDENT: Final = "    "
_MOST_LINES: Final = 3
_UNREADABLE: Final = "a form that this release cannot read"


def to_paragraphs(live: Sequence[Live], width: int) -> Iterator[str]:
    """Yield what is live for a terminal: a headline, with the content below it, cut if long.

    Args:
        live: What is live.
        width: The columns of the terminal.
    """
    for each in live:
        _, name, version, owner, content, keys, *stacks = _build_cells(each)
        told = [
            owner or "no owner",
            *_describe_delivery(each, keys),
            *([f"one of {each.live_versions} live versions"] if each.live_versions > 1 else []),
            *(f"managed by {names}" for names in stacks),
        ]
        title = click.style(f"{name} v{version}" if version else name, bold=True)
        label = "" if each.kind is Intervention else f"{each.kind.label} "
        yield f"{label}{title}  {', '.join(told)}"
        yield from textwrap.wrap(
            content,
            max(width, 40),
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
            max_lines=_MOST_LINES,
            placeholder=" …",
            break_on_hyphens=False,
        )


def to_lines(live: Sequence[Live], *, with_stacks: bool) -> Iterator[str]:
    """Yield what is live for other programs: a header, then one tab-separated line each.

    Args:
        live: What is live.
        with_stacks: Whether to show which stacks manage each.
    """
    yield "\t".join((*_HEAD, _MANAGED) if with_stacks else _HEAD)
    for each in live:
        yield "\t".join(_build_cells(each))


def _describe_delivery(live: Live, keys: str) -> Iterator[str]:
    """Yield whom an intervention is sent to, or which key a group is kept for."""
    if live.kind is Intervention:
        yield f"sent to {keys or 'nobody'}"
    elif keys:
        yield f"kept for {keys}"


def _build_cells(live: Live) -> Iterator[str]:
    yield name_of(live.kind)
    yield printable(live.name)
    yield str(live.version) if live.has_versions else ""
    yield printable(getattr(live.definition, "owner", None) or "")
    yield printable(live.content) if live.definition else _UNREADABLE
    yield printable(", ".join(live.keys))
    if live.stacks is not None:
        yield printable(", ".join(live.stacks)) or "nobody"
