"""The outcome of a push: how many ids were served, and which were not.

A push cannot be undone, and Pulumi keeps nothing of a call that raises: the next run would push again. So a push that may have
reached anybody is recorded with its outcome. It is an error only if certainly nothing was delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from pulumi_snowplow_signals.push.targets import Target, Targets, at_places, members, places

Fate: TypeAlias = Literal["served", "undelivered", "unconfirmed", "failed"]
"""The outcome for the ids of one request: delivered; nobody was subscribed; no response; certainly not delivered."""

Status: TypeAlias = Literal["success", "undelivered", "unconfirmed", "partial"]

STATUS: Final = "status"
SERVED: Final = "ids_served"
NOT_SERVED: Final = "ids_not_served"

_UNSERVED: Final = [fate for fate in get_args(Fate) if fate != "served"]


@dataclass(frozen=True)
class Delivery:
    """The outcome of the recorded message for everyone in `targets`."""

    targets: Targets
    unserved: Mapping[Target, Fate]

    @classmethod
    def from_wire(cls, outputs: Mapping[str, Any], targets: Targets) -> Delivery:
        """Parse the outcome that a stack recorded beside `targets`."""
        recorded = outputs.get(NOT_SERVED) or {}
        unserved = {
            target: fate for fate in _UNSERVED for target in at_places(targets, recorded.get(fate) or ())
        }
        return cls(targets, unserved)

    def to_wire(self) -> dict[str, Any]:
        """Return the outputs: a status, a count and, if some ids were not served, their positions in `targets`."""
        wire: dict[str, Any] = {
            STATUS: self.status,
            SERVED: len(members(self.targets)) - len(self.unserved),
        }
        unserved = {fate: places(self.targets, self.of(fate)) for fate in _UNSERVED}
        unserved = {fate: slices for fate, slices in unserved.items() if slices}
        return {**wire, NOT_SERVED: unserved} if unserved else wire

    @property
    def status(self) -> Status:
        """Return the status as one word."""
        if not self.unserved:
            return "success"
        if len(self.unserved) < len(members(self.targets)):
            return "partial"
        return "unconfirmed" if "unconfirmed" in self.unserved.values() else "undelivered"

    def of(self, fate: Fate) -> set[Target]:
        """Return the targets with an outcome other than `served`."""
        return {target for target, its_own in self.unserved.items() if its_own == fate}

    def followed_by(self, pushed: Iterable[tuple[Targets, Fate]], targets: Targets) -> Delivery:
        """Return the outcome after another push, for the `targets` that are declared now."""
        fates: dict[Target, Fate] = dict(self.unserved)
        for batch, fate in pushed:
            fates.update(dict.fromkeys(members(batch), fate))
        meant = members(targets)
        return Delivery(
            targets, {target: fate for target, fate in fates.items() if target in meant and fate != "served"}
        )
