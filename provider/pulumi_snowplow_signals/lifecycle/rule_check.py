"""What check answers for a rule intervention: everything that can be decided before anything is written.

A preview calls nothing else, so that whatever a deployment would refuse has to be found here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_snowplow_signals.domain.announcement import Remark, announce
from pulumi_snowplow_signals.domain.criteria import node_from_wire
from pulumi_snowplow_signals.domain.history import Registered
from pulumi_snowplow_signals.domain.parsing import OnDestroy, RuleInputs, parse_rule_inputs
from pulumi_snowplow_signals.domain.patterns import doubtful_patterns
from pulumi_snowplow_signals.domain.spelling import in_recorded_spelling
from pulumi_snowplow_signals.domain.unknown import UNKNOWN, Unknown, has_unknown
from pulumi_snowplow_signals.domain.versioning import Decision, Prior, Proposal, Refusal, decide
from pulumi_snowplow_signals.domain.violations import Violation
from pulumi_snowplow_signals.domain.words import rule_in_words
from pulumi_snowplow_signals.errors import ApiError, Unauthorized
from pulumi_snowplow_signals.lifecycle.review import doubtful_operators, missing_references
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.lifecycle.state import (
    HISTORY,
    RULE,
    SECRET,
    RuleState,
    content_as_inputs,
    declared,
    is_recorded,
)


@dataclass(frozen=True)
class Checked:
    """What check answers: the inputs with the computed ones, and why they cannot be carried out, if so."""

    inputs: dict[str, Any]
    violations: tuple[Violation, ...] = ()


def check(run: Run, prior_inputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Checked:
    """Judge what a program declares and compute what only we can: the number, the rule in words, the history.

    Raises:
        UserFault: The stack's records are about another registry.
    """
    secret = tuple(sorted(inputs.get(SECRET) or ()))
    parsed, violations = parse_rule_inputs(declared(inputs), secret=secret)
    if parsed is None:
        return Checked(dict(inputs), violations)
    if not isinstance(parsed.name, Unknown):
        run.declare(parsed.name)
    recorded = RuleState.from_wire(prior_inputs) if is_recorded(prior_inputs) else None
    if recorded is not None:
        run.check_address(recorded.history.registry, recorded.definition.name)
        run.remember(recorded.prior)
    content = content_as_inputs(parsed.content)
    if recorded is not None:
        content = in_recorded_spelling(content, recorded.content)
    found = _decided(run, _prior(run, recorded, parsed), parsed, secret)
    if isinstance(found, Refusal):
        return Checked(dict(inputs), (Violation("", found.reason),))
    if isinstance(found, list):
        return Checked(dict(inputs), tuple(found))
    return Checked(_computed(run, parsed, content, found, secret))


def _decided(
    run: Run, prior: Prior | None, parsed: RuleInputs, secret: tuple[str, ...]
) -> Decision | Refusal | list[Violation] | None:
    """Decide what becomes of the inputs, and say so; None where what is unknown decides."""
    if (
        parsed.definition is None
        or isinstance(parsed.version, Unknown)
        or isinstance(parsed.published, Unknown)
    ):
        return None
    settings = run.settings
    adopt = settings.adopt if parsed.adopt is None else parsed.adopt is True
    explicit = settings.numbering == "explicit"
    proposal = Proposal(parsed.definition, parsed.version, parsed.published, adopt, explicit, secret)
    changes = prior is None or _differs(prior, proposal)
    registered, violations = (
        _reviewed(run, prior, proposal) if changes and settings.review == "remote" else (None, [])
    )
    if violations:
        return violations
    verdict = decide(settings.registry, prior, proposal, registered)
    if isinstance(verdict, Decision):
        run.say(*announce(prior, proposal, verdict, registered))
        if changes and "criteria" not in secret:
            doubts = doubtful_patterns(proposal.definition.criteria)
            run.say(*(Remark("warning", f"{proposal.definition.name}: {doubt}") for doubt in doubts))
    return verdict


def _reviewed(run: Run, prior: Prior | None, proposal: Proposal) -> tuple[Registered | None, list[Violation]]:
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
        return None, [Violation("", str(refused))]
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
            return None, [Violation("version", reason)]
        return None, []
    if "criteria" not in proposal.secret:
        run.say(*(Remark("warning", f"{definition.name}: {doubt}") for doubt in doubts))
    if proposal.published:
        return registered, [_withheld(violation, proposal) for violation in missing]
    run.say(
        *(Remark("warning", f"{definition.name}: {_withheld(violation, proposal)}") for violation in missing)
    )
    return registered, []


def _withheld(violation: Violation, proposal: Proposal) -> Violation:
    secret = violation.path.partition(".")[0].partition("[")[0] in proposal.secret
    return (
        Violation(violation.path, "refers to what the registry does not have, or has not published")
        if secret
        else violation
    )


def _prior(run: Run, recorded: RuleState | None, parsed: RuleInputs) -> Prior | None:
    """Give what is recorded of the declared name: a replacement is checked a second time without any record."""
    if isinstance(parsed.name, Unknown):
        return None
    if recorded is not None and recorded.definition.name == parsed.name:
        return recorded.prior
    return run.remembered(parsed.name)


def _differs(prior: Prior, proposal: Proposal) -> bool:
    return (
        not prior.definition.equals(proposal.definition)
        or proposal.version not in (None, prior.version)
        or prior.published != proposal.published
        or bool(prior.history.also_live)
    )


def _computed(
    run: Run,
    parsed: RuleInputs,
    content: Mapping[str, Any],
    decision: Decision | None,
    secret: tuple[str, ...],
) -> dict[str, Any]:
    """Give the inputs in effect, with unknown for what is not decided yet."""
    adopt = run.settings.adopt if parsed.adopt is None else parsed.adopt
    criteria_unknown = has_unknown(content.get("criteria"))
    inputs: dict[str, Any] = {
        **content,
        "version": decision.version if decision else (UNKNOWN if parsed.version is None else parsed.version),
        "published": parsed.published,
        "on_destroy": _on_destroy(run, parsed, decision),
        RULE: UNKNOWN if criteria_unknown else rule_in_words(node_from_wire(content["criteria"])),
        HISTORY: decision.history.to_wire() if decision else UNKNOWN,
    }
    if adopt:
        inputs["adopt"] = adopt
    if secret:
        inputs[SECRET] = list(secret)
    return inputs


def _on_destroy(run: Run, parsed: RuleInputs, decision: Decision | None) -> OnDestroy | Unknown:
    chosen = parsed.on_destroy or run.settings.on_destroy
    if chosen is not None:
        return chosen
    if decision is None:
        return UNKNOWN
    return "retain" if decision.history.taken_over else "unpublish"
