"""The port on which the local Signals API listens."""

from __future__ import annotations

import errno
import os
import socket

from trouble import DEFAULTS, TroubleError, again

_HIGHEST = 65_535


def choose_port(command: str) -> int:
    """Return the port that PORT names.

    Raises:
        TroubleError: PORT is not a port number, or the port is taken. The message has a command line with a free one.
    """
    text = os.environ.get("PORT") or DEFAULTS["PORT"]
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text[:6]) <= _HIGHEST:
        raise TroubleError(f"PORT is {text[:20]!r}; it must be a whole number from 1 to {_HIGHEST}")
    port = int(text)
    fault = _why_not(port)
    if fault is None:
        return port
    start = port + 1 if fault == errno.EADDRINUSE else int(DEFAULTS["PORT"])
    other = next((str(each) for each in range(start, _HIGHEST + 1) if _why_not(each) is None), "N")
    reason = (
        "is taken, by another clone's API or by another program"
        if fault == errno.EADDRINUSE
        else f"cannot be used: {os.strerror(fault)}"
    )
    raise TroubleError(f"port {port} {reason}. Use another: {again(command, {'PORT': other})}")


def _why_not(port: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as fault:
            return fault.errno
    return None
