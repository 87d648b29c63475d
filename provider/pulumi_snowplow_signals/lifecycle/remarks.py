"""Builds the remarks about an object: the lines of `wording.lines`, with what this run already knows."""

from __future__ import annotations

from pulumi_snowplow_signals.api.models import D
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.lifecycle.review import find_attribute_keys, find_attribute_types
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.lifecycle.state import State
from pulumi_snowplow_signals.versions.history import Registered
from pulumi_snowplow_signals.wording.lines import Lines
from pulumi_snowplow_signals.wording.take_down import TakeDown
from pulumi_snowplow_signals.wording.wording import Wording


def build_lines(run: Run, wording: Wording) -> Lines:
    """Build the lines about an object. Send no request."""
    return Lines(
        wording,
        keys_of=lambda definition: find_attribute_keys(run, definition),
        types_of=lambda definitions: find_attribute_types(run, definitions),
    )


def announce_take_down(run: Run, state: State[D], registered: Registered | None, users: str = "") -> Remark:
    """Build the remark about an object whose resource is deleted.

    Args:
        run: The run.
        state: What the stack recorded.
        registered: The versions in the registry before the delete; None if nobody looked.
        users: Its users now, in words, if nothing is taken down yet.
    """
    label = type(state.definition).label
    if run.is_declared(label, state.name):
        text = f'{state.name}: deleting the old resource withdraws nothing, because the program still declares "{state.name}"'
        return Remark("info", text, state.urn)
    lines = build_lines(run, Wording.of(state.secret))
    successor = run.successor(label, state.name)
    remark = TakeDown(lines, state.prior, state.on_destroy, registered, successor, users).remark()
    return Remark(remark.severity, remark.text, state.urn)
