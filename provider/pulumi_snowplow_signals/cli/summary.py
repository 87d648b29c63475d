"""A preview summed up: the same facts for every format, in the same order for the same preview."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pulumi_snowplow_signals.cli.change import KINDS, Change, Loss
from pulumi_snowplow_signals.cli.changes import Changes, changes_of
from pulumi_snowplow_signals.cli.preview import Diagnostic, Preview, name_in

_TRACEBACK = "info#err"
"""The severity of what a process printed on its standard error, such as Pulumi's own traceback when a preview fails."""


@dataclass(frozen=True)
class Message:
    """What an engine or a provider said."""

    severity: str
    text: str
    resource: str = ""


@dataclass(frozen=True)
class Summary:
    """A preview summed up.

    Attributes:
        stack: Project and stack, such as `shop/prod`; empty where no resource says so.
        failed: Whether the preview failed.
        changes: What it does.
        messages: Its errors and warnings, and what else was said of a resource.
    """

    stack: str
    failed: bool
    changes: Changes
    messages: tuple[Message, ...]

    @property
    def losses(self) -> tuple[Change, ...]:
        """What takes something away from visitors, live rules first."""
        return tuple(change for change in self.changes.changes if change.loss is not Loss.NONE)

    @property
    def shown(self) -> tuple[Change, ...]:
        """What has something to compare, and means something to visitors."""
        return tuple(
            change
            for change in self.changes.changes
            if not (change.is_folded or change.is_all_told) and (change.version.now or change.rule.now)
        )

    @property
    def folded(self) -> tuple[Change, ...]:
        """All other changes."""
        told = {*self.losses, *self.shown}
        return tuple(change for change in self.changes.changes if change not in told)

    def messages_of(self, severity: str) -> tuple[Message, ...]:
        """Return the messages of one severity."""
        return tuple(message for message in self.messages if message.severity == severity)

    def hits(self, kinds: Sequence[str]) -> dict[str, list[str]]:
        """Return which of some gates are met, in the order of `KINDS`, and by what."""
        found = {kind: [*self._meet(kind)] for kind in KINDS if kind in kinds}
        return {kind: names for kind, names in found.items() if names}

    def tally(self) -> Iterator[str]:
        """Yield counts, as parts of a line; nothing that is not there."""
        changes = self.changes.changes
        by_loss = {loss: sum(change.loss is loss for change in changes) for loss in Loss}
        yield from _counted(by_loss[Loss.LIVE], "live rule stops", "live rules stop")
        yield from _counted(by_loss[Loss.DRAFT], "draft goes", "drafts go")
        for kind, one, many in _TALLIED:
            yield from _counted(len(self.hits([kind]).get(kind, ())), one, many)
        yield from _counted(
            len(self.changes.drift), "changed outside this stack", "changed outside this stack"
        )
        yield from _counted(len(self.folded), "without effect on visitors", "without effect on visitors")
        yield from _counted(self.changes.unchanged, "resource unchanged", "resources unchanged")
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


_TALLIED = (
    ("publications", "goes live", "go live"),
    ("revivals", "revival", "revivals"),
    ("adoptions", "adoption", "adoptions"),
    ("broader", "reaches more visitors", "reach more visitors"),
    ("narrower", "reaches fewer visitors", "reach fewer visitors"),
    ("others", "reaches other visitors", "reach other visitors"),
    ("uncompared", "changes its reach in an unknown way", "change their reach in an unknown way"),
    ("pushes", "message is pushed at once", "messages are pushed at once"),
)


def summary_of(preview: Preview) -> Summary:
    """Sum up a preview."""
    urns = [step.urn for step in preview.steps] + [found.urn for found in preview.diagnostics if found.urn]
    stacks = {"/".join(reversed(urn.removeprefix("urn:pulumi:").split("::")[:2])) for urn in urns}
    return Summary(
        stack=min(stacks, default=""),
        failed=preview.failed,
        changes=changes_of(preview),
        messages=tuple(_messages(preview.diagnostics)),
    )


def _messages(diagnostics: Sequence[Diagnostic]) -> Iterator[Message]:
    """Yield what is worth reading: errors first, each once."""
    severities = ("error", "warning", "info")
    told = {
        Message(found.severity, found.text, name_in(found.urn) if found.urn else "")
        for found in diagnostics
        if found.severity in severities and found.text
    }
    yield from sorted(told, key=lambda said: (severities.index(said.severity), said.resource, said.text))


def _counted(count: int, one: str, many: str) -> Iterator[str]:
    if count:
        yield f"{count} {one if count == 1 else many}"
