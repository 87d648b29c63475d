"""The history of an object's versions in a stack, which ensures that a number is never used for two definitions.

It is a hidden input of the resource, since the version rule sees only the inputs of the last deployment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.kinds.definition import Definition

_FORM: Final = 1
"""The form in which this release records a history. A missing form means 1."""

_KEYS: Final = frozenset(
    {"registry", "released", "highest", "recorded", "taken_over", "also_live", "retired", "gone", "older"}
)

_UNREADABLE: Final = ""
"""The digest of a definition that cannot be read. It equals no other digest."""


def check_form(wire: Mapping[str, Any]) -> None:
    """Raise UserFault if a later release of this package recorded the history in a form that this one does not know."""
    if wire.get("form", _FORM) > _FORM:
        raise UserFault(
            "This stack was deployed by a later release of pulumi-snowplow-signals, which records more than this one "
            "knows. Nothing was done. Install that release, or a later one."
        )


@dataclass(frozen=True)
class Stored:
    """A version as the registry holds it.

    Attributes:
        definition: Its definition; None if this release cannot read its form.
        live: Whether it is published.
    """

    definition: Definition | None
    live: bool


Registered = Mapping[int, Stored]
"""The versions of one name that the registry is known to hold, by number."""


def live_of(registered: Registered) -> set[int]:
    """Return the versions that are live."""
    return {number for number, stored in registered.items() if stored.live}


@dataclass(frozen=True)
class History:
    """The versions of one object that a stack knows.

    Attributes:
        registry: The normalised address of the registry.
        released: Each number that was ever published, or may have been, with the digest of its definition.
        highest: The highest number that is known to exist or to have existed; 0 for none.
        recorded: The managed versions: the numbers that this resource made or took over.
        taken_over: Whether a version of the name was live when the resource took it over.
        also_live: Versions that a refresh found live beside the recorded one.
        retired: Numbers of our deleted drafts above the recorded version, which are known not to be anybody else's.
        gone: Whether a refresh found that the recorded version was deleted elsewhere. Its number stays used.
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
        """Parse the history in a stack's inputs, where every number is a float and every key a string.

        Raises:
            UserFault: A later release of this package recorded it in a form that this one does not know.
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
        """Return the history updated with the versions in the registry.

        A version that this resource did not make as a draft counts as released, published or not: the API does not
        distinguish a draft from a withdrawn version.
        """
        found = {
            number: stored.definition.digest if stored.definition else _UNREADABLE
            for number, stored in registered.items()
            if number not in self.released and (stored.live or number not in self.recorded)
        }
        highest = max(self.highest, *registered, 0)
        return replace(self, released={**self.released, **found}, highest=highest)
