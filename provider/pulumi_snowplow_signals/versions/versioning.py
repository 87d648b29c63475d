"""The version rule: a (name, version) that has ever been published never changes its definition.

One pure function decides what a proposal becomes: which number it gets, what else happens to the registry, or why it is
refused. It sees what the stack recorded, what the program proposes and, where somebody looked, what the registry holds.

The registry itself keeps no history and numbers nothing; a caller chooses each number (Snowplow's documentation of
interventions), so the rule lives here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from pulumi_snowplow_signals.fields.changes import in_full
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.versions.history import History, Registered
from pulumi_snowplow_signals.versions.proposal import Prior, Proposal


class Move(Enum):
    """What a decision does to the registry."""

    KEEP = "keep"
    CREATE = "create"
    TAKE_OVER = "take over"
    ADOPT = "adopt"
    EDIT_DRAFT = "edit draft"
    NEW_VERSION = "new version"
    DRAFT_BESIDE = "draft beside"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    REPUBLISH = "republish"
    WITHDRAW_OTHERS = "withdraw others"


@dataclass(frozen=True)
class Decision:
    """What becomes of a proposal.

    `history` is what the stack remembers once it is done. `withdrawn` are the versions known to be live now that will not
    be afterwards; `deleted` is a draft that goes; `newer` is a version that somebody else put into the registry.
    """

    version: int
    move: Move
    history: History
    withdrawn: tuple[int, ...] = ()
    deleted: int | None = None
    newer: int | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a proposal cannot be carried out, and what to write instead."""

    reason: str


Verdict = Decision | Refusal


def decide(registry: str, prior: Prior | None, proposal: Proposal, registered: Registered | None) -> Verdict:
    """Decide what becomes of a proposal.

    Args:
        registry: The normalised address of the registry.
        prior: What the stack recorded, None for a new resource.
        proposal: What the program asks for.
        registered: Every version of the name that the registry holds, None where nobody looked.
    """
    found = registered or {}
    verdict: Verdict
    if prior is None:
        verdict = _Creation(History(registry).informed_by(found), proposal, found).decide()
    else:
        history = replace(prior.history, registry=registry).informed_by(found)
        looked = registered is not None
        verdict = _Change(history, proposal.after(prior), found, prior, looked).decide()
    if isinstance(verdict, Decision) and proposal.explicit and proposal.version is None:
        return Refusal(
            f"version: this stack numbers explicitly (signals:numbering); set version={verdict.version}."
        )
    return verdict


@dataclass(frozen=True)
class _Case:
    """What both creations and changes are decided from."""

    history: History
    proposal: Proposal
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
        """Tell whether the registry already holds the proposed definition under this number."""
        stored = self.registered.get(number)
        return stored is not None and self.proposal.definition.is_stored_as(stored.definition)

    def against(self, number: int) -> str:
        """Say how what the registry holds under this number differs from what the program says."""
        return self.from_definition(self.registered[number].definition) or "with this very definition"

    def from_definition(self, definition: Definition | None) -> str:
        """Say what leads from a definition to the proposed one."""
        if definition is None:
            return "in a form that this release cannot read"
        return in_full(self.proposal.definition.changes_from(definition, secret=self.proposal.secret))

    def live(self) -> set[int]:
        """Give the versions known to be live."""
        return {number for number, stored in self.registered.items() if stored.live}

    def history_after(self, number: int, deleted: int | None = None, *, taken_over: bool = False) -> History:
        """Give what the stack remembers once `number` holds the proposal and the draft `deleted` is gone."""
        released = dict(self.history.released)
        if self.proposal.published:
            released[number] = self.proposal.definition.digest
        gone = {deleted} if deleted is not None else set()
        return replace(
            self.history,
            released=released,
            highest=max(self.history.highest, number),
            recorded=(self.history.recorded | {number}) - gone,
            taken_over=self.history.taken_over or taken_over,
            also_live=frozenset(),
            retired=frozenset(n for n in self.history.retired | gone if n > number),
        )


