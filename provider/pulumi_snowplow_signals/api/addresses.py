"""Which registry is meant, and whether credentials may travel to it.

An address is typed by hand, recorded in a stack's state and compared in later runs. So it is brought into one
spelling here, and everything in it that is no address (a password, a path, a token in a query) is refused.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

LOOPBACK = "loopback"
"""What state records for any address of this machine: a local emulator has another port in each run."""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")


def normalise_address(text: str, *, allow_http: bool = False) -> str:
    """Give `scheme://host[:port]` in lower case, without a default port.

    Raises:
        ValueError: with what is wrong and what is allowed. Its text never repeats a part that may be a secret.
    """
    stripped = text.strip()
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", stripped):
        raise ValueError('is no address: write it with its scheme, as in "https://…"')
    try:
        parts = urlsplit(stripped)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is no address: its host or port cannot be read") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(f'has the scheme "{parts.scheme}": only https is spoken (and http on this machine)')
    if "@" in parts.netloc:
        raise ValueError("holds a user name or password: credentials have settings of their own")
    if parts.path not in {"", "/"} or "?" in stripped or "#" in stripped:
        raise ValueError(f'goes on after the host: write "{parts.scheme}://{parts.netloc.lower()}"')
    host = _normalise_host(host)
    if parts.scheme == "http" and not allow_http and not is_loopback_host(host):
        raise ValueError(
            "would send credentials unencrypted: write https, or, where a network of your own protects them, "
            "`pulumi config set signals:allowHttp true` (SNOWPLOW_SIGNALS_ALLOW_HTTP=true)"
        )
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{shown_host}{shown_port}"


def registry_of(address: str) -> str:
    """Name the registry at a normalised address as state records it; every address of this machine is `LOOPBACK`."""
    return LOOPBACK if is_loopback_host(urlsplit(address).hostname or "") else address


def is_loopback_host(host: str) -> bool:
    """Tell whether a host is this machine, in any spelling: localhost, 127.0.0.0/8 (also as 127.1 or 0x7f.1), [::1]."""
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


def _normalise_host(host: str) -> str:
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise ValueError("is no address: the brackets hold no IPv6 address") from None
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_host = ""
    ascii_host = ascii_host.lower().rstrip(".")
    if not _HOST_NAME.fullmatch(ascii_host):
        raise ValueError(
            "is no address: its host name is empty or has characters that host names cannot have"
        )
    return ascii_host
