"""Tokens: one exchange for all threads, renewed in time by the server's clock, and where credentials may go."""

import threading
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import httpx
import jwt
import pytest

from pulumi_snowplow_signals.api.auth import RENEWAL_MARGIN_SECONDS
from pulumi_snowplow_signals.errors import ApiError, Unauthorized, Unavailable, UnexpectedResponse
from pulumi_snowplow_signals.kinds.intervention import Intervention

THREADS = 4  # as many as a provider process answers on
EPOCH = 1_700_000_000  # the server's clock; the client's has nothing to do with it
DAY = 86_400


class Deployment:
    """A Console that issues tokens and a registry that takes the last one, on one clock."""

    def __init__(self, *, lifetime=DAY, age=0, date_header=True, with_claims=True):
        self.lifetime = lifetime
        self.age = age
        self.date_header = date_header
        self.with_claims = with_claims
        self.now = EPOCH
        self.issued = []
        self.refused = set()
        self.requests = []
        self.lock = threading.Lock()

    def __call__(self, request):
        with self.lock:
            self.requests.append(request)
            return self.console() if request.url.path.endswith("/token") else self.registry(request)

    def console(self):
        claims = {"jti": str(len(self.issued))}
        if self.with_claims:
            claims |= {"iat": self.now - self.age, "exp": self.now - self.age + self.lifetime}
        self.issued.append(jwt.encode(claims, "k" * 32))
        headers = {"date": formatdate(self.now, usegmt=True)} if self.date_header else {}
        return httpx.Response(200, json={"accessToken": self.issued[-1]}, headers=headers)

    def registry(self, request):
        token = request.headers["authorization"].removeprefix("Bearer ")
        if token != self.issued[-1] or token in self.refused:
            return httpx.Response(401, json={"detail": "Invalid token"})
        return httpx.Response(200, json=[])


def failed(act):
    with pytest.raises(ApiError) as raised:
        act()
    return raised.value


def in_threads(act):
    """Run the same in all threads at once, and give the results."""
    barrier = threading.Barrier(THREADS)

    def run(_):
        barrier.wait()
        return act()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_the_exchange(connect, console):
    """The key goes to the Console in its two headers, and the token to the registry."""
    deployment = Deployment()
    connect(deployment, console).list_all(Intervention)
    exchange, request = deployment.requests
    assert str(exchange.url) == (
        "https://console.example.com/api/msc/v1/organizations/org-1/credentials/v3/token"
    )
    assert exchange.headers["x-api-key-id"] == "key-id"
    assert exchange.headers["x-api-key"] == console.credentials.api_key.get_secret_value()
    assert "authorization" not in exchange.headers
    assert request.headers["authorization"] == f"Bearer {deployment.issued[0]}"
    assert "x-api-key" not in request.headers


def test_one_exchange_for_all_threads(connect, console):
    """Of four threads that need a token at once, one exchanges the key."""
    deployment = Deployment()
    client = connect(deployment, console)
    in_threads(lambda: client.list_all(Intervention))
    client.list_all(Intervention)
    assert len(deployment.issued) == 1


def test_one_renewal_for_all_threads(connect, console):
    """Of four threads whose token is no longer accepted, one renews it and the others use the new one."""
    deployment = Deployment()
    client = connect(deployment, console)
    client.list_all(Intervention)
    deployment.refused.add(deployment.issued[0])
    in_threads(lambda: client.list_all(Intervention))
    assert len(deployment.issued) == 2


@pytest.mark.parametrize(
    ("lifetime", "margin"), [(DAY, RENEWAL_MARGIN_SECONDS), (100, 10)], ids=["a day", "less than two minutes"]
)
@pytest.mark.parametrize("date_header", [True, False], ids=["with a Date header", "by the moment of issue"])
def test_renewed_before_it_expires(connect, console, time, lifetime, margin, date_header):  # noqa: PLR0913, PLR0917  # fixtures
    """A token is used until shortly before it expires, reckoned on the server's clock, whatever the clock here says."""
    deployment = Deployment(lifetime=lifetime, date_header=date_header)
    client = connect(deployment, console)
    client.list_all(Intervention)
    time.now += lifetime - margin - 1
    client.list_all(Intervention)
    assert len(deployment.issued) == 1
    time.now += 2
    client.list_all(Intervention)
    assert len(deployment.issued) == 2


