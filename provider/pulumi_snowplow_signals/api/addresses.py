"""The address of a registry, and whether credentials may be sent to it.

People type addresses by hand; a stack records them and later runs compare them. This module normalises them and rejects
anything that does not belong in one (a password, a path, a token in a query).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

LOOPBACK = "loopback"
"""Recorded in state for any address of this machine, since a local emulator uses a different port in each run."""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_MOST_PORTS = 65_535
_LONGEST_HOST = 253
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_IPV4 = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")
"""Hosts that other software reads as an IPv4 address: their last label is a number."""


def normalise_address(text: str, *, allow_http: bool = False) -> str:
    """Return `scheme://host[:port]` in lower case, without a default port.

    Raises:
        ValueError: The address is not valid. The text says what is allowed and never repeats a part that may be secret.
    """
    parts = _split(text.strip())
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(
            f'has the scheme "{parts.scheme}": only https is supported (and http on this machine)'
        )
    if "@" in parts.netloc:
        raise ValueError("contains a user name or password: use the settings for credentials instead")
    if "://" in f"{parts.netloc}{parts.path}":
        raise ValueError("is not a valid URL: it has two schemes")
    if not parts.netloc:
        raise ValueError("is not a valid URL: it has no host name")
    host, port = _normalise_host(parts), _read_port(parts)
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    address = f"{parts.scheme}://{shown_host}{shown_port}"
    if parts.path not in {"", "/"} or "?" in text or "#" in text:
        raise ValueError(f'must not contain a path, query or fragment: write "{address}"')
    if parts.scheme == "http" and not allow_http and not is_loopback_host(host):
        raise ValueError(
            "would send credentials unencrypted: use https or, on a network that you trust, run "
            "`pulumi config set signals:allowHttp true` (SNOWPLOW_SIGNALS_ALLOW_HTTP=true)"
        )
    return address


def registry_of(address: str) -> str:
    """Return a normalised address as state records it: `LOOPBACK` for every address of this machine."""
    return LOOPBACK if is_loopback_host(urlsplit(address).hostname or "") else address


def is_loopback_host(host: str) -> bool:
    """Return whether a host is this machine, in any spelling: localhost, 127.0.0.0/8 (also as 127.1 or 0x7f.1), [::1]."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        # The C library reads 127.1 and 2130706433 as addresses; the resolver, when it connects, does the same.
        return socket.inet_aton(host)[0] == ipaddress.IPv4Address("127.0.0.0").packed[0]
    except (OSError, UnicodeError):
        pass
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return (address.ipv4_mapped or address).is_loopback


def _split(text: str) -> SplitResult:
    # urlsplit drops line breaks and tabs, and programs disagree about backslashes.
    if not text.isprintable() or " " in text:
        raise ValueError("is not a valid URL: it contains a space, a line break or an invisible character")
    if "\\" in text:
        raise ValueError("is not a valid URL: it contains a backslash")
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", text):
        raise ValueError('is not a valid URL: include the scheme, as in "https://…"')
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError("is not a valid URL: the host cannot be parsed") from None


def _read_port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"is not a valid URL: the port must be a number from 1 to {_MOST_PORTS}")
    return port


def _normalise_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if "[" in parts.netloc or ":" in host:
        return _normalise_ipv6(parts.netloc)
    if not host.isascii() or "xn--" in host:
        host = _read_international(host)
    if _IPV4.fullmatch(host):
        return _normalise_ipv4(host)
    if not _HOST_NAME.fullmatch(host) or len(host) > _LONGEST_HOST:
        raise ValueError(
            "is not a valid URL: the host name is empty, too long or contains invalid characters"
        )
    return host


def _normalise_ipv6(netloc: str) -> str:
    bracketed = re.fullmatch(r"\[([0-9a-fA-F:.]+)](:.*)?", netloc)
    try:
        return str(ipaddress.IPv6Address(bracketed[1] if bracketed else ""))
    except ValueError:
        raise ValueError(
            "is not a valid URL: the brackets must contain an IPv6 address without a zone"
        ) from None


def _normalise_ipv4(host: str) -> str:
    """Return four decimal numbers. Accept what the C library accepts, except leading zeros: 010 may mean 8 or 10."""
    if not re.search(r"(^|\.)0[0-9]", host):
        try:
            return str(ipaddress.IPv4Address(socket.inet_aton(host)))
        except OSError:
            pass
    raise ValueError(
        "is not a valid URL: the host is not an IPv4 address; write four numbers from 0 to 255, without leading zeros"
    )


def _read_international(host: str) -> str:
    """Return a host in ASCII as the HTTP library encodes it (IDNA 2008), since another encoding may be another host.

    Raises:
        ValueError: The host cannot be encoded, such as an xn-- name that decodes to nothing.
    """
    import httpx  # noqa: PLC0415  # slow to import, and a preview without changes does not need it

    try:
        url = httpx.URL(scheme="https", host=host)
        if url.host:
            return url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        pass
    raise ValueError("is not a valid URL: the host name is not a valid domain name")
