"""How a request can fail: before the service did the work or after it, with an answer or with none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx


class Killed(BaseException):
    """The process is gone. Nothing of ours may catch it, as nothing catches a signal that kills."""


@dataclass(frozen=True)
class Way:
    """How a request fails.

    Args:
        name: What happens, as a test's summary says it.
        after: Whether the service did the work first.
        failure: What the client gets: an answer's status, content and headers, or the exception of a connection.
        lasts: Whether all that is asked afterwards fails in the same way.
        publication: The status with which nothing fails but the publication, in the service itself.
    """

    name: str
    failure: Callable[[httpx.Request], httpx.Response]
    after: bool = False
    lasts: bool = False
    publication: int | None = None

    def __str__(self) -> str:
        when = "after the work" if self.after else "before the work"
        when = "after the draft is stored" if self.publication else when
        return f"{self.name} {when}{', and so from there on' if self.lasts else ''}"

    def concerns(self, request: httpx.Request) -> bool:
        """Return whether a request can fail so in a way of its own. Of a read, the service has no work to do."""
        if self.publication:
            return request.method != "GET" and b'"is_published":true' in request.content
        return not self.after or request.method != "GET" or self.lasts

    @property
    def kills(self) -> bool:
        """Return whether nobody is left to say anything."""
        return self.failure is _dies

    def cut(self, request: httpx.Request, work: Callable[[], httpx.Response]) -> httpx.Response:
        """Let the request fail."""
        if self.after:
            work()
        return self.failure(request)


def _answers(status: int, content: bytes, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    sent = {"content-type": "application/json", **{name.replace("_", "-"): v for name, v in headers.items()}}

    def fail(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=sent, content=content, request=request)

    return fail


def _raises(kind: type[httpx.RequestError], words: str) -> Callable[[httpx.Request], httpx.Response]:
    def fail(request: httpx.Request) -> httpx.Response:
        raise kind(words, request=request)

    return fail


def _dies(_: httpx.Request) -> Any:
    raise Killed


def _goes_on(_: httpx.Request) -> Any:
    raise AssertionError("the service itself fails")


_DROPPED = _raises(httpx.RemoteProtocolError, "Server disconnected without sending a response.")
_LATE = _raises(httpx.ReadTimeout, "timed out")
_REFUSED = _raises(httpx.ConnectError, "Connection refused")
_BROKEN = _answers(500, b'{"detail": "Internal Server Error"}')
_GATEWAY = _answers(502, b"<html><title>Bad Gateway</title></html>", content_type="text/html")
_PAGE = _answers(200, b"<html><title>Please log in</title></html>", content_type="text/html")

WAYS = [
    *(
        Way(name, failure, after)
        for name, failure in {
            "the process is killed": _dies,
            "the connection is dropped": _DROPPED,
            "no answer comes in time": _LATE,
            "500 is answered": _BROKEN,
            "502 is answered to every attempt": _GATEWAY,
            "the JSON of the answer is cut short": _answers(200, b'{"name": "ca'),
            "an answer of another shape comes": _answers(200, b'{"status": "ok"}'),
        }.items()
        for after in (False, True)
    ),
    Way("504 is answered to every attempt", _answers(504, b'{"message": "timed out"}'), after=True),
    Way("a proxy answers with a page of its own", _PAGE),
    Way("404 is answered with a page", _answers(404, b"<html>nginx</html>", content_type="text/html")),
    Way("no connection can be made", _REFUSED),
    Way("429 is answered to every attempt", _answers(429, b'{"detail": "slow down"}', retry_after="3600")),
    Way("503 with a time to come back is answered", _answers(503, b"", retry_after="3600")),
    Way("401 is answered", _answers(401, b'{"detail": "Could not validate credentials"}')),
    Way("403 is answered", _answers(403, b'{"detail": "Forbidden"}')),
    Way("400 is answered", _answers(400, b'{"detail": "Bad request"}')),
    Way("409 is answered", _answers(409, b'{"detail": "Conflict"}')),
    Way("no connection can be made", _REFUSED, lasts=True),
    Way("500 is answered", _BROKEN, lasts=True),
    Way("the connection is dropped", _DROPPED, after=True, lasts=True),
]
"""Every way, for any request."""

QUICK_WAYS = [
    way
    for way in WAYS
    if way.failure in (_dies, _DROPPED, _BROKEN) and (way.after or way.failure is not _DROPPED)
]
"""Those that leave most behind: nobody is left to mend anything, or the work is done and nothing says so."""

PUBLICATION_FAILS = [
    Way(f"the publication fails with {status}", _goes_on, publication=status, lasts=lasts)
    for status in (400, 500)
    for lasts in (False, True)
]
"""For a service that stores a draft first, and then publishes it."""
