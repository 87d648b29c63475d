"""What check answers: everything that can be decided before anything is written.

A preview calls nothing else, so that whatever a deployment would refuse has to be found here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic

from pulumi_snowplow_signals.api.models import D
from pulumi_snowplow_signals.errors import ApiError, Unauthorized
from pulumi_snowplow_signals.fields.faults import Fault
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, Unknown, has_unknown
from pulumi_snowplow_signals.kinds.declared import parse_declared
from pulumi_snowplow_signals.kinds.definition import Parsed, as_inputs, in_recorded_spelling
from pulumi_snowplow_signals.kinds.options import OnDestroy, Unversioned
from pulumi_snowplow_signals.lifecycle.effects import Effects, free_of_users
from pulumi_snowplow_signals.lifecycle.program import Declared, Succession
from pulumi_snowplow_signals.lifecycle.remarks import lines_about, take_down
from pulumi_snowplow_signals.lifecycle.review import attribute_types, doubtful_operators, missing_references
from pulumi_snowplow_signals.lifecycle.run import ReviewPart, Run
from pulumi_snowplow_signals.lifecycle.state import (
    HISTORY,
    SECRET,
    URN,
    State,
    declared,
    is_recorded,
    origin,
)
from pulumi_snowplow_signals.versions.history import Registered, live_of
from pulumi_snowplow_signals.versions.plan import Move, Plan, Planner, Prior, Proposal, Refusal
from pulumi_snowplow_signals.wording.lines import Announcement
from pulumi_snowplow_signals.wording.wording import Wording


@dataclass(frozen=True)
class Checked:
    """What check answers: the inputs with the computed ones, and why they cannot be carried out, if so."""

    inputs: dict[str, Any]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Refused(Exception):  # noqa: N818  # it says what happened
    """The program cannot be carried out."""

    faults: tuple[str, ...]


@dataclass(frozen=True)
class _Program(Generic[D]):
    """What the program says, read: of the definition and of the options, some may be unknown."""

    kind: type[D]
    parsed: Parsed[D]
    options: Unversioned
    unknown: frozenset[str]
    inputs: Mapping[str, Any]
    secret: tuple[str, ...]
    urn: str | None

    @property
    def name(self) -> str | None:
        """The name, if it is known."""
        return self.parsed.known.get("name")

    @property
    def version(self) -> int | None:
        """The number, if one is given and known."""
        return getattr(self.options, "version", None)


@dataclass(frozen=True)
class Check(Generic[D]):
    """One check of one resource."""

    run: Run
    kind: type[D]
    planner: Planner

    def __call__(self, prior_inputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Checked:
        """Judge what a program declares and compute what only we can: the number, the words, the history.

        Raises:
            UserFault: The stack's records are about another registry.
        """
        secret = tuple(sorted(inputs.get(SECRET) or ()))
        recorded = State.from_wire(self.kind, prior_inputs) if is_recorded(prior_inputs) else None
        wording = Wording.of(secret, recorded.secret if recorded else ())
        try:
            program = self._parse(inputs, secret, wording)
            self._claim(program)
            if recorded is not None:
                self.run.check_address(recorded.history.registry, recorded.name)
                self.run.remember(self.kind.label, recorded.name, recorded)
            before = self._before(recorded, program)
            wording = Wording.of(wording.secret, before.secret if before else ())
            plan = self._plan(before, program, wording)
            if recorded is not None:
                self._announce_replacement(recorded, program)
        except _Refused as refused:
            return Checked(dict(inputs), refused.faults)
        self._note(program, plan)
        return Checked(self._computed(program, self._content(program, recorded), plan))

    def _parse(self, inputs: Mapping[str, Any], secret: tuple[str, ...], wording: Wording) -> _Program[D]:
        read = parse_declared(self.kind, declared(self.kind, inputs))
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
        )

    def _claim(self, program: _Program[D]) -> None:
        """Note that this resource declares the name; refuse it where another one does."""
        if program.name is None:
            return
        other = self.run.claim(self.kind.label, program.name, program.urn)
        if other is not None:
            raise _Refused((two_owners(program.name, program.urn or "", other),))

    def _before(self, recorded: State[D] | None, program: _Program[D]) -> State[D] | None:
        """Return what is recorded of the declared name: a replacement is checked a second time without any record."""
        if program.name is None:
            return None
        if recorded is not None and recorded.name == program.name:
            return recorded
        return self.run.recall(self.kind.label, program.name, State)

    def _plan(self, before: State[D] | None, program: _Program[D], wording: Wording) -> Plan | None:
        """Plan what becomes of the inputs, and say so; None where what is unknown decides."""
        definition, settings = program.parsed.definition, self.run.settings
        prior = before.prior if before else None
        # Consent that is not known yet is neither given nor missing.
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
        verdict = self._retiring(program, proposal, verdict)
        effects = self._effects(prior, proposal, verdict, wording) if registered is not None else ()
        is_news = before is None or before.on_destroy != "retain"
        retains = is_news and self._chosen(program) is None and verdict.history.taken_over
        lines = lines_about(self.run, wording)
        announcement = Announcement(lines, prior, proposal, verdict, registered, retains)
        self._say([*announcement.remarks(), *effects], program.urn)
        doubts += (
            wording.doubts(definition.doubts(attribute_types(self.run, [definition]))) if changes else []
        )
        self._say((Remark("warning", f"{definition.name}: {text}") for text in doubts), program.urn)
        return verdict

    def _announce_replacement(self, recorded: State[D], program: _Program[D]) -> None:
        """Announce what becomes of the recorded object when its resource takes another name.

        Here and not where it is taken down, since a preview calls nothing but check and diff.
        """
        run, label, name = self.run, self.kind.label, recorded.name
        if program.name in (None, name):
            return
        run.replace(label, name, program.name or "")
        registered = None if run.is_declared(label, name) else self._look_at_old_half(recorded)
        run.say(take_down(run, recorded, registered))

    def _look_at_old_half(self, recorded: State[D]) -> Registered | None:
        if self.run.settings.review != "remote":
            return None
        try:
            return self.run.registry(self.kind).look(recorded.name, recorded.history.recorded)
        except ApiError:
            return None  # that the registry cannot be asked was said when the new half was reviewed

    def _effects(
        self, prior: Prior[D] | None, proposal: Proposal[D], plan: Plan, wording: Wording
    ) -> Iterable[Remark]:
        """Return what others will feel of a plan. Refuse what nobody may do to them."""
        effects = Effects(self.run.lists, prior, proposal, plan, wording.secret)
        try:
            faults, remarks = [*effects.faults()], [*effects.remarks()]
        except ApiError:
            return ()  # that the registry cannot be asked was said before
        if faults:
            raise _Refused(tuple(wording.faults(faults)))
        return remarks

    def _retiring(self, program: _Program[D], proposal: Proposal[D], plan: Plan) -> Plan:
        """Return the plan with those older versions that are still live, and note those that nothing uses.

        This is the one question about a resource that does not change.
        """
        name, older = proposal.definition.name, plan.history.older
        if self._on_destroy(program, plan) == "retain":
            older = frozenset()
        is_change, due = plan.move is not Move.KEEP, older
        if older and not is_change:
            older, due = self._older_now(name, older)
            lines = (f"{name}: v{n} is withdrawn, since nothing uses it any more" for n in sorted(due))
            self._say((Remark("info", line) for line in lines), program.urn)
        succession = Succession(plan.version, older, due, is_announced=not is_change)
        self.run.program.note_succession(self.kind.label, name, succession)
        return replace(plan, history=replace(plan.history, older=older))

    def _older_now(self, name: str, older: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
        """Return which older versions are still live, and which of those nothing uses."""
        if self.run.settings.review == "remote":
            with suppress(ApiError):  # then they stay for another run
                older &= live_of(self.run.registry(self.kind).look(name, older))
                return older, free_of_users(self.run.lists, self.kind, name, older)
        return older, frozenset()

    def _note(self, program: _Program[D], plan: Plan | None) -> None:
        """Note what the program declares, for what refers to it."""
        if program.name is None:
            return
        published = None if "published" in program.unknown else program.options.published
        version = plan.version if plan else None
        declared = Declared(self.kind.label, program.name, program.parsed.definition, version, published)
        self.run.program.note(declared)

    def _review(
        self, prior: Prior[D] | None, proposal: Proposal[D], wording: Wording, urn: str | None
    ) -> tuple[Registered | None, list[str]]:
        """Ask the registry for what the planner has to know, and for what is doubtful about what the definition refers to."""
        definition, run = proposal.definition, self.run
        known = {prior.version, *prior.history.also_live} if prior else set()
        known |= {proposal.version} if proposal.version else set()
        try:
            run.check_review("versions")
            registered = run.registry(self.kind).look(definition.name, known)
        except Unauthorized as refused:
            raise self._refused("versions", refused, wording) from None
        except ApiError as failure:
            self._warn_of_failure("versions", proposal, wording, failure, urn)
            if prior is None and proposal.adopt and proposal.version is None:
                reason = "the registry cannot be read now, so no number can be chosen for what is adopted: set version="
                raise _Refused((str(Fault("version", reason)),)) from None
            return None, []
        return registered, self._review_references(proposal, wording, urn)

    def _review_references(self, proposal: Proposal[D], wording: Wording, urn: str | None) -> list[str]:
        try:
            self.run.check_review("references")
            missing = missing_references(self.run, proposal.definition)
            doubts = list(doubtful_operators(self.run.attribute_groups(), proposal.definition))
        except Unauthorized as refused:
            raise self._refused("references", refused, wording) from None
        except ApiError as failure:
            self._warn_of_failure("references", proposal, wording, failure, urn)
            return []
        faults = [_withhold(fault, wording) for fault in missing]
        if faults and proposal.published:
            raise _Refused(tuple(faults))
        return [*wording.doubts(doubts), *faults]

    def _refused(self, part: ReviewPart, failure: Unauthorized, wording: Wording) -> _Refused:
        self.run.end_review(part, failure)
        return _Refused((self.run.explain(failure, wording.failure(failure)),))

    def _warn_of_failure(
        self, part: ReviewPart, proposal: Proposal[D], wording: Wording, failure: ApiError, urn: str | None
    ) -> None:
        said = "the registry could not be reached, so this preview checks the program alone:"
        of_all = self.run.end_review(part, failure)
        if of_all is None:
            text = f"{proposal.definition.name}: {said} {wording.failure(failure)}"
            self._say([Remark("warning", text)], urn)
        else:  # of no resource, and so said once; an answer of the service may repeat a secret, the network's words cannot
            words = wording if of_all.status is not None else Wording()
            self.run.say(Remark("warning", f"{said} {words.failure(of_all)}"))

    def _say(self, remarks: Iterable[Remark], urn: str | None) -> None:
        self.run.say(*(Remark(remark.severity, remark.text, urn) for remark in remarks))

    def _content(self, program: _Program[D], recorded: State[D] | None) -> dict[str, Any]:
        """Return what makes the definition, as it was recorded where nothing changed, with unknowns in their places."""
        known = program.parsed.known
        unknown = {name: value for name, value in program.inputs.items() if has_unknown(value)}
        if recorded is None:
            return {**unknown, **as_inputs(self.kind, known)}
        spelt = in_recorded_spelling(known, program.parsed.texts, recorded.definition, recorded.content)
        return {**unknown, **spelt}

    def _computed(
        self, program: _Program[D], content: Mapping[str, Any], plan: Plan | None
    ) -> dict[str, Any]:
        """Return the inputs in effect, with unknown for what is not decided yet."""
        unknown = program.unknown
        inputs: dict[str, Any] = {
            **content,
            "published": UNKNOWN if "published" in unknown else program.options.published,
            "on_destroy": self._on_destroy(program, plan),
            **self.kind.derived_inputs(program.parsed.known),
            HISTORY: plan.history.to_wire() if plan else UNKNOWN,
        }
        if self._has_numbers:
            given = UNKNOWN if "version" in unknown or program.version is None else program.version
            inputs["version"] = plan.version if plan else given
        adopt = UNKNOWN if "adopt" in unknown else self._adopts(program)
        if adopt:
            inputs["adopt"] = adopt
        return {**inputs, **origin(program.secret, program.urn)}

    @property
    def _has_numbers(self) -> bool:
        return "version" in self.kind.options.model_fields

    def _adopts(self, program: _Program[D]) -> bool:
        """Return whether what is there is to be taken over; the stack has the default."""
        return self.run.settings.adopt if program.options.adopt is None else program.options.adopt

    def _chosen(self, program: _Program[D]) -> OnDestroy | None:
        return program.options.on_destroy or self.run.settings.on_destroy

    def _on_destroy(self, program: _Program[D], plan: Plan | None) -> OnDestroy | Unknown:
        chosen = self._chosen(program)
        if "on_destroy" in program.unknown or (chosen is None and plan is None):
            return UNKNOWN
        if chosen is not None:
            return chosen
        return "retain" if plan is not None and plan.history.taken_over else "unpublish"


def two_owners(name: str, one: str, other: str) -> str:
    """Return the sentence for two resources that declare one name."""
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
