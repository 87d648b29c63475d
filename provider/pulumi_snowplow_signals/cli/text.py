"""A summary for a terminal, by rich."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pulumi_snowplow_signals.cli.change import Change, Loss, Was
from pulumi_snowplow_signals.cli.inert import cut
from pulumi_snowplow_signals.cli.summary import Summary
from pulumi_snowplow_signals.fields.text import printable

_WIDTH = 120


def to_text(summary: Summary, *, width: int | None = None, colour: bool = False) -> str:
    """Return a summary as text.

    Args:
        summary: The summary.
        width: The columns of the terminal; None if the text goes into a file.
        colour: Whether to colour it.
    """
    console = Console(
        file=StringIO(),
        width=width or _WIDTH,
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        emoji=False,
    )
    console.print(
        Text(f"Preview of {printable(summary.stack)}" if summary.stack else "Preview", style="bold")
    )
    if summary.failed:
        console.print(
            Text("The preview failed: this is not everything that a deployment would do.", style="bold red")
        )
    console.print(Text("; ".join(summary.tally()) or "Nothing changes."))
    for title, lines in _build_lists(summary):
        if lines:
            console.print()
            console.print(Text(title, style="bold"))
            for line in lines:
                console.print(line, soft_wrap=True)
    for title, changes in summary.tables:
        console.print()
        console.print(_TABLES[title](title, changes))
    file = console.file
    return (
        "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())
        if isinstance(file, StringIO)
        else ""
    )


def _build_lists(summary: Summary) -> Iterator[tuple[str, list[Text]]]:
    yield "Errors", [_join_message(each.resource, each.text) for each in summary.messages_of("error")]
    yield "Taken away from visitors and readers", [_format_line(each) for each in summary.losses]
    yield "Changed outside this stack", [_format_line(each) for each in summary.changes.drift]
    yield "Warnings", [_join_message(each.resource, each.text) for each in summary.messages_beside("warning")]
    yield "Other changes", [_format_line(each) for each in summary.folded]


def _join_message(resource: str, text: str) -> Text:
    lines = [printable(line) for line in cut(text).splitlines()]
    of = f"{printable(resource)}: " if resource and not text.startswith(resource) else ""
    return Text(f"  {of}" + "\n    ".join(lines))


def _format_line(change: Change) -> Text:
    label = {Loss.LIVE: "live: ", Loss.DRAFT: "draft: ", Loss.NONE: ""}[change.loss]
    kind = f"{change.kind} " if change.content.was or change.content.now else ""
    said = f"{kind}{_format_name(change)} {_show_both(change.version)} {change.event} {', '.join(change.fields)}".rstrip()
    style = "red" if change.loss is Loss.LIVE else ""
    return Text(f"  {label}{printable(said)}", style=style)


def _format_name(change: Change) -> str:
    return f"{change.old_name} → {change.name}" if change.old_name else change.name


def _show_both(was: Was) -> str:
    if was.was == was.now or not was.was or not was.now:
        return printable(cut(was.now or was.was))
    return printable(f"{cut(was.was)} → {cut(was.now)}")


def _build_table(title: str, changes: tuple[Change, ...]) -> Table:
    table = Table(title, "version", "was → now", "sent to", "carries", show_lines=True)
    for change in changes:
        reach = f"\n{change.reach}" if change.reach else ""
        table.add_row(
            Text(f"{printable(_format_name(change))}\n{change.event}"),
            Text(_show_both(change.version)),
            Text(f"{_show_both(change.rule)}{reach}"),
            Text(_show_both(change.sent_to)),
            Text(_show_both(change.carries)),
        )
    return table


def _build_group_table(title: str, changes: tuple[Change, ...]) -> Table:
    table = Table(title, "version", "what it is, or what changes", "for others", show_lines=True)
    for change in changes:
        event = "\n".join(filter(None, [_format_event(change), change.afterwards]))
        remarks = (
            f"{'warning: ' if each.severity == 'warning' else ''}{each.text}" for each in change.remarks
        )
        table.add_row(
            Text(f"{printable(_format_name(change))}\n{event}"),
            Text(_show_both(change.version)),
            Text(_format_differences(change)),
            Text("\n".join(printable(cut(remark)) for remark in remarks)),
        )
    return table


def _build_table_in_place(title: str, changes: tuple[Change, ...]) -> Table:
    table = Table(title, "what it is, or what changes", show_lines=True)
    for change in changes:
        table.add_row(
            Text(f"{printable(_format_name(change))}\n{_format_event(change)}"),
            Text(_format_differences(change)),
        )
    return table


_TABLES: Final[Mapping[str, Callable[[str, tuple[Change, ...]], Table]]] = {
    "intervention": _build_table,
    "attribute group": _build_group_table,
    "service": _build_table_in_place,
    "attribute key": _build_table_in_place,
}


def _format_event(change: Change) -> str:
    return printable(f"{change.event} {', '.join(change.fields)}".rstrip())


def _format_differences(change: Change) -> str:
    return "\n".join(printable(cut(each)) for each in change.differences or (change.content.now,))
