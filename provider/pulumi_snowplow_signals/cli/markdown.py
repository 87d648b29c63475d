"""A summary as Markdown for one pull request comment. If it is too long, the least important parts are cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pulumi_snowplow_signals.cli.change import Change, Loss, Message, Was
from pulumi_snowplow_signals.cli.inert import block, cut, span
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
        return len(self.head) + len(self.foot) + len(_left_out(len(self.items)))

    def text(self) -> str:
        """Return the section with the items that there is room for."""
        items = "".join(self.items[: self.kept])
        rest = len(self.items) - self.kept
        return f"{self.head}{items}{self.foot}{_left_out(rest) if rest else ''}"


def to_markdown(summary: Summary, longest: int = LONGEST) -> str:
    """Return a summary as Markdown of at most `longest` characters."""
    head = _head(summary)
    sections = [section for section in _sections(summary) if section.items]
    room = longest - len(head)
    for section in sorted(sections, key=lambda each: each.importance):
        room -= section.cost()
        while section.kept < len(section.items) and len(section.items[section.kept]) <= room:
            room -= len(section.items[section.kept])
            section.kept += 1
    return head + "".join(section.text() for section in sections)


def marker(stack: str) -> str:
    """Return the line that identifies a stack's comment."""
    return f"<!-- pulumi-signals {_NO_PART_OF_A_NAME.sub('_', stack)} -->"


def _head(summary: Summary) -> str:
    of = f" of {span(summary.stack)}" if summary.stack else ""
    lines = [marker(summary.stack), f"### Signals: preview{of}"]
    if summary.failed:
        lines.append("**The preview failed.** This is not everything that a deployment would do.")
    lines.append("; ".join(summary.tally()) or "Nothing changes.")
    return "\n\n".join(lines) + "\n"


def _sections(summary: Summary) -> Iterator[_Section]:
    yield _Section(1, "\n#### Errors\n", [_error(message) for message in summary.messages_of("error")])
    yield _Section(
        0, "\n#### Taken away from visitors and readers\n\n", [_loss(change) for change in summary.losses]
    )
    drift = [f"- {_title(change)} {_event(change)}\n" for change in summary.changes.drift]
    yield _Section(2, "\n#### Changed outside this stack\n\n", drift)
    for i, (title, changes) in enumerate(summary.tables):
        columns, row = _TABLES[title]
        head = f"\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n"
        yield _Section(3 + i, head, [row(change) for change in changes])
    warnings = [_message(message) for message in summary.messages_beside("warning")]
    yield _details(7, "warning", "warnings", warnings)
    yield _details(
        8,
        "other change",
        "other changes",
        [f"- {_title(change)} {_event(change)}\n" for change in summary.folded],
    )
    remarks = [_message(message) for message in summary.messages_beside("info")]
    yield _details(9, "remark", "remarks", remarks)


def _details(importance: int, one: str, many: str, items: list[str]) -> _Section:
    said = f"{len(items)} {one if len(items) == 1 else many}"
    return _Section(importance, f"\n<details><summary>{said}</summary>\n\n", items, "\n</details>\n")


def _left_out(count: int) -> str:
    return f"\n_… and {count} more, left out because a comment is limited to {LONGEST:,} characters._\n"


def _title(change: Change) -> str:
    version = _beside(change.version, " → ")
    return f"{_name(change)} {version}".rstrip()


def _name(change: Change) -> str:
    return f"{span(change.old_name)} → {span(change.name)}" if change.old_name else span(change.name)


def _event(change: Change) -> str:
    return " ".join([change.event, ", ".join(map(span, change.fields))]).rstrip()


def _loss(change: Change) -> str:
    label = "**live**" if change.loss is Loss.LIVE else "draft"
    # Rules need no label; any other kind may have the same name as a rule.
    kind = f"{change.kind} " if change.content.was or change.content.now else ""
    was = change.rule.was or change.content.was
    rule = f": {span(was)}" if was and not change.fields else ""
    reach = f", {change.reach}" if change.reach else ""
    return f"- {label}: {kind}{_title(change)} {_event(change)}{reach}{rule}\n"


def _row(change: Change) -> str:
    cells = [
        f"{_name(change)}<br>{_event(change)}",
        _beside(change.version, " → "),
        _beside(change.rule, "<br>→ ") + (f"<br>**{change.reach}**" if change.reach else ""),
        _beside(change.sent_to, "<br>→ "),
        _beside(change.carries, "<br>→ "),
    ]
    return f"| {' | '.join(cells)} |\n"


def _row_of_group(change: Change) -> str:
    cells = [
        f"{_name(change)}<br>{'; '.join(filter(None, [_event(change), change.afterwards]))}",
        _beside(change.version, " → "),
        _differences(change),
        "<br>".join(_remark(remark) for remark in change.remarks),
    ]
    return f"| {' | '.join(cells)} |\n"


def _row_in_place(change: Change) -> str:
    return f"| {_name(change)}<br>{_event(change)} | {_differences(change)} |\n"


_TABLES: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Change], str]]]] = {
    "intervention": (("intervention", "version", "was → now", "sent to", "carries"), _row),
    "attribute group": (
        ("attribute group", "version", "what it is, or what changes", "for others"),
        _row_of_group,
    ),
    "service": (("service", "what it is, or what changes"), _row_in_place),
    "attribute key": (("attribute key", "what it is, or what changes"), _row_in_place),
}
"""The columns of each table, and the function that builds its rows."""


def _differences(change: Change) -> str:
    return "<br>".join(map(span, change.differences)) or span(change.content.now)


def _remark(remark: Message) -> str:
    return f"{'**warning:** ' if remark.severity == 'warning' else ''}{span(remark.text)}"


def _message(message: Message) -> str:
    # The provider's own lines begin with the resource's name.
    of = (
        f"{span(message.resource)}: "
        if message.resource and not message.text.startswith(message.resource)
        else ""
    )
    return f"- {of}{'<br>'.join(span(line) for line in cut(message.text).splitlines() if line.strip())}\n"


def _error(message: Message) -> str:
    of = f"\n{span(message.resource)}\n" if message.resource else ""
    return f"{of}\n{block(message.text)}\n"


def _beside(was: Was, arrow: str) -> str:
    if was.was == was.now or not was.was or not was.now:
        return span(was.now or was.was)
    return f"{span(was.was)}{arrow}{span(was.now)}"
