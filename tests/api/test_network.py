"""Real sockets that misbehave: what no transport in memory can show."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.errors import ApiError, Unavailable
from pulumi_snowplow_signals.kinds.intervention import Intervention

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"


@contextmanager
def listening(*conversations, wrap=lambda connection: connection):
    """Serve one connection for each conversation: bytes to answer with, or None to close without an answer.

    Gives the port and the first lines of the requests.
    """
    seen = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            for answer in conversations:
                accepted, _ = server.accept()
                try:
                    with wrap(accepted) as connection:
                        seen.append(connection.recv(65_536).split(b"\r\n")[0].decode())
                        if answer is not None:
                            connection.sendall(answer)
                except ssl.SSLError:
                    accepted.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], seen
        thread.join(10)


def client_of(address, **settings):
    return SignalsClient(
        resolve({"apiUrl": address, "sandboxToken": "t", **settings}.get, {}), sleep=lambda _: None
    )


def failed(act):
    with pytest.raises(ApiError) as raised:
        act()
    return raised.value


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_nothing_listens():
    """A port where nothing listens is named, and nothing was sent."""
    port = free_port()
    with client_of(f"http://127.0.0.1:{port}", retrySeconds="0") as client:
        error = failed(lambda: client.list_all(Intervention))
    assert isinstance(error, Unavailable)
    assert error.words == f"nothing listens at http://127.0.0.1:{port}"
    assert error.sent is False


def test_a_connection_that_dies():
    """A connection closed without an answer is tried again for a GET, and not for a POST, which may have been done."""
    with listening(None, OK) as (port, seen), client_of(f"http://127.0.0.1:{port}") as client:
        assert client.list_all(Intervention) == []
        assert len(seen) == 2
    with listening(None) as (port, seen), client_of(f"http://127.0.0.1:{port}") as client:
        error = failed(
            lambda: client.create(Intervention, {"name": "a", "version": 1, "is_published": False})
        )
        assert isinstance(error, Unavailable)
        assert error.sent is True
        assert len(seen) == 1


def test_an_answer_that_is_cut():
    """An answer shorter than it says is a broken connection, not an answer."""
    cut = OK.replace(b"Length: 2", b"Length: 20")
    with listening(cut, OK) as (port, _), client_of(f"http://127.0.0.1:{port}") as client:
        assert client.list_all(Intervention) == []


def test_something_that_is_no_http():
    """A port that speaks something else is not Signals."""
    with (
        listening(b"SSH-2.0-OpenSSH\r\n") as (port, _),
        client_of(f"http://127.0.0.1:{port}", retrySeconds="0") as client,
    ):
        error = failed(lambda: client.list_all(Intervention))
    assert isinstance(error, Unavailable)


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that nobody vouches for but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = dt.datetime.now(dt.timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


def with_tls(certificate):
    """Wrap a server's connections in TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return lambda accepted: context.wrap_socket(accepted, server_side=True)


def test_a_certificate_that_nobody_vouches_for(certificate):
    """TLS is verified: no request goes to a server that cannot prove who it is, and none is tried again."""
    with (
        listening(OK, wrap=with_tls(certificate)) as (port, seen),
        client_of(f"https://127.0.0.1:{port}") as client,
    ):
        error = failed(lambda: client.list_all(Intervention))
    assert isinstance(error, Unavailable)
    assert f"the certificate of https://127.0.0.1:{port} is not trusted" in error.words
    assert "SSL_CERT_FILE" in error.words
    assert (error.sent, error.attempts, seen) == (False, 1, [])


def test_an_authority_of_ones_own(certificate, monkeypatch):
    """A certificate that the file named in SSL_CERT_FILE vouches for is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        listening(OK, wrap=with_tls(certificate)) as (port, _),
        client_of(f"https://127.0.0.1:{port}") as client,
    ):
        assert client.list_all(Intervention) == []


def test_loopback_goes_past_proxies(monkeypatch):
    """What is meant for this machine, a token included, is not handed to the proxy that the environment names."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with listening(OK) as (port, seen), client_of(f"http://127.0.0.1:{port}") as client:
        assert client.list_all(Intervention) == []
        assert seen == ["GET /api/v1/registry/interventions/ HTTP/1.1"]


def test_a_proxy_that_is_away(monkeypatch):
    """Where the environment names a proxy, other machines are reached through it or not at all."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    port = free_port()
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    with client_of("https://signals.example.com", retrySeconds="0") as client:
        error = failed(lambda: client.list_all(Intervention))
    assert isinstance(error, Unavailable)
    assert error.sent is False


def test_connections_are_kept():
    """Several requests to one server take one connection."""
    accepted = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            accepted.append(connection)
            with connection:
                for _ in range(3):
                    connection.recv(65_536)
                    connection.sendall(OK)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with client_of(f"http://127.0.0.1:{server.getsockname()[1]}") as client:
            for _ in range(3):
                client.list_all(Intervention)
        thread.join(10)
    assert len(accepted) == 1
