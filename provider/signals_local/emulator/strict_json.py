"""Request bodies as RFC 8259 has them.

Python reads more than JSON: NaN, numbers beyond a float (as infinity), halves of surrogate pairs. None of these could be
answered or stored as JSON again. They are refused where they arrive, like any text that is no JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

#: Criteria are nested as people think: ten levels are many. Python's own limit lies near a thousand.
_MOST_LEVELS = 400
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")


def parse_json(content: bytes) -> Any:
    """Return what a body says.

    Raises:
        json.JSONDecodeError: it is no JSON, or says what JSON cannot say again.
    """
    try:
        _refuse_depth(content)
        value = json.loads(content)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        # Not text, NaN, half a surrogate pair, a number of thousands of digits, or nested beyond all reason.
        raise json.JSONDecodeError(str(error), "", 0) from error
    return value


def _refuse_depth(content: bytes) -> None:
    """Refuse what is nested so deeply that a walk through it might not come back."""
    if content.count(b"[") + content.count(b"{") <= _MOST_LEVELS:
        return
    level = 0
    for bracket in _BRACKETS.findall(_TEXTS.sub(b"", content)):
        level += 1 if bracket in b"[{" else -1
        if level > _MOST_LEVELS:
            raise ValueError(f"nested deeper than {_MOST_LEVELS} levels")


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
