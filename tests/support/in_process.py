"""A registry in this process: the emulator's application, called without sockets and threads.

So thousands of runs fit into a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.lifecycle.run import Run
from signals_local.emulator.app import create_app
from signals_local.emulator.assumptions import Assumptions
from signals_local.emulator.seed import complete_group
from signals_local.emulator.settings import Settings
from signals_local.emulator.state import State

URL = "http://127.0.0.1:1"
TOKEN = "local"
OWNER = "team@example.com"


class Registry(httpx.BaseTransport):
    """A registry that holds what rules refer to, and whatever carries requests to it.

    Args:
        assume: What the registry assumes of the service.
    """

    def __init__(self, assume: Mapping[str, str] | None = None) -> None:
        self.state = State(Settings(token=TOKEN, assumptions=Assumptions.parse(assume or {})))
        self._loop = asyncio.new_event_loop()
        self._transport = httpx.ASGITransport(create_app(self.state))
        self.remarks: list[Remark] = []
        self.clear()

    def close(self) -> None:
        """Release everything."""
        self._loop.close()
        self.state.database.close()

    def clear(self) -> None:
        """Begin anew: nothing is in the registry but what rules refer to."""
        self.state.reset()
        key, attributes = "domain_userid", {"cart_value": "double"}
        group = {"name": "shopping", "version": 1, "attribute_key": key, "attributes": attributes}
        self.write("POST", "attribute_groups/", complete_group(group))

    def process(self, remarks: list[Remark] | None = None, **settings: str) -> Run:
        """Return the memory of a new provider process. It holds nothing that would have to be closed.

        Args:
            remarks: Takes what it remarks, instead of the list that all have in common.
            settings: The settings of the stack, beside those that lead here.
        """
        given = {"apiUrl": URL, "sandboxToken": TOKEN, "retrySeconds": "0", **settings}
        resolved = resolve(given.get, {})
        client = SignalsClient(resolved, transport=self, sleep=lambda _: None)
        return Run(resolved, lambda: client, (self.remarks if remarks is None else remarks).append)

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request that bypasses every stack, and return the response. Raise RuntimeError if it is refused."""
        request = httpx.Request(
            method, f"{URL}/api/v1/registry/{path}", json=body, headers={"Authorization": f"Bearer {TOKEN}"}
        )
        answer = self.answer(request)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def described(self) -> list[dict[str, Any]]:
        """Return the versions of all interventions that ever were, with what happened to each."""
        return list(self.state.registry.history.describe("intervention")["versions"])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request of a provider process."""
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Have the application answer a request."""
        return self._loop.run_until_complete(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._transport.handle_async_request(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread(), request=request
        )
