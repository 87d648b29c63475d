"""Calls an application in this process, without sockets and threads, so that thousands of runs fit into a minute."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class InProcess(httpx.BaseTransport):
    """Carries requests to an application."""

    def __init__(self, app: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._transport = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run_until_complete(self._answer(request))

    def close(self) -> None:
        self._loop.close()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._transport.handle_async_request(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread(), request=request
        )
