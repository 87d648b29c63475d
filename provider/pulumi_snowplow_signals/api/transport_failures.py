"""What it means when no answer came: in words, as to whether the request may have been carried out, and how long to try on."""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx

from pulumi_snowplow_signals.api.answers import Call
from pulumi_snowplow_signals.api.redaction import Redaction
from pulumi_snowplow_signals.errors import ApiError, Unavailable, UnexpectedAnswer

UNREACHED_SECONDS: Final = 8.0
"""How long to go on where nothing listens or no such host is known: long enough for a restart, short enough for a
mistyped address."""

_NEVER: Final = 0.0
_WITHOUT_END: Final = math.inf  # that is, for as long as the settings allow

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Raised before the first byte of a request leaves, a failed TLS handshake (a ConnectError) included. All else, a
request cut short in writing too, may have been carried out."""

_WORDS: Final[tuple[tuple[type[BaseException], str, float], ...]] = (
    (
        ssl.SSLCertVerificationError,
        "the certificate of {place} is not trusted: {cause} (SSL_CERT_FILE may name a file of your own authorities)",
        _NEVER,
    ),
    (socket.gaierror, "the host of {place} cannot be resolved ({cause})", UNREACHED_SECONDS),
    (ConnectionRefusedError, "nothing listens at {place}", UNREACHED_SECONDS),
    (httpx.ProxyError, "the proxy cannot connect to {place}: {cause}", UNREACHED_SECONDS),
    (httpx.ConnectError, "no connection to {place}: {cause}", UNREACHED_SECONDS),
    (httpx.DecodingError, "the response from {place} cannot be decompressed: {cause}", _NEVER),
    (httpx.ConnectTimeout, "connecting to {place} timed out", _WITHOUT_END),
    (httpx.TimeoutException, "{place} did not respond in time", _WITHOUT_END),
    (httpx.RequestError, "the connection to {place} was lost: {cause}", _WITHOUT_END),
)
"""By what is found in the chain of causes, the most telling first."""


def failure_of_transport(
    call: Call, failure: httpx.RequestError, redaction: Redaction, *, in_exchange: bool
) -> tuple[ApiError, float]:
    """Translate an exception of the HTTP library, and say for how many seconds such a failure is worth a retry.

    Nothing of the exception is kept but words: it holds the request, and with it the token.

    Args:
        call: what was asked.
        failure: what the HTTP library raised.
        redaction: strikes secrets out of the words.
        in_exchange: whether it happened in the exchange of credentials, before the request itself was sent.
    """
    url = failure.request.url
    chain = list(_causes(failure))
    words, patience = next(
        (text.format(place=f"{url.scheme}://{url.netloc.decode('ascii')}", cause=cause), patience)
        for kind, text, patience in _WORDS
        for cause in chain
        if isinstance(cause, kind)
    )
    kind_of_error = UnexpectedAnswer if isinstance(failure, httpx.DecodingError) else Unavailable
    sent = not in_exchange and not isinstance(failure, _UNSENT)
    error = kind_of_error(call.method, call.path, None, redaction.clean(words, call.personal), sent=sent)
    return error, patience


def _causes(failure: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = failure
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
