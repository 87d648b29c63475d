"""The lines of the diagnostics about objects in the registry: what a change gives to visitors, and what it takes away.

Each line is shown under its resource and has one of three forms. Programs that read them (with `pulumi preview --json`, which
adds the `urn` of the resource) can rely on these forms:

| Form | Example |
| --- | --- |
| `NAME vN[ → vM] EVENT[, EVENT]: WHAT[; sent to KEYS][; carries GROUPS][; reaches MORE visitors]` | `cart v2 → v3 goes live, v2 is withdrawn: \
shop:value > 75 → > 80; sent to domain_userid; carries shop v1; reaches fewer visitors` |
| the same, followed by two indented lines | `  was: RULE` and `  now: RULE`, where much of a rule changes |
| `NAME: REMARK` | `cart: on_destroy is "retain", …` |

WHAT is the rule in words, or its changes. A draft `would be sent to KEYS`, and what is taken down `was sent to KEYS`. A kind without
version numbers has no `vN`. A line is a warning if it takes something away from visitors or other users, or if a reviewer should stop
at it. All others are info.

| What happens | Shown by | EVENT |
| --- | --- | --- |
| creation, new version, draft, publication, rollback, revival, adoption | check | `goes live`, `is stored as a draft`, … |
| withdrawal by `published=False` | check | `is WITHDRAWN, visitors no longer get it` |
| the old half of a replacement | check | `is WITHDRAWN, NEW takes its place` |
| a deletion | delete | `is WITHDRAWN, visitors no longer get it`, or `is DELETED, …` |
| drift | read | `was withdrawn elsewhere, …`, `was deleted elsewhere, …`, `was published elsewhere, …`, `was changed elsewhere` |
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from pulumi_snowplow_signals.fields.changes import in_brief
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.kinds.definition import Definition, Said
from pulumi_snowplow_signals.versions.history import Registered, live_of
from pulumi_snowplow_signals.versions.plan import Move, Plan, Prior, Proposal
from pulumi_snowplow_signals.wording.wording import UNREADABLE, Wording

_STOPS: Final = frozenset({Move.WITHDRAW, Move.WITHDRAW_OTHERS, Move.ADOPT, Move.REVIVE, Move.STORE_AGAIN})
"""The moves at which a reviewer should stop."""

_EVENTS: Final = {
    Move.WITHDRAW: ("is WITHDRAWN", "is WITHDRAWN"),
    Move.WITHDRAW_OTHERS: ("stays live", "stays live"),
    Move.REPUBLISH: ("goes live again", "comes back as a draft"),
    Move.ADOPT: ("goes live, taking over from others", "is stored as a draft"),
    Move.EDIT_DRAFT: ("goes live", "is updated as a draft"),
    Move.EDIT: ("is changed in place, live at once", "is changed in place"),
    Move.STORE_AGAIN: (
        "was deleted elsewhere and goes live again",
        "was deleted elsewhere and is stored again",
    ),
}
"""The event of each move, if the definition goes live and if it does not."""

Tense = Literal["", "would be ", "was "]
"""What comes before `sent to`: nothing if the object is live, else whether it is a draft or is taken down."""

_MOST_FRAGMENTS: Final = 2
"""The most changes of a rule that are listed one by one. With more, both rules are shown in full."""


@dataclass(frozen=True)
class Lines:
    """The lines about one object.

    Attributes:
        wording: Turns values into text for this resource.
        keys_of: Returns the attribute keys that a definition without targets is sent to; empty if they are not known.
        types_of: Returns the types of the attributes that definitions refer to, as far as they are known.
        tense: Whether it is sent now.
    """

    wording: Wording
    keys_of: Callable[[Definition], Sequence[str]]
    types_of: Callable[[Sequence[Definition]], Mapping[str, str]]
    tense: Tense = ""

    def line(
        self,
        title: str,
        events: Iterable[str],
        definition: Definition,
        prior: Definition | None = None,
        *,
        delivered: Definition | None = None,
    ) -> str:
        """Return a line of the first form, or of the second if much of a rule changes.

        Args:
            title: The object and its version or versions.
            events: What happens to it.
            definition: Its definition.
            prior: Its definition before the change, to show what changes.
            delivered: The definition that says to whom it is sent, if it is another one.
        """
        parts = dict(self._describe_delivery(prior, delivered or definition))
        first, *rest = self._describe(prior, definition, {*parts}).splitlines() or [""]
        details = "; ".join(filter(None, [first, *parts.values()]))
        return "\n".join([f"{title} {', '.join(events)}{f': {details}' if details else ''}", *rest])

    def content(self, definition: Definition) -> str:
        """Return a definition in words."""
        return self.wording.said(definition.content())

    def reach(self, prior: Definition, proposed: Definition) -> str:
        """Return how the reach of a definition changes; empty if that is not known or secret."""
        said = proposed.reach(prior, self.types_of((prior, proposed)))
        return self.wording.said(said) if said else ""

    def _describe(self, prior: Definition | None, proposed: Definition, delivery: Collection[str]) -> str:
        """Return a definition or its changes in words, without its delivery: on three lines if much changes."""
        changes = self.wording.changes(prior, proposed) if prior else ()
        main = proposed.content().fields[0]
        within = [change for change in changes if change.field == main]
        others = [change for change in changes if change.field not in {main, *delivery}]
        # Several changed values of one list count as one change.
        places = {change.path if change.subject else (change.path, change.kind) for change in within}
        if len(places) <= _MOST_FRAGMENTS:
            return in_brief([*others, *within]) or self.content(proposed)
        summary = "; ".join(filter(None, [f"{len(places)} changes in {main}", in_brief(others)]))
        return f"{summary}\n  was: {self.content(prior or proposed)}\n  now: {self.content(proposed)}"

    def _describe_delivery(self, prior: Definition | None, proposed: Definition) -> Iterator[tuple[str, str]]:
        """Yield to whom it is sent and what it carries, each with its field, and what that was before."""
        before = {part.fields[0]: part for part in prior.delivery(self.keys_of(prior))} if prior else {}
        for part in proposed.delivery(self.keys_of(proposed)):
            was = before.pop(part.fields[0], None)
            words = f"{self.tense if part.is_audience else ''}{part.verb} {', '.join(part.names)}"
            if was is not None and {*was.names} != {*part.names}:
                words += f" (before: {', '.join(was.names)})"
            fields = {*part.fields, *(was.fields if was else ())}
            yield part.fields[0], self.wording.said(Said(tuple(fields), words, part.hidden))
        for was in before.values():
            words = f"no longer {was.verb} {', '.join(was.names)}"
            yield was.fields[0], self.wording.said(Said(was.fields, words, was.hidden))

    def takes_away(self, prior: Definition, proposed: Definition) -> bool:
        """Return whether some visitors no longer get it."""
        now = {part.fields[0]: {*part.names} for part in proposed.delivery(self.keys_of(proposed))}
        before = prior.delivery(self.keys_of(prior))
        return any(not {*part.names} <= now.get(part.fields[0], set()) for part in before if part.is_audience)

    def drift(
        self,
        prior: Prior[Definition],
        found: Prior[Definition],
        registered: Registered,
        others: Collection[int],
    ) -> Iterator[Remark]:
        """Yield the lines about changes made elsewhere since the stack recorded its state. Known drift is not repeated.

        Args:
            prior: What the stack recorded.
            found: What a refresh found.
            registered: Every version of the name.
            others: The versions that are live beside the recorded one and should not be.
        """
        definition, name = found.definition, found.definition.name
        events = list(_find_own_drift(prior, found))
        if events:
            title = definition.name_version(name, found.version)
            tense: Tense = "" if found.published else "was " if prior.published else "would be "
            lines = replace(self, tense=tense)
            yield Remark("warning", lines.line(title, events, definition, prior.definition))
        for number in sorted(_find_newly_live(others, prior, found)):
            stored = registered[number].definition
            where = "beside" if found.published else "instead of"
            events = [f"was published elsewhere and is live {where} v{found.version}"]
            title = definition.name_version(name, number)
            if stored is None:
                yield Remark("warning", f"{title} {events[0]}: {UNREADABLE}")
            else:
                yield Remark("warning", self.line(title, events, stored, definition))


@dataclass(frozen=True)
class Announcement:
    """The announcement of a plan: a line for the change itself, and one for each point at which a reviewer should stop.

    Attributes:
        lines: The lines about this object.
        prior: What the stack recorded; None for a new resource.
        proposal: What the program asks for.
        plan: The plan.
        registered: The versions in the registry; None if nobody looked.
        retains: Whether a destroy will leave it live although the program does not say so.
        kept: The older versions that stay live for good.
        keeper: Why they do, such as `on_destroy is "retain"`.
    """

    lines: Lines
    prior: Prior[Definition] | None
    proposal: Proposal[Definition]
    plan: Plan
    registered: Registered | None
    retains: bool = False
    kept: Collection[int] = ()
    keeper: str = ""

    @property
    def name(self) -> str:
        """The object's name."""
        return self.proposal.definition.name

    def remarks(self) -> Iterator[Remark]:
        """Yield the lines."""
        plan = self.plan
        if plan.move is not Move.KEEP:
            yield Remark("warning" if self._is_a_stop() else "info", self._build_line())
        if plan.move is Move.ADOPT and self.registered:
            newest = max(self.registered)
            there = self.proposal.definition.name_version("", newest).strip()
            yield self._warn(
                f"compared with {there or 'what is'} in the registry: {self._compare_with(newest)}"
            )
        if plan.newer not in (None, plan.version) and self.prior is not None:
            yield self._warn(self._describe_newer(self.prior, plan.newer or 0))
        yield from self._warn_of_notes()
        if self.retains:
            # The program consented to an adoption. An object that is taken over as it is may come as a surprise.
            yield Remark(
                "info" if plan.move in (Move.ADOPT, Move.REVIVE) else "warning",
                f'{self.name}: on_destroy is "retain", because a version was live before this stack took it over: a destroy leaves '
                'it live. Set on_destroy="unpublish" to withdraw it',
            )

    def _warn_of_notes(self) -> Iterator[Remark]:
        """Yield a line if visitors may get an intervention again although only fields that they never see changed."""
        prior, plan = self.prior, self.plan
        if prior is None or plan.version == prior.version or not self.proposal.published or prior.is_draft:
            return
        changed = {*self._find_changes(prior)}
        if changed and changed <= self.proposal.definition.notes:
            yield self._warn(
                f"only {' and '.join(sorted(changed))} changed, which still makes a new version: visitors who had "
                f'v{prior.version} may get v{plan.version} as well (Signals documents "only the first time" for an '
                "intervention, but not whether that spans its versions)"
            )

    def _find_changes(self, prior: Prior[Definition]) -> Iterator[str]:
        """Yield the changed fields."""
        before, after = prior.definition.canonical, self.proposal.definition.canonical
        yield from (name for name in {**before, **after} if before.get(name) != after.get(name))

    def _is_a_stop(self) -> bool:
        prior, plan = self.prior, self.plan
        if plan.move in _STOPS or plan.deleted is not None or self._takes_from_others():
            return True
        if prior is None or not (prior.published and self.proposal.published):
            return False
        return self.lines.takes_away(prior.definition, self.proposal.definition)

    def _takes_from_others(self) -> bool:
        """Return whether a version is withdrawn that this stack did not publish, or nothing stays live."""
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

    def _build_line(self) -> str:
        prior, plan, definition = self.prior, self.plan, self.proposal.definition
        title = definition.name_version(self.name, plan.version)
        if prior is not None and prior.version != plan.version:
            title = f"{definition.name_version(self.name, prior.version)} → v{plan.version}"
        before = prior.definition if prior else None
        lines = replace(self.lines, tense=self._find_tense())
        line = lines.line(title, self._list_events(), definition, before, delivered=self._find_delivered())
        first, end, rest = line.partition("\n")
        reach = self._describe_reach(prior)
        return f"{first}; {reach}{end}{rest}" if reach else line

    def _describe_reach(self, prior: Prior[Definition] | None) -> str:
        """Return how the reach of a rule changes that stays live; empty if that is not known."""
        if prior is None or not (prior.published and self.proposal.published):
            return ""
        return self.lines.reach(prior.definition, self.proposal.definition)

    def _find_delivered(self) -> Definition:
        """Return the definition that says to whom it is sent. The service may have added that to one that is taken over."""
        stored = (self.registered or {}).get(self.plan.version)
        taken_over = stored.definition if stored and self.plan.move is Move.TAKE_OVER else None
        return taken_over or self.proposal.definition

    def _find_tense(self) -> Tense:
        if self.proposal.published:
            return ""
        return "was " if self.plan.version in self.plan.withdrawn else "would be "

    def _list_events(self) -> Iterator[str]:
        plan = self.plan
        yield self._describe_event()
        others = [n for n in plan.withdrawn if n != plan.version]
        if others:
            yield f"{versions_are(others)} withdrawn"
        if plan.deleted is not None:
            yield f"the draft v{plan.deleted} is deleted"
        staying = [*self.kept] if self.proposal.published else self._find_staying()
        if staying:
            why = f", since {self.keeper}" if self.proposal.published else ""
            yield f"{join_numbers(staying)} {'stays' if len(staying) == 1 else 'stay'} live{why}"
        elif plan.version in plan.withdrawn:
            yield self.proposal.definition.loss
        if self.prior is None and plan.version != 1 and plan.move is Move.CREATE:
            yield f"the first number is {plan.version}"

    def _describe_event(self) -> str:
        plan, move, published = self.plan, self.plan.move, self.proposal.published
        if move is Move.TAKE_OVER:
            return (
                f"is already in the registry with this definition and is taken over, {self._describe_fate()}"
            )
        if move is Move.REVIVE:
            definition = self.proposal.definition
            has_numbers = definition.name_version(definition.name, plan.version) != definition.name
            there = f" ({join_numbers([*(self.registered or {})])})" if has_numbers else ""
            return f"{'goes live' if published else 'is stored as a draft'} under a name that already exists{there}"
        if move in _EVENTS:
            return _EVENTS[move][0 if published else 1]
        return "goes live" if published else "is stored as a draft"

    def _describe_fate(self) -> str:
        """Return what happens to a version that is taken over."""
        stored = (self.registered or {}).get(self.plan.version)
        is_live = stored is not None and stored.live
        if self.proposal.published:
            return "live" if is_live else "live from now on"
        return "WITHDRAWN" if is_live else "kept as a draft"

    def _find_staying(self) -> list[int]:
        """Return the other versions that are known to be live and stay live."""
        if self.registered is not None:
            live = live_of(self.registered)
        else:
            live = self.prior.live if self.prior is not None else set()
        return sorted(live - {self.plan.version, *self.plan.withdrawn})

    def _describe_newer(self, prior: Prior[Definition], newer: int) -> str:
        fate = "is withdrawn by this change" if newer in self.plan.withdrawn else "stays as it is"
        shown = (
            f". To match the program: {self._compare_with(newer)}" if newer in (self.registered or {}) else ""
        )
        return f"v{newer} was stored outside this stack (last known here: v{prior.version}); v{newer} {fate}{shown}"

    def _compare_with(self, number: int) -> str:
        stored = (self.registered or {})[number].definition
        return self.lines.wording.difference(stored, self.proposal.definition)


