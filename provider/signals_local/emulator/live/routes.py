"""The endpoints of the live part.

`POST` and `GET api/v1/interventions` belong to the service: direct push and subscription, with the paths and bodies of
`snowplow_signals.interventions_client` (0.4.10). Subscribing needs no token, as Snowplow's documentation says. Both require ids to be
UUIDs; that the refusal of other ids has the form `{"error": ...}` is inferred, see docs/assumptions.md. The other endpoints are the
emulator's own, below `/local`, with the page at `/`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import resources
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, ConfigDict, Field, StrictStr
from starlette.responses import JSONResponse, Response, StreamingResponse

from signals_local.emulator.errors import Refusal
from signals_local.emulator.live.activity import Activity, as_json, served
from signals_local.emulator.live.event import Event, TextEvent, canonical_id, is_uuid
from signals_local.emulator.live.overview import offered, overview
from signals_local.emulator.live.rules import Rules
from signals_local.emulator.live.streams import OPENED, Hub, Target, message
from signals_local.emulator.state import State
from signals_local.emulator.strict_json import StrictRoute
from signals_local.emulator.wire import Name, Wire

#: Seconds between heartbeats on a subscription. The service's own interval is unknown.
HEARTBEAT = 3.0
#: Seconds between two checks of an open page for changes in the registry.
LOOK = 0.5
_MOST_KEYS = 100

_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


def _must_be_uuid(text: str) -> str:
    if not is_uuid(text):
        raise ValueError("must be a UUID")
    return text


Uuid = Annotated[StrictStr, AfterValidator(_must_be_uuid)]


class TargetAttributeKey(Wire):
    name: Name
    id: Uuid


class InterventionInstance(Wire):
    """The body of a direct push: `InterventionInstance` of the official client, with the stricter bounds of its 0.4.2."""

    model_config = ConfigDict(frozen=True)

    name: Name
    version: Annotated[int, Field(strict=True, ge=0)]
    intervention_id: Uuid | None = None
    target_attribute_key: TargetAttributeKey | None = None
    attributes: dict[str, StrictStr] | None = None

    def payload_for(self, target: Target, intervention_id: str) -> dict[str, Any]:
        """Return the message for a subscriber to `target`."""
        key = self.target_attribute_key or TargetAttributeKey(name=target[0], id=target[1])
        return {
            "intervention_id": intervention_id,
            "name": self.name,
            "version": self.version,
            "attributes": self.attributes or {},
            "target_attribute_key": key.model_dump(),
        }


def _read_targets(request: Request) -> dict[Target, None]:
    """Return the ids in the query of a request, each once, in order."""
    given = request.query_params.multi_items()
    if not given:
        raise Refusal(400, "give at least one attribute key and id, as in ?domain_userid=<UUID>")
    if len({name for name, _ in given}) > _MOST_KEYS:
        raise Refusal(400, f"at most {_MOST_KEYS} attribute keys are allowed")
    if not all(is_uuid(key_id) for _, key_id in given):
        raise Refusal(400, "only UUIDs allowed as attribute key values")
    return dict.fromkeys((name, canonical_id(key_id)) for name, key_id in given)


def _stream(frames: AsyncIterator[bytes], **headers: str) -> StreamingResponse:
    return StreamingResponse(
        frames, media_type="text/event-stream", headers={"Cache-Control": "no-store", **headers}
    )


class Live:
    """The subscriptions, rules and activity of one emulator. They end and are reset with it."""

    def __init__(self, state: State) -> None:
        self.hub = Hub()
        self.activity = Activity()
        self.registry = state.registry
        self.rules = Rules(
            state.database, state.registry, on_each_edge=state.assumptions.fires == "each-edge"
        )
        state.at_reset += [self.rules.reset, self.activity.clear]
        state.at_stop += [self.hub.close, self.activity.close]

    def push(self, instance: InterventionInstance, targets: dict[Target, None]) -> str:
        """Deliver a direct intervention, and return the status that the service reports."""
        intervention_id = instance.intervention_id or str(uuid4())
        reached = self.hub.deliver(
            {target: instance.payload_for(target, intervention_id) for target in targets}
        )
        happening = {"name": instance.name, "version": instance.version, "intervention_id": intervention_id}
        self.activity.add("pushed", {**happening, "targets": served(reached)})
        return "success" if any(reached.values()) else "undelivered"

    def take(self, event: Event) -> dict[str, Any]:
        """Store an event, deliver the interventions that fire, and return both as JSON values."""
        outcome = self.rules.take(event)
        reached = {firing.intervention_id: self.hub.deliver(firing.payloads) for firing in outcome.fired}
        told = as_json(outcome, reached)
        for kind in ("fired", "suppressed"):
            for happening in told[kind]:
                self.activity.add(kind, happening)
        return told

    async def subscription(self, targets: frozenset[Target]) -> AsyncIterator[bytes]:
        """Yield what a subscriber receives. The subscription starts before the first byte and ends with the connection."""
        with self.hub.listening(targets) as stream:
            yield OPENED
            async for frames in stream.frames(HEARTBEAT):
                yield frames

    async def watch(self) -> AsyncIterator[bytes]:
        """Yield what the page receives: the overview at first and after each change, and activity as it happens."""
        with self.activity.watching() as stream:
            shown = self._read_revision()
            yield self._build_picture()
            async for frames in stream.frames(LOOK):
                if shown != self._read_revision():
                    shown = self._read_revision()
                    yield self._build_picture()
                yield frames

    def _read_revision(self) -> tuple[int, int]:
        return self.registry.revision, self.hub.revision

    def _build_picture(self) -> bytes:
        picture = overview(self.registry, self.rules.book)
        listeners, activity = len(self.hub.listeners()), list(self.activity.recent)
        return message({**picture, "listeners": listeners, "activity": activity}, event="picture")


def router(state: State) -> APIRouter:
    """Return the live routes of one emulator."""
    live = Live(state)
    routes = APIRouter(route_class=StrictRoute)
    local = [Depends(state.authentication.require_for_local)]

    @routes.post("/api/v1/interventions", dependencies=[Depends(state.authentication.require)])
    async def push(request: Request, body: InterventionInstance) -> Response:
        return JSONResponse({"status": live.push(body, _read_targets(request))})

    @routes.get("/api/v1/interventions")
    async def subscribe(request: Request) -> Response:
        # Pages of any origin may subscribe: that is what the service is for.
        headers = {"Access-Control-Allow-Origin": "*"}
        return _stream(live.subscription(frozenset(_read_targets(request))), **headers)

    @routes.post("/local/attributes", dependencies=local)
    async def take_event(body: Event) -> Response:
        return JSONResponse(live.take(body))

    @routes.get("/local/attributes", dependencies=local)
    async def attributes() -> Response:
        return JSONResponse(offered(live.rules.book))

    @routes.post("/local/fire", dependencies=local)
    async def fire(body: TextEvent) -> Response:
        return JSONResponse(live.take(live.rules.typed(body)))

    @routes.get("/local/subscriptions", dependencies=local)
    async def subscriptions() -> Response:
        return JSONResponse([_group_by_key(targets) for targets in live.hub.listeners()])

    @routes.get("/local/watch", dependencies=local)
    async def watch() -> Response:
        return _stream(live.watch())

    page = resources.files("signals_local.emulator.live") / "page"
    for path, file, media_type in (
        ("/", "index.html", "text/html"),
        ("/local/page/style.css", "style.css", "text/css"),
        ("/local/page/script.js", "script.js", "text/javascript"),
    ):
        routes.add_api_route(path, _serve_static((page / file).read_bytes(), media_type), methods=["GET"])
    return routes


def _serve_static(content: bytes, media_type: str) -> Any:
    async def serve() -> Response:
        return Response(content, media_type=media_type, headers=_PAGE_HEADERS)

    return serve


def _group_by_key(targets: frozenset[Target]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for name, key_id in sorted(targets):
        ids.setdefault(name, []).append(key_id)
    return ids
