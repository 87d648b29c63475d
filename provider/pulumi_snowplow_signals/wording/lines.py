"""One line for each resource that changes, for the diagnostics of a preview: what a visitor will get, and what no longer.

`cart_abandonment_discount v2 → v3 goes live, v2 is withdrawn: shopping:cart_value > 75 → > 80; sent to domain_userid`
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.versions.history import Registered, live_of
from pulumi_snowplow_signals.versions.plan import Move, Plan, Prior, Proposal
from pulumi_snowplow_signals.wording.wording import Wording

_STOPS: Final = frozenset({Move.WITHDRAW, Move.WITHDRAW_OTHERS, Move.ADOPT, Move.REVIVE, Move.STORE_AGAIN})
"""The moves at which a reviewer should stop."""

_EVENTS: Final = {
    Move.WITHDRAW: ("is WITHDRAWN", "is WITHDRAWN"),
    Move.WITHDRAW_OTHERS: ("stays live", "stays live"),
    Move.REPUBLISH: ("goes live again", "comes back as a draft"),
    Move.ADOPT: ("goes live, taking over what others made", "is stored as a draft"),
    Move.EDIT_DRAFT: ("goes live", "is changed as a draft"),
    Move.EDIT: ("is changed in place, live at once", "is changed in place"),
    Move.STORE_AGAIN: (
        "was deleted elsewhere and goes live again",
        "was deleted elsewhere and is stored again",
    ),
}
"""What happens, where the definition goes live and where it does not."""


@dataclass(frozen=True)
class Announcement:
    """What a plan means to a reader: a line for the change itself, and one for each thing that a reviewer should stop at.

    Attributes:
        wording: The words for this resource.
        prior: What the stack recorded.
        proposal: What the program asks for.
        plan: What becomes of it.
        registered: What the registry holds, None where nobody looked.
        retains: Whether a destroy will leave it live although the program does not say so.
    """

    wording: Wording
    prior: Prior[Definition] | None
    proposal: Proposal[Definition]
    plan: Plan
    registered: Registered | None
    retains: bool = False

    @property
    def name(self) -> str:
        """The object's name."""
        return self.proposal.definition.name

    def remarks(self) -> Iterator[Remark]:
        """Yield the lines."""
        plan = self.plan
        if plan.move is not Move.KEEP:
            stops = plan.move in _STOPS or plan.deleted is not None or self._takes_from_others()
            yield Remark("warning" if stops else "info", self._line())
        if plan.move is Move.ADOPT and self.registered:
            newest = max(self.registered)
            yield self._warn(f"against v{newest} in the registry: {self._against(newest)}")
        if plan.newer not in (None, plan.version) and self.prior is not None:
            yield self._warn(self._moved_on(self.prior, plan.newer or 0))
        if self.retains:
            # Consent was given to an adoption. What is taken over as it is may be a surprise, or ours under another name.
            yield Remark(
                "info" if plan.move in (Move.ADOPT, Move.REVIVE) else "warning",
                f'{self.name}: on_destroy is "retain", since a version was live before this stack took it over: a destroy leaves '
                'it as it is. Write on_destroy="unpublish" to have it withdrawn',
            )

    def _takes_from_others(self) -> bool:
        """Return whether something goes down that this stack did not leave live itself, or the rule as a whole."""
        ours: set[int] = set()
        if self.prior is not None:
            # One version is live at a time: the recorded one or, beside a draft, its predecessor.
            number, recorded = self.prior.version, self.prior.history.recorded
            if self.prior.published:
                ours = {number}
            elif self.prior.is_draft:
                ours = {*recorded} - {number}
        return any(number == self.plan.version or number not in ours for number in self.plan.withdrawn)

    def _warn(self, text: str) -> Remark:
        return Remark("warning", f"{self.name}: {text}")

    def _line(self) -> str:
        prior, plan = self.prior, self.plan
        stepped = prior is not None and prior.version != plan.version
        title = f"{self.name} v{plan.version}"
        if prior is not None and stepped:
            title = f"{self.name} v{prior.version} → v{plan.version}"
        recipients = self._recipients()
        return (
            f"{title} {', '.join(self._events())}: {self._content()}{f'; {recipients}' if recipients else ''}"
        )

    def _events(self) -> Iterator[str]:
        plan = self.plan
        yield self._event()
        others = [n for n in plan.withdrawn if n != plan.version]
        if others:
            yield f"{versions_are(others)} withdrawn"
        if plan.deleted is not None:
            yield f"the draft v{plan.deleted} is deleted"
        staying = [] if self.proposal.published else self._staying()
        if staying:
            yield f"{_numbers(staying)} {'stays' if len(staying) == 1 else 'stay'} live"
        elif plan.version in plan.withdrawn:
            yield "nothing of it reaches visitors any more"
        if self.prior is None and plan.version != 1 and plan.move is Move.CREATE:
            yield f"the first number is {plan.version}"

    def _event(self) -> str:
        move, published = self.plan.move, self.proposal.published
        if move is Move.TAKE_OVER:
            return f"is in the registry already with this definition and is taken over, {self._fate()}"
        if move is Move.REVIVE:
            there = _numbers([*(self.registered or {})])
            return f"{'goes live' if published else 'is stored as a draft'} under a name that is there already ({there})"
        if move in _EVENTS:
            return _EVENTS[move][0 if published else 1]
        return "goes live" if published else "is stored as a draft"

    def _fate(self) -> str:
        """Return what becomes of a version that is taken over."""
        stored = (self.registered or {}).get(self.plan.version)
        is_live = stored is not None and stored.live
        if self.proposal.published:
            return "live" if is_live else "live from now on"
        return "WITHDRAWN" if is_live else "kept as a draft"

    def _staying(self) -> list[int]:
        """Return the other versions known to be live that stay so."""
        if self.registered is not None:
            live = live_of(self.registered)
        else:
            live = self.prior.live if self.prior is not None else set()
        return sorted(live - {self.plan.version, *self.plan.withdrawn})

    def _content(self) -> str:
        changes = self.wording.change(self.prior.definition, self.proposal.definition) if self.prior else ""
        return changes or self.wording.said(self.proposal.definition.content())

    def _recipients(self) -> str:
        stored = (self.registered or {}).get(self.plan.version)
        taken_over = stored.definition if stored and self.plan.move is Move.TAKE_OVER else None
        said = self.proposal.definition.recipients(taken_over)
        return self.wording.said(said) if said else ""

    def _moved_on(self, prior: Prior[Definition], newer: int) -> str:
        fate = "is withdrawn by this change" if newer in self.plan.withdrawn else "stays as it is"
        shown = (
            f". Against it, the program: {self._against(newer)}" if newer in (self.registered or {}) else ""
        )
        return (
            f"somebody else put v{newer} into the registry, while this stack recorded v{prior.version}; "
            f"v{newer} {fate}{shown}"
        )

    def _against(self, number: int) -> str:
        stored = (self.registered or {})[number].definition
        differs = self.wording.difference(stored, self.proposal.definition)
        return (
            "the same definition"
            if stored is not None and self.proposal.definition.equals(stored)
            else differs
        )


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(f"v{number}" for number in sorted(numbers))


def versions_are(numbers: Sequence[int]) -> str:
    """Return the subject and the verb of a sentence about versions: `v2 is`, `v1, v3 are`."""
    return f"{_numbers(numbers)} {'is' if len(numbers) == 1 else 'are'}"