def _find_own_drift(prior: Prior[Definition], found: Prior[Definition]) -> Iterator[str]:
    """Yield what happened to the recorded version elsewhere."""
    if found.history.gone and not prior.history.gone:
        yield "was deleted elsewhere"
    elif not prior.definition.equals(found.definition):
        yield "was changed elsewhere"
    if found.published and not prior.published:
        yield "was published elsewhere"
    if prior.published and not found.published:
        if not found.history.gone:
            yield "was withdrawn elsewhere"
        yield prior.definition.loss


def _find_newly_live(others: Collection[int], prior: Prior[Definition], found: Prior[Definition]) -> set[int]:
    """Return the versions that went live elsewhere since the stack recorded its state."""
    if found.published:
        return {*others} - prior.history.also_live
    foreign = {*others} - prior.history.recorded
    return {number for number in foreign if prior.published or number > prior.history.highest}


def join_numbers(numbers: Collection[int]) -> str:
    """Return versions as part of a sentence: `v1, v3`."""
    return ", ".join(f"v{number}" for number in sorted(numbers))


def versions_are(numbers: Collection[int]) -> str:
    """Return the subject and verb of a sentence about versions: `v2 is`, `v1, v3 are`."""
    return f"{join_numbers(numbers)} {'is' if len(numbers) == 1 else 'are'}"
