"""Turns credentials into the bearer token that Signals wants, once for all threads.

The Console exchanges an API key for a token, a JWT that is valid for 24 hours. The request is that of the official client:
`GET {console}/api/msc/v1/organizations/{org}/credentials/v3/token` with the headers `X-API-Key-Id` and `X-API-Key`
(`snowplow_signals.api_client`, 0.4.10). Unlike that client, we renew the token before it expires and once after a 401.
"""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx
from pydantic import ValidationError

from pulumi_snowplow_signals.api.models import TokenExchange
from pulumi_snowplow_signals.api.redaction import Redaction
from pulumi_snowplow_signals.api.responses import NOT_JSON, Call, Success, decode, judge, parse_http_date
from pulumi_snowplow_signals.api.settings import ConsoleCredentials, SandboxToken
from pulumi_snowplow_signals.errors import Unauthorized, UnexpectedResponse

RENEWAL_MARGIN_SECONDS: Final = 60.0
"""How long before its expiry a token is renewed: longer than any request takes. For a token that is valid for less than
ten minutes, it is a tenth of that time."""

_REFUSALS: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})
"""Statuses that the Console may send, besides 401 and 403, for an organization or a key that it does not know."""


class SandboxAuth(httpx.Auth):
    """Sends the sandbox token as it is."""

    exchange: Call | None = None

    def __init__(self, credentials: SandboxToken) -> None:
        self._token = credentials.token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token."""
        _add_token(request, self._token.get_secret_value())
        yield request


@dataclass(frozen=True)
class _Token:
    value: str
    renew_at: float
    """A moment on the clock of this process; infinite if the token does not say when it expires."""


class ConsoleAuth(httpx.Auth):
    """Exchanges a Console API key for a token and keeps it.

    When several threads need a token, one requests it and the others wait; none holds a lock meanwhile. The flow yields the
    exchange as a separate request, so it uses the client's connections, timeouts and retries.
    """

    def __init__(
        self, credentials: ConsoleCredentials, redaction: Redaction, clock: Callable[[], float]
    ) -> None:
        self._credentials = credentials
        self._redaction = redaction
        self._clock = clock
        self._url = f"{credentials.console_url}/api/msc/v1/organizations/{credentials.organization_id}/credentials/v3/token"
        self.exchange = Call("GET", self._url)
        self._lock = threading.Lock()
        self._exchanged: threading.Event | None = None
        """Set when the current exchange has ended."""
        self._token: _Token | None = None
        self._refusal: Unauthorized | None = None
        self._is_hopeless = False

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request with a token, and once more with a new one if that token is not accepted.

        Raises:
            Unauthorized: The Console does not accept the API key. It is asked once per process: a refused key will not be
                accepted a moment later, and each further attempt might lock the account.
            UnexpectedResponse: The Console's address responds with something other than a token.
            Unavailable: The Console asks to try again later.
        """
        token = yield from self._get_token(request)
        _add_token(request, token.value)
        response = yield request
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            self._is_hopeless = False
            return
        # If even a new token was not accepted, the key is for another deployment: do not exchange it at each request.
        if self._is_hopeless:
            return
        token = yield from self._get_token(request, instead_of=token)
        _add_token(request, token.value)
        response = yield request
        self._is_hopeless = response.status_code == HTTPStatus.UNAUTHORIZED

    def _get_token(
        self, request: httpx.Request, instead_of: _Token | None = None
    ) -> Generator[httpx.Request, httpx.Response, _Token]:
        """Return a token other than the rejected one; another thread may have renewed it already."""
        while True:
            with self._lock:
                if self._refusal is not None:
                    raise dataclasses.replace(self._refusal)
                token = self._token
                if token is not None and token is not instead_of and self._clock() < token.renew_at:
                    return token
                others = self._exchanged
                if others is None:
                    mine = self._exchanged = threading.Event()
            if others is None:
                break
            others.wait()
        try:
            response = yield self._build_exchange(request)
            response.read()
            token = self._token = self._read_token(response)
        finally:
            with self._lock:
                self._exchanged = None
            mine.set()
        return token

    def _build_exchange(self, request: httpx.Request) -> httpx.Request:
        return httpx.Request(
            "GET",
            self._url,
            headers={
                "X-API-Key-Id": self._credentials.api_key_id,
                "X-API-Key": self._credentials.api_key.get_secret_value(),
                "X-Signals-Sdk-Name": request.headers["X-Signals-Sdk-Name"],
                "Accept": "application/json",
            },
            extensions={"timeout": request.extensions["timeout"]},
        )

    def _read_token(self, response: httpx.Response) -> _Token:
        call, advice = self.exchange, self._credentials.advice
        judged = judge(call, response, self._redaction, advice)
        if not isinstance(judged, Success):
            # The shape of the Console's errors is not documented. JSON distinguishes them from a wrong address.
            refused = judged.status in _REFUSALS and decode(response) is not NOT_JSON
            if refused or isinstance(judged, Unauthorized):
                self._refusal = Unauthorized(
                    call.method, call.path, judged.status, judged.words, advice=advice
                )
                raise dataclasses.replace(self._refusal)
            raise dataclasses.replace(judged, sent=False)
        try:
            value = TokenExchange.model_validate(judged.data).token
        except ValidationError:
            value = ""
        if not value:
            raise UnexpectedResponse(call.method, call.path, judged.status, "the response has no accessToken")
        self._redaction.add(value)
        return _Token(value, self._clock() + _compute_renewal_seconds(value, response))


def _add_token(request: httpx.Request, token: str) -> None:
    request.headers["Authorization"] = f"Bearer {token}"


def _compute_renewal_seconds(token: str, response: httpx.Response) -> float:
    """Return how many seconds a token that was just received may be used.

    The server decides what has expired, so its clock counts: the `Date` of the response, or the time of issue if that is
    later. The clock of this machine may be minutes off. If neither is known, the token is used until it is refused.
    """
    # Imported late: with `cryptography` installed this takes 40 ms, and a sandbox never needs it.
    import jwt  # noqa: PLC0415

    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return math.inf
    expires, issued, now = (
        _parse_number(claims.get("exp")),
        _parse_number(claims.get("iat")),
        parse_http_date(response.headers.get("date", "")),
    )
    known = [moment for moment in (issued, now) if moment is not None]
    if expires is None or not known or expires <= max(known):
        return math.inf
    lifetime = expires - max(known)
    return lifetime - min(RENEWAL_MARGIN_SECONDS, lifetime / 10)


def _parse_number(claim: Any) -> float | None:
    return float(claim) if isinstance(claim, int | float) and math.isfinite(claim) else None
