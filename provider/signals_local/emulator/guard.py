"""The first checks of a request: whether to accept it at all, and how much of it to read.

The emulator listens only on loopback, but a browser on this machine sends requests there for any page that it shows. A page cannot
choose the Host header, which exposes an attacker's name that points to 127.0.0.1. Nor can it choose the Origin, which exposes forms
and scripts of other sites. Limits keep one request from exhausting memory or connections.
"""

from __future__ import annotations

import anyio
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Push and stream belong to another back end of the service, whose refusals differ. Pages of any origin may subscribe there.
INTERVENTIONS_PATH = "/api/v1/interventions"

#: The host names that the emulator accepts: this machine's, and that of Snowplow Console, which is hard-coded in the
#: official client and can be redirected here by a proxy. No attacker owns any of them.
HOSTS = (
    "localhost",
    "127.0.0.1",
    "[::1]",
    "console.snowplowanalytics.com",
    "next.console.snowplowanalytics.com",
)

#: The longest body, in bytes. A definition of ten thousand values has a tenth of it.
MOST_BODY = 10 * 1024 * 1024
#: The time limit for a body to arrive, in seconds.
BODY_SECONDS = 30
#: The longest request line with its headers, in bytes; h11, which reads them, answers 400 beyond.
MOST_HEAD = 64 * 1024
#: The most connections at a time, open streams included; uvicorn answers 503 beyond.
MOST_CONNECTIONS = 200


def refusal(path: str, status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """Return a refusal in the format of the back end to which a path belongs."""
    field = "error" if path == INTERVENTIONS_PATH else "detail"
    return JSONResponse({field: text}, status, headers)


class OriginLayer:
    """ASGI middleware that refuses requests from pages of other origins, except subscriptions."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_foreign(scope):
            text = "Pages of another origin may only subscribe to interventions"
            await refusal(scope["path"], 403, text)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_foreign(scope: Scope) -> bool:
    path, headers = scope["path"], Headers(scope=scope)
    if path == INTERVENTIONS_PATH and scope["method"] == "GET":
        return False
    own = f"{scope['scheme']}://{headers.get('host')}"
    if any(origin != own for origin in headers.getlist("origin")):
        return True
    # A browser sends no Origin with a plain GET, but its Sec-Fetch headers say where it comes from. Links to the page are allowed.
    return path.startswith("/local/") and headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


class BodyLayer:
    """ASGI middleware that reads the whole body, within limits, before anything else happens.

    Unread data makes the system reset the connection, and the client would see varying errors. So a body that is too long is also
    read, and dropped. The layers below find the body in `scope["state"]["body"]`.
    """

    def __init__(self, app: ASGIApp, *, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            with anyio.fail_after(self._seconds):
                body = await _read(receive)
        except TimeoutError:
            text = f"The body did not arrive within {self._seconds} seconds"
            await refusal(scope["path"], 408, text, {"Connection": "close"})(scope, receive, send)
            return
        if body is None:
            return  # the client left before the request was complete
        if len(body) > MOST_BODY:
            text = f"The body is larger than {MOST_BODY // 1024 // 1024} MB"
            await refusal(scope["path"], 413, text)(scope, receive, send)
            return
        scope.setdefault("state", {})["body"] = body
        await self._app(scope, _replay(body, receive), send)


async def _read(receive: Receive) -> bytes | None:
    """Return the body, or its first bytes up to just beyond the limit. Return None if the client left."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")[: MOST_BODY + 1 - len(body)]
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Replay the body that was read, then pass on all further messages."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def reading() -> Message:
        return first.pop() if first else await receive()

    return reading