class _Creation(_Case):
    """A resource that the stack knows nothing of."""

    def decide(self) -> Verdict:
        given = self.proposal.version
        if not self.registered:
            number = given or 1
            return Decision(number, Move.CREATE, self.history_after(number))
        newest = max(self.registered)
        if self.holds_proposal(newest) and given in (None, newest):
            return self._take_over(newest)
        if not self.proposal.adopt:
            return self._clash(newest)
        if given is not None and given in self.registered:
            return Refusal(
                f"version: {given} of {self.quoted} is in the registry already: {self.against(given)}. {self.ways_out}"
            )
        number = given or self.following
        after = self.history_after(number, taken_over=True)
        return Decision(number, Move.ADOPT, after, self._withdrawn(number))

    def _clash(self, newest: int) -> Refusal:
        """Refuse a name that somebody else has, with what would take it over."""
        given = self.proposal.version
        free = self.following if given is None or given in self.registered else given
        to_be_said = free != given and (given is not None or self.proposal.explicit)
        added = f"adopt=True and version={free} to take it over"
        if not to_be_said:
            added = f"adopt=True to take it over under version {free}"
        as_it_is = f" Set version={newest} to take it over as it is." if self.holds_proposal(newest) else ""
        return Refusal(
            f"name: {self.quoted} is in the registry already, up to version {newest}: {self.against(newest)}.{as_it_is} "
            f"Add {added}, or choose another name."
        )

    def _take_over(self, newest: int) -> Decision:
        """Take what is there for ours. If it is live already, nothing at all is written."""
        is_left = self.registered[newest].live and not self.proposal.adopt
        withdrawn = () if self.proposal.published and is_left else self._withdrawn(newest)
        return Decision(newest, Move.TAKE_OVER, self.history_after(newest, taken_over=True), withdrawn)

    def _withdrawn(self, number: int) -> tuple[int, ...]:
        """Give the live versions that will not be: all others beside what is published, or itself."""
        return tuple(sorted(self.live() - {number} if self.proposal.published else self.live() & {number}))


