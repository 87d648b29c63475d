"""A registry in this process, and the wire to it, which can be cut at any request.

The emulator's application is called directly, without sockets and threads, so that thousands of runs fit into a minute.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

import httpx
from in_process import InProcess

from cutting.ways import Way
from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.lifecycle.run import Run
from signals_local.emulator.app import create_app
from signals_local.emulator.assumptions import Assumptions
from signals_local.emulator.faults import Fault
from signals_local.emulator.seed import complete_group
from signals_local.emulator.settings import Settings
from signals_local.emulator.state import State

URL = "http://127.0.0.1:1"
TOKEN = "local"
OWNER = "team@example.com"

Versions = Mapping[int, tuple[str, bool]]
"""The versions of a name that the registry holds: what each is, and whether it is live."""


class Wire(httpx.BaseTransport):
    """Carries requests to the application, until it is cut."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.cut_at: int | None = None
        self.way: Way | None = None
        self.passed: list[httpx.Request] = []
        self.answered: list[httpx.Response] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.passed.append(request)
        number = len(self.passed)
        if self.way is None or self.cut_at is None:
            self.answered.append(self._world.answer(request))
            return self.answered[-1]
        if number == self.cut_at or (self.way.lasts and number > self.cut_at):
            if self.way.publication:
                return self._world.answer_without_publishing(request, self.way.publication)
            return self.way.cut(request, lambda: self._world.answer(request))
        return self._world.answer(request)


class World:
    """A registry with what rules refer to, and processes that work on it.

    Args:
        assume: What the registry assumes of the service.
    """

    def __init__(self, assume: Mapping[str, str] | None = None) -> None:
        self.state = State(Settings(token=TOKEN, assumptions=Assumptions.parse(assume or {})))
        self._app = InProcess(create_app(self.state))
        self.wire = Wire(self)
        self.remarks: list[Remark] = []
        self.clear()

    def close(self) -> None:
        """Let go of everything."""
        self._app.close()
        self.state.database.close()

    def clear(self) -> None:
        """Begin anew: nothing is in the registry but what rules refer to, and no wire is cut."""
        self.state.reset()
        self.mend()
        group = {
            "name": "shopping",
            "version": 1,
            "attribute_key": "domain_userid",
            "attributes": {"cart_value": "double"},
        }
        self.write("POST", "attribute_groups/", complete_group(group))

    def snapshot(self) -> sqlite3.Connection:
        """Keep the registry as it is."""
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        self.state.database._connection.backup(kept)
        return kept

    def restore(self, kept: sqlite3.Connection) -> None:
        """Put the registry back, its history included."""
        self.mend()
        kept.backup(self.state.database._connection)

    def cut(self, way: Way, at: int) -> None:
        """From now on, the request of this number fails in this way."""
        self.mend()
        self.wire.way, self.wire.cut_at = way, at

    def mend(self) -> None:
        """From now on nothing fails."""
        self.wire.way = self.wire.cut_at = None
        self.wire.passed.clear()
        self.wire.answered.clear()
        self.state.faults.clear()

    def process(self, **settings: str) -> Run:
        """Give the memory of a new provider process."""
        given = {"apiUrl": URL, "sandboxToken": TOKEN, "retrySeconds": "0", **settings}
        resolved = resolve(given.get, {})
        client = SignalsClient(resolved, transport=self.wire, sleep=lambda _: None)
        return Run(resolved, lambda: client, self.remarks.append)

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Write to the registry past every stack."""
        request = httpx.Request(
            method, f"{URL}/api/v1/registry/{path}", json=body, headers={"Authorization": f"Bearer {TOKEN}"}
        )
        answer = self.answer(request)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def put(self, name: str, version: int, over: float, *, live: bool = True) -> None:
        """Store a version of a rule, as somebody else would."""
        criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": over}
        body = {"name": name, "version": version, "owner": OWNER, "criteria": criteria, "is_published": live}
        self.write("POST", "interventions/", body)

    def versions(self) -> dict[str, Versions]:
        """Give what the registry holds, by name."""
        found: dict[str, dict[int, tuple[str, bool]]] = {}
        for each in self.state.registry.history.describe("intervention")["versions"]:
            if each["exists"]:
                what = each["events"][-1]["digest"]
                found.setdefault(each["name"], {})[each["version"]] = (what, each["is_published"])
        return dict(found)

    def story(self) -> str:
        """Give all that happened to interventions, without the numbers of requests: equal stories end equally."""
        described = self.state.registry.history.describe("intervention")
        events = sorted(
            (event["sequence"], each["name"], each["version"], event["event"], event["digest"])
            for each in described["versions"]
            for event in each["events"]
        )
        return json.dumps([event[1:] for event in events])

    def broken(self, *, meant_down: bool) -> list[str]:
        """Give the promises that the registry's history shows broken."""
        names = ("cart", "other") if meant_down else ()
        return self.state.registry.history.broken_promises(meant_down=names)

    def answer_without_publishing(self, request: httpx.Request, status: int) -> httpx.Response:
        """Have the application answer a request whose publication, if it is one, fails with this status."""
        words = {"detail": "The engines did not take it"}
        self.state.faults.order(Fault(publication=True, status=status, body=words))
        try:
            return self.answer(request)
        finally:
            self.state.faults.clear()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Have the application answer a request."""
        return self._app.handle_request(request)


def without_numbers(promise: str) -> str:
    """Give a broken promise without the requests that it names, which have other numbers in every run."""
    return re.sub(r"request \d+ \([^)]*\)", "a request", promise)
