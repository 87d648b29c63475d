"""Addresses: one spelling for each registry, and nothing in them that is no address."""

import pytest

from pulumi_snowplow_signals.api.addresses import is_loopback_host, normalise_address, registry_of


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("https://abc.signals.snowplowanalytics.com", "https://abc.signals.snowplowanalytics.com"),
        ("https://abc.signals.snowplowanalytics.com/", "https://abc.signals.snowplowanalytics.com"),
        ("HTTPS://ABC.Signals.SnowplowAnalytics.com", "https://abc.signals.snowplowanalytics.com"),
        ("https://example.com:443", "https://example.com"),
        ("https://example.com:8443/", "https://example.com:8443"),
        ("https://example.com.", "https://example.com"),
        ("  https://example.com\n", "https://example.com"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://[2001:DB8:0::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:8642", "http://localhost:8642"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
    ],
)
def test_spelling(written, normalised):
    """Two spellings of one address are one address."""
    assert normalise_address(written) == normalised


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("", "scheme", id="empty"),
        pytest.param("example.com", "scheme", id="no scheme"),
        pytest.param("localhost:8642", "scheme", id="a port without a scheme"),
        pytest.param("ftp://example.com", '"ftp"', id="another scheme"),
        pytest.param("https://", "host name", id="no host"),
        pytest.param("https://exa mple.com", "a space", id="a blank in the host"),
        pytest.param("https://<id>.example.com", "host name", id="a placeholder left in"),
        pytest.param("https://example.com:port", "port", id="a port that is no number"),
        pytest.param("https://example.com:99999", "from 1 to 65535", id="a port out of range"),
        pytest.param("https://[::1", "host cannot be parsed", id="an open bracket"),
        pytest.param("https://user:hunter2@example.com", "user name or password", id="a password"),
        pytest.param("https://example.com/api/v1", 'write "https://example.com"', id="the path of the API"),
        pytest.param(
            "https://example.com/?token=hunter2", "must not contain a path, query or fragment", id="a query"
        ),
        pytest.param(
            "https://example.com/#hunter2", "must not contain a path, query or fragment", id="a fragment"
        ),
        pytest.param("http://example.com", "signals:allowHttp", id="plain http to another machine"),
        pytest.param(
            "http://127.0.0.1.example.com", "signals:allowHttp", id="a host that looks like loopback"
        ),
        pytest.param("http://0.0.0.0", "signals:allowHttp", id="any address of this machine"),
    ],
)
def test_no_address(written, said):
    """What is not just scheme, host and port is refused with the reason, and a password in it is not repeated."""
    with pytest.raises(ValueError, match=r".") as refused:
        normalise_address(written)
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_http_where_allowed():
    """Plain http to another machine is taken where a setting allows it."""
    assert normalise_address("http://signals.internal", allow_http=True) == "http://signals.internal"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127.0.0.1",
        "127.8.9.10",
        "127.1",
        "0x7f.1",
        "2130706433",
        "::1",
        "0:0:0:0:0:0:0:1",
        "::ffff:127.0.0.1",
    ],
)
def test_this_machine(host):
    """Every spelling of this machine is this machine."""
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    ["example.com", "localhost.example.com", "10.0.0.1", "128.0.0.1", "0.0.0.0", "::", "::2", "", "bücher"],
)
def test_other_machines(host):
    """Nothing else is this machine."""
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    ("address", "registry"),
    [
        ("http://localhost:8642", "loopback"),
        ("http://127.0.0.1:53211", "loopback"),
        ("https://[::1]:8642", "loopback"),
        ("https://example.com", "https://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
    ],
)
def test_registry(address, registry):
    """The emulator is one registry on whatever port it runs; everywhere else the address is the registry."""
    assert registry_of(address) == registry
