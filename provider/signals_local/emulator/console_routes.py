"""Snowplow Console's token exchange. It is a different service on a different host, but here it shares the emulator's.

The path and headers are those of `snowplow_signals.api_client` (0.4.10).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import JSONResponse, Response

from signals_local.emulator.state import State


def router(state: State) -> APIRouter:
    """Return the routes of Console."""
    routes = APIRouter()

    @routes.get("/api/msc/v1/organizations/{organization_id}/credentials/v3/token")
    async def exchange(
        organization_id: str,
        x_api_key_id: Annotated[str, Header()] = "",
        x_api_key: Annotated[str, Header()] = "",
    ) -> Response:
        token = state.authentication.exchange(organization_id, x_api_key_id, x_api_key)
        return JSONResponse({"accessToken": token})

    return routes