@dataclass(frozen=True)
class _Change(_Case):
    """A resource that the stack recorded. `looked` tells whether anybody asked the registry."""

    prior: Prior
    looked: bool

    @property
    def is_draft(self) -> bool:
        """Whether the recorded version is still one that was never published, as far as the registry is known."""
        return self.prior.version not in self.history.released

    def decide(self) -> Verdict:
        given, recorded = self.proposal.version, self.prior.version
        if given in (None, recorded):
            if self.prior.definition.equals(self.proposal.definition):
                return self._same()
            if self._may_be_edited():
                if self._is_edited_elsewhere():
                    return self._edited_elsewhere()
                return self._decision(recorded, Move.EDIT_DRAFT)
        if given is None:
            return self._step(self._leftover() or self.following)
        if given == recorded:
            return self._number_is_taken()
        return self._given(given)

    def _may_be_edited(self) -> bool:
        """Tell whether the recorded version is a draft.

        Below a version that this stack did not record it is none: whoever put that there, a run of ours that was cut off
        included, may have published the draft before.

        Of one whose publication was carried out while the answer was lost, only the registry knows: it holds it live, and
        as it is proposed instead of as it was recorded.
        """
        if self.is_draft or not self.prior.is_draft:
            return self.is_draft and self._newer() is None
        stored = self.registered[self.prior.version]
        return self.holds_proposal(self.prior.version) and not self.prior.definition.equals(stored.definition)

    def _is_edited_elsewhere(self) -> bool:
        """Tell whether the registry holds the recorded number neither as it was recorded nor as it is proposed."""
        number = self.prior.version
        stored = self.registered.get(number)
        return not (
            stored is None
            or self.holds_proposal(number)
            or self.prior.definition.is_stored_as(stored.definition)
        )

    def _edited_elsewhere(self) -> Refusal:
        number = self.prior.version
        return Refusal(
            f"version: the draft {number} of {self.quoted} is not what this stack recorded: somebody else edited it, or a "
            f"deployment was interrupted; from there to the program: {self.against(number)}. Run `pulumi up --refresh` to "
            f"write over it, or set version={self.following} to leave it."
        )

    def _number_is_taken(self) -> Refusal:
        number, newer = self.prior.version, self._newer()
        changed = self.from_definition(self.prior.definition)
        if self.history.released.get(number) == self.proposal.definition.digest:
            return Refusal(
                f"version: a refresh found version {number} of {self.quoted} changed by somebody else; from there to the "
                f"program: {changed}. A published version cannot be changed back. {self.ways_out}"
            )
        fate = "may have been published by now" if self.is_draft else "has been published"
        return Refusal(
            f"version: {changed}, but version is still {number}. Version {number} of {self.quoted} {fate} and cannot change. "
            f"{self.ways_out if newer is None else self._moved_on(newer)}"
        )

    def _given(self, given: int) -> Verdict:
        """Decide on another number than the recorded one, which the program names."""
        is_held = self.history.released.get(given) == self.proposal.definition.digest
        is_held = is_held or self.holds_proposal(given)
        newer = self._newer()
        if newer is not None and (given < newer or (given == newer and not is_held)):
            return Refusal(f"version: {given} is not free. {self._moved_on(newer)}")
        if is_held:
            return self._held(given)
        if given in self.history.released:
            shown = f": {self.against(given)}" if given in self.registered else ""
            return Refusal(
                f"version: {given} of {self.quoted} has been published with another definition{shown}. {self.ways_out}"
            )
        if given < self.history.highest:
            return Refusal(
                f"version: {given} is lower than {self.history.highest}, the highest number that {self.quoted} has had. "
                f"{self.ways_out}"
            )
        return self._step(given)

    def _same(self) -> Verdict:
        if self.prior.published != self.proposal.published:
            move = Move.PUBLISH if self.proposal.published else Move.WITHDRAW
        elif self.proposal.published and self.history.also_live:
            move = Move.WITHDRAW_OTHERS
        else:
            move = Move.KEEP
        if move in (Move.PUBLISH, Move.WITHDRAW_OTHERS) and self._is_edited_elsewhere():
            return self._published_instead()
        return self._decision(self.prior.version, move)

    def _published_instead(self) -> Verdict:
        """Decide where what is to be live is no longer what the registry holds under its number."""
        number = self.prior.version
        if self.is_draft:
            return self._edited_elsewhere()
        if self.proposal.version is None:
            return self._step(self.following)
        return Refusal(
            f"version: {number} of {self.quoted} has another definition in the registry by now, from there to the program: "
            f"{self.against(number)}. {self.ways_out}"
        )

    def _step(self, number: int) -> Decision:
        beside = self.prior.published and not self.proposal.published
        return self._decision(number, Move.DRAFT_BESIDE if beside else Move.NEW_VERSION)

    def _held(self, number: int) -> Verdict:
        """Go back, or forward, to a number that has exactly this definition already."""
        back = number < self.prior.version
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
        return self._decision(number, Move.REPUBLISH) if was_ours else self._step(number)

    def _moved_on(self, newer: int) -> str:
        shown = f", from there to the program: {self.against(newer)}" if newer in self.registered else ""
        return (
            f"Somebody else put version {newer} of {self.quoted} into the registry, while this stack recorded "
            f"{self.prior.version}{shown}. Either write the definition of version {newer} and version={newer} into the "
            f"program, or set version={self.following} to replace it."
        )

    def _leftover(self) -> int | None:
        """Find the version that an earlier, interrupted run of the same program has stored already."""
        newest = max(self.registered, default=0)
        is_new = newest > self.prior.version and newest not in self.history.recorded
        return newest if is_new and self.holds_proposal(newest) else None

    def _newer(self) -> int | None:
        """Give the highest number that somebody else put into the registry above all that this stack recorded."""
        # Without a look, only a refresh can have found one: it raises the highest number and releases nothing. What an
        # earlier look has found counts as released, and was told then.
        history = self.history
        known = (
            self.registered if self.looked else {history.highest} - history.retired - history.released.keys()
        )
        newest = max(known, default=0)
        return newest if newest > max(self.history.recorded | {self.prior.version}) else None

    def _decision(self, number: int, move: Move) -> Decision:
        # A draft that somebody has published meanwhile counts as released: it is withdrawn, not deleted. One that somebody
        # has edited is theirs as much as ours.
        moved = self.is_draft and self.prior.version != number and not self._is_edited_elsewhere()
        deleted = self.prior.version if moved and self.prior.version in self.history.recorded else None
        after = self.history if move is Move.KEEP else self.history_after(number, deleted)
        return Decision(number, move, after, self._withdrawn(number, move), deleted, self._newer())

    def _withdrawn(self, number: int, move: Move) -> tuple[int, ...]:
        if move is Move.KEEP:
            return ()
        if not self.proposal.published:
            return (number,) if number in self._known_live() else ()
        return tuple(sorted(self._known_live() - {number}))

    def _known_live(self) -> set[int]:
        """Give what is live: as the registry says or, where nobody looked, as the stack recorded."""
        if self.looked:
            return self.live()
        return {*self.history.also_live, *([self.prior.version] if self.prior.published else [])}
