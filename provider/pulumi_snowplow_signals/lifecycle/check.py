"""check: decides everything that can be decided before anything is written.

A preview calls only check and diff, so check has to find whatever a deployment would refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic

from pulumi_snowplow_signals.api.models import D
from pulumi_snowplow_signals.errors import ApiError, Unauthorized
from pulumi_snowplow_signals.fields.faults import Fault
from pulumi_snowplow_signals.fields.hidden_inputs import HISTORY, NAMES, RETAIN, SECRET, URN
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, Unknown, has_unknown
from pulumi_snowplow_signals.kinds.declared import parse_declared
from pulumi_snowplow_signals.kinds.definition import Parsed, as_inputs, in_recorded_spelling
from pulumi_snowplow_signals.kinds.options import OnDestroy, Unversioned
from pulumi_snowplow_signals.lifecycle.effects import Effects, find_unused
from pulumi_snowplow_signals.lifecycle.program import Declared, Succession
from pulumi_snowplow_signals.lifecycle.remarks import announce_take_down, build_lines
from pulumi_snowplow_signals.lifecycle.review import (
    doubtful_operators,
    find_attribute_types,
    list_groups,
    missing_references,
)
from pulumi_snowplow_signals.lifecycle.run import ReviewPart, Run
from pulumi_snowplow_signals.lifecycle.state import State, build_hidden_inputs, is_recorded, remove_computed
from pulumi_snowplow_signals.lifecycle.users import describe_users, find_users
from pulumi_snowplow_signals.versions.history import Registered, live_of
from pulumi_snowplow_signals.versions.plan import Move, Plan, Planner, Prior, Proposal, Refusal
from pulumi_snowplow_signals.wording.lines import Announcement
from pulumi_snowplow_signals.wording.wording import Wording


@dataclass(frozen=True)
class Checked:
    """The result of a check: all inputs including the computed ones, and the faults if it refuses them."""

    inputs: dict[str, Any]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Refused(Exception):  # noqa: N818  # it says what happened
    """The program cannot be deployed as it is."""

    faults: tuple[str, ...]


@dataclass(frozen=True)
class _Program(Generic[D]):
    """The parsed inputs of the program. Parts of the definition and of the options may be unknown."""

    kind: type[D]
    parsed: Parsed[D]
    options: Unversioned
    unknown: frozenset[str]
    inputs: Mapping[str, Any]
    secret: tuple[str, ...]
    urn: str | None
    retains: bool

    @property
    def name(self) -> str | None:
        """The name, if it is known."""
        return self.parsed.known.get("name")

    @property
    def version(self) -> int | None:
        """The version number, if one is given and known."""
        return getattr(self.options, "version", None)


@dataclass(frozen=True)
class Check(Generic[D]):
    """One check of one resource."""

    run: Run
    kind: type[D]
    planner: Planner

    def __call__(self, prior_inputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Checked:
        """Validate the inputs and compute the others: the number, the rule in words, the history.

        Raises:
            UserFault: The stack's records are about another registry.
        """
        secret = tuple(sorted(inputs.get(SECRET) or ()))
        self.run.expect(self.kind, inputs.get(NAMES) or ())
        recorded = State.from_wire(self.kind, prior_inputs) if is_recorded(prior_inputs) else None
        wording = Wording.of(secret, recorded.secret if recorded else ())
        try:
            program = self._parse(inputs, secret, wording)
            self._claim(program)
            if recorded is not None:
                self.run.check_address(recorded.history.registry, recorded.name)
                self.run.remember(self.kind.label, recorded.name, recorded)
            before = self._recall(recorded, program)
            wording = Wording.of(wording.secret, before.secret if before else ())
            plan = self._plan(before, program, wording)
            if recorded is not None:
                self._announce_replacement(recorded, program)
        except _Refused as refused:
            return Checked(dict(inputs), refused.faults)
        self._note(program, plan)
        return Checked(self._compute(program, self._build_content(program, recorded), plan))

    def _parse(self, inputs: Mapping[str, Any], secret: tuple[str, ...], wording: Wording) -> _Program[D]:
        read = parse_declared(self.kind, remove_computed(self.kind, inputs))
        if read.faults:
            raise _Refused(tuple(wording.faults(read.faults)))
        urn = inputs.get(URN)
        return _Program(
            self.kind,
            read.parsed,
            read.options.options,
            read.options.unknown,
            read.content,
            secret,
            urn if isinstance(urn, str) else None,
            inputs.get(RETAIN) is True,
        )

    def _claim(self, program: _Program[D]) -> None:
        """Claim the name for this resource. Refuse it if another resource declares the name."""
        if program.name is None:
            return
        other = self.run.claim(self.kind.label, program.name, program.urn)
        if other is not None:
            raise _Refused((describe_two_owners(program.name, program.urn or "", other),))

    def _recall(self, recorded: State[D] | None, program: _Program[D]) -> State[D] | None:
        """Return the recorded state of the declared name. Pulumi checks a replacement a second time, without its state."""
        if program.name is None:
            return None
        if recorded is not None and recorded.name == program.name:
            return recorded
        return self.run.recall(self.kind.label, program.name, State)

    def _plan(self, before: State[D] | None, program: _Program[D], wording: Wording) -> Plan | None:
        """Return the plan for the inputs and announce it; None if it depends on unknown values."""
        definition, settings = program.parsed.definition, self.run.settings
        prior = before.prior if before else None
        # An unknown `adopt` is neither consent nor a lack of it.
        undecided = {"version", "published"} | ({"adopt"} if prior is None else set())
        if definition is None or program.unknown & undecided:
            return None
        proposal = Proposal(
            definition,
            program.version,
            program.options.published,
            self._adopts(program),
            self._has_numbers and settings.numbering == "explicit",
        )
        changes = prior is None or _differs(prior, proposal)
        registered, doubts = None, list[str]()
        if changes and settings.review == "remote":
            registered, doubts = self._review(prior, proposal, wording, program.urn)
        verdict = self.planner.plan(settings.registry, prior, proposal, registered)
        if isinstance(verdict, Refusal):
            raise _Refused((wording.refusal(verdict),))
        keeper = self._find_keeper(program, verdict)
        kept = verdict.history.older if keeper else ()
        verdict = self._retire_older(program, proposal, verdict, keeps=bool(keeper))
        effects = self._review_effects(prior, proposal, verdict, registered, wording)
        is_news = before is None or before.on_destroy != "retain"
        retains = is_news and self._choose_on_destroy(program) is None and verdict.history.taken_over
        lines = build_lines(self.run, wording)
        announcement = Announcement(lines, prior, proposal, verdict, registered, retains, kept, keeper)
        self._say([*announcement.remarks(), *effects], program.urn)
        doubts += (
            wording.doubts(definition.doubts(find_attribute_types(self.run, [definition]))) if changes else []
        )
        self._say((Remark("warning", f"{definition.name}: {text}") for text in doubts), program.urn)
        return verdict

    def _announce_replacement(self, recorded: State[D], program: _Program[D]) -> None:
        """Announce what happens to the recorded object if its resource gets another name.

        A preview calls only check and diff, so the announcement cannot wait for delete.
        """
        run, label, name = self.run, self.kind.label, recorded.name
        if program.name in (None, name):
            return
        run.replace(label, name, program.name or "")
        registered, users = None, ""
        if not run.is_declared(label, name) and run.settings.review == "remote":
            with suppress(ApiError):  # the review of the new half has already reported the failure
                registered = run.registry(self.kind).look(name, recorded.history.recorded)
                users = self._describe_users(recorded, registered)
        run.say(announce_take_down(run, recorded, registered, users))

    def _describe_users(self, recorded: State[D], registered: Registered) -> str:
        """Return the users of the versions that a replacement takes down, in words. Raise ApiError."""
        deletes = recorded.on_destroy == "delete"
        found = [
            user
            for number in sorted(recorded.history.recorded & registered.keys())
            for user in find_users(self.run.lists, self.kind.label, recorded.name, number, drafts=deletes)
        ]
        return describe_users(dict.fromkeys(found))

    def _review_effects(
        self,
        prior: Prior[D] | None,
        proposal: Proposal[D],
        plan: Plan,
        registered: Registered | None,
        wording: Wording,
    ) -> Iterable[Remark]:
        """Return the remarks about a plan's effects on other objects, if check has looked. Refuse a plan that would break them."""
        if registered is None:
            return ()
        effects = Effects(self.run.lists, prior, proposal, plan, registered, wording.secret)
        try:
            faults, remarks = [*effects.faults()], [*effects.remarks()]
        except ApiError:
            return ()  # the review has already reported the failure
        if faults:
            raise _Refused(tuple(wording.faults(faults)))
        return remarks

    def _retire_older(self, program: _Program[D], proposal: Proposal[D], plan: Plan, *, keeps: bool) -> Plan:
        """Return the plan with the older versions that are still live, and note which of them nothing uses.

        This is the only request for a resource that does not change.
        """
        name, older = proposal.definition.name, frozenset[int]() if keeps else plan.history.older
        is_change, due = plan.move is not Move.KEEP, older
        if older and not is_change:
            older, due = self._find_older(name, older)
            lines = (f"{name}: v{n} is withdrawn, since nothing uses it any more" for n in sorted(due))
            self._say((Remark("info", line) for line in lines), program.urn)
        succession = Succession(plan.version, proposal.published, older, due, is_announced=not is_change)
        self.run.program.note_succession(self.kind.label, name, succession)
        return replace(plan, history=replace(plan.history, older=older))

    def _find_keeper(self, program: _Program[D], plan: Plan) -> str:
        """Return why older versions stay live even if nothing uses them; empty if they do not."""
        if program.retains:
            return "retain_on_delete is set"
        return 'on_destroy is "retain"' if self._resolve_on_destroy(program, plan) == "retain" else ""

    def _find_older(self, name: str, older: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
        """Return the older versions that are still live, and those among them that nothing uses."""
        if self.run.settings.review == "remote":
            with suppress(ApiError):  # they stay live until a later run
                older &= live_of(self.run.registry(self.kind).look(name, older))
                return older, find_unused(self.run.lists, self.kind, name, older)
        return older, frozenset()

    def _note(self, program: _Program[D], plan: Plan | None) -> None:
        """Note what the program declares, since other objects may refer to it."""
        if program.name is None:
            return
        published = None if "published" in program.unknown else program.options.published
        version = plan.version if plan else None
        declared = Declared(self.kind.label, program.name, program.parsed.definition, version, published)
        self.run.program.note(declared)

    def _review(
        self, prior: Prior[D] | None, proposal: Proposal[D], wording: Wording, urn: str | None
    ) -> tuple[Registered | None, list[str]]:
        """Return the registered versions and the doubts about references. If the registry cannot be read, warn and return none."""
        definition, run = proposal.definition, self.run
        known = {prior.version, *prior.history.also_live} if prior else set()
        known |= {proposal.version} if proposal.version else set()
        try:
            run.check_review("versions")
            registered = run.registry(self.kind).look(definition.name, known)
        except Unauthorized as refused:
            raise self._build_refusal("versions", refused, wording) from None
        except ApiError as failure:
            self._warn_of_failure("versions", proposal, wording, failure, urn)
            if prior is None and proposal.adopt and proposal.version is None:
                reason = "the registry cannot be read now, so no number can be chosen for the adopted version: set version="
                raise _Refused((str(Fault("version", reason)),)) from None
            return None, []
        return registered, self._review_references(proposal, wording, urn)

    def _review_references(self, proposal: Proposal[D], wording: Wording, urn: str | None) -> list[str]:
        try:
            self.run.check_review("references")
            missing = missing_references(self.run, proposal.definition, published=proposal.published)
            groups = list_groups(self.run, published=proposal.published)
            doubts = list(doubtful_operators(groups, proposal.definition))
        except Unauthorized as refused:
            raise self._build_refusal("references", refused, wording) from None
        except ApiError as failure:
            self._warn_of_failure("references", proposal, wording, failure, urn)
            return []
        faults = [_withhold(fault, wording) for fault in missing]
        if faults and proposal.published:
            raise _Refused(tuple(faults))
        return [*wording.doubts(doubts), *faults]

    def _build_refusal(self, part: ReviewPart, failure: Unauthorized, wording: Wording) -> _Refused:
        self.run.end_review(part, failure)
        return _Refused((self.run.explain(failure, wording.failure(failure)),))

    def _warn_of_failure(
        self, part: ReviewPart, proposal: Proposal[D], wording: Wording, failure: ApiError, urn: str | None
    ) -> None:
        intro = "the registry could not be reached, so this preview checks the program alone:"
        of_all = self.run.end_review(part, failure)
        if of_all is None:
            text = f"{proposal.definition.name}: {intro} {wording.failure(failure)}"
            self._say([Remark("warning", text)], urn)
        else:  # not about one resource, so reported once; a response may repeat a secret, a network error cannot
            words = wording if of_all.status is not None else Wording()
            self.run.say(Remark("warning", f"{intro} {words.failure(of_all)}"))

    def _say(self, remarks: Iterable[Remark], urn: str | None) -> None:
        self.run.say(*(Remark(remark.severity, remark.text, urn) for remark in remarks))

    def _build_content(self, program: _Program[D], recorded: State[D] | None) -> dict[str, Any]:
        """Return the inputs of the definition: as recorded where nothing changed, with unknowns in their places."""
        unknown = {name: value for name, value in program.inputs.items() if has_unknown(value)}
        if recorded is None:
            return {**unknown, **as_inputs(self.kind, program.parsed.known)}
        return {**unknown, **in_recorded_spelling(program.parsed, recorded.definition, recorded.content)}

    def _compute(self, program: _Program[D], content: Mapping[str, Any], plan: Plan | None) -> dict[str, Any]:
        """Return the effective inputs, unknown where nothing is decided yet."""
        unknown = program.unknown
        inputs: dict[str, Any] = {
            **content,
            "published": UNKNOWN if "published" in unknown else program.options.published,
            "on_destroy": self._resolve_on_destroy(program, plan),
            **self.kind.derived_inputs(program.parsed.known),
            HISTORY: plan.history.to_wire() if plan else UNKNOWN,
        }
        if self._has_numbers:
            given = UNKNOWN if "version" in unknown or program.version is None else program.version
            inputs["version"] = plan.version if plan else given
        adopt = UNKNOWN if "adopt" in unknown else self._adopts(program)
        if adopt:
            inputs["adopt"] = adopt
        return {**inputs, **build_hidden_inputs(program.secret, program.urn)}

    @property
    def _has_numbers(self) -> bool:
        return "version" in self.kind.options.model_fields

    def _adopts(self, program: _Program[D]) -> bool:
        """Return whether to take over an existing object; the default is the stack's."""
        return self.run.settings.adopt if program.options.adopt is None else program.options.adopt

    def _choose_on_destroy(self, program: _Program[D]) -> OnDestroy | None:
        return program.options.on_destroy or self.run.settings.on_destroy

    def _resolve_on_destroy(self, program: _Program[D], plan: Plan | None) -> OnDestroy | Unknown:
        chosen = self._choose_on_destroy(program)
        if "on_destroy" in program.unknown or (chosen is None and plan is None):
            return UNKNOWN
        if chosen is not None:
            return chosen
        return "retain" if plan is not None and plan.history.taken_over else "unpublish"


def describe_two_owners(name: str, one: str, other: str) -> str:
    """Return the fault of two resources that declare the same name."""
    names = " and ".join(f'"{urn.rpartition("::")[2]}" ({urn})' for urn in sorted((one, other)))
    return (
        f'name: two resources of this program are named "{name}" in Signals: {names}. '
        "Declare it once, or rename one of them."
    )


def _withhold(fault: Fault, wording: Wording) -> str:
    if fault.field in wording.secret:
        return str(
            Fault(fault.path, "refers to something that the registry does not have or has not published")
        )
    return str(fault)


def _differs(prior: Prior[D], proposal: Proposal[D]) -> bool:
    return (
        not prior.definition.equals(proposal.definition)
        or proposal.version not in (None, prior.version)
        or prior.published != proposal.published
        or bool(prior.history.also_live)
        or (prior.history.gone and prior.is_draft)
    )
