"""A client of an emulator. It speaks plain HTTP alone: loading the certificates of all authorities takes longer than most tests."""

from __future__ import annotations

import ssl

import httpx

_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, and trusts nobody


def connect(url: str, token: str | None = None, *, seconds: float = 20) -> httpx.Client:
    """Return a client of the service at an address.

    Args:
        url: The address.
        token: What it authenticates with, if anything.
        seconds: How long it waits for a response.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=url, headers=headers, timeout=seconds, trust_env=False, verify=_NOBODY)
