"""Odd settings: each is taken, or gets a sentence; every one of them is in a file, so that a change can be reviewed."""

import httpx
import pytest
from api_verdicts import ADDRESSES, FILE, SECRETS, verdicts

from pulumi_snowplow_signals.api.addresses import is_loopback_host, normalise_address

FOUND = list(verdicts())


def test_verdicts():
    """What becomes of each is what the file says; `python tests/support/api_verdicts.py` writes it anew."""
    assert FILE.read_text(encoding="utf-8").splitlines() == FOUND


def test_no_verdict_shows_a_secret_or_steers_a_terminal():
    """Whatever a setting is given, no sentence repeats a credential or a control character."""
    for line in FOUND:
        assert line.isprintable()
        for secret in SECRETS:
            assert secret not in line


@pytest.mark.parametrize("address", ADDRESSES, ids=ascii)
def test_an_address_that_is_taken_can_be_asked(address):
    """The HTTP library reads an address that is taken as we do: the same host, and one request can be built for it."""
    try:
        taken = normalise_address(address, allow_http=True)
    except ValueError:
        return
    assert normalise_address(taken, allow_http=True) == taken
    url = httpx.Request("GET", f"{taken}/api/v1/x?y=1").url
    assert str(url).startswith(f"{taken}/") or not url.host.isascii()
    assert url.raw_host.decode() in taken
    assert is_loopback_host(url.host) == is_loopback_host(url.raw_host.decode())
