"""The common basis of decisions about new and about recorded resources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic

from pulumi_snowplow_signals.kinds.succession import Succession
from pulumi_snowplow_signals.versions.history import History, Registered, live_of
from pulumi_snowplow_signals.versions.plan import (
    D,
    Discard,
    Move,
    Plan,
    Proposal,
    Refusal,
    Store,
    Withdraw,
    Write,
)

_AT_REST = frozenset({Move.KEEP, Move.WITHDRAW, Move.WITHDRAW_OTHERS})
"""The moves that store nothing."""


@dataclass(frozen=True)
class Case(Generic[D]):
    """The facts that a decision about a new or a recorded resource depends on."""

    succession: Succession
    history: History
    proposal: Proposal[D]
    registered: Registered

    @property
    def following(self) -> int:
        """The next number that nobody has used."""
        return self.history.highest + 1

    @property
    def quoted(self) -> str:
        return f'"{self.proposal.definition.name}"'

    @property
    def ways_out(self) -> str:
        alternative = "" if self.proposal.explicit else ", or leave version out to have it numbered"
        return f"Set version={self.following}{alternative}."

    def holds_proposal(self, number: int) -> bool:
        """Return whether the registry already holds the proposed definition under this number."""
        stored = self.registered.get(number)
        return stored is not None and self.proposal.definition.is_stored_as(stored.definition)

    def refuse(self, reason: str, *against: int) -> Refusal:
        """Build a refusal. Each `CHANGES` in it stands for the changes from one of the given versions to the proposal."""
        stored = [self.registered[number].definition for number in against if number in self.registered]
        return Refusal(reason, tuple((definition, self.proposal.definition) for definition in stored))

    def live(self) -> set[int]:
        """Return the versions known to be live."""
        return live_of(self.registered)

    def _known_live(self) -> set[int]:
        """Return the versions known to be live: from the registry or, if nobody looked, from the stack's state."""
        return self.live()

    def _may_be_live(self) -> set[int]:
        """Return what is live or, where nobody looked, all that may be."""
        return self._known_live()

    def history_after(self, number: int, deleted: int | None = None, *, taken_over: bool = False) -> History:
        """Return the history once `number` holds the proposal and the draft `deleted` is gone."""
        released = dict(self.history.released)
        if self.proposal.published:
            released[number] = self.proposal.definition.digest
        gone = {deleted} if deleted is not None else set()
        after = replace(
            self.history,
            released=released,
            highest=max(self.history.highest, number),
            recorded=(self.history.recorded | {number}) - gone,
            taken_over=self.history.taken_over or taken_over,
            also_live=frozenset(),
            retired=frozenset(n for n in self.history.retired | gone if n > number),
            gone=False,
        )
        return replace(after, older=frozenset(self._older_after(number)))

    def _older_after(self, number: int) -> set[int]:
        """Return the managed versions below `number` that stay live until nothing uses them."""
        # An empty mapping means that nobody looked.
        older = {*self.history.older} & (self.live() if self.registered else {*self.history.older})
        if self.proposal.published:
            # Versions of others are never withdrawn.
            older |= self.succession.leaves(self._may_be_live() & {*self.history.recorded}, number)
        return older - {number}

    def make_plan(
        self,
        number: int,
        move: Move,
        history: History,
        withdrawn: tuple[int, ...] = (),
        deleted: int | None = None,
    ) -> Plan:
        """Return a plan with its writes. A version goes live before any other is withdrawn."""
        stored, published = self.registered.get(number), self.proposal.published
        is_there = stored is not None and move is Move.TAKE_OVER and stored.live == published
        writes: list[Write] = []
        if move not in _AT_REST and not is_there:
            writes.append(Store(number, published, stored))
        writes += [Withdraw(other) for other in withdrawn if published or move in _AT_REST]
        writes += [] if deleted is None else [Discard(deleted)]
        return Plan(number, move, history, tuple(writes), withdrawn, deleted)
