"""What every resource of a run would meet alike is told once, and waited for once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from stacks import a_rule

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.errors import Incomplete
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run

SETTINGS = {"apiUrl": "https://demo.signals.example.com", "sandboxToken": "token-of-tests"}
NAMES = [f"rule_{number}" for number in range(40)]


@dataclass
class World:
    """A network that answers in one way, and a clock that moves when somebody waits."""

    answer: Callable[[httpx.Request], httpx.Response]
    each_takes: float = 0.0
    now: float = 1_000.0
    requests: list[httpx.Request] = field(default_factory=list)
    said: list[Remark] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.now += self.each_takes
        return self.answer(request)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @contextmanager
    def run(self, **settings: str) -> Iterator[Run]:
        resolved = resolve({**SETTINGS, **settings}.get, {})
        transport = httpx.MockTransport(self.handle)
        client = SignalsClient(resolved, transport=transport, clock=lambda: self.now, sleep=self.sleep)
        with closing(client):
            yield Run(resolved, lambda: client, self.said.append)


def _raises(kind: type[httpx.RequestError]) -> Callable[[httpx.Request], httpx.Response]:
    def fail(request: httpx.Request) -> httpx.Response:
        raise kind("no", request=request)

    return fail


def _recorded(name: str) -> dict:
    """Return what a stack recorded of a rule, computed where the registry is empty."""
    with World(lambda _: httpx.Response(200, json=[])).run(review="local") as run:
        return INTERVENTIONS.check(run, {}, a_rule(name)).inputs


@pytest.mark.parametrize(
    ("answer", "each_takes", "most"),
    [
        pytest.param(_raises(httpx.ConnectError), 0, 8.5, id="nothing listens"),
        pytest.param(_raises(httpx.ConnectTimeout), 10, 60, id="a host that is silent"),
        pytest.param(_raises(httpx.ReadTimeout), 30, 80, id="a service that is silent"),
        pytest.param(lambda _: httpx.Response(503), 0, 50, id="a gateway without a service"),
        pytest.param(
            lambda _: httpx.Response(429, headers={"retry-after": "3600"}), 0, 1, id="a limit of an hour"
        ),
        pytest.param(lambda _: httpx.Response(500), 0, 1, id="a list that fails"),
        pytest.param(lambda _: httpx.Response(200, text="<html>log in"), 0, 1, id="a login page"),
    ],
)
@pytest.mark.parametrize("retry_seconds", ["50", "0"])
def test_a_review_that_cannot_be(answer, each_takes, most, retry_seconds):
    """A preview of 40 resources warns once, and waits as long as for one."""
    world = World(answer, each_takes)
    with world.run(retrySeconds=retry_seconds) as run:
        for name in NAMES:
            assert INTERVENTIONS.check(run, {}, a_rule(name)).faults == ()
    (warning,) = [remark for remark in world.said if remark.severity == "warning"]
    assert warning.text.startswith(
        "the registry could not be reached, so this preview checks the program alone: GET "
    )
    assert warning.urn is None
    assert world.now - 1_000 <= most


def test_references_that_cannot_be_reviewed():
    """Where only the list of groups fails, what is known of the objects themselves is reviewed all the same."""

    def answer(request: httpx.Request) -> httpx.Response:
        if "attribute_groups" in request.url.path:
            return httpx.Response(500, json={"detail": "no"})
        name = request.url.path.rpartition("/")[2]
        return httpx.Response(404, json={"detail": "no"}) if name else httpx.Response(200, json=[])

    world = World(answer)
    with world.run() as run:
        for name in NAMES:
            assert INTERVENTIONS.check(run, {}, a_rule(name)).faults == ()
    assert len([remark for remark in world.said if remark.severity == "warning"]) == 1
    paths = [request.url.path.removeprefix("/api/v1/registry/") for request in world.requests]
    assert paths.count("attribute_groups/") == 1
    assert set(paths) >= {f"interventions/{name}" for name in NAMES}


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused(status):
    """Each of 40 resources fails; one says what to do, the others in a line that they met the same. It is asked once."""
    world = World(lambda _: httpx.Response(status, json={"detail": "no such token"}))
    with world.run() as run:
        first, *others = [INTERVENTIONS.check(run, {}, a_rule(name)).faults for name in NAMES]
    assert "no such token" in first[0]
    assert "`pulumi config set --secret signals:sandboxToken`" in first[0]
    assert {fault for (fault,) in others} == {
        f"GET registry/interventions/: status {status} (reported in full for another resource)"
    }
    assert len(world.requests) == 1


@pytest.mark.parametrize("call", ["create", "read", "update", "delete"])
@pytest.mark.parametrize(
    ("answer", "each_takes", "most"),
    [
        pytest.param(_raises(httpx.ConnectError), 0, 8.5, id="nothing listens"),
        pytest.param(_raises(httpx.ConnectTimeout), 10, 60, id="a host that is silent"),
        pytest.param(lambda _: httpx.Response(401, json={"detail": "no"}), 0, 1, id="a refused token"),
    ],
)
def test_writes_that_cannot_be(call, answer, each_takes, most):
    """Every resource fails, with the whole story and what to do once, after the wait of one."""
    recorded = {name: _recorded(name) for name in NAMES}
    calls = {
        "create": lambda run, name: INTERVENTIONS.create(run, recorded[name]),
        "read": lambda run, name: INTERVENTIONS.read(run, name, recorded[name]),
        "update": lambda run, name: INTERVENTIONS.update(
            run, recorded[name], {**recorded[name], "description": "new"}
        ),
        "delete": lambda run, name: INTERVENTIONS.delete(run, name, recorded[name]),
    }
    world = World(answer, each_takes)
    texts = []
    with world.run() as run:
        for name in NAMES:
            with pytest.raises(Incomplete) as failed:
                calls[call](run, name)
            texts.append(str(failed.value))
    assert world.now - 1_000 <= most
    first, *others = texts
    assert "reported in full for another resource" not in first
    assert {text.partition(":")[2] for text in others} <= {
        " not sent, because Signals is not available (reported in full for another resource)",
        " status 401 (reported in full for another resource)",
    }
    # Nothing was sent, so nothing can be left over.
    assert "no stack records it yet" not in first


def test_an_outage_where_details_are_hidden():
    """Of a request that was not sent, a resource with secrets says so, and neither a status nor the lack of a response."""
    world = World(lambda _: httpx.Response(503, json={"detail": "overloaded"}))
    with world.run() as run:
        with pytest.raises(Incomplete):
            INTERVENTIONS.read(run, NAMES[0], _recorded(NAMES[0]))
        with pytest.raises(Incomplete) as failed:
            INTERVENTIONS.read(run, NAMES[1], {**_recorded(NAMES[1]), "__secret": ["owner"]})
    assert ": not sent, because Signals is not available; details are hidden" in str(failed.value)


def test_a_creation_that_may_have_happened():
    """Where no response said whether a version was stored, its resource names it, though the next request is not sent."""
    lost = _raises(httpx.ReadTimeout)

    def answer(request: httpx.Request) -> httpx.Response:
        if "POST" in [each.method for each in world.requests]:
            return lost(request)
        name = request.url.path.rpartition("/")[2]
        return httpx.Response(404, json={"detail": "no"}) if name else httpx.Response(200, json=[])

    world = World(answer)
    texts = []
    recorded = [_recorded(name) for name in NAMES[:3]]
    with world.run() as run:
        for each in recorded:
            with pytest.raises(Incomplete) as failed:
                INTERVENTIONS.create(run, each)
            texts.append(str(failed.value))
    assert [request.method for request in world.requests].count("POST") == 1
    assert 'check whether version 1 of "rule_0" is in the registry: no stack records it yet' in texts[0]
    assert [text for text in texts[1:] if "no stack records it yet" in text] == []


def test_a_service_that_comes_back():
    """After as long as a request is repeated, the next one tries again."""
    world = World(_raises(httpx.ConnectError))
    recorded = _recorded("rule")
    with world.run() as run:
        for _ in range(2):
            with pytest.raises(Incomplete):
                INTERVENTIONS.read(run, "rule", recorded)
        asked = len(world.requests)
        world.now += 51  # a little more, since times are floats
        world.answer = lambda _: httpx.Response(
            200, json=[{**a_rule("rule"), "version": 1, "is_published": True}]
        )
        assert INTERVENTIONS.read(run, "rule", recorded)["published"] is True
    assert len(world.requests) == asked + 1


def test_a_write_that_is_answered_with_503_stops_no_other():
    """What a failed write makes necessary is tried: it may be the only one that fails."""
    stored = {**a_rule("cart"), "version": 1, "is_published": True}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(503)
        return httpx.Response(200, json=[stored] if request.url.path.endswith("s/") else stored)

    world = World(answer)
    with world.run() as run:
        with pytest.raises(Incomplete) as failed:
            INTERVENTIONS.delete(run, "cart", _recorded("cart"))
        after_put = [request.method for request in world.requests].index("PUT")
        assert "GET" in [request.method for request in world.requests[after_put:]]
    assert "PUT registry/interventions/cart/versions/1: Signals is not available (503" in str(failed.value)
