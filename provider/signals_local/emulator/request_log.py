"""Every request that reached the emulator, for tests that count and compare them.

The outermost layer: it numbers requests (the history refers to the numbers), and it sees what the client saw, a fault that
was ordered included. Headers are not kept, so no credential is. What asks the emulator about itself (`/local/...`, the page)
is not a request to Signals and is neither numbered nor kept.
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

#: So many requests are remembered, the last ones; and bodies up to so many bytes.
_KEPT = 50_000
_KEPT_BODY = 65_536


@dataclass
class LoggedRequest:
    """One request. `status` is None as long as there is no answer, and for ever if the connection was dropped."""

    sequence: int
    method: str
    path: str
    query: str
    when: str
    status: int | None = None
    milliseconds: float | None = None
    body: Any = None


def is_to_signals(path: str) -> bool:
    """Whether a path is one of the service (or of Console), and not of the emulator itself."""
    return path.startswith(("/api/", "/health-all"))


class RequestLog:
    """The last requests. `next_sequence` gives each its number."""

    def __init__(self, next_sequence: Callable[[], int]) -> None:
        self._next_sequence = next_sequence
        self._kept: deque[LoggedRequest] = deque(maxlen=_KEPT)

    def open(self, scope: Scope) -> LoggedRequest:
        """Number and keep a request that has just arrived."""
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
        """The requests after number `sequence`, oldest first, as JSON values."""
        return [dict(vars(entry)) for entry in self._kept if entry.sequence > sequence]

    def clear(self) -> None:
        """Forget all of them. Numbers go on."""
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
                entry.body = _readable(state.get("body", b""))
            await send(message)

        await self._app(scope, receive, sending)
        entry.body = _readable(state.get("body", b""))


def _readable(body: bytes) -> Any:
    """Return a body as JSON values, or as a text where it is no JSON; None where there is none, or too much."""
    if not body or len(body) > _KEPT_BODY:
        return None
    try:
        return parse_json(body)
    except ValueError:
        return body.decode("utf-8", errors="replace")