def test_a_token_that_was_issued_before(connect, console, time):
    """A token that the Console hands out a second time has only the rest of its life left."""
    deployment = Deployment(age=DAY - 600)
    client = connect(deployment, console)
    client.list_all(Intervention)
    time.now += 600 - RENEWAL_MARGIN_SECONDS + 1
    client.list_all(Intervention)
    assert len(deployment.issued) == 2


@pytest.mark.parametrize(
    "deployment",
    [
        pytest.param(Deployment(with_claims=False), id="a token that tells nothing"),
        pytest.param(Deployment(lifetime=-60), id="a token that has expired by the server's own clock"),
    ],
)
def test_used_until_refused(connect, console, time, deployment):
    """Where no end can be reckoned, a token is used until it is refused, and not exchanged at each request."""
    client = connect(deployment, console)
    for _ in range(3):
        client.list_all(Intervention)
        time.now += DAY
    assert len(deployment.issued) == 1


def test_a_token_that_is_no_jwt(connect, console, service):
    """A token of another making is used as it is."""
    network = service(httpx.Response(200, json={"accessToken": "opaque"}), httpx.Response(200, json=[]))
    connect(network, console).list_all(Intervention)
    assert network.requests[-1].headers["authorization"] == "Bearer opaque"


def test_renewed_once_on_401(connect, console):
    """A request refused with 401 is sent again with a new token, once: then its credentials are the fault."""
    deployment = Deployment()
    client = connect(deployment, console)
    client.list_all(Intervention)
    deployment.refused.add(deployment.issued[0])
    client.list_all(Intervention)
    assert len(deployment.issued) == 2


def test_no_exchange_at_each_request(connect, console):
    """A deployment that takes no token of this key makes for two exchanges, not for one at each request."""
    deployment = Deployment()
    deployment.registry = lambda _: httpx.Response(401, json={"detail": "Invalid token"})
    client = connect(deployment, console)
    for _ in range(5):
        error = failed(lambda: client.list_all(Intervention))
        assert type(error) is Unauthorized
        assert error.status == 401
    assert len(deployment.issued) == 2


def test_a_post_is_sent_again_after_401(connect, console):
    """A write with an expired token was not carried out, so it is sent again with its body."""
    stored = {"name": "cart", "version": 1, "is_published": False}
    deployment = Deployment()
    client = connect(deployment, console)
    client.list_all(Intervention)
    deployment.refused.add(deployment.issued[0])
    accepting = deployment.registry

    def registry(request):
        answer = accepting(request)
        return answer if answer.status_code == 401 else httpx.Response(201, content=request.content)

    deployment.registry = registry
    assert client.create(Intervention, stored).body == stored


REFUSALS = [
    pytest.param(httpx.Response(400, json={"message": "bad organization"}), id="400"),
    pytest.param(httpx.Response(401, json={"message": "bad key"}), id="401"),
    pytest.param(httpx.Response(401, text="no"), id="401 in plain words"),
    pytest.param(httpx.Response(403, json={}), id="403"),
    pytest.param(httpx.Response(404, json={"message": "no such organization"}), id="404"),
]


@pytest.mark.parametrize("answer", REFUSALS)
def test_wrong_credentials(connect, console, service, answer):
    """Refused credentials are one sentence with the settings and the command, and the Console is asked once a process."""
    network = service(answer)
    client = connect(network, console)
    errors = [failed(lambda: client.list_all(Intervention)) for _ in range(3)]
    assert len(network.requests) == 1
    for error in errors:
        assert type(error) is Unauthorized
        assert error.path.startswith("https://console.example.com/")
        assert "signals:organizationId, signals:apiKeyId, signals:apiKey" in str(error)
        assert "`pulumi config set --secret signals:apiKey`" in str(error)
        assert "SNOWPLOW_CONSOLE_API_KEY" in str(error)


