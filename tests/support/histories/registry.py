"""The registry: the emulator's application, called directly, and a record of who made which request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx
from in_process import InProcess

from signals_local.emulator.app import create_app
from signals_local.emulator.assumptions import Assumptions
from signals_local.emulator.seed import complete_group
from signals_local.emulator.settings import Settings
from signals_local.emulator.state import State

URL = "http://127.0.0.1:1"
TOKEN = "local"
OUTSIDER = "outsider"

_ROOT = "/api/v1/registry"
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


class Registry(httpx.BaseTransport):
    """One registry for everybody. Whoever is `actor` makes the requests."""

    def __init__(self) -> None:
        self._state = State(Settings(token=TOKEN, assumptions=Assumptions.parse({})))
        self._app = InProcess(create_app(self._state))
        self.clear()

    def close(self) -> None:
        """Let go of everything."""
        self._app.close()
        self._state.database.close()

    def clear(self) -> None:
        """Empty the registry, except for what rules refer to."""
        self.actor = OUTSIDER
        self.writes = 0
        self._actors: dict[int, str] = {}
        self._state.reset()
        key, attributes = "domain_userid", {"cart_value": "double"}
        group = {"name": "shopping", "version": 1, "attribute_key": key, "attributes": attributes}
        self.send("POST", "attribute_groups/", complete_group(group))

    @property
    def mark(self) -> int:
        """The number of the last request: events with a higher one come later."""
        return self._state.registry.history.sequence

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Make a request past every stack, and return the answer. Raises RuntimeError if it is refused."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = self.handle_request(
            httpx.Request(method, f"{URL}{_ROOT}/{path}", json=body, headers=headers)
        )
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def stored(self, name: str, number: int) -> dict[str, Any]:
        """Return the body of a version."""
        return dict(self.send("GET", f"interventions/{name}/versions/{number}"))

    def store(self, body: Mapping[str, Any], *, exists: bool) -> None:
        """Create a version, or replace it."""
        path = f"interventions/{body['name']}/versions/{body['version']}" if exists else "interventions/"
        self.send("PUT" if exists else "POST", path, body)

    def remove(self, name: str, number: int) -> None:
        """Delete a version."""
        self.send("DELETE", f"interventions/{name}/versions/{number}")

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
            for version in self._state.registry.history.describe("intervention")["versions"]
            if version["name"] == name
            for event in version["events"]
        ]
        return sorted(found, key=lambda event: event.sequence)  # stable: a request's own order is kept

    def versions(self, name: str) -> Versions:
        """Return the versions of a name."""
        return {
            each["version"]: Version(each["events"][-1]["digest"], each["is_published"])
            for each in self._state.registry.history.describe("intervention")["versions"]
            if each["name"] == name and each["exists"]
        }

    def live(self, name: str) -> set[int]:
        """Return the live versions of a name."""
        return {number for number, version in self.versions(name).items() if version.is_live}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Have the application answer a request."""
        before = self.mark
        answer = self._app.handle_request(request)
        self._actors.update(dict.fromkeys(range(before + 1, self.mark + 1), self.actor))
        self.writes += request.method in _WRITES
        return answer
