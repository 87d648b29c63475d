"""What a response means: a value, or one of our errors.

The official client treats 200, 201 and 202 as success and raises the same error for everything else. Here the difference
decides what a deployment does next: it forgets an object that is gone, but not one that cannot be reached. So one place
draws the line, from the status and the shape of the body. Errors repeat the words of a body; nothing interprets them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from pulumi_snowplow_signals.api.redaction import Redaction
from pulumi_snowplow_signals.errors import (
    ApiError,
    NotFound,
    Problem,
    Rejected,
    Unauthorized,
    Unavailable,
    UnexpectedResponse,
)

if TYPE_CHECKING:
    import httpx

NOT_JSON: Final = object()
"""Stands for a body that is not JSON."""

_UNAUTHORIZED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_NOT_TAKEN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
"""The server says that it did not process the request."""
PASSING: Final = _NOT_TAKEN | {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
"""Statuses of a temporary failure. 500 is not one of them: the service failed on this very request."""

_MOST_PROBLEMS: Final = 10
_PROBLEM_LIMIT: Final = 80
"""The most characters of a problem's message, and of its location."""

_DEEPEST: Final = 500
"""The most levels of a JSON value. No object of Signals comes near, and the functions that walk through one are recursive."""


@dataclass(frozen=True)
class Call:
    """One request to an endpoint, with what errors and retries need to know."""

    method: str
    path: str
    """The path below the API's root, without the query."""
    body: Mapping[str, Any] | None = None
    query: Sequence[tuple[str, str]] = ()
    repeatable: bool = True
    """Whether sending it twice has the same result as sending it once."""
    one_object: bool = False
    """Whether it names one object. Only then can a 404 mean that the object, or something it refers to, does not exist."""
    may_be_empty: bool = False
    """Whether a response without a body is valid."""

    @property
    def personal(self) -> list[str]:
        """The ids in the query, which no error may repeat."""
        return [value for _, value in self.query]


def decode(response: httpx.Response) -> Any:
    """Return the body's JSON, whatever its content type, or `NOT_JSON`."""
    try:
        data = json.loads(response.content)
    except (ValueError, RecursionError):
        return NOT_JSON
    return NOT_JSON if _is_too_deep(data) else data


