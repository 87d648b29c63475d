"""What the version rule decides between: what the stack recorded, and what the program asks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.versions.history import History


@dataclass(frozen=True)
class Prior:
    """What the stack recorded. `secret` names the inputs whose values no text may tell."""

    definition: Definition
    version: int
    published: bool
    history: History
    secret: Collection[str] = ()

    @property
    def is_draft(self) -> bool:
        """Whether the recorded version was never published."""
        return self.version not in self.history.released


@dataclass(frozen=True)
class Proposal:
    """What the program asks for.

    `version` None asks to be numbered; `explicit` says that this stack never numbers. `secret` names the inputs whose values
    no text may tell.
    """

    definition: Definition
    version: int | None
    published: bool
    adopt: bool = False
    explicit: bool = False
    secret: Collection[str] = ()

    def after(self, prior: Prior | None) -> Proposal:
        """Give the proposal with what was a secret before counted among its secrets: texts tell old values, too."""
        return replace(self, secret=frozenset({*self.secret, *prior.secret})) if prior else self
