"""The lifecycle of a rule intervention.

Check, in `rule_check`, has decided everything; these calls carry it out. Each of them may be repeated at any point: a call
that raises leaves nothing in the stack's state, so create and update have to recognise what an earlier attempt left behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pulumi_snowplow_signals.errors import ApiError, Incomplete, Refused, Rejected, Unauthorized, UserFault
from pulumi_snowplow_signals.fields.faults import Fault, path_of
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.fields.unknown import has_unknown
from pulumi_snowplow_signals.kinds.definition import Definition, in_recorded_spelling
from pulumi_snowplow_signals.lifecycle.registry import Wanted
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.lifecycle.state import (
    CONTENT,
    HISTORY,
    RuleState,
    definition_of,
    is_recorded,
)
from pulumi_snowplow_signals.versions.history import History, Registered
from pulumi_snowplow_signals.versions.proposal import Prior, Proposal
from pulumi_snowplow_signals.versions.versioning import Move, Refusal, decide

_RERUN: Final = (
    "Run `pulumi up` again, or `pulumi up --refresh` if you revert the change: what was begun is carried on."
)
_DELETE_AGAIN: Final = "Run it again, or `pulumi up --refresh` if the resource is to stay after all."


@dataclass(frozen=True)
class Difference:
    """What diff answers."""

    changes: bool
    replaces: tuple[str, ...] = ()


def diff(prior: Mapping[str, Any], proposed: Mapping[str, Any]) -> Difference:
    """Tell whether what is recorded and what is proposed differ in anything that needs an update.

    `rule` is never looked at: another wording in a later release changes nothing for anyone. Nor is the history, but for
    versions that a refresh found live beside ours.
    """
    watched = ("version", "published", "on_destroy")
    names = [name for name in watched if prior.get(name) != proposed.get(name)]
    if bool(prior.get("adopt")) != bool(proposed.get("adopt")):
        names.append("adopt")
    if has_unknown({name: proposed.get(name) for name in CONTENT}):
        return Difference(changes=True)
    old, new = definition_of(prior), definition_of(proposed)
    if not old.equals(new):
        names.append("definition")
    if _also_live(prior) and not _also_live(proposed):
        names.append("also_live")
    return Difference(bool(names), ("name",) if old.name != new.name else ())


def create(run: Run, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Publish a new resource, or store it as a draft; give its id and its outputs.

    Raises:
        Refused: The registry holds something else under this name.
        Incomplete: It could not be done; running again carries on.
    """
    state = RuleState.from_wire(inputs)
    name = state.definition.name
    run.claim(name)
    try:
        # The old half of a replacement has a history; anything else in the registry is somebody else's.
        if run.remembered(name, Prior) is not None or not _is_taken_over_as_it_is(run, state):
            _carry_out(run, state)
    except ApiError as failure:
        raise _incomplete(failure, state, _after_create(run, failure, state)) from None
    return name, state.to_wire()


