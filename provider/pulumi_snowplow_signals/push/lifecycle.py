"""The lifecycle of a direct intervention: a push and its record.

A push is not idempotent, cannot be undone and cannot be looked up. Pulumi keeps nothing of a call that raises, so the next run
would push again. So a push raises an error only if certainly nothing was delivered. Any other outcome is recorded, with a
warning that says how to push again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final, TypeAlias

from pulumi_snowplow_signals.errors import ApiError, Incomplete, Refused, UserFault
from pulumi_snowplow_signals.fields.unknown import has_unknown
from pulumi_snowplow_signals.lifecycle.check import Checked, describe_two_owners
from pulumi_snowplow_signals.lifecycle.lifecycle import Difference
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.push.announcement import announce_delivery, announce_end
from pulumi_snowplow_signals.push.check import LABEL, check
from pulumi_snowplow_signals.push.delivery import NOT_SERVED, SERVED, STATUS, Delivery, Fate
from pulumi_snowplow_signals.push.message import find_receivers
from pulumi_snowplow_signals.push.state import DirectState, is_recorded
from pulumi_snowplow_signals.push.targets import Targets, members
from pulumi_snowplow_signals.wording.wording import Wording

_CONTENT: Final = ("name", "version", "attributes", "targets", "triggers")
_MOST_LOST: Final = 2
_FATES: Final[Mapping[str, Fate]] = {"success": "served", "undelivered": "undelivered", "failure": "failed"}

Pushed: TypeAlias = list[tuple[Targets, Fate]]


class Pushes:
    """The lifecycle of direct interventions."""

    outputs_only: ClassVar = frozenset({STATUS, SERVED, NOT_SERVED})
    """The outputs that are not inputs."""

    def check(self, run: Run, prior_inputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Checked:
        """Validate the inputs and compute the others; see `push.check`."""
        return check(run, prior_inputs, inputs)

    def diff(self, prior: Mapping[str, Any], proposed: Mapping[str, Any]) -> Difference:
        """Return whether the recorded and the proposed inputs differ in a way that needs an update or a replacement.

        A new registry needs an update that pushes nothing: the record has to name its registry, or `signals:movedFrom` could
        never be removed.
        """
        if has_unknown({name: proposed.get(name) for name in _CONTENT}):
            name = proposed.get("name")
            return Difference(
                changes=True, replaces=() if has_unknown(name) or name == prior["name"] else ("name",)
            )
        old, new = DirectState.from_wire(prior), DirectState.from_wire(proposed)
        if old.message.name != new.message.name:
            return Difference(changes=True, replaces=("name",))
        changes = (
            bool(old.message.changed_inputs(new.message))
            or members(old.targets) != members(new.targets)
            or old.history.registry != new.history.registry
        )
        return Difference(changes)

    def create(self, run: Run, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Push to all targets. Return the resource's id and its outputs.

        Raises:
            Refused: The program declares another direct intervention of this name.
            Incomplete: Certainly nothing was delivered.
        """
        state = DirectState.from_wire(inputs)
        other = run.claim(LABEL, state.message.name, state.urn)
        if other is not None:
            raise Refused(describe_two_owners(state.message.name, state.urn or "", other))
        pushed = _push(run, state, state.targets)
        delivery = Delivery(state.targets, {}).followed_by(pushed, state.targets)
        return state.message.name, {**state.to_wire(), **delivery.to_wire()}

    def read(self, run: Run, name: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record unchanged, since Signals does not store a push.

        Raises:
            UserFault: The record is about another registry, or there is no record.
        """
        if not is_recorded(recorded):
            raise UserFault(
                f'"{name}": a direct intervention cannot be looked up, because Signals keeps no record of it. '
                "Declare it without an id to push it."
            )
        run.check_address(DirectState.from_wire(recorded).history.registry, name)
        return dict(recorded)

    def update(self, run: Run, prior: Mapping[str, Any], proposed: Mapping[str, Any]) -> dict[str, Any]:
        """Push to the targets that need the change, if any. Return the outputs.

        Raises:
            UserFault: The stack's records are about another registry.
            Incomplete: Certainly nothing was delivered.
        """
        old, new = DirectState.from_wire(prior), DirectState.from_wire(proposed)
        run.check_address(old.history.registry, new.message.name)
        pushed = _push(run, new, find_receivers(old.message, old.targets, new.message, new.targets))
        delivery = Delivery.from_wire(prior, old.targets).followed_by(pushed, new.targets)
        return {**new.to_wire(), **delivery.to_wire()}

    def delete(self, run: Run, name: str, recorded: Mapping[str, Any]) -> None:
        """Send nothing: a delivered push cannot be undone. Raise UserFault if the record is about another registry."""
        state = DirectState.from_wire(recorded)
        run.check_address(state.history.registry, name)
        run.say(replace(announce_end(state.message, run.successor(LABEL, name)), urn=state.urn))


DIRECT_INTERVENTIONS: Final = Pushes()


def _push(run: Run, state: DirectState, targets: Targets) -> Pushed:
    """Push in as few requests as possible. Return the outcome of each, and report ids that were not served.

    The rest is not sent after a request that certainly failed, since the client has retried long enough. Nor is it sent after
    a second request without a response, since each may take half a minute; the first may have been chance.

    Raises:
        Incomplete: Certainly nothing was delivered.
    """
    pushed: Pushed = []
    failures: list[ApiError] = []
    for batch in run.client.push_batches(targets):
        if len(failures) == _MOST_LOST or any(not failure.sent for failure in failures):
            pushed.append((batch, "failed"))
            continue
        try:
            status = run.client.push_intervention(batch, state.message.to_wire())
        except ApiError as failure:
            failures.append(failure)
            pushed.append((batch, "unconfirmed" if failure.sent else "failed"))
        else:
            # An undocumented status does not say whether it was delivered.
            pushed.append((batch, _FATES.get(status, "unconfirmed")))
    fates = {fate for _, fate in pushed}
    reason = _explain(run, state, failures)
    if "failed" in fates and fates <= {"failed", "undelivered"}:
        raise Incomplete(_describe_failure(state, reason))
    remark = announce_delivery(state.message, pushed, reason)
    if remark is not None:
        run.say(replace(remark, urn=state.urn))
    return pushed


def _explain(run: Run, state: DirectState, failures: Sequence[ApiError]) -> str:
    """Return the last failure as text: in brief if another resource met it too, and without its words if they may be secret."""
    if not failures:
        return ""
    return run.explain(failures[-1], Wording.of(state.secret).failure(failures[-1]))


def _describe_failure(state: DirectState, reason: str) -> str:
    why = reason or 'Signals responded with "failure"'
    return (
        f"{state.message.name} v{state.message.version}: nothing was delivered: {why}\n"
        "The next `pulumi up` pushes it."
    )
