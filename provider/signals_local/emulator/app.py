"""The whole service as one ASGI app: the routes, the layers before them, and the form of refusals.

The service's host has two back ends whose refusals differ. The registry sends FastAPI's (`HTTPValidationError` and
`{"detail": ...}`), and the push and stream endpoints send `{"error": ...}` (`ErrorResponse`; both in
`snowplow_signals.models.model`).
"""

from __future__ import annotations

import sqlite3
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from signals_local.emulator import console_routes, engine_routes, live, local_routes, registry_routes
from signals_local.emulator.errors import Refusal
from signals_local.emulator.faults import FaultLayer, PublicationFailed
from signals_local.emulator.guard import HOSTS, INTERVENTIONS_PATH, BodyLayer, OriginLayer, refusal
from signals_local.emulator.request_log import RequestLogLayer
from signals_local.emulator.state import State

#: The most faults to list for one body, which might have one in every byte.
_MOST_FAULTS = 100


def create_app(state: State) -> ASGIApp:
    """Return the app for a state. Each app needs its own state."""
    app = FastAPI(title="Snowplow Signals, emulated", docs_url=None, redoc_url=None)

    app.include_router(registry_routes.router(state))
    app.include_router(engine_routes.router(state))
    app.include_router(console_routes.router(state))
    app.include_router(local_routes.router(state))
    app.include_router(live.router(state))

    @app.get("/health-all")
    async def health() -> Response:
        return JSONResponse({"status": "ok", "dependencies": {}})

    _answer_errors(app, state)
    logged = RequestLogLayer(BodyLayer(FaultLayer(app, state.faults)), state.requests)
    return TrustedHostMiddleware(OriginLayer(logged), allowed_hosts=HOSTS, www_redirect=False)


def _answer_errors(app: FastAPI, state: State) -> None:
    as_list = state.assumptions.error_detail == "list"

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> Response:
        if isinstance(error, PublicationFailed):
            return _respond_with(error)
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None  # noqa: PLR2004 - as HTTP demands
        if as_list and request.url.path != INTERVENTIONS_PATH:
            detail = [{"loc": list(error.location), "msg": error.detail, "type": "value_error"}]
            return JSONResponse({"detail": detail}, error.status, headers)
        return refusal(request.url.path, error.status, error.detail, headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [
            {"loc": location(each["loc"]), "msg": each["msg"], "type": each["type"]}
            for each in error.errors()[:_MOST_FAULTS]
        ]
        if request.url.path == INTERVENTIONS_PATH:
            text = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in faults)
            return JSONResponse({"error": text}, 400)
        return JSONResponse({"detail": faults}, 422)

    @app.exception_handler(HTTPException)
    async def no_such_route(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers) if error.headers else None
        return refusal(request.url.path, error.status_code, error.detail, headers)

    @app.exception_handler(sqlite3.Error)
    async def storage_failed(_request: Request, error: sqlite3.Error) -> Response:
        text = f"The emulator could not use its database {state.settings.database}: {error}. Nothing was changed."
        return JSONResponse({"detail": text}, 500)


def location(parts: tuple[Any, ...]) -> list[str | int]:
    """Return the location of a fault in a request, without pydantic's tags for criteria nodes."""
    return [part for part in parts if not (isinstance(part, str) and part.startswith("<"))]


def _respond_with(failure: PublicationFailed) -> Response:
    fault = failure.fault
    return Response(fault.content(), failure.status, fault.headers, media_type=fault.content_type)
