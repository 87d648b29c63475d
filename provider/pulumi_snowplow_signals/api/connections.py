"""How the client reaches a server: connections, certificates, proxies and redirects."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import httpx

from pulumi_snowplow_signals.api.addresses import is_loopback_host

_POOL: Final = httpx.Limits(
    max_connections=None,  # each thread makes one request at a time: four calls, and four looks ahead for each kind
    max_keepalive_connections=12,
    keepalive_expiry=4.0,  # below uvicorn's five seconds: a connection that the server is closing loses a request
)


def connect(
    addresses: Sequence[str],
    transport: httpx.BaseTransport | None,
    witness: Callable[[httpx.Response], None] | None,
) -> httpx.Client:
    """Return an HTTP client for the servers at these addresses. It connects with the first request.

    Args:
        addresses: The URLs of the servers.
        transport: Carries the requests instead of the network.
        witness: Receives each response.
    """
    return httpx.Client(
        transport=transport,
        mounts=_bypass_proxies(addresses),
        verify=_build_trust(addresses if transport is None else ()),
        headers={"Accept": "application/json", "X-Signals-Sdk-Name": _build_sdk_name()},
        limits=_POOL,
        follow_redirects=False,
        event_hooks={"response": [witness] if witness else []},
    )


def stays_on_server(response: httpx.Response) -> bool:
    """Return whether a redirect stays on the same server, such as one that adds a trailing slash."""
    following = response.next_request
    if following is None or response.status_code not in {
        httpx.codes.TEMPORARY_REDIRECT,
        httpx.codes.PERMANENT_REDIRECT,
    }:
        return False
    here, there = response.request.url, following.url
    return (here.scheme, here.host, here.port) == (there.scheme, there.host, there.port)


def _build_trust(addresses: Sequence[str]) -> ssl.SSLContext:
    """Return a context that trusts the usual authorities or those of SSL_CERT_FILE; without https, one that trusts none.

    Reading the authorities takes 30 ms, and the HTTP library would read them again for each proxy of the environment.
    """
    if any(address.startswith("https:") for address in addresses):
        return httpx.create_ssl_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, and trusts nobody


def _bypass_proxies(addresses: Sequence[str]) -> dict[str, None]:
    """Return mounts that send requests to this machine directly, whatever proxy the environment names."""
    hosts = {urlsplit(address).hostname or "" for address in addresses}
    return {f"all://{f'[{host}]' if ':' in host else host}": None for host in hosts if is_loopback_host(host)}


@cache
def _build_sdk_name() -> str:
    # Imported late: searching the installed distributions takes some milliseconds.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return f"pulumi-snowplow-signals {version('pulumi-snowplow-signals')}"
    except PackageNotFoundError:  # run from a copy of the sources
        return "pulumi-snowplow-signals"
