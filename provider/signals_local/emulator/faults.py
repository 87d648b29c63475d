"""Failures on demand: a slow network, a gateway's error page, a connection that breaks before or after the work is done.

A test orders a fault for certain requests (`Emulator.fail`, or `POST /local/faults`), and the next matching requests fail
accordingly. Some faults test what a client cannot see from outside: a response that is lost *after* the work was done, and a
publication that fails on its own (with the assumption `publishing=two-steps`, after the draft was stored).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signals_local.emulator.errors import Refusal
from signals_local.emulator.request_log import is_to_signals
from signals_local.emulator.strict_json import parse_json


def _refuse_length(name: str) -> str:
    if name.lower() in ("content-length", "transfer-encoding"):
        raise ValueError("the length of the answer is that of its body")
    return name


_HeaderValue = Annotated[str, StringConstraints(pattern=r"^[ -~]*$")]
#: The two omitted headers give the length of the body, which only the server knows.
_HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$"), AfterValidator(_refuse_length)]

_BODILESS = (204, 304)


class Fault(BaseModel):
    """A failure, and the requests that it applies to.

    Args:
        method: The method of the matching requests; None matches any.
        path: The path of the matching requests, without the query, as a pattern with `*` (which also matches slashes) and `?`.
        about: The name in the path or the body of the matching requests.
        nth: The first request to fail, counted from 1 among the matching requests since the fault was ordered.
        count: How many fail in a row; None means all from then on.
        latency: Seconds to wait before anything else.
        status: The status to send instead of the service's own response.
        body: The body of that response: a string is sent as it is (truncated JSON, an HTML page), anything else as JSON.
        content_type: The content type of that response. Defaults to JSON.
        headers: The headers of that response, such as `Retry-After`.
        drop: Close the connection without a response.
        hang: Send no response, and leave the connection open until the client closes it.
        when: Whether `status`, `drop` or `hang` happens before the work, so that nothing is done, or after it.
        publication: Apply `status` and `body` only to the publication. A request that publishes then fails at that point, and
            keeps what it had stored under `publishing=two-steps`. Other requests pass.
        missing_schema: An event whose schema is not in production. A group that is written or published and names the event
            is refused with 404, in the service's words. Set `count=None` to make it permanent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str | None = None
    path: str = "/api/*"
    about: str | None = None
    nth: int = Field(default=1, ge=1)
    count: int | None = Field(default=1, ge=1)
    latency: float = Field(default=0.0, ge=0.0, le=600.0)
    status: int | None = Field(default=None, ge=200, le=599)
    body: Any = None
    content_type: _HeaderValue = "application/json"
    headers: dict[_HeaderName, _HeaderValue] = {}
    drop: bool = False
    hang: bool = False
    when: Literal["before", "after"] = "before"
    publication: bool = False
    missing_schema: str | None = None

    @model_validator(mode="after")
    def _check_failure(self) -> Fault:
        if self.drop + self.hang + (self.status is not None) > 1:
            raise ValueError("a connection is dropped, hangs or is answered with a status: one of them")
        if self.publication and self.status is None:
            raise ValueError("a publication that fails needs a status to fail with")
        if not (self.latency or self.ends or self.missing_schema):
            raise ValueError("say what is to go wrong: latency, status, drop, hang or missing_schema")
        return self

    @property
    def ends(self) -> bool:
        """Whether the fault replaces the service's own response."""
        return self.drop or self.hang or self.status is not None

    def meant(self, method: str, path: str, names: Collection[Any]) -> bool:
        """Return whether a request matches. `names` are the names in its path and its body."""
        is_meant = self.method in (None, method) and fnmatchcase(path, self.path)
        return is_meant and (self.about is None or self.about in names)

    def content(self) -> bytes:
        """Return the body as sent over the wire."""
        if self.body is None or self.status in _BODILESS:
            return b""
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class Faults:
    """The active faults, in the order in which they were ordered."""

    def __init__(self) -> None:
        self._seen: list[tuple[Fault, list[int]]] = []

    def __bool__(self) -> bool:
        return bool(self._seen)

    def order(self, fault: Fault) -> None:
        """Activate a fault."""
        self._seen.append((fault, [0]))

    def clear(self) -> None:
        """Deactivate all faults."""
        self._seen.clear()

    def due(self, method: str, path: str, body: bytes) -> list[Fault]:
        """Return the faults that apply to this request, after counting it for every fault that it matches."""
        struck = []
        names = [*path.split("/"), _find_name(body)]
        for fault, seen in self._seen:
            if fault.meant(method, path, names):
                seen[0] += 1
                if seen[0] >= fault.nth and (fault.count is None or seen[0] < fault.nth + fault.count):
                    struck.append(fault)
        return struck

    def described(self) -> list[dict[str, Any]]:
        """Return the active faults and how many matching requests each has seen, as JSON values."""
        return [{**fault.model_dump(mode="json"), "seen": seen[0]} for fault, seen in self._seen]


class FaultLayer:
    """ASGI middleware that applies ordered faults.

    To close a connection, it needs `scope["state"]["abort"]` from the server; see `serving.Protocol`.
    """

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._faults or not is_to_signals(scope["path"]):
            await self._app(scope, receive, send)
            return
        due = self._faults.due(scope["method"], scope["path"], scope["state"]["body"])
        await _prepare(due, scope["state"])
        final = next((fault for fault in due if fault.ends and not fault.publication), None)
        if final is None:
            await self._app(scope, receive, send)
            return
        if final.when == "after":
            await self._app(scope, receive, _discard)
        if final.status is not None:
            await answer(final, send)
            return
        if final.drop:
            scope["state"]["abort"]()
        while (await receive())["type"] != "http.disconnect":
            pass


async def _prepare(due: list[Fault], state: dict[str, Any]) -> None:
    """Wait as long as ordered, and record for the registry what to refuse."""
    for fault in due:
        await asyncio.sleep(fault.latency)
        if fault.publication:
            state["publication_fault"] = PublicationFailed(fault)
        if fault.missing_schema:
            state.setdefault("missing_schemas", set()).add(fault.missing_schema)


class PublicationFailed(Refusal):
    """The publication failed, as a test ordered."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.status or 500, "publication failed, as ordered")
        self.fault = fault


async def answer(fault: Fault, send: Send) -> None:
    """Send exactly the status and body that a fault specifies."""
    content = fault.content()
    headers = {"content-type": fault.content_type, "content-length": str(len(content)), **fault.headers}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": raw})
    await send({"type": "http.response.body", "body": content})


def _find_name(body: bytes) -> Any:
    try:
        return parse_json(body)["name"]
    except (ValueError, TypeError, KeyError):
        return None


async def _discard(_message: Message) -> None:
    """Discard a response."""
