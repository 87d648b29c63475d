"""What a stack remembers of an intervention's versions, so that a number is never used for two definitions.

It is kept as a hidden input of the resource: the version rule sees the inputs of the last deployment and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.kinds.definition import Definition

_FORM: Final = 1
"""The form in which a history is recorded. One that is left out is the first."""

_KEYS: Final = frozenset(
    {"registry", "released", "highest", "recorded", "taken_over", "also_live", "retired", "gone", "older"}
)

_UNREADABLE: Final = ""
"""Stands for the digest of a definition that cannot be read: it equals no other."""


def check_form(wire: Mapping[str, Any]) -> None:
    """Raise UserFault if a later release of this package recorded a history, in a form that this one does not know."""
    if wire.get("form", _FORM) > _FORM:
        raise UserFault(
            "This stack was deployed by a later release of pulumi-snowplow-signals, which records more than this one "
            "knows. Nothing was done. Install that release, or a later one."
        )


@dataclass(frozen=True)
class Stored:
    """A version as the registry holds it.

    Attributes:
        definition: What it is; None if it has a form that this release cannot read.
        live: Whether it is published.
    """

    definition: Definition | None
    live: bool


Registered = Mapping[int, Stored]
"""The versions of one name that the registry is known to hold."""


def live_of(registered: Registered) -> set[int]:
    """Return the versions that are live."""
    return {number for number, stored in registered.items() if stored.live}


@dataclass(frozen=True)
class History:
    """The versions of one intervention that this stack knows of.

    Attributes:
        registry: The normalised address of the registry that all of this is about.
        released: Each number that was ever published, or may have been, with the digest of its definition.
        highest: The highest number known to exist or to have existed; 0 for none.
        recorded: The numbers that this resource made or took over.
        taken_over: Whether a version of the name was live when the resource took it over.
        also_live: Versions that a refresh found live beside the recorded one.
        retired: Numbers above the recorded one that were drafts of ours and are deleted: nobody else's, and not in use.
        gone: Whether a refresh found that the recorded version was deleted by somebody else. Its number stays used.
        older: Versions below the recorded one that this resource made and that stay live until nothing uses them.
        unknown: What a later release of this package may have recorded; kept as it is.
    """

    registry: str
    released: Mapping[int, str] = field(default_factory=dict)
    highest: int = 0
    recorded: frozenset[int] = frozenset()
    taken_over: bool = False
    also_live: frozenset[int] = frozenset()
    retired: frozenset[int] = frozenset()
    gone: bool = False
    older: frozenset[int] = frozenset()
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> History:
        """Read a history out of a stack's inputs, where every number is a float and every key a string.

        Raises:
            UserFault: A later release of this package recorded it, in a form that this one does not know.
        """
        check_form(wire)
        return cls(
            registry=str(wire["registry"]),
            released={int(number): str(digest) for number, digest in wire.get("released", {}).items()},
            highest=int(wire.get("highest", 0)),
            recorded=frozenset(int(number) for number in wire.get("recorded", ())),
            taken_over=bool(wire.get("taken_over", False)),
            also_live=frozenset(int(number) for number in wire.get("also_live", ())),
            retired=frozenset(int(number) for number in wire.get("retired", ())),
            gone=bool(wire.get("gone", False)),
            older=frozenset(int(number) for number in wire.get("older", ())),
            unknown={key: value for key, value in wire.items() if key not in _KEYS},
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the history in the form that a stack's inputs keep."""
        wire: dict[str, Any] = {
            "registry": self.registry,
            "released": {str(number): self.released[number] for number in sorted(self.released)},
            "highest": self.highest,
            "recorded": sorted(self.recorded),
            "taken_over": self.taken_over,
        }
        seldom = {
            "also_live": sorted(self.also_live),
            "retired": sorted(self.retired),
            "gone": self.gone,
            "older": sorted(self.older),
        }
        return {**wire, **{name: value for name, value in seldom.items() if value}, **self.unknown}

    def informed_by(self, registered: Registered) -> History:
        """Return the history, updated with what the registry holds.

        A version found there that this resource did not make as a draft counts as released, published or not: the API
        cannot tell a draft from a version that was withdrawn.
        """
        found = {
            number: stored.definition.digest if stored.definition else _UNREADABLE
            for number, stored in registered.items()
            if number not in self.released and (stored.live or number not in self.recorded)
        }
        highest = max(self.highest, *registered, 0)
        return replace(self, released={**self.released, **found}, highest=highest)
