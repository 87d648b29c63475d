"""The registry, and a record of who made which request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx
import in_process

OUTSIDER = "outsider"

_WRITES = frozenset({"POST", "PUT", "DELETE"})


class Version(NamedTuple):
    """A version that the registry holds. Equal definitions have equal digests."""

    digest: str
    is_live: bool


Versions = Mapping[int, Version]


@dataclass(frozen=True)
class Event:
    """A change to a version, and whose request made it."""

    sequence: int
    actor: str
    name: str
    number: int
    what: str
    digest: str

    @property
    def publishes(self) -> bool:
        """Whether the version went live by this event."""
        return self.what == "published"

    @property
    def defines(self) -> bool:
        """Whether the event gave the version its definition."""
        return self.what in ("created", "replaced")


class Registry(in_process.Registry):
    """One registry for everybody. Whoever is `actor` makes the requests."""

    def clear(self) -> None:
        """Empty the registry, except for what rules refer to."""
        self.actor = OUTSIDER
        self.writes = 0
        self._actors: dict[int, str] = {}
        super().clear()

    @property
    def mark(self) -> int:
        """The number of the last request: events with a higher one come later."""
        return self.state.registry.history.sequence

    def stored(self, name: str, number: int) -> dict[str, Any]:
        """Return the body of a version."""
        return dict(self.write("GET", f"interventions/{name}/versions/{number}"))

    def store(self, body: Mapping[str, Any], *, exists: bool) -> None:
        """Create a version, or replace it."""
        path = f"interventions/{body['name']}/versions/{body['version']}" if exists else "interventions/"
        self.write("PUT" if exists else "POST", path, body)

    def remove(self, name: str, number: int) -> None:
        """Delete a version."""
        self.write("DELETE", f"interventions/{name}/versions/{number}")

    def events(self, name: str) -> list[Event]:
        """Return all that ever happened to the versions of a name, in order."""
        found = [
            Event(
                event["sequence"],
                self._actors.get(event["sequence"], OUTSIDER),
                name,
                version["version"],
                event["event"],
                event["digest"],
            )
            for version in self.described()
            if version["name"] == name
            for event in version["events"]
        ]
        return sorted(found, key=lambda event: event.sequence)  # stable: a request's own order is kept

    def versions(self, name: str) -> Versions:
        """Return the versions of a name."""
        return {
            each["version"]: Version(each["events"][-1]["digest"], each["is_published"])
            for each in self.described()
            if each["name"] == name and each["exists"]
        }

    def live(self, name: str) -> set[int]:
        """Return the live versions of a name."""
        return {number for number, version in self.versions(name).items() if version.is_live}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Have the application answer a request."""
        before = self.mark
        answer = super().answer(request)
        self._actors.update(dict.fromkeys(range(before + 1, self.mark + 1), self.actor))
        self.writes += request.method in _WRITES
        return answer
