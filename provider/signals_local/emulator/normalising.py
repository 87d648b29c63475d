"""A service that changes what it was sent: the assumption `answers=normalised`.

It is not known whether Signals does this. If it does, a client that compares definitions by their text would forever see a difference
that nobody made.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from signals_local.emulator.wire import Proposal


def normalised(proposal: Proposal, default_targets: list[str]) -> Proposal:
    """Return an intervention with default targets filled in, lists sorted, and the owner's e-mail in lower case.

    Args:
        proposal: The intervention as sent.
        default_targets: The attribute keys of the published groups that its criteria refer to.
    """
    definition = dict(proposal.definition)
    if definition["target_attribute_keys"] is None and default_targets:
        definition["target_attribute_keys"] = [{"name": name} for name in default_targets]
    for field in ("target_attribute_keys", "payload_attribute_groups"):
        if definition[field] is not None:
            definition[field] = sorted(definition[field], key=repr)
    if definition["owner"] is not None:
        definition["owner"] = definition["owner"].lower()
    definition["criteria"] = _sort_lists(definition["criteria"])
    return dataclasses.replace(proposal, definition=definition)


def _sort_lists(node: dict[str, Any]) -> dict[str, Any]:
    if isinstance(node.get("value"), list):
        return {**node, "value": sorted(node["value"], key=lambda each: (isinstance(each, str), each))}
    return {
        field: sorted(map(_sort_lists, value), key=repr) if isinstance(value, list) else value
        for field, value in node.items()
    }
