"""A company's proxy in miniature: CONNECT to the host of Snowplow Console ends at the emulator instead.

It answers for that host with a certificate that an authority of its own has signed. A client that is told by the environment
to use the proxy and to trust the authority needs no patch to be led here.
"""

import datetime as dt
import socket
import socketserver
import ssl
import threading
from contextlib import contextmanager, suppress

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "console.snowplowanalytics.com"


def make_certificate(folder):
    """Write `host.pem`, key and certificate for the Console's host, and `authority.pem`; returns both paths."""
    authority_key, host_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _sign(
        "An authority for tests",
        authority_key.public_key(),
        "An authority for tests",
        authority_key,
        is_ca=True,
    )
    host = _sign(HOST, host_key.public_key(), "An authority for tests", authority_key, is_ca=False)
    private = host_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    (folder / "host.pem").write_bytes(private + host.public_bytes(pem))
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    return folder / "host.pem", folder / "authority.pem"


def _sign(name, public_key, issuer, issuer_key, *, is_ca):
    def named(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = dt.datetime.now(dt.timezone.utc)
    day = dt.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(_usage(is_ca=is_ca), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )


def _usage(*, is_ca):
    """What the key may be used for, which Python 3.13 and later want to be told."""
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


class _Tunnel(socketserver.StreamRequestHandler):
    def handle(self):
        request = self.rfile.readline().decode()
        while self.rfile.readline().strip():
            pass
        if not request.startswith(f"CONNECT {HOST}:443 "):
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with (
            suppress(OSError),
            self.server.tls.wrap_socket(self.connection, server_side=True) as client,
            socket.create_connection(self.server.to) as service,
        ):
            back = threading.Thread(target=_pump, args=(service, client))
            back.start()
            _pump(client, service)
            back.join()


def _pump(source, target):
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def console_proxy(certificate):
    """A running proxy; `proxy.to` is the address where a tunnel ends, `proxy.url` that of the proxy."""
    with _Proxy(("127.0.0.1", 0), _Tunnel) as proxy:
        proxy.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        proxy.tls.load_cert_chain(certificate)
        proxy.url = f"http://127.0.0.1:{proxy.server_address[1]}"
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def _certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("console"))


@pytest.fixture
def console_host(_certificate, monkeypatch):
    """Leads the host of Snowplow Console to the emulator whose URL it is given, for the length of the test."""
    host, authority = _certificate
    with console_proxy(host) as proxy:

        def lead_to(url):
            proxy.to = ("127.0.0.1", httpx.URL(url).port)
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            monkeypatch.setenv("SSL_CERT_FILE", str(authority))
            monkeypatch.delenv("BDP_NEXT", raising=False)

        yield lead_to
