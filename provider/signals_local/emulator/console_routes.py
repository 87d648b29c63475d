"""Snowplow Console's token exchange, which is another service on another host; here it shares ours.

Path and headers are those of `snowplow_signals.api_client` (0.4.10).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import JSONResponse, Response

from signals_local.emulator.state import State


def router(state: State) -> APIRouter:
    """The one path of Console."""
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
