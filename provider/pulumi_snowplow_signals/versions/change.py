"""The version rule for a resource that the stack recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pulumi_snowplow_signals.versions.case import Case
from pulumi_snowplow_signals.versions.history import Stored
from pulumi_snowplow_signals.versions.plan import CHANGES, D, Move, Plan, Prior, Refusal, Verdict

_NEEDS_OURS = frozenset({Move.PUBLISH, Move.WITHDRAW_OTHERS, Move.STORE_AGAIN})
"""The moves for which the recorded number has to hold what the stack recorded."""


@dataclass(frozen=True)
class Change(Case[D]):
    """A resource that the stack recorded. `looked` says whether the registry was read."""

    prior: Prior[D]
    looked: bool

    @property
    def is_draft(self) -> bool:
        """Whether the recorded version was never published, as far as the registry is known."""
        return self.prior.version not in self.history.released

    def decide(self) -> Verdict:
        given, recorded = self.proposal.version, self.prior.version
        if given in (None, recorded):
            if self.prior.definition.equals(self.proposal.definition):
                return self._decide_same()
            if self._may_be_edited():
                if self._is_edited_elsewhere():
                    return self._refuse_edited()
                return self._plan(recorded, Move.EDIT_DRAFT)
        if given is None:
            return self._step(self._find_leftover() or self.following)
        if given == recorded:
            return self._refuse_taken()
        return self._decide_given(given)

    def _may_be_edited(self) -> bool:
        """Return whether the recorded version is a draft that may be edited.

        It may not if the registry holds a newer version that this stack did not record. Whoever stored that version, even an
        interrupted run of ours, may have published the draft before.

        If a draft was published but the response was lost, only the registry shows it: the version is live there, with the
        proposed definition instead of the recorded one.
        """
        if self.is_draft or not self.prior.is_draft:
            return self.is_draft and self._find_newer() is None
        stored = self.registered[self.prior.version]
        return self.holds_proposal(self.prior.version) and not self.prior.definition.equals(stored.definition)

    def _is_edited_elsewhere(self) -> bool:
        """Return whether the registry holds neither the recorded nor the proposed definition under the recorded number."""
        number = self.prior.version
        stored = self.registered.get(number)
        return not (
            stored is None
            or self.holds_proposal(number)
            or self.prior.definition.is_stored_as(stored.definition)
        )

    def _refuse_edited(self) -> Refusal:
        number = self.prior.version
        return self.refuse(
            f"version: the draft {number} of {self.quoted} is not what this stack recorded: it was edited outside this stack, or a "
            f"deployment was interrupted; to match the program: {CHANGES}. Run `pulumi up --refresh` to "
            f"overwrite it, or set version={self.following} to leave it.",
            number,
        )

    def _refuse_taken(self) -> Refusal:
        number, newer = self.prior.version, self._find_newer()
        pair = (self.prior.definition, self.proposal.definition)
        if self.history.released.get(number) == self.proposal.definition.digest:
            return Refusal(
                f"version: a refresh found version {number} of {self.quoted} changed outside this stack; to match the "
                f"program: {CHANGES}. A published version cannot be changed back. {self.ways_out}",
                (pair,),
            )
        fate = "may have been published by now" if self.is_draft else "has been published"
        way_out = self.ways_out if newer is None else self._describe_newer(newer)
        moved_on = self.refuse(way_out, *([] if newer is None else [newer]))
        return Refusal(
            f"version: {CHANGES}, but version is still {number}. Version {number} of {self.quoted} {fate} and cannot change. "
            f"{moved_on.reason}",
            (pair, *moved_on.compared),
        )

    def _decide_given(self, given: int) -> Verdict:
        """Decide on a number that the program sets and that is not the recorded one."""
        is_held = self.history.released.get(given) == self.proposal.definition.digest
        is_held = is_held or self.holds_proposal(given)
        newer = self._find_newer()
        if newer is not None and (given < newer or (given == newer and not is_held)):
            return self.refuse(f"version: {given} is not free. {self._describe_newer(newer)}", newer)
        if is_held:
            return self._decide_held(given)
        if given in self.history.released:
            shown = f": {CHANGES}" if given in self.registered else ""
            return self.refuse(
                f"version: {given} of {self.quoted} has been published with another definition{shown}. {self.ways_out}",
                given,
            )
        if given < self.history.highest:
            return self._refuse_low(given)
        return self._step(given)

    def _refuse_low(self, given: int) -> Refusal:
        return Refusal(
            f"version: {given} is lower than {self.history.highest}, the highest number that {self.quoted} has had. "
            f"{self.ways_out}"
        )

    def _decide_same(self) -> Verdict:
        if self.prior.published != self.proposal.published:
            move = Move.PUBLISH if self.proposal.published else Move.WITHDRAW
        elif self.proposal.published and self.history.also_live:
            move = Move.WITHDRAW_OTHERS
        elif self.is_draft and (self.history.gone or self._is_missed()):
            move = Move.STORE_AGAIN
        elif self.proposal.published and self.looked and self.prior.version not in self.live():
            move = Move.PUBLISH
        else:
            move = Move.KEEP
        if move in _NEEDS_OURS and self._is_edited_elsewhere():
            return self._decide_replaced()
        return self._plan(self.prior.version, move)

    def _is_missed(self) -> bool:
        """Return whether the registry was read and does not hold the recorded version."""
        return self.looked and self.prior.version not in self.registered

    def _decide_replaced(self) -> Verdict:
        """Decide what to do if the registry holds another definition under the recorded number."""
        number = self.prior.version
        if self.is_draft:
            return self._refuse_edited()
        if self.proposal.version is None:
            return self._step(self.following)
        return self.refuse(
            f"version: {number} of {self.quoted} now has another definition in the registry; to match the program: "
            f"{CHANGES}. {self.ways_out}",
            number,
        )

    def _step(self, number: int) -> Plan:
        beside = self.prior.published and not self.proposal.published
        return self._plan(number, Move.DRAFT_BESIDE if beside else Move.NEW_VERSION)

    def _decide_held(self, number: int) -> Verdict:
        """Decide on going back, or forward, to a number that already has this definition."""
        back = number < self.prior.version
        if back and not self.succession.goes_back():
            return self._refuse_low(number)
        if back and self.prior.version not in self.history.recorded:
            return Refusal(
                f"version: {number} cannot come back, since version {self.prior.version} was not published by this stack. "
                f"{self.ways_out}"
            )
        if self.looked and not self.holds_proposal(number):
            return Refusal(
                f"version: {number} cannot come back, since the registry no longer holds it with this definition. "
                f"{self.ways_out}"
            )
        was_ours = back or number in self.history.recorded
        return self._plan(number, Move.REPUBLISH) if was_ours else self._step(number)

    def _describe_newer(self, newer: int) -> str:
        shown = f". To match the program: {CHANGES}" if newer in self.registered else ""
        return (
            f"Version {newer} of {self.quoted} was stored outside this stack (last known here: "
            f"{self.prior.version}){shown}. Either copy the definition of version {newer} and version={newer} into the "
            f"program, or set version={self.following} to replace it."
        )

    def _find_leftover(self) -> int | None:
        """Return the version that an interrupted run of the same program has already stored; None if there is none."""
        newest = max(self.registered, default=0)
        is_new = newest > self.prior.version and newest not in self.history.recorded
        return newest if is_new and self.holds_proposal(newest) else None

    def _find_newer(self) -> int | None:
        """Return the highest number above all recorded ones that was stored outside this stack; None if there is none."""
        # If the registry was not read, only a refresh can have found one: it raises `highest` and adds nothing to
        # `released`. A version that an earlier look found is in `released` and was reported then.
        history = self.history
        known = (
            self.registered if self.looked else {history.highest} - history.retired - history.released.keys()
        )
        newest = max(known, default=0)
        return newest if newest > max(self.history.recorded | {self.prior.version}) else None

    def _find_newer_to_report(self) -> int | None:
        """Return the newer version, unless it is not live and was reported before."""
        newer = self._find_newer()
        stored: Stored | None = None if newer is None else self.registered.get(newer)
        is_old_news = stored is not None and not stored.live and newer in self.prior.history.released
        return None if is_old_news else newer

    def _plan(self, number: int, move: Move) -> Plan:
        # A draft that was published elsewhere counts as released: it is withdrawn, not deleted. A draft that was edited
        # elsewhere is no longer ours to delete.
        moved = self.is_draft and self.prior.version != number and not self._is_edited_elsewhere()
        deleted = self.prior.version if moved and self.prior.version in self.history.recorded else None
        after = self.history if move is Move.KEEP else self.history_after(number, deleted)
        plan = self.make_plan(number, move, after, self._find_withdrawn(number, move), deleted)
        return replace(plan, newer=self._find_newer_to_report())

    def _find_withdrawn(self, number: int, move: Move) -> tuple[int, ...]:
        if move is Move.KEEP:
            return ()
        if not self.proposal.published:
            return (number,) if number in self._known_live() else ()
        return tuple(sorted(self.succession.retires(self._known_live(), number)))

    def _known_live(self) -> set[int]:
        """Return the versions known to be live: from the registry or, if nobody looked, from the stack's state."""
        return self.live() if self.looked else self.prior.live

    def _may_be_live(self) -> set[int]:
        """Return the live versions or, if nobody looked, all that may be live: a draft's record names none beside it."""
        return {*self.history.released} if self.is_draft and not self.looked else self._known_live()
