"""A log of every request to the emulator, for tests that count and compare requests.

It is the outermost layer. It numbers requests (the history refers to the numbers), and it sees the same responses as the client,
including ordered faults. It does not store headers, and therefore no credentials. Requests about the emulator itself (`/local/...`, the
page) are not requests to Signals, and are neither numbered nor stored.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signals_local.emulator.strict_json import parse_json

#: The number of latest requests to keep, and the size in bytes up to which to keep bodies.
_KEPT = 50_000
_KEPT_BODY = 65_536


@dataclass
class LoggedRequest:
    """One request. `status` is None until there is a response, and stays None if the connection was dropped."""

    sequence: int
    method: str
    path: str
    query: str
    when: str
    status: int | None = None
    milliseconds: float | None = None
    body: Any = None


def is_to_signals(path: str) -> bool:
    """Return whether a path belongs to the service or to Console, and not to the emulator itself."""
    return path.startswith(("/api/", "/health-all"))


class RequestLog:
    """The latest requests. `next_sequence` returns the number for a new one."""

    def __init__(self, next_sequence: Callable[[], int]) -> None:
        self._next_sequence = next_sequence
        self._kept: deque[LoggedRequest] = deque(maxlen=_KEPT)

    def open(self, scope: Scope) -> LoggedRequest:
        """Number and record a request that has just arrived."""
        entry = LoggedRequest(
            sequence=self._next_sequence(),
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            when=datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        )
        self._kept.append(entry)
        return entry

    def since(self, sequence: int = 0) -> list[dict[str, Any]]:
        """Return the requests after number `sequence`, oldest first, as JSON values."""
        return [dict(vars(entry)) for entry in self._kept if entry.sequence > sequence]

    def clear(self) -> None:
        """Delete all requests. Numbers continue."""
        self._kept.clear()


class RequestLogLayer:
    """ASGI middleware that fills a `RequestLog`."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_to_signals(scope["path"]):
            await self._app(scope, receive, send)
            return
        entry = self._log.open(scope)
        state = scope.setdefault("state", {})
        state["sequence"] = entry.sequence
        started = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                entry.milliseconds = round((time.perf_counter() - started) * 1000, 3)
                entry.body = _decode(state.get("body", b""))
            await send(message)

        await self._app(scope, receive, sending)
        entry.body = _decode(state.get("body", b""))


def _decode(body: bytes) -> Any:
    """Return a body as JSON values, or as a string if it is not JSON. Return None if it is empty or too large."""
    if not body or len(body) > _KEPT_BODY:
        return None
    try:
        return parse_json(body)
    except ValueError:
        return body.decode("utf-8", errors="replace")
