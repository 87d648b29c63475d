"""A running emulator with the two rules of Snowplow's documentation, and a plain reader of its stream."""

import json
import queue
import socket
import threading
import time
from contextlib import contextmanager, suppress

import httpx
import pytest
from plain_http import connect

from signals_local.emulator import serve

HELLO = {
    "name": "say_hello",
    "version": 1,
    "owner": "me@example.com",
    "criteria": {"attribute": "example_group:test_attribute", "operator": "is not null"},
    "is_published": True,
}
CART = {
    "name": "cart_abandonment_discount",
    "version": 1,
    "owner": "marketing@company.com",
    "description": "Offer discount when high-value cart is abandoned",
    "criteria": {
        "all": [
            {"attribute": "shopping:cart_value", "operator": ">", "value": 75.00},
            {"attribute": "shopping:minutes_since_last_activity", "operator": ">=", "value": 15},
        ]
    },
    "target_attribute_keys": [{"name": "domain_userid"}],
    "is_published": True,
}


class Api:
    """One emulator, spoken to over HTTP as anyone would."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.url = emulator.url
        self.http = connect(emulator.url, emulator.token, seconds=30)

    def publish(self, **definition):
        answer = self.http.post("/api/v1/registry/interventions/", json={"is_published": True, **definition})
        assert answer.is_success, answer.text
        return answer.json()

    def withdraw(self, name, version=1):
        answer = self.http.post(
            "/api/v1/engines/unpublish", json={"interventions": [{"name": name, "version": version}]}
        )
        assert answer.is_success, answer.text

    def post(self, attributes, **keys):
        return self.http.post("/local/attributes", json={"keys": keys, "attributes": attributes})

    def event(self, attributes, **keys):
        """Post an event; returns what fired and what was suppressed, each as (name, version, targets)."""
        answer = self.post(attributes, **keys)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        fired = [
            (each["name"], each["version"], [target["name"] for target in each["targets"]])
            for each in told["fired"]
        ]
        return fired, [(each["name"], each["version"], each["reason"]) for each in told["suppressed"]]

    def push(self, name="greeting", version=1, *, to, **fields):
        return self.http.post(
            "/api/v1/interventions", params=to, json={"name": name, "version": version, **fields}
        )

    def subscriptions(self):
        return self.http.get("/local/subscriptions").json()

    def until_subscribed(self, count):
        """Wait until the emulator has this many open streams."""
        wait_until(lambda: len(self.subscriptions()) == count)

    @contextmanager
    def listening(self, **keys):
        """A plain subscriber, there for certain: what it has received can be taken from it."""
        with httpx.stream(
            "GET",
            f"{self.url}/api/v1/interventions",
            params=keys,
            timeout=httpx.Timeout(10, read=30),
            trust_env=False,
        ) as response:
            assert response.status_code == 200, response.read()
            listener = Listener(response)
            try:
                yield listener
            finally:
                listener.hang_up()


class Listener(threading.Thread):
    """Reads a stream line by line, as the official client does."""

    def __init__(self, response):
        super().__init__(daemon=True)
        self.response = response
        self.lines = response.iter_lines()
        self.received = queue.Queue()
        self.comments = [next(self.lines)]
        self.start()

    def run(self):
        with suppress(httpx.TransportError):  # hung up
            for line in self.lines:
                if line.startswith("data: "):
                    self.received.put(json.loads(line.removeprefix("data: ")))
                elif line.startswith(":"):
                    self.comments.append(line)

    def hang_up(self):
        """Go away at once; closing alone would wait for the reading thread's next line."""
        self.response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self.join()

    def next(self):
        """The next message; waits for it."""
        return self.received.get(timeout=30)


def wait_until(is_so):
    """Wait for what must come to be; a test that waits in vain fails after half a minute."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@contextmanager
def running(**options):
    with serve(**options) as emulator:
        api = Api(emulator)
        yield api
        api.http.close()


@pytest.fixture
def start():
    """Start emulators of one's own; `with start(...)` also stops one."""
    return running


@pytest.fixture(scope="session")
def shared():
    with running() as api:
        yield api


@pytest.fixture
def empty(shared):
    """An emulator with nothing but its built-in keys, and nobody listening. Tests share it, each finds it empty."""
    shared.until_subscribed(0)
    shared.emulator.reset()
    return shared


@pytest.fixture
def api(empty):
    """An emulator with the documentation's two rules and the groups that they need."""
    with_documented_rules(empty)
    return empty


def with_documented_rules(api):
    api.emulator.publish_group("example_group", {"test_attribute": "string"}, key="domain_sessionid")
    api.emulator.publish_group(
        "shopping", {"cart_value": "double", "minutes_since_last_activity": "int32"}, key="domain_userid"
    )
    api.publish(**HELLO)
    api.publish(**CART)


@pytest.fixture
def document():
    """Put the documentation's rules into another emulator."""
    return with_documented_rules


@pytest.fixture
def until():
    """Wait for what must come to be."""
    return wait_until
