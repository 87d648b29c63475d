"""The version rule for a resource that is new to the stack."""

from __future__ import annotations

from pulumi_snowplow_signals.fields.comparison import SAME_DOMAIN
from pulumi_snowplow_signals.versions.case import Case
from pulumi_snowplow_signals.versions.history import History
from pulumi_snowplow_signals.versions.plan import CHANGES, D, Move, Plan, Refusal, Verdict


class Creation(Case[D]):
    """A resource that is new to the stack."""

    def decide(self) -> Verdict:
        given, newest = self.proposal.version, max(self.registered, default=None)
        if newest is None:
            number = given or 1
            return self.make_plan(number, Move.CREATE, self.history_after(number))
        if self.holds_proposal(newest) and given in (None, newest) and self._may_take_over(newest):
            return self._take_over(newest)
        if given is not None and self._is_the_live_one(given):
            return self._take_over(given)
        if self._needs_consent(newest):
            return self._refuse_clash(newest) if not self.proposal.adopt else self._adopt(given)
        return self._revive(given)

    def _is_the_live_one(self, number: int) -> bool:
        """Return whether the proposal is live under this number. A newer draft does not matter."""
        return self.proposal.published and self._lives_alone(number) and self.holds_proposal(number)

    def _lives_alone(self, number: int) -> bool:
        """Return whether a version is the highest live one and no other has to be withdrawn."""
        live = self.live()
        return number == max(live, default=None) and not self.succession.retires(live, number)

    def _may_take_over(self, newest: int) -> bool:
        """Return whether taking over the newest version harms nobody, or the program consents with `adopt`."""
        return self.proposal.adopt or not (self.proposal.published and self._replaces_another(newest))

    def _replaces_another(self, newest: int) -> bool:
        """Return whether taking over the newest version withdraws another definition."""
        return any(not self.holds_proposal(number) for number in self.succession.retires(self.live(), newest))

    def _live_and_different(self) -> bool:
        return any(not self.holds_proposal(number) for number in self.live())

    def _needs_consent(self, newest: int) -> bool:
        """Return whether a live version differs from the program, or the newest version belongs to another owner."""
        return self._live_and_different() or not self._is_ours(newest)

    def _is_ours(self, number: int) -> bool:
        stored = self.registered[number].definition
        owners = [getattr(definition, "owner", None) for definition in (stored, self.proposal.definition)]
        return stored is not None and SAME_DOMAIN.form(owners[0]) == SAME_DOMAIN.form(owners[1])

    def _refuse_clash(self, newest: int) -> Refusal:
        """Refuse a name that belongs to somebody else, and say how to take it over."""
        given = self.proposal.version
        free = self.following if given is None or given in self.registered else given
        needs_version = free != given and (given is not None or self.proposal.explicit)
        added = f"adopt=True and version={free} to take it over"
        if not needs_version:
            added = f"adopt=True to take it over under version {free}"
        if self.holds_proposal(newest) and given in (None, newest):
            others = ", ".join(str(n) for n in sorted(self.live() - {newest}))
            added = f"adopt=True to take it over as it is and withdraw {others}, which is live"
        return self.refuse(
            f"name: {self.quoted} is in the registry already, up to version {newest}: {CHANGES}. "
            f"Add {added}, or choose another name.",
            newest,
        )

    def _take_over(self, newest: int) -> Plan:
        """Take over the existing version. If no other version is live, nothing is written."""
        return self.make_plan(
            newest, Move.TAKE_OVER, self._build_history(newest), self._find_withdrawn(newest)
        )

    def _adopt(self, given: int | None) -> Verdict:
        if given is not None and given in self.registered:
            return self._refuse_number(given)
        number = given or self.following
        return self.make_plan(number, Move.ADOPT, self._build_history(number), self._find_withdrawn(number))

    def _revive(self, given: int | None) -> Verdict:
        """Reuse a name whose existing versions are not live and have the same owner."""
        if given is not None and given in self.registered and not self.holds_proposal(given):
            return self._refuse_number(given)
        number = given or self.following
        return self.make_plan(number, Move.REVIVE, self._build_history(number), self._find_withdrawn(number))

    def _refuse_number(self, number: int) -> Refusal:
        return self.refuse(
            f"version: {number} of {self.quoted} is in the registry already: {CHANGES}. {self.ways_out}",
            number,
        )

    def _build_history(self, number: int) -> History:
        return self.history_after(number, taken_over=bool(self.live()))

    def _find_withdrawn(self, number: int) -> tuple[int, ...]:
        """Return the live versions that will not be: those that the number retires, or the number itself."""
        live = self.live()
        return tuple(
            sorted(self.succession.retires(live, number) if self.proposal.published else live & {number})
        )
