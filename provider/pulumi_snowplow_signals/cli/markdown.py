"""A summary as Markdown for one pull request comment. If it is too long, the least important parts are cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pulumi_snowplow_signals.cli.change import Change, Loss, Message, Was
from pulumi_snowplow_signals.cli.inert import cut, to_block, to_span
from pulumi_snowplow_signals.cli.summary import Summary

LONGEST: Final = 65_000
"""Characters. GitHub takes 65,536 for a comment."""

_NO_PART_OF_A_NAME: Final = re.compile(r"[^A-Za-z0-9_./]+")


@dataclass
class _Section:
    """A part of the comment.

    Attributes:
        importance: Its rank when characters are distributed; 0 comes first.
        head: The text before the items.
        items: The items, which may be cut from the end.
        foot: The text after the items.
        kept: The number of items that there is room for.
    """

    importance: int
    head: str
    items: list[str]
    foot: str = ""
    kept: int = field(default=0)

    def cost(self) -> int:
        """Return the number of characters it takes without items, including the note on what is left out."""
        return len(self.head) + len(self.foot) + len(_note_left_out(len(self.items)))

    def text(self) -> str:
        """Return the section with the items that there is room for."""
        items = "".join(self.items[: self.kept])
        rest = len(self.items) - self.kept
        return f"{self.head}{items}{self.foot}{_note_left_out(rest) if rest else ''}"


def to_markdown(summary: Summary, longest: int = LONGEST) -> str:
    """Return a summary as Markdown of at most `longest` characters."""
    head = _build_head(summary)
    sections = [section for section in _build_sections(summary) if section.items]
    room = longest - len(head)
    for section in sorted(sections, key=lambda each: each.importance):
        room -= section.cost()
        while section.kept < len(section.items) and len(section.items[section.kept]) <= room:
            room -= len(section.items[section.kept])
            section.kept += 1
    return head + "".join(section.text() for section in sections)


def build_marker(stack: str) -> str:
    """Return the line that identifies a stack's comment."""
    return f"<!-- pulumi-signals {_NO_PART_OF_A_NAME.sub('_', stack)} -->"


def _build_head(summary: Summary) -> str:
    of = f" of {to_span(summary.stack)}" if summary.stack else ""
    lines = [build_marker(summary.stack), f"### Signals: preview{of}"]
    if summary.failed:
        lines.append("**The preview failed.** This is not everything that a deployment would do.")
    lines.append("; ".join(summary.tally()) or "Nothing changes.")
    return "\n\n".join(lines) + "\n"


def _build_sections(summary: Summary) -> Iterator[_Section]:
    yield _Section(1, "\n#### Errors\n", [_format_error(message) for message in summary.messages_of("error")])
    yield _Section(
        0,
        "\n#### Taken away from visitors and readers\n\n",
        [_format_loss(change) for change in summary.losses],
    )
    drift = [f"- {_format_title(change)} {_format_event(change)}\n" for change in summary.changes.drift]
    yield _Section(2, "\n#### Changed outside this stack\n\n", drift)
    for i, (title, changes) in enumerate(summary.tables):
        columns, row = _TABLES[title]
        head = f"\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n"
        yield _Section(3 + i, head, [row(change) for change in changes])
    warnings = [_format_message(message) for message in summary.messages_beside("warning")]
    yield _fold(7, "warning", "warnings", warnings)
    yield _fold(
        8,
        "other change",
        "other changes",
        [f"- {_format_title(change)} {_format_event(change)}\n" for change in summary.folded],
    )
    remarks = [_format_message(message) for message in summary.messages_beside("info")]
    yield _fold(9, "remark", "remarks", remarks)


def _fold(importance: int, one: str, many: str, items: list[str]) -> _Section:
    said = f"{len(items)} {one if len(items) == 1 else many}"
    return _Section(importance, f"\n<details><summary>{said}</summary>\n\n", items, "\n</details>\n")


def _note_left_out(count: int) -> str:
    return f"\n_… and {count} more, left out because a comment is limited to {LONGEST:,} characters._\n"


def _format_title(change: Change) -> str:
    version = _show_both(change.version, " → ")
    return f"{_format_name(change)} {version}".rstrip()


def _format_name(change: Change) -> str:
    return f"{to_span(change.old_name)} → {to_span(change.name)}" if change.old_name else to_span(change.name)


def _format_event(change: Change) -> str:
    return " ".join([change.event, ", ".join(map(to_span, change.fields))]).rstrip()


def _format_loss(change: Change) -> str:
    label = "**live**" if change.loss is Loss.LIVE else "draft"
    # Rules need no label; any other kind may have the same name as a rule.
    kind = f"{change.kind} " if change.content.was or change.content.now else ""
    was = change.rule.was or change.content.was
    rule = f": {to_span(was)}" if was and not change.fields else ""
    reach = f", {change.reach}" if change.reach else ""
    return f"- {label}: {kind}{_format_title(change)} {_format_event(change)}{reach}{rule}\n"


def _format_row(change: Change) -> str:
    cells = [
        f"{_format_name(change)}<br>{_format_event(change)}",
        _show_both(change.version, " → "),
        _show_both(change.rule, "<br>→ ") + (f"<br>**{change.reach}**" if change.reach else ""),
        _show_both(change.sent_to, "<br>→ "),
        _show_both(change.carries, "<br>→ "),
    ]
    return f"| {' | '.join(cells)} |\n"


def _format_group_row(change: Change) -> str:
    cells = [
        f"{_format_name(change)}<br>{'; '.join(filter(None, [_format_event(change), change.afterwards]))}",
        _show_both(change.version, " → "),
        _format_differences(change),
        "<br>".join(_format_remark(remark) for remark in change.remarks),
    ]
    return f"| {' | '.join(cells)} |\n"


def _format_row_in_place(change: Change) -> str:
    return f"| {_format_name(change)}<br>{_format_event(change)} | {_format_differences(change)} |\n"


_TABLES: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Change], str]]]] = {
    "intervention": (("intervention", "version", "was → now", "sent to", "carries"), _format_row),
    "attribute group": (
        ("attribute group", "version", "what it is, or what changes", "for others"),
        _format_group_row,
    ),
    "service": (("service", "what it is, or what changes"), _format_row_in_place),
    "attribute key": (("attribute key", "what it is, or what changes"), _format_row_in_place),
}
"""The columns of each table, and the function that builds its rows."""


def _format_differences(change: Change) -> str:
    return "<br>".join(map(to_span, change.differences)) or to_span(change.content.now)


def _format_remark(remark: Message) -> str:
    return f"{'**warning:** ' if remark.severity == 'warning' else ''}{to_span(remark.text)}"


def _format_message(message: Message) -> str:
    # The provider's own lines begin with the resource's name.
    of = (
        f"{to_span(message.resource)}: "
        if message.resource and not message.text.startswith(message.resource)
        else ""
    )
    return f"- {of}{'<br>'.join(to_span(line) for line in cut(message.text).splitlines() if line.strip())}\n"


def _format_error(message: Message) -> str:
    of = f"\n{to_span(message.resource)}\n" if message.resource else ""
    return f"{of}\n{to_block(message.text)}\n"


def _show_both(was: Was, arrow: str) -> str:
    if was.was == was.now or not was.was or not was.now:
        return to_span(was.now or was.was)
    return f"{to_span(was.was)}{arrow}{to_span(was.now)}"
