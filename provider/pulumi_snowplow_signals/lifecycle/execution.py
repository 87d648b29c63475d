"""Carries out a plan: create and update look at the registry once more and then write, in order.

If the registry has changed since check, a new plan is made. Its result must be what check wrote into the computed inputs;
any other plan is refused before anything is written.
"""

from __future__ import annotations

from typing import Final, Literal

from pulumi_snowplow_signals.api.models import D
from pulumi_snowplow_signals.errors import Refused
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.lifecycle.effects import changed_while_used, fixed_and_changed
from pulumi_snowplow_signals.lifecycle.registry import ChangedMeanwhile, Registry
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.lifecycle.state import State
from pulumi_snowplow_signals.lifecycle.users import describe_users, find_users
from pulumi_snowplow_signals.versions.plan import (
    Discard,
    Plan,
    Planner,
    Prior,
    Proposal,
    Refusal,
    Store,
    Withdraw,
)
from pulumi_snowplow_signals.wording.lines import versions_are
from pulumi_snowplow_signals.wording.wording import Wording

_MOST_LOOKS: Final = 3
"""The most plans to make while something else writes at the same time."""


def carry_out(run: Run, planner: Planner, prior: Prior[D] | None, state: State[D], wording: Wording) -> None:
    """Look at the registry, plan, and write.

    Raises:
        Refused: The registry is not as check saw it, or check did not look (local review).
        ApiError: The registry could not be read or written.
    """
    registry = run.registry(type(state.definition))
    proposal = Proposal(state.definition, state.version, state.published, state.adopt)
    if prior is None:
        registry.look_again(state.name)
    else:
        registry.confirm(state.name, prior.live)
    for _ in range(_MOST_LOOKS):
        registered = registry.look(state.name, _get_known(prior, state), everywhere=state.published)
        verdict = planner.plan(state.history.registry, prior, proposal, registered)
        if isinstance(verdict, Refusal):
            raise Refused(wording.refusal(verdict))
        if not _is_as_checked(verdict, state):
            raise Refused(_explain_refused_draft(state))
        _report_unannounced(run, state, verdict)
        try:
            _write(run, registry, prior, state, verdict)
        except ChangedMeanwhile:
            continue
        return
    raise Refused(f'"{state.name}": something else is writing to it at the same time. Run `pulumi up` again.')


def say(run: Run, state: State[D], severity: Literal["info", "warning"], text: str) -> None:
    """Show a line about an object, under its resource."""
    run.say(Remark(severity, f"{state.name}: {text}", state.urn))


def _report_unannounced(run: Run, state: State[D], plan: Plan) -> None:
    """Report what check could not announce, because it did not look or something went live after it."""
    if plan.history.taken_over and not state.history.taken_over and state.on_destroy != "retain":
        others = f", and {versions_are(plan.withdrawn)} withdrawn" if plan.withdrawn else ""
        say(
            run,
            state,
            "warning",
            f"a version was live that the preview did not see; it is taken over{others}. A destroy will withdraw it, since "
            f'on_destroy is "{state.on_destroy}". Set on_destroy="retain" to keep it live',
        )


def _write(run: Run, registry: Registry[D], prior: Prior[D] | None, state: State[D], plan: Plan) -> None:
    for write in plan.writes:
        match write:
            case Store():
                _refuse_changed_while_used(run, registry, state, write)
                registry.store(state.definition, write, plan.withdrawn)
            case Withdraw():
                _refuse_while_used(run, state, write.version)
                registry.withdraw(state.name, write.version)
            case Discard():
                if prior is not None and not registry.discard(state.name, write.version, prior.definition):
                    left = f"v{write.version} was left in place, because it is no longer the draft that this stack recorded"
                    say(run, state, "warning", left)


def _refuse_changed_while_used(run: Run, registry: Registry[D], state: State[D], write: Store) -> None:
    """Raise Refused if a write would change what users rely on. Check may not have looked, or there may be new users."""
    definition = state.definition
    if not fixed_and_changed(write.over, definition):
        return
    registry.look_again(state.name)  # a list may leave fields out
    changed = fixed_and_changed(registry.look(state.name).get(write.version), definition)
    users = find_users(run.late_lists(), definition.label, state.name, write.version) if changed else []
    if users:
        raise Refused(
            f"{state.name}: {changed_while_used(changed[0], definition.label, users)}. Nothing was changed."
        )


def _refuse_while_used(run: Run, state: State[D], number: int) -> None:
    """Raise Refused if a withdrawal would break users. Check found none, but there may be new ones."""
    label = type(state.definition).label
    users = find_users(run.late_lists(), label, state.name, number)
    if users:
        raise Refused(
            f'the {label} "{state.name}" is used by {describe_users(users)}, so it was not withdrawn.'
        )


def _get_known(prior: Prior[D] | None, state: State[D]) -> set[int]:
    """Return the numbers that the stack knows and a list may lack."""
    if prior is None:
        return {state.version} if state.version > 1 else set()
    return {*prior.history.released, *prior.history.recorded, prior.version, state.version}


def _is_as_checked(plan: Plan, state: State[D]) -> bool:
    """Return whether the result of a plan is what check wrote into the inputs.

    A number that may have been published must not be recorded as a draft.
    """
    may_have_been_published = not state.published and state.version in plan.history.released
    return plan.version == state.version and not (
        may_have_been_published and state.version not in state.history.released
    )


def _explain_refused_draft(state: State[D]) -> str:
    return (
        f'version: the registry holds version {state.version} of "{state.name}" already, with an identical definition, and it '
        "may have been published, so it cannot be a draft again. Nothing was changed. A preview with signals:review set to "
        f"remote takes it into account; or set version={state.version + 1}."
    )