def _is_too_deep(data: Any) -> bool:
    level = [data]
    for _ in range(_DEEPEST):
        level = [
            item
            for each in level
            if isinstance(each, dict | list)
            for item in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


class Success(NamedTuple):
    """A success: the status, and the body's JSON (`NOT_JSON` for an empty body, where that is valid)."""

    status: int
    data: Any


def judge(call: Call, response: httpx.Response, redaction: Redaction, advice: str) -> Success | ApiError:
    """Return the success that a response reports, or the error to raise.

    Args:
        call: The request.
        response: The response, with its body read.
        redaction: Hides secrets in the words that an error repeats.
        advice: What to tell a user whose credentials are refused.
    """
    data = decode(response)
    if response.is_success and (data is not NOT_JSON or (call.may_be_empty and not response.content)):
        return Success(response.status_code, data)
    status, words = response.status_code, redaction.clean(_extract_words(response, data), call.personal)
    asked = (call.method, call.path, status)
    if status in _UNAUTHORIZED:
        return Unauthorized(*asked, words, advice=advice)
    if status in _NOT_TAKEN or response.is_server_error:
        retry_after = _read_retry_after(response)
        # A gateway also sends 503 when the connection breaks while the service is at work. Only a gateway that knows when
        # the service returns has certainly not forwarded the request.
        declined = status == HTTPStatus.SERVICE_UNAVAILABLE and retry_after is not None
        sent = status not in _NOT_TAKEN and not declined
        return Unavailable(*asked, words, sent=sent, retry_after=retry_after)
    is_of_the_service = call.one_object and _is_service_error(data)
    if status == HTTPStatus.NOT_FOUND and is_of_the_service and call.method != "POST":
        return NotFound(*asked, words)
    if status == HTTPStatus.NOT_FOUND and not is_of_the_service:
        words = f"{words or 'an empty body'}; check the address"
    elif response.is_client_error and not _is_html(response):
        return Rejected(*asked, words, problems=_redact_problems(data, redaction, call))
    # Redirects and refusals did nothing. Any other status, such as 102 or 600, may have done something.
    refuses = response.status_code // 100 in {3, 4}
    sent = call.method != "GET" and not refuses
    return UnexpectedResponse(*asked, words or "an empty body", sent=sent)


def _extract_words(response: httpx.Response, data: Any) -> str:
    """Return the message of a known error shape, or else the whole body. The caller redacts it before it is shown."""
    if response.is_redirect:
        return f"a redirect to {_name_server(response.headers.get('location', ''))}, where the credentials are not sent"
    if data is NOT_JSON:
        return _summarise_html(response.text) if _is_html(response) else response.text
    if isinstance(data, dict):
        detail = data.get("detail")
        if isinstance(detail, str):
            return detail
        if isinstance(detail, list):
            return "; ".join(
                f"{'.'.join(map(str, problem.location))}: {problem.message}".removeprefix(": ")
                for problem in _parse_problems(detail)
            )
        # Signals' push and attribute services use "error"; common gateways use "message".
        for name in ("error", "message"):
            if isinstance(data.get(name), str):
                return str(data[name])
    return response.text


def _read_retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that a response asks to wait. A date is compared with the server's clock, not with ours."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until, now = parse_http_date(value), parse_http_date(response.headers.get("date", ""))
    return None if until is None or now is None else max(0.0, until - now)


def parse_http_date(text: str) -> float | None:
    """Return the date of an HTTP header in seconds since the epoch; None if it is not a date."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _is_service_error(data: Any) -> bool:
    """Return whether a body is a documented error: FastAPI's `detail`, or `error` of the push and attribute services."""
    if not isinstance(data, dict):
        return False
    return isinstance(data.get("detail"), str | list) or (
        "error" in data and isinstance(data["error"], str | None)
    )


def _parse_problems(detail: list[Any]) -> list[Problem]:
    """Return the first problems of a list in the form of FastAPI and pydantic; any other item becomes a message."""
    problems = []
    for item in detail[:_MOST_PROBLEMS]:
        located = item if isinstance(item, dict) else {"msg": item}
        steps = located.get("loc")
        location = tuple(filter(_is_step, steps)) if isinstance(steps, list) else ()
        problems.append(
            Problem(location[1:] if location[:1] == ("body",) else location, str(located.get("msg", item)))
        )
    return problems


def _is_step(step: Any) -> bool:
    return isinstance(step, str | int) and not isinstance(step, bool)


def _redact_problems(data: Any, redaction: Redaction, call: Call) -> tuple[Problem, ...]:
    """Return the located problems of a body, redacted. The last item counts those that were left out."""
    detail = data.get("detail") if isinstance(data, dict) else None
    if not isinstance(detail, list):
        return ()

    def clean(text: str) -> str:
        return redaction.clean(text, call.personal, limit=_PROBLEM_LIMIT)

    problems = [
        Problem(
            _cut([clean(step) if isinstance(step, str) else step for step in problem.location]),
            clean(problem.message),
        )
        for problem in _parse_problems(detail)
    ]
    more = len(detail) - len(problems)
    return (*problems, *([Problem((), f"and {more} more")] if more else []))


def _cut(location: Sequence[str | int]) -> tuple[str | int, ...]:
    """Return the steps of a location up to `_PROBLEM_LIMIT` characters."""
    ends = accumulate(len(str(step)) + 1 for step in location)
    return tuple(step for step, end in zip(location, ends, strict=True) if end <= _PROBLEM_LIMIT + 1)


def _is_html(response: httpx.Response) -> bool:
    return "html" in response.headers.get("content-type", "") or response.content.lstrip()[:1] == b"<"


def _name_server(location: str) -> str:
    """Return the server that a redirect leads to, without the rest of its address."""
    try:
        target = urlsplit(location)
    except ValueError:
        return "no address"
    return (
        f"{target.scheme or 'https'}://{target.netloc.rpartition('@')[2]}"
        if target.netloc
        else "another path"
    )


def _summarise_html(page: str) -> str:
    enough = page[:20_000]
    title = re.search(r"<title[^>]*>(.*?)</title>", enough, re.IGNORECASE | re.DOTALL)
    text = title[1] if title else re.sub(r"<[^>]*>", " ", enough)
    return f"an HTML page, {text.strip() or 'empty'}"
