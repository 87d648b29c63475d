"""A client whose network is a function from request to response, and whose time passes only when it sleeps."""

import itertools
from collections.abc import Callable, Iterable, Iterator

import httpx
import pytest

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import SignalsSettings, resolve

API_URL = "https://demo.signals.example.com"
CONSOLE_URL = "https://console.example.com"
API_KEY = "5f0c1b1e-0000-4000-8000-key-of-tests"
SANDBOX_TOKEN = "sandbox-token-of-tests"

Handler = Callable[[httpx.Request], httpx.Response]


class Time:
    """A clock that its own `sleep` moves on."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Service:
    """Answers with the given responses in turn, the last one from then on, and keeps the requests.

    An exception among them is raised as the network would raise it.
    """

    def __init__(self, answers: Iterable[httpx.Response | Exception]) -> None:
        known = list(answers)
        self._answers = itertools.chain(known[:-1], itertools.repeat(known[-1]))
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        # A response belongs to one request: give each its own.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture
def time() -> Time:
    """The time of the clients that `connect` makes."""
    return Time()


@pytest.fixture
def sandbox() -> SignalsSettings:
    """Settings with a sandbox token."""
    return resolve({"apiUrl": API_URL, "sandboxToken": SANDBOX_TOKEN}.get, {})


@pytest.fixture
def console() -> SignalsSettings:
    """Settings with Console credentials."""
    given = {
        "apiUrl": API_URL,
        "consoleUrl": CONSOLE_URL,
        "organizationId": "org-1",
        "apiKeyId": "key-id",
        "apiKey": API_KEY,
    }
    return resolve(given.get, {})


@pytest.fixture
def connect(time: Time, sandbox: SignalsSettings) -> Iterator[Callable[..., SignalsClient]]:
    """Make a client over a handler, by default with the sandbox token."""
    clients = []

    def make(handler: Handler, settings: SignalsSettings = sandbox) -> SignalsClient:
        transport = httpx.MockTransport(handler)
        clients.append(SignalsClient(settings, transport=transport, clock=time.clock, sleep=time.sleep))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def service() -> Callable[..., Service]:
    """Build a service from the answers it gives."""
    return lambda *answers: Service(answers)
