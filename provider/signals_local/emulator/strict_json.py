"""Request bodies as RFC 8259 has them.

Python reads more than JSON: NaN, numbers beyond a float (as infinity), halves of surrogate pairs. None of these could be
answered or stored as JSON again. They are refused where they arrive, like any text that is no JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response


def parse_json(content: bytes) -> Any:
    """Return what a body says.

    Raises:
        json.JSONDecodeError: it is no JSON, or says what JSON cannot say again.
    """
    try:
        value = json.loads(content)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        # Not text, NaN, half a surrogate pair, a number of thousands of digits, or nested beyond all reason.
        raise json.JSONDecodeError(str(error), "", 0) from error
    return value


class _Request(Request):
    async def json(self) -> Any:
        return parse_json(await self.body())


class StrictRoute(APIRoute):
    """A route that takes JSON bodies strictly; the rest is FastAPI's."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, reading the body as `parse_json` does."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_Request(request.scope, request.receive))

        return handle_strictly
