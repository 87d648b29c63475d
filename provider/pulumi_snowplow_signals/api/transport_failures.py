"""What a missing response means: its text, whether the request may have been carried out, and how long to retry."""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx

from pulumi_snowplow_signals.api.redaction import Redaction
from pulumi_snowplow_signals.api.responses import Call
from pulumi_snowplow_signals.errors import ApiError, Unavailable, UnexpectedResponse

UNREACHED_SECONDS: Final = 8.0
"""How long to retry if nothing listens or the host is unknown: long enough for a restart, short enough for a mistyped
address."""

_NEVER: Final = 0.0
_WITHOUT_END: Final = math.inf  # for as long as the settings allow

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Raised before the first byte of a request is sent, also for a failed TLS handshake (a ConnectError). After any other error,
even one while writing, the request may have been carried out."""

_WORDS: Final[tuple[tuple[type[BaseException], str, float], ...]] = (
    (
        ssl.SSLCertVerificationError,
        "the certificate of {place} is not trusted: {cause} (to trust your own authorities, set SSL_CERT_FILE)",
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
"""The text and the seconds of retries by the exception in the chain of causes, the most specific first."""


def translate_failure(
    call: Call, failure: httpx.RequestError, redaction: Redaction, *, in_exchange: bool
) -> tuple[ApiError, float]:
    """Return our error for an exception of the HTTP library, and for how many seconds it is worth a retry.

    Only text is kept of the exception, which holds the request and thus the token.

    Args:
        call: The request.
        failure: The exception of the HTTP library.
        redaction: Hides secrets in the text.
        in_exchange: Whether it happened in the exchange of credentials, before the request itself was sent.
    """
    url = failure.request.url
    chain = list(_walk_causes(failure))
    words, patience = next(
        (text.format(place=f"{url.scheme}://{url.netloc.decode('ascii')}", cause=cause), patience)
        for kind, text, patience in _WORDS
        for cause in chain
        if isinstance(cause, kind)
    )
    kind_of_error = UnexpectedResponse if isinstance(failure, httpx.DecodingError) else Unavailable
    sent = not in_exchange and not isinstance(failure, _UNSENT)
    error = kind_of_error(call.method, call.path, None, redaction.clean(words, call.personal), sent=sent)
    return error, patience


def _walk_causes(failure: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = failure
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
