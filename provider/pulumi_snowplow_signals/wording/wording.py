"""Turns values of the domain into text, and keeps secrets out of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pulumi_snowplow_signals.errors import ApiError, Rejected, Unauthorized
from pulumi_snowplow_signals.fields.changes import Change, in_full
from pulumi_snowplow_signals.fields.faults import Fault, path_of
from pulumi_snowplow_signals.fields.text import shown
from pulumi_snowplow_signals.kinds.definition import Definition, Doubt, Said
from pulumi_snowplow_signals.versions.plan import CHANGES, Refusal

UNREADABLE: Final = "it has a form that this release cannot read"
IDENTICAL: Final = "with an identical definition"


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
        # One that is in no field compares several.
        is_secret = fault.field in self.secret if fault.field else bool(self.secret)
        return fault.without_values() if is_secret else str(fault)

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
        return in_full(self.changes(prior, proposed)) or IDENTICAL

    def changes(self, prior: Definition, proposed: Definition) -> tuple[Change, ...]:
        """Return what leads from one definition to another; of a secret only that it changed."""
        return proposed.changes_from(prior, secret=self.secret)

    def said(self, said: Said) -> str:
        """Return what a definition says of some of its fields."""
        return shown(said.words) if self.secret.isdisjoint(said.fields) else said.hidden

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
                f"{failure.method} {failure.path}: {answered}; the response is hidden, because this resource "
                f"holds secrets{advice}"
            )
        if not isinstance(failure, Rejected) or not failure.problems:
            return str(failure)
        located = [str(Fault(path_of(problem.location), problem.message)) for problem in failure.problems]
        return "\n".join(
            [f"{failure.method} {failure.path}: refused by Signals ({failure.status})", *located]
        )