def read(run: Run, name: str, recorded: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give the inputs as the registry holds them, in the recorded spelling where nothing differs; None if it holds none.

    Raises:
        UserFault: The stack's records are about another registry.
        ApiError: The registry could not be asked: nothing is known, so nothing is forgotten.
    """
    if not is_recorded(recorded):
        return _read_foreign(run, name, recorded)
    state = RuleState.from_wire(recorded)
    run.check_address(state.history.registry, name)
    stored = run.registry.find(name, state.version)
    if stored is None:
        return None
    registered = run.registry.versions(name)
    history = replace(
        state.history,
        highest=max(state.history.highest, *registered, 0),
        also_live=_live_beside(state, registered, live=stored.is_published),
    )
    definition: Definition = stored.require_definition()
    if state.definition.is_stored_as(definition):
        definition = state.definition
    content = in_recorded_spelling(definition.fields, definition.canonical, state.definition, state.content)
    found = state.registered_as(definition, content, published=stored.is_published)
    return replace(found, history=history).to_wire()


def update(run: Run, prior: Mapping[str, Any], proposed: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out a change; give the outputs.

    A new version goes live before any other is withdrawn, so that visitors are never without one.

    Raises:
        Refused: The registry holds something that is not ours to overwrite.
        SignalsError: It could not be done; running again carries on.
    """
    old, new = RuleState.from_wire(prior), RuleState.from_wire(proposed)
    run.check_address(old.history.registry, new.definition.name)
    if (old.version, old.published) != (new.version, new.published) or _holds_more_than_a_policy(old, new):
        try:
            if _is_withdrawal(old, new):
                run.registry.withdraw(new.definition.name, new.version)
            else:
                _carry_out(run, new, old)
            for number in sorted(old.history.recorded - new.history.recorded):
                _drop_draft(run, old, number)
        except ApiError as failure:
            raise _incomplete(failure, new) from None
    return new.to_wire()


def delete(run: Run, name: str, recorded: Mapping[str, Any]) -> None:
    """Take down what the resource made, as its `on_destroy` says. What is gone already is a success.

    Raises:
        UserFault: The stack's records are about another registry.
        Incomplete: It could not be done; running again carries on.
    """
    state = RuleState.from_wire(recorded)
    run.check_address(state.history.registry, name)
    if run.is_declared(name):
        run.say(
            Remark(
                "warning",
                f'{name}: the program still declares "{name}", so nothing of it is taken down with its old resource',
            )
        )
        return
    if state.on_destroy == "retain":
        run.say(Remark("info", f'{name}: left in the registry as it is, since on_destroy is "retain"'))
        return
    try:
        _take_down(run, name, state)
    except ApiError as failure:
        raise Incomplete(f"{failure}\n{_DELETE_AGAIN}") from None


def _also_live(inputs: Mapping[str, Any]) -> frozenset[int]:
    return History.from_wire(inputs[HISTORY]).also_live if is_recorded(inputs) else frozenset()


def _take_down(run: Run, name: str, state: RuleState) -> None:
    """Withdraw or delete what the resource recorded, and name what it did not."""
    registered = run.registry.versions(name, also=state.history.recorded)
    # The recorded version goes last: a refresh after an interrupted destroy still finds the resource by it.
    mine = state.history.recorded & registered.keys()
    for number in sorted(mine, key=lambda number: (number == state.version, number)):
        if state.on_destroy == "delete":
            run.registry.delete(name, number)
        elif registered[number].live:
            run.registry.withdraw(name, number)
    foreign = {n: stored.live for n, stored in registered.items() if n not in state.history.recorded}
    left = sorted(n for n, live in foreign.items() if live or state.on_destroy == "delete")
    if left:
        numbers = ", ".join(f"v{number}{' (live)' if foreign[number] else ''}" for number in left)
        run.say(
            Remark("warning", f"{name}: left in the registry, since this stack did not make them: {numbers}")
        )


def _carry_out(run: Run, state: RuleState, old: RuleState | None = None) -> None:
    edited = old.definition if old is not None and old.is_draft and old.version == state.version else None
    wanted = Wanted(
        state.definition,
        state.version,
        state.published,
        draft=edited,
        is_released=state.published or state.version in state.history.released,
        recorded=old.history.recorded if old else (),
        secret=state.secret,
    )
    if state.published:
        run.registry.settle_live(wanted, {*state.history.released, *state.history.recorded})
    else:
        run.registry.settle(wanted)


def _drop_draft(run: Run, old: RuleState, number: int) -> None:
    """Delete the draft that a stack recorded, if it is still that: check may not have looked."""
    name = old.definition.name
    if not run.registry.delete_draft(name, number, old.definition):
        left = (
            f"{name}: v{number} was left as it is, since it is no longer the draft that this stack recorded"
        )
        run.say(Remark("warning", left))


def _is_taken_over_as_it_is(run: Run, state: RuleState) -> bool:
    """Tell whether what is wanted is there and live already, so that nothing is written.

    Raises:
        Refused: What is there is not what check has seen, or check has not looked (the local review).
    """
    registered = run.registry.versions(state.definition.name, also=[state.version])
    proposal = Proposal(state.definition, state.version, state.published, state.adopt, secret=state.secret)
    verdict = decide(state.history.registry, None, proposal, registered)
    if isinstance(verdict, Refusal):
        raise Refused(verdict.reason)
    is_live = verdict.move is Move.TAKE_OVER and registered[state.version].live
    return is_live and state.published and not verdict.withdrawn


def _is_withdrawal(old: RuleState, new: RuleState) -> bool:
    """Tell whether what was live is to be taken down, and nothing else."""
    return old.version == new.version and old.published and not new.published


def _holds_more_than_a_policy(old: RuleState, new: RuleState) -> bool:
    """Tell whether the change is one for the registry, and not of `on_destroy` or `adopt` alone."""
    return not old.definition.equals(new.definition) or bool(old.history.also_live)


def _live_beside(state: RuleState, registered: Registered, *, live: bool) -> frozenset[int]:
    """Give the versions that are live beside the recorded one. Beside a draft, or one withdrawn, that is no drift."""
    return frozenset(n for n, stored in registered.items() if live and stored.live and n != state.version)


def _read_foreign(run: Run, name: str, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read what no stack records, for `RuleIntervention.get`: the version asked for, or the highest."""
    registered = run.registry.versions(name)
    number = int(inputs.get("version") or max(registered, default=0))
    if number not in registered:
        return None
    stored = registered[number]
    history = replace(History(run.settings.registry).informed_by(registered), taken_over=True)
    if stored.definition is None:
        raise UserFault(
            f'"{name}": version {number} is in the registry in a form that this release cannot read.'
        )
    content = stored.definition.to_inputs()
    state = RuleState(
        stored.definition, number, stored.live, "retain", adopt=False, history=history, content=content
    )
    return state.to_wire()


def _after_create(run: Run, failure: ApiError, state: RuleState) -> str:
    """Say how to go on after a creation that failed: of a call that raises, Pulumi keeps nothing at all."""
    name, number = state.definition.name, state.version
    is_known = run.registry.knows(name, number) or run.remembered(name, Prior) is not None
    if isinstance(failure, (Rejected, Unauthorized)) and not is_known:
        return _RERUN
    return (
        f"{_RERUN} If you take the resource out of the program instead, see "
        f'whether version {number} of "{name}" is in the registry: no stack records it yet.'
    )


def _incomplete(failure: ApiError, state: RuleState, how_to_go_on: str = _RERUN) -> Incomplete:
    """Say what failed in the words of the service, with its locations as paths of the program."""
    if state.secret:
        asked = f"{failure.method} {failure.path}: status {failure.status}"
        return Incomplete(
            f"{asked}; the service's words are withheld, since this resource holds secrets.\n{how_to_go_on}"
        )
    problems = failure.problems if isinstance(failure, Rejected) else ()
    located = [str(Fault(path_of(_below_body(problem.location)), problem.message)) for problem in problems]
    return Incomplete("\n".join([str(failure), *located, how_to_go_on]))


def _below_body(location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return location[1:] if location[:1] == ("body",) else location
