"""What an answer means: a value, or one of our errors.

The official client takes 200, 201 and 202 for success and raises the same error for all else. Here the difference
decides what a deployment does next (an object that is gone is forgotten, one that cannot be reached is not), so it is
drawn in one place, from the status and the shape of the body. The words of a body are only ever repeated, never read.
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
    UnexpectedAnswer,
)

if TYPE_CHECKING:
    import httpx

NOT_JSON: Final = object()
"""Stands for a body that is no JSON."""

_UNAUTHORIZED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_NOT_TAKEN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
"""The server says that it did not take the request up."""
PASSING: Final = _NOT_TAKEN | {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
"""Statuses of a trouble that passes. 500 is not one of them: it is the service's own failure with this request."""

_MOST_PROBLEMS: Final = 10
_PROBLEM_LIMIT: Final = 80
"""Characters of one located problem, and of the place it is in."""

_DEEPEST: Final = 500
"""Levels of a JSON value. No object of Signals comes near, and the functions that walk through one call themselves."""


@dataclass(frozen=True)
class Call:
    """One request to an endpoint, as errors tell of it and as retries need to know it."""

    method: str
    path: str
    """Below the API's root, without the query."""
    body: Mapping[str, Any] | None = None
    query: Sequence[tuple[str, str]] = ()
    repeatable: bool = True
    """Whether it ends the same if it is carried out twice."""
    one_object: bool = False
    """Whether it names one object, so that a 404 can mean that this object does not exist."""
    may_be_empty: bool = False
    """Whether an answer without a body is a full one."""

    @property
    def personal(self) -> list[str]:
        """What no error may repeat: the ids in the query."""
        return [value for _, value in self.query]


def decode(response: httpx.Response) -> Any:
    """Return the body's JSON, whatever type it claims to be, or `NOT_JSON`."""
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


class Answer(NamedTuple):
    """A success: the status, and the body's JSON (`NOT_JSON` for a body that may be empty and is)."""

    status: int
    data: Any


def judge(call: Call, response: httpx.Response, redaction: Redaction, advice: str) -> Answer | ApiError:
    """Return the usable success that a response is, or the error to raise.

    Args:
        call: what was asked.
        response: the answer, its body read.
        redaction: strikes secrets out of the words that an error repeats.
        advice: what to tell a user whose credentials are refused.
    """
    data = decode(response)
    if response.is_success and (data is not NOT_JSON or (call.may_be_empty and not response.content)):
        return Answer(response.status_code, data)
    status, words = response.status_code, redaction.clean(_words_of(response, data), call.personal)
    asked = (call.method, call.path, status)
    if status in _UNAUTHORIZED:
        return Unauthorized(*asked, words, advice=advice)
    if status in _NOT_TAKEN or response.is_server_error:
        retry_after = _retry_after_of(response)
        # A gateway also says 503 when the connection broke while the service was at work. Only one that plans the
        # return of the service has surely not passed the request on.
        declined = status == HTTPStatus.SERVICE_UNAVAILABLE and retry_after is not None
        sent = status not in _NOT_TAKEN and not declined
        return Unavailable(*asked, words, sent=sent, retry_after=retry_after)
    if status == HTTPStatus.NOT_FOUND and call.one_object and _is_error_of_the_service(data):
        return NotFound(*asked, words)
    if status == HTTPStatus.NOT_FOUND:
        words = f"{words or 'an empty body'}; check the address"
    elif response.is_client_error and not _is_html(response):
        return Rejected(*asked, words, problems=_problems(data, redaction, call))
    # Redirects and refusals did nothing. Whatever else comes, 102 or 600 for instance, does not say so.
    refuses = response.status_code // 100 in {3, 4}
    sent = call.method != "GET" and not refuses
    return UnexpectedAnswer(*asked, words or "an empty body", sent=sent)


def _words_of(response: httpx.Response, data: Any) -> str:
    """Put a body into words: the text of a known error shape, otherwise what there is. Not yet fit to be shown."""
    if response.is_redirect:
        return f"a redirect to {_place(response.headers.get('location', ''))}, where the credentials are not sent"
    if data is NOT_JSON:
        return _html_in_words(response.text) if _is_html(response) else response.text
    if isinstance(data, dict):
        detail = data.get("detail")
        if isinstance(detail, str):
            return detail
        if isinstance(detail, list):
            return "; ".join(
                f"{'.'.join(map(str, problem.location))}: {problem.message}".removeprefix(": ")
                for problem in _problems_in(detail)
            )
        # "error" is the shape of Signals' push and attribute services, "message" that of common gateways.
        for name in ("error", "message"):
            if isinstance(data.get(name), str):
                return str(data[name])
    return response.text


def _retry_after_of(response: httpx.Response) -> float | None:
    """Return the seconds that a response asks to wait. A date is compared with the server's own clock, not with ours."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until, now = http_date(value), http_date(response.headers.get("date", ""))
    return None if until is None or now is None else max(0.0, until - now)


def http_date(text: str) -> float | None:
    """Read a date of an HTTP header, in seconds since the epoch; None if it is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _is_error_of_the_service(data: Any) -> bool:
    """Recognise the documented error bodies: FastAPI's `detail`, and `error` of the push and attribute services."""
    if not isinstance(data, dict):
        return False
    return isinstance(data.get("detail"), str | list) or (
        "error" in data and isinstance(data["error"], str | None)
    )


def _problems_in(detail: list[Any]) -> list[Problem]:
    """Return the first problems of a list, as FastAPI and pydantic write them, or whatever else is in it."""
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


def _problems(data: Any, redaction: Redaction, call: Call) -> tuple[Problem, ...]:
    """Return the problems that a body locates, fit to be shown, and how many more there are as the last one."""
    detail = data.get("detail") if isinstance(data, dict) else None
    if not isinstance(detail, list):
        return ()

    def cleaned(text: str) -> str:
        return redaction.clean(text, call.personal, limit=_PROBLEM_LIMIT)

    problems = [
        Problem(
            _cut([cleaned(step) if isinstance(step, str) else step for step in problem.location]),
            cleaned(problem.message),
        )
        for problem in _problems_in(detail)
    ]
    more = len(detail) - len(problems)
    return (*problems, *([Problem((), f"and {more} more")] if more else []))


def _cut(location: Sequence[str | int]) -> tuple[str | int, ...]:
    """Return the steps of a location up to `_PROBLEM_LIMIT` characters."""
    ends = accumulate(len(str(step)) + 1 for step in location)
    return tuple(step for step, end in zip(location, ends, strict=True) if end <= _PROBLEM_LIMIT + 1)


def _is_html(response: httpx.Response) -> bool:
    return "html" in response.headers.get("content-type", "") or response.content.lstrip()[:1] == b"<"


def _place(location: str) -> str:
    """Name the server that a redirect leads to, without what else its address may hold."""
    try:
        target = urlsplit(location)
    except ValueError:
        return "no address"
    return (
        f"{target.scheme or 'https'}://{target.netloc.rpartition('@')[2]}"
        if target.netloc
        else "another path"
    )


def _html_in_words(page: str) -> str:
    enough = page[:20_000]
    title = re.search(r"<title[^>]*>(.*?)</title>", enough, re.IGNORECASE | re.DOTALL)
    text = title[1] if title else re.sub(r"<[^>]*>", " ", enough)
    return f"an HTML page, {text.strip() or 'empty'}"