def test_a_wrong_sandbox_token(connect, service):
    """A refused sandbox token names its own setting."""
    error = failed(
        lambda: connect(service(httpx.Response(401, json={"detail": "no"}))).list_all(Intervention)
    )
    assert "signals:sandboxToken" in str(error)
    assert "SNOWPLOW_SIGNALS_SANDBOX_TOKEN" in str(error)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(httpx.Response(500), Unavailable, id="500"),
        pytest.param(httpx.Response(404, text="<html>"), UnexpectedResponse, id="404 of something else"),
        pytest.param(httpx.Response(200, text="<html>"), UnexpectedResponse, id="a login page"),
        pytest.param(httpx.Response(200, json={}), UnexpectedResponse, id="no token"),
        pytest.param(httpx.Response(200, json=[]), UnexpectedResponse, id="a list"),
        pytest.param(httpx.Response(200, json={"accessToken": ""}), UnexpectedResponse, id="an empty token"),
        pytest.param(
            httpx.Response(200, json={"accessToken": "a\nb"}), UnexpectedResponse, id="a token of two lines"
        ),
        pytest.param(
            httpx.Response(302, headers={"location": "https://x.example.com"}),
            UnexpectedResponse,
            id="redirect",
        ),
        pytest.param(httpx.ReadTimeout("lost"), Unavailable, id="no answer"),
    ],
)
def test_an_exchange_that_fails(connect, console, service, answer, kind):
    """A write whose token could not be had was surely not carried out, and the error is about the Console."""
    error = failed(
        lambda: connect(service(answer), console).create(
            Intervention, {"name": "a", "version": 1, "is_published": False}
        )
    )
    assert type(error) is kind
    assert error.sent is False
    assert error.path.startswith("https://console.example.com/")


@pytest.mark.parametrize(
    "trouble", [httpx.Response(503), httpx.ReadTimeout("lost")], ids=["503", "no answer"]
)
def test_an_exchange_is_tried_again(connect, console, trouble):
    """A POST survives a Console that was away for a moment."""
    deployment = Deployment()
    deployment.registry = lambda request: httpx.Response(201, content=request.content)
    troubles = [trouble]

    def network(request):
        if troubles:
            answer = troubles.pop()
            if isinstance(answer, Exception):
                raise answer
            return answer
        return deployment(request)

    assert (
        connect(network, console)
        .create(Intervention, {"name": "a", "version": 1, "is_published": False})
        .version
        == 1
    )


def test_a_redirect_at_home_is_followed(connect, service):
    """A list is found behind a redirect to another path of the same server, with the token."""
    network = service(httpx.Response(307, headers={"location": "/elsewhere/"}), httpx.Response(200, json=[]))
    assert connect(network).list_all(Intervention) == []
    assert str(network.requests[1].url) == "https://demo.signals.example.com/elsewhere/"
    assert "authorization" in network.requests[1].headers


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example.com/",
        "https://demo.signals.example.com:8443/",
        "http://demo.signals.example.com/api/v1/registry/interventions/",
        "//evil.example.com/",
        "https://demo.signals.example.com@evil.example.com/",
        "ftp://demo.signals.example.com/",
        "https://[",
    ],
    ids=[
        "another host",
        "another port",
        "without TLS",
        "a host alone",
        "a host as user",
        "another scheme",
        "no address",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_is_not_followed(connect, console, location, status):
    """No redirect takes credentials to another server: nothing at all is sent there."""
    hosts = set()

    def network(request):
        hosts.add(str(request.url.copy_with(path="/", query=None)))
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"accessToken": "token"})
        return httpx.Response(status, headers={"location": location})

    error = failed(lambda: connect(network, console).list_all(Intervention))
    assert isinstance(error, UnexpectedResponse | Unavailable)
    assert hosts == {"https://console.example.com/", "https://demo.signals.example.com/"}


def test_a_circle_of_redirects_ends(connect, service):
    """A redirect to itself is followed once."""
    network = service(httpx.Response(307, headers={"location": "/api/v1/registry/interventions/"}))
    assert type(failed(lambda: connect(network).list_all(Intervention))) is UnexpectedResponse
    assert len(network.requests) == 2


def test_a_redirected_write_is_not_followed(connect, service):
    """A write goes where it was sent, or nowhere."""
    network = service(httpx.Response(307, headers={"location": "/elsewhere"}))
    error = failed(
        lambda: connect(network).create(Intervention, {"name": "a", "version": 1, "is_published": False})
    )
    assert type(error) is UnexpectedResponse
    assert len(network.requests) == 1
