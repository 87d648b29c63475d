"""A direct intervention as a stack records it: converts the inputs and outputs that Pulumi keeps to typed values, and back.

The outputs are the effective inputs and the outcome of the push. The ids appear in `targets` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_snowplow_signals.fields.hidden_inputs import HIDDEN, HISTORY, SECRET, URN
from pulumi_snowplow_signals.fields.unknown import has_unknown
from pulumi_snowplow_signals.lifecycle.state import build_hidden_inputs
from pulumi_snowplow_signals.push.announcement import Pushed
from pulumi_snowplow_signals.push.message import Message, PushHistory
from pulumi_snowplow_signals.push.targets import Targets

INTERVENTION_ID: Final = "intervention_id"
"""The computed input that holds the id of every push of this message."""

_COMPUTED: Final = HIDDEN | {INTERVENTION_ID}


@dataclass(frozen=True)
class DirectState:
    """A direct intervention as recorded, or as computed by a check."""

    message: Message
    targets: Targets
    history: PushHistory
    secret: tuple[str, ...] = ()
    urn: str | None = None

    @classmethod
    def from_wire(cls, recorded: Mapping[str, Any]) -> DirectState:
        """Parse what a stack recorded. Raise KeyError or ValueError if it is not what this package records."""
        return cls(
            message=Message(
                name=str(recorded["name"]),
                version=int(recorded["version"]),
                attributes=dict(recorded.get("attributes") or {}),
                triggers=tuple(recorded.get("triggers") or ()),
            ),
            targets={key: tuple(ids) for key, ids in recorded["targets"].items()},
            history=PushHistory.from_wire(recorded[HISTORY]),
            secret=tuple(recorded.get(SECRET, ())),
            urn=recorded.get(URN),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the inputs, which are also the outputs."""
        message = self.message
        wire: dict[str, Any] = {
            "name": message.name,
            "version": message.version,
            "targets": {key: list(ids) for key, ids in self.targets.items()},
            INTERVENTION_ID: message.intervention_id,
            HISTORY: self.history.to_wire(),
        }
        if message.attributes:
            wire["attributes"] = dict(message.attributes)
        if message.triggers:
            wire["triggers"] = list(message.triggers)
        return {**wire, **build_hidden_inputs(self.secret, self.urn)}

    @property
    def pushed(self) -> Pushed:
        """The recorded message and targets, with which a proposal is compared."""
        return Pushed(self.message, self.targets)


def remove_computed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that a program declares, without the computed ones."""
    return {name: value for name, value in inputs.items() if name not in _COMPUTED}


def is_recorded(inputs: Mapping[str, Any]) -> bool:
    """Return whether a check has computed these inputs. Those of a new resource or a program are not."""
    history = inputs.get(HISTORY)
    return isinstance(history, Mapping) and "registry" in history and not has_unknown(inputs)
