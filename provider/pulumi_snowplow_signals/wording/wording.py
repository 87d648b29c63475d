"""Turns values of the domain into text, and keeps secrets out of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pulumi_snowplow_signals.errors import ApiError, Rejected, Unauthorized
from pulumi_snowplow_signals.fields.changes import Change, in_brief, in_full
from pulumi_snowplow_signals.fields.faults import Fault, path_of
from pulumi_snowplow_signals.fields.text import shown
from pulumi_snowplow_signals.kinds.definition import Definition, Doubt, Said
from pulumi_snowplow_signals.versions.plan import CHANGES, Refusal

UNREADABLE = "it has a form that this release cannot read"


@dataclass(frozen=True)
class Wording:
    """Words for one resource.

    Attributes:
        secret: The inputs whose values no text may contain: those that are secret now, and those that were before.
    """

    secret: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, *secret: Iterable[str]) -> Wording:
        """Build the words for a resource from the names of its secret inputs, now and before."""
        return cls(frozenset(name for names in secret for name in names))

    def fault(self, fault: Fault) -> str:
        """Return a fault as a sentence."""
        return fault.without_values() if fault.field in self.secret else str(fault)

    def faults(self, faults: Iterable[Fault]) -> list[str]:
        """Return faults as sentences."""
        return [self.fault(fault) for fault in faults]

    def refusal(self, refusal: Refusal) -> str:
        """Return a refusal as a sentence."""
        text = refusal.reason
        for prior, proposed in refusal.compared:
            text = text.replace(CHANGES, self.difference(prior, proposed), 1)
        return text

    def difference(self, prior: Definition | None, proposed: Definition) -> str:
        """Return what leads from one definition to another, in full; None cannot be read."""
        if prior is None:
            return UNREADABLE
        return in_full(self._changes(prior, proposed)) or "with this very definition"

    def change(self, prior: Definition, proposed: Definition) -> str:
        """Return what leads from one definition to another, in brief; nothing where they are equal."""
        return in_brief(self._changes(prior, proposed))

    def said(self, said: Said) -> str:
        """Return what a definition says of one of its fields."""
        return said.hidden if said.field in self.secret else shown(said.words)

    def doubts(self, doubts: Iterable[Doubt]) -> list[str]:
        """Return doubts as sentences, each once, and those about a secret without anything of it."""
        told = [doubt.hidden if doubt.field in self.secret else doubt.reason for doubt in doubts]
        return [*dict.fromkeys(told)]

    def failure(self, failure: ApiError) -> str:
        """Return what the service answered, with its locations as paths of the program."""
        if self.secret:
            answered = "no answer" if failure.status is None else f"status {failure.status}"
            advice = f". {failure.advice}" if isinstance(failure, Unauthorized) else ""
            return (
                f"{failure.method} {failure.path}: {answered}; the service's words are withheld, since this resource "
                f"holds secrets{advice}"
            )
        if not isinstance(failure, Rejected) or not failure.problems:
            return str(failure)
        located = [str(Fault(path_of(problem.location), problem.message)) for problem in failure.problems]
        return "\n".join(
            [f"{failure.method} {failure.path}: refused by Signals ({failure.status})", *located]
        )

    def _changes(self, prior: Definition, proposed: Definition) -> tuple[Change, ...]:
        return proposed.changes_from(prior, secret=self.secret)
