"""`engines/publish` and `engines/unpublish`: publish or withdraw several registered objects at once.

The bodies are `SelectivePublishRequest` and `UnpublishRequest` of `snowplow_signals.models.model` (0.4.10). The description of
`is_published` implies that this field shows the result. The service's response for an unknown object is not known; the emulator sends
404 and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from signals_local.emulator.errors import Refusal
from signals_local.emulator.models import EngineRequest
from signals_local.emulator.registry import Identity
from signals_local.emulator.state import State
from signals_local.emulator.strict_json import StrictRoute


def router(state: State) -> APIRouter:
    """Return the routes below `engines/`, which require a token."""
    routes = APIRouter(
        prefix="/api/v1/engines",
        route_class=StrictRoute,
        dependencies=[Depends(state.authentication.require)],
    )

    @routes.post("/publish")
    async def publish(request: Request, body: EngineRequest) -> Response:
        done = state.registry.publish_all(list(_identities(body)), state.cause(request))
        return JSONResponse({"status": "published" if done else "nothing to publish"})

    @routes.post("/unpublish")
    async def unpublish(request: Request, body: EngineRequest) -> Response:
        done = state.registry.unpublish_all(list(_identities(body)), state.cause(request))
        return JSONResponse({"status": "unpublished" if done else "nothing to unpublish"})

    return routes


def _identities(body: EngineRequest) -> Iterator[Identity]:
    for log in body.event_logs or ():
        raise Refusal(404, f"Event log '{log.name}' not found")
    for decision in body.agentic_decisions or ():
        raise Refusal(404, f"Agentic decision '{decision.name}' not found")
    for attribute in body.agentic_attributes or ():
        raise Refusal(404, f"Agentic attribute '{attribute.name}' not found")
    for key in body.attribute_keys or ():
        yield Identity("attribute_key", key.name)
    for group in body.attribute_groups or ():
        yield Identity("attribute_group", group.name, group.version)
    for service in body.services or ():
        yield Identity("service", service.name)
    for intervention in body.interventions or ():
        yield Identity("intervention", intervention.name, intervention.version)
