"""check for a direct intervention: finds every fault, announces the push and computes its id.

It sends nothing to Signals, which does not store direct interventions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pulumi_snowplow_signals.fields.hidden_inputs import HISTORY, SECRET, URN
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, Unknown, has_unknown
from pulumi_snowplow_signals.lifecycle.check import Checked, describe_two_owners
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.lifecycle.state import build_hidden_inputs
from pulumi_snowplow_signals.push.announcement import announce_end, announce_push
from pulumi_snowplow_signals.push.message import PushHistory, have_same_triggers, refusal
from pulumi_snowplow_signals.push.parsing import DirectInputs, parse_direct_inputs
from pulumi_snowplow_signals.push.state import INTERVENTION_ID, DirectState, is_recorded, remove_computed
from pulumi_snowplow_signals.push.targets import in_recorded_order
from pulumi_snowplow_signals.wording.wording import Wording

LABEL: Final = "direct intervention"


def check(run: Run, prior_inputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Checked:
    """Validate the inputs and compute the others: the id of the push and the history.

    Raises:
        UserFault: The stack's records are about another registry.
    """
    secret = tuple(sorted(inputs.get(SECRET) or ()))
    urn: str | None = inputs.get(URN)
    parsed, faults = parse_direct_inputs(remove_computed(inputs), secret=secret)
    if parsed is None:
        # No fault repeats an id: they are personal data.
        return Checked(dict(inputs), tuple(Wording.of(secret, ["targets"]).faults(faults)))
    other = None if isinstance(parsed.name, Unknown) else run.claim(LABEL, parsed.name, urn)
    if other is not None:
        return Checked(dict(inputs), (describe_two_owners(str(parsed.name), urn or "", other),))
    recorded = DirectState.from_wire(prior_inputs) if is_recorded(prior_inputs) else None
    if recorded is not None:
        run.check_address(recorded.history.registry, recorded.message.name)
        run.remember(LABEL, recorded.message.name, recorded.history)
    if recorded is not None and not isinstance(parsed.name, Unknown) and parsed.name != recorded.message.name:
        run.replace(LABEL, recorded.message.name, parsed.name)
        run.say(replace(announce_end(recorded.message, parsed.name), urn=urn))
        recorded = None  # another name is another intervention
    history = _recall_history(run, recorded, parsed)
    message = parsed.message
    if message is not None:
        reason = refusal(history, recorded.message if recorded else None, message, secret)
        if reason is not None:
            return Checked(dict(inputs), (reason,))
        history = history.after(message)
    wording = Wording.of(secret, recorded.secret if recorded else ())
    remark = announce_push(recorded.pushed if recorded else None, parsed, wording)
    if remark is not None:
        run.say(replace(remark, urn=urn))
    computed: dict[str, Any] = {
        INTERVENTION_ID: message.intervention_id if message else UNKNOWN,
        HISTORY: history.to_wire() if message else UNKNOWN,
    }
    return Checked({**_build_content(parsed, recorded), **computed, **build_hidden_inputs(secret, urn)})


def _recall_history(run: Run, recorded: DirectState | None, parsed: DirectInputs) -> PushHistory:
    """Return the history of the declared name. Pulumi checks a replacement a second time, without its state."""
    registry = run.settings.registry
    if recorded is not None:
        return replace(recorded.history, registry=registry)
    remembered = None if isinstance(parsed.name, Unknown) else run.recall(LABEL, parsed.name, PushHistory)
    return PushHistory(registry, remembered.pushed if remembered else {})


def _build_content(parsed: DirectInputs, recorded: DirectState | None) -> dict[str, Any]:
    """Return the declared inputs, in the recorded spelling where they are equal."""
    targets: Any = parsed.targets
    if not has_unknown(targets):
        targets = in_recorded_order(targets, recorded.targets if recorded else {})
    triggers: Any = parsed.triggers
    if (
        recorded is not None
        and not has_unknown(triggers)
        and have_same_triggers(triggers, recorded.message.triggers)
    ):
        triggers = list(recorded.message.triggers)
    content = {
        "name": parsed.name,
        "version": parsed.version,
        "attributes": parsed.attributes,
        "targets": targets,
        "triggers": triggers,
    }
    return {name: value for name, value in content.items() if value not in ({}, (), [])}
