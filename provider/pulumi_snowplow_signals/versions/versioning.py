"""The version rule: the definition of a (name, version) that has ever been published never changes.

One pure function decides which number a proposal gets and what else happens to the registry, or refuses the proposal. It
sees what the stack recorded, what the program proposes and, if the registry was read, what it holds.

The registry keeps no history and assigns no numbers: the caller chooses each number (Snowplow's documentation of
interventions). So this rule lives here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from pulumi_snowplow_signals.kinds.succession import Succession
from pulumi_snowplow_signals.versions.change import Change
from pulumi_snowplow_signals.versions.creation import Creation
from pulumi_snowplow_signals.versions.history import History, Registered
from pulumi_snowplow_signals.versions.plan import D, Plan, Prior, Proposal, Refusal, Verdict


@dataclass(frozen=True)
class Numbered:
    """The planner of kinds that the registry stores by name and version."""

    succession: Succession

    def plan(
        self,
        registry: str,
        prior: Prior[D] | None,
        proposal: Proposal[D],
        registered: Registered | None,
    ) -> Verdict:
        """Return the plan for a proposal, or a refusal; see `Planner`."""
        found, succession = registered or {}, self.succession
        verdict: Verdict
        if prior is None:
            history = History(registry).informed_by(found)
            verdict = Creation(succession, history, proposal, found).decide()
        else:
            history = replace(prior.history, registry=registry).informed_by(found)
            looked = registered is not None
            verdict = Change(succession, history, proposal, found, prior, looked).decide()
        if isinstance(verdict, Plan) and proposal.explicit and proposal.version is None:
            return Refusal(
                f"version: this stack numbers explicitly (signals:numbering); set version={verdict.version}."
            )
        return verdict

    def retires(self, live: Collection[int], number: int) -> set[int]:
        """Return those of the versions in `live` that should not be live beside `number`."""
        return self.succession.retires(live, number)
