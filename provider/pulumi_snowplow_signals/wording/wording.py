"""Turns values of the domain into text and keeps secrets out of it."""

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
    """Turns values into text for one resource.

    Attributes:
        secret: The inputs whose values no text may contain, because they are or were secret.
    """

    secret: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, *secret: Iterable[str]) -> Wording:
        """Build the wording for a resource from the names of its current and former secret inputs."""
        return cls(frozenset(name for names in secret for name in names))

    def fault(self, fault: Fault) -> str:
        """Return a fault as a sentence."""
        # A fault without a field compares several of them.
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
        """Return the changes from one definition to another in full; None stands for one that cannot be read."""
        if prior is None:
            return UNREADABLE
        return in_full(self.changes(prior, proposed)) or IDENTICAL

    def changes(self, prior: Definition, proposed: Definition) -> tuple[Change, ...]:
        """Return the changes from one definition to another. For a secret, they say only that it changed."""
        return proposed.changes_from(prior, secret=self.secret)

    def said(self, said: Said) -> str:
        """Return a definition's words about some of its fields, unless they are secret."""
        return shown(said.words) if self.secret.isdisjoint(said.fields) else said.hidden

    def doubts(self, doubts: Iterable[Doubt]) -> list[str]:
        """Return doubts as sentences, each once. Those about a secret do not show it."""
        sentences = [doubt.hidden if doubt.field in self.secret else doubt.reason for doubt in doubts]
        return [*dict.fromkeys(sentences)]

    def failure(self, failure: ApiError) -> str:
        """Return the text of a failure, with the service's locations as paths of the program."""
        if self.secret:
            advice = f". {failure.advice}" if isinstance(failure, Unauthorized) else ""
            return (
                f"{failure.method} {failure.path}: {failure.outcome}; details are hidden, because this resource "
                f"holds secrets{advice}"
            )
        if not isinstance(failure, Rejected) or not failure.problems:
            return str(failure)
        located = [str(Fault(path_of(problem.location), problem.message)) for problem in failure.problems]
        return "\n".join(
            [f"{failure.method} {failure.path}: refused by Signals ({failure.status})", *located]
        )
