"""Parse request bodies strictly, as RFC 8259 defines JSON.

Python reads more than JSON: NaN, numbers beyond a float (as infinity), unpaired surrogates. None of these can be returned or stored as
JSON again, so they are refused on arrival, like any text that is not JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

#: People rarely nest criteria more than ten levels deep. Python's own limit is near a thousand.
_MOST_LEVELS = 400
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")


def parse_json(content: bytes) -> Any:
    """Return the value of a body.

    Raises:
        json.JSONDecodeError: The body is not JSON, or its value cannot be written as JSON again.
    """
    try:
        _refuse_depth(content)
        value = json.loads(content)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        # Not text, NaN, an unpaired surrogate, a number with thousands of digits, or nested too deeply.
        raise json.JSONDecodeError(str(error), "", 0) from error
    return value


def _refuse_depth(content: bytes) -> None:
    """Refuse values that are nested too deeply for a recursive walk."""
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
    """A FastAPI route that parses JSON bodies strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, with bodies read by `parse_json`."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_Request(request.scope, request.receive))

        return handle_strictly
