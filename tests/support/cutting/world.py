"""A registry in this process that can be cut off at any request."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping

import httpx
from in_process import OWNER, URL, Registry

from cutting.ways import Way
from signals_local.emulator.faults import Fault

__all__ = ["OWNER", "URL", "Versions", "World", "without_numbers"]

Versions = Mapping[int, tuple[str, bool]]
"""The versions of a name that the registry holds: what each is, and whether it is live."""


class World(Registry):
    """A registry, and the wire to it.

    Args:
        assume: What the registry assumes of the service.
    """

    def __init__(self, assume: Mapping[str, str] | None = None) -> None:
        self.mend()
        super().__init__(assume)

    def clear(self) -> None:
        """Begin anew, with no wire cut."""
        self.mend()
        super().clear()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, or cut it."""
        self.passed.append(request)
        number = len(self.passed)
        if self._way is None or self._cut_at is None:
            self.answered.append(self.answer(request))
            return self.answered[-1]
        if number == self._cut_at or (self._way.lasts and number > self._cut_at):
            if self._way.publication:
                return self._answer_without_publishing(request, self._way.publication)
            return self._way.cut(request, lambda: self.answer(request))
        return self.answer(request)

    def snapshot(self) -> sqlite3.Connection:
        """Keep the registry as it is."""
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        self.state.database._connection.backup(kept)
        return kept

    def restore(self, kept: sqlite3.Connection) -> None:
        """Restore the registry, including its history."""
        self.mend()
        kept.backup(self.state.database._connection)

    def cut(self, way: Way, at: int) -> None:
        """From now on, the request of this number fails in this way."""
        self.mend()
        self._way, self._cut_at = way, at

    def mend(self) -> None:
        """From now on nothing fails."""
        self._way: Way | None = None
        self._cut_at: int | None = None
        self.passed: list[httpx.Request] = []
        self.answered: list[httpx.Response] = []

    def put(self, name: str, version: int, over: float, *, live: bool = True) -> None:
        """Store a version of a rule, as somebody else would."""
        criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": over}
        body = {"name": name, "version": version, "owner": OWNER, "criteria": criteria, "is_published": live}
        self.write("POST", "interventions/", body)

    def versions(self) -> dict[str, Versions]:
        """Return what the registry holds, by name."""
        found: dict[str, dict[int, tuple[str, bool]]] = {}
        for each in self.described():
            if each["exists"]:
                what = each["events"][-1]["digest"]
                found.setdefault(each["name"], {})[each["version"]] = (what, each["is_published"])
        return dict(found)

    def story(self) -> str:
        """Return all that happened to interventions, without the numbers of requests: equal stories end equally."""
        events = sorted(
            (event["sequence"], each["name"], each["version"], event["event"], event["digest"])
            for each in self.described()
            for event in each["events"]
        )
        return json.dumps([event[1:] for event in events])

    def broken(self, *, meant_down: bool) -> list[str]:
        """Return the promises that the registry's history shows broken."""
        names = ("cart", "other") if meant_down else ()
        return self.state.registry.history.broken_promises(meant_down=names)

    def _answer_without_publishing(self, request: httpx.Request, status: int) -> httpx.Response:
        """Have the application answer a request whose publication, if it is one, fails with this status."""
        words = {"detail": "The engines did not take it"}
        self.state.faults.order(Fault(publication=True, status=status, body=words))
        try:
            return self.answer(request)
        finally:
            self.state.faults.clear()


def without_numbers(promise: str) -> str:
    """Return a broken promise without the requests that it names, which have other numbers in every run."""
    return re.sub(r"request \d+ \([^)]*\)", "a request", promise)
