"""What check answers for a rule intervention: everything that can be decided before anything is written.

A preview calls nothing else, so that whatever a deployment would refuse has to be found here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_snowplow_signals.errors import ApiError, Unauthorized
from pulumi_snowplow_signals.fields.faults import Fault, field_of
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, Unknown, has_unknown
from pulumi_snowplow_signals.kinds.definition import Doubt, Parsed, as_inputs, in_recorded_spelling
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.options import OnDestroy, Options, parse_options
from pulumi_snowplow_signals.lifecycle.review import doubtful_operators, missing_references
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.lifecycle.state import (
    CONTENT,
    HISTORY,
    INPUTS,
    SECRET,
    RuleState,
    declared,
    is_recorded,
)
from pulumi_snowplow_signals.versions.announcement import announce
from pulumi_snowplow_signals.versions.history import Registered
from pulumi_snowplow_signals.versions.proposal import Prior, Proposal
from pulumi_snowplow_signals.versions.versioning import Decision, Refusal, decide


@dataclass(frozen=True)
class Checked:
    """What check answers: the inputs with the computed ones, and why they cannot be carried out, if so."""

    inputs: dict[str, Any]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class _Declared:
    """What the program says, read: of the definition and of the options, some may be unknown."""

    parsed: Parsed[Intervention]
    options: Options
    unknown: frozenset[str]
    inputs: Mapping[str, Any]
    secret: tuple[str, ...]

    @property
    def name(self) -> str | None:
        """The name, if it is known."""
        return self.parsed.known.get("name")

    def adopts(self, run: Run) -> bool:
        """Return whether what is there is to be taken over; the stack has the default."""
        return run.settings.adopt if self.options.adopt is None else self.options.adopt


def check(run: Run, prior_inputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Checked:
    """Judge what a program declares and compute what only we can: the number, the rule in words, the history.

    Raises:
        UserFault: The stack's records are about another registry.
    """
    program, faults = _parse(inputs)
    if faults:
        return Checked(dict(inputs), faults)
    if program.name is not None:
        run.declare(program.name)
    recorded = RuleState.from_wire(prior_inputs) if is_recorded(prior_inputs) else None
    if recorded is not None:
        run.check_address(recorded.history.registry, recorded.definition.name)
        run.remember(recorded.definition.name, recorded.prior)
    found = _decided(run, _prior(run, recorded, program), program)
    if isinstance(found, Refusal):
        return Checked(dict(inputs), (Fault("", found.reason),))
    if isinstance(found, list):
        return Checked(dict(inputs), tuple(found))
    return Checked(_computed(run, program, _content(program, recorded), found))


def _parse(inputs: Mapping[str, Any]) -> tuple[_Declared, tuple[Fault, ...]]:
    secret = tuple(sorted(inputs.get(SECRET) or ()))
    own = declared(inputs)
    content = {name: value for name, value in own.items() if name in CONTENT}
    rest = {name: value for name, value in own.items() if name not in CONTENT}
    parsed = Intervention.parse(content, inputs=INPUTS, secret=secret)
    options = parse_options(rest, inputs=INPUTS, secret=secret)
    program = _Declared(parsed, options.options, options.unknown, content, secret)
    return program, (*parsed.faults, *options.faults)


def _content(program: _Declared, recorded: RuleState | None) -> dict[str, Any]:
    """Return what makes the definition, as it was recorded where nothing changed, with unknowns in their places."""
    known = program.parsed.known
    unknown = {name: value for name, value in program.inputs.items() if has_unknown(value)}
    if recorded is None:
        return {**unknown, **as_inputs(Intervention, known)}
    spelt = in_recorded_spelling(known, program.parsed.texts, recorded.definition, recorded.content)
    return {**unknown, **spelt}


def _decided(run: Run, prior: Prior | None, program: _Declared) -> Decision | Refusal | list[Fault] | None:
    """Decide what becomes of the inputs, and say so; None where what is unknown decides."""
    definition, options, settings = program.parsed.definition, program.options, run.settings
    if definition is None or program.unknown & {"version", "published"}:
        return None
    explicit = settings.numbering == "explicit"
    proposal = Proposal(
        definition, options.version, options.published, program.adopts(run), explicit, program.secret
    )
    changes = prior is None or _differs(prior, proposal)
    registered, faults = (
        _reviewed(run, prior, proposal) if changes and settings.review == "remote" else (None, [])
    )
    if faults:
        return faults
    verdict = decide(settings.registry, prior, proposal, registered)
    if isinstance(verdict, Decision):
        run.say(*announce(prior, proposal, verdict, registered))
        if changes:
            _say_doubts(run, proposal, definition.doubts())
    return verdict


def _say_doubts(run: Run, proposal: Proposal, doubts: Iterable[Doubt]) -> None:
    for doubt in doubts:
        if doubt.field not in proposal.secret:
            run.say(Remark("warning", f"{proposal.definition.name}: {doubt.reason}"))


def _reviewed(run: Run, prior: Prior | None, proposal: Proposal) -> tuple[Registered | None, list[Fault]]:
    """Ask the registry for what the rule has to know, and whether what the definition refers to is there."""
    definition = proposal.definition
    known = {prior.version, *prior.history.also_live} if prior else set()
    try:
        registered = run.registry.versions(
            definition.name, also=known | ({proposal.version} if proposal.version else set())
        )
        missing = missing_references(run.registry, definition)
        doubts = list(doubtful_operators(run.registry, definition))
    except Unauthorized as refused:
        return None, [Fault("", str(refused))]
    except ApiError as failure:
        run.say(
            Remark(
                "warning",
                f"{definition.name}: the registry could not be asked, so the review is of the program alone: {failure}",
            )
        )
        if prior is None and proposal.adopt and proposal.version is None:
            reason = (
                "what is to be adopted cannot be looked at now, so no number can be chosen: give version="
            )
            return None, [Fault("version", reason)]
        return None, []
    _say_doubts(run, proposal, doubts)
    if proposal.published:
        return registered, [_withheld(fault, proposal) for fault in missing]
    run.say(*(Remark("warning", f"{definition.name}: {_withheld(fault, proposal)}") for fault in missing))
    return registered, []


def _withheld(fault: Fault, proposal: Proposal) -> Fault:
    if field_of(fault.path) in proposal.secret:
        return Fault(fault.path, "refers to what the registry does not have, or has not published")
    return fault


def _prior(run: Run, recorded: RuleState | None, program: _Declared) -> Prior | None:
    """Give what is recorded of the declared name: a replacement is checked a second time without any record."""
    if program.name is None:
        return None
    if recorded is not None and recorded.definition.name == program.name:
        return recorded.prior
    return run.remembered(program.name, Prior)


def _differs(prior: Prior, proposal: Proposal) -> bool:
    return (
        not prior.definition.equals(proposal.definition)
        or proposal.version not in (None, prior.version)
        or prior.published != proposal.published
        or bool(prior.history.also_live)
    )


def _computed(
    run: Run, program: _Declared, content: Mapping[str, Any], decision: Decision | None
) -> dict[str, Any]:
    """Give the inputs in effect, with unknown for what is not decided yet."""
    options, unknown = program.options, program.unknown
    version = UNKNOWN if "version" in unknown or options.version is None else options.version
    inputs: dict[str, Any] = {
        **content,
        "version": decision.version if decision else version,
        "published": UNKNOWN if "published" in unknown else options.published,
        "on_destroy": _on_destroy(run, program, decision),
        **Intervention.derived_inputs(program.parsed.known),
        HISTORY: decision.history.to_wire() if decision else UNKNOWN,
    }
    if "adopt" in unknown:
        inputs["adopt"] = UNKNOWN
    elif program.adopts(run):
        inputs["adopt"] = True
    if program.secret:
        inputs[SECRET] = list(program.secret)
    return inputs


def _on_destroy(run: Run, program: _Declared, decision: Decision | None) -> OnDestroy | Unknown:
    chosen = program.options.on_destroy or run.settings.on_destroy
    if "on_destroy" in program.unknown:
        return UNKNOWN
    if chosen is not None:
        return chosen
    if decision is None:
        return UNKNOWN
    return "retain" if decision.history.taken_over else "unpublish"
