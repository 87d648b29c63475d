"""`/local/...`: endpoints for tests that only a stand-in can offer.

Anyone with access to loopback may use them, unless the emulator was started with its own token. Then they require it, too.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse, Response

from signals_local.emulator.faults import Fault
from signals_local.emulator.state import State
from signals_local.emulator.strict_json import StrictRoute
from signals_local.emulator.wire import Kind


def router(state: State) -> APIRouter:
    """Return the routes below `/local` other than those for events and deliveries."""
    routes = APIRouter(
        prefix="/local",
        route_class=StrictRoute,
        dependencies=[Depends(state.authentication.require_for_local)],
    )

    @routes.get("/history")
    async def history(kind: Kind = "intervention") -> Response:
        return JSONResponse(state.registry.history.describe(kind))

    @routes.get("/promises")
    async def promises(since: int = 0, meant_down: Annotated[list[str] | None, Query()] = None) -> Response:
        broken = state.registry.history.broken_promises(since=since, meant_down=meant_down or ())
        return JSONResponse({"broken": broken, "sequence": state.registry.history.sequence})

    @routes.get("/requests")
    async def requests(since: int = 0) -> Response:
        return JSONResponse(state.requests.since(since))

    @routes.get("/faults")
    async def faults() -> Response:
        return JSONResponse(state.faults.described())

    @routes.post("/faults")
    async def order_fault(body: Fault) -> Response:
        state.faults.order(body)
        return JSONResponse(state.faults.described(), status_code=201)

    @routes.delete("/faults")
    async def clear_faults() -> Response:
        state.faults.clear()
        return JSONResponse([])

    @routes.post("/reset")
    async def reset() -> Response:
        state.reset()
        return JSONResponse({"sequence": state.registry.history.sequence})

    @routes.get("/assumptions")
    async def assumptions() -> Response:
        return JSONResponse(state.assumptions.as_mapping())

    return routes
