"""Summarizes a preview: the same facts for every format, in the same order for the same preview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_snowplow_signals.cli.change import KINDS, Change, Loss, Message
from pulumi_snowplow_signals.cli.changes import Changes, find_changes
from pulumi_snowplow_signals.cli.preview import Diagnostic, Preview, name_in

_TRACEBACK = "info#err"
"""The severity of what a process printed on its standard error, such as Pulumi's own traceback when a preview fails."""


@dataclass(frozen=True)
class Summary:
    """A summary of a preview.

    Attributes:
        stack: Project and stack, such as `shop/prod`; empty if no resource names them.
        failed: Whether the preview failed.
        changes: What it does.
        messages: Its errors, warnings and remarks.
    """

    stack: str
    failed: bool
    changes: Changes
    messages: tuple[Message, ...]

    @property
    def losses(self) -> tuple[Change, ...]:
        """The changes that take something away from visitors or readers, live rules first."""
        return tuple(change for change in self.changes.changes if change.loss is not Loss.NONE)

    @property
    def shown(self) -> tuple[Change, ...]:
        """The changes that affect visitors and have something to compare."""
        return tuple(
            change
            for change in self.changes.changes
            if not (change.is_folded or change.is_all_told)
            and (change.version.now or change.rule.now or change.content.now)
        )

    @property
    def tables(self) -> Iterator[tuple[str, tuple[Change, ...]]]:
        """Yield the shown changes in a table for each kind, interventions first, because visitors see those."""
        for title, kinds in _TABLES.items():
            changes = tuple(change for change in self.shown if change.kind in kinds)
            if changes:
                yield title, changes

    @property
    def folded(self) -> tuple[Change, ...]:
        """All other changes."""
        told = {*self.losses, *self.shown}
        return tuple(change for change in self.changes.changes if change not in told)

    def messages_of(self, severity: str) -> tuple[Message, ...]:
        """Return the messages of one severity."""
        return tuple(message for message in self.messages if message.severity == severity)

    def messages_beside(self, severity: str) -> tuple[Message, ...]:
        """Return the messages of one severity that add to the tables."""
        shown = {
            (change.urn, remark.severity, f"{change.name}: {remark.text}")
            for change in self.shown
            for remark in change.remarks
        }
        # An object's line repeats its row. A rule's line says more: it names the recipients.
        in_rows = {change.urn for change in self.shown if change.kind not in _TABLES["intervention"]}
        return tuple(
            message
            for message in self.messages_of(severity)
            if (message.urn, message.severity, message.text) not in shown
            and not (severity == "info" and message.urn in in_rows)
        )

    def hits(self, kinds: Sequence[str]) -> dict[str, list[str]]:
        """Return the names that meet each of some gates, in the order of `KINDS`; gates that are not met are left out."""
        found = {kind: [*self._meet(kind)] for kind in KINDS if kind in kinds}
        return {kind: names for kind, names in found.items() if names}

    def tally(self) -> Iterator[str]:
        """Yield the counts that are not zero, as parts of a line."""
        changes = self.changes.changes
        live = [change for change in changes if change.loss is Loss.LIVE and change.kinds != {"drops"}]
        for kind, (one, many) in _NOUNS.items():
            stopping = sum(change.kind == kind for change in live)
            yield from _count(stopping, f"live {one} stops", f"live {many} stop")
        drafts = sum(change.loss is Loss.DRAFT for change in changes)
        yield from _count(drafts, "draft goes", "drafts go")
        for gate, one, many in _TALLIED_BY_KIND:
            meeting = [change for change in changes if gate in change.kinds]
            if meeting:
                yield f"{_count_kinds(meeting)} {one if len(meeting) == 1 else many}"
        for kind, one, many in _TALLIED:
            yield from _count(len(self.hits([kind]).get(kind, ())), one, many)
        retired = sum(len(change.retires) for change in changes)
        yield from _count(retired, "older version is due to go", "older versions are due to go")
        yield from _count(len(self.changes.drift), "changed outside this stack", "changed outside this stack")
        yield from _count(len(self.folded), "without effect on visitors", "without effect on visitors")
        yield from _count(self.changes.unchanged, "resource unchanged", "resources unchanged")
        others = self.changes.others
        if others:
            said = ", ".join(f"{count} {op}" for op, count in others.items())
            yield f"of other providers: {said}"

    def _meet(self, kind: str) -> Iterator[str]:
        if kind == "failures":
            yield from ["the preview failed"] if self.failed else []
        elif kind == "warnings":
            yield from (message.text for message in self.messages_of("warning"))
        else:
            every = (*self.changes.changes, *self.changes.drift)
            yield from (change.name for change in every if kind in change.kinds)


_NOUNS: Final[Mapping[str, tuple[str, str]]] = {
    "attribute key": ("attribute key", "attribute keys"),
    "attribute group": ("attribute group", "attribute groups"),
    "service": ("service", "services"),
    "intervention": ("rule", "rules"),
    "": ("resource", "resources"),
}
"""The nouns for counted objects of each kind; each kind comes after those that it refers to."""

_TABLES: Final[Mapping[str, frozenset[str]]] = {
    "intervention": frozenset({"intervention", "direct intervention", ""}),
    "attribute group": frozenset({"attribute group"}),
    "service": frozenset({"service"}),
    "attribute key": frozenset({"attribute key"}),
}
"""The kinds that each table shows."""

_TALLIED_BY_KIND = (
    ("drops", "gives its readers less", "give their readers less"),
    ("publications", "goes live", "go live"),
)
_TALLIED = (
    ("revivals", "revival", "revivals"),
    ("adoptions", "adoption", "adoptions"),
    ("broader", "reaches more visitors", "reach more visitors"),
    ("narrower", "reaches fewer visitors", "reach fewer visitors"),
    ("others", "reaches other visitors", "reach other visitors"),
    ("uncompared", "changes its reach in an unknown way", "change their reach in an unknown way"),
    ("pushes", "message is pushed at once", "messages are pushed at once"),
)


def build_summary(preview: Preview) -> Summary:
    """Sum up a preview."""
    urns = [step.urn for step in preview.steps] + [found.urn for found in preview.diagnostics if found.urn]
    stacks = {"/".join(reversed(urn.removeprefix("urn:pulumi:").split("::")[:2])) for urn in urns}
    return Summary(
        stack=min(stacks, default=""),
        failed=preview.failed,
        changes=find_changes(preview),
        messages=tuple(_sort_messages(preview.diagnostics)),
    )


def _sort_messages(diagnostics: Sequence[Diagnostic]) -> Iterator[Message]:
    """Yield errors, warnings and remarks, in this order, each once."""
    severities = ("error", "warning", "info")
    told = {
        Message(found.severity, found.text, name_in(found.urn) if found.urn else "", found.urn)
        for found in diagnostics
        if found.severity in severities and found.text
    }
    yield from sorted(told, key=lambda said: (severities.index(said.severity), said.resource, said.text))


def _count(count: int, one: str, many: str) -> Iterator[str]:
    if count:
        yield f"{count} {one if count == 1 else many}"


def _count_kinds(changes: Sequence[Change]) -> str:
    """Return how many of each kind there are, such as `1 service and 2 rules`."""
    counts = ((sum(change.kind == kind for change in changes), nouns) for kind, nouns in _NOUNS.items())
    *parts, last = [f"{count} {nouns[count != 1]}" for count, nouns in counts if count]
    return f"{', '.join(parts)} and {last}" if parts else last
