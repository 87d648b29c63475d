"""The client and the emulator, which share no code: every method against a registry that keeps what it is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.errors import (
    ApiError,
    NotFound,
    Rejected,
    Unauthorized,
    Unavailable,
    UnexpectedResponse,
)
from pulumi_snowplow_signals.kinds.intervention import Intervention
from signals_local.emulator import serve

CART = {
    "name": "cart",
    "version": 1,
    "owner": "me@example.com",
    "description": "Offer a discount",
    "criteria": {"all": [{"attribute": "shopping:cart_value", "operator": ">", "value": 75.5}]},
    "target_attribute_keys": [{"name": "domain_userid"}],
    "is_published": False,
}
LIVE = {**CART, "is_published": True}


@pytest.fixture(scope="module")
def running():
    """One emulator for the tests of this file."""
    with serve() as emulator:
        yield emulator


@pytest.fixture
def emulator(running):
    """The emulator, holding nothing but one attribute group."""
    running.clear_faults()
    running.reset()
    running.publish_group("shopping", {"cart_value": "double"})
    return running


def console_settings(emulator, **other):
    """The settings of a stack that has Console credentials."""
    given = {
        "apiUrl": emulator.url,
        "consoleUrl": emulator.url,
        "organizationId": emulator.console.organization_id,
        "apiKeyId": emulator.console.api_key_id,
        "apiKey": emulator.console.api_key,
        **other,
    }
    return resolve(given.get, {})


@pytest.fixture
def client(emulator):
    """A client with the sandbox token."""
    settings = resolve({"apiUrl": emulator.url, "sandboxToken": emulator.token}.get, {})
    with SignalsClient(settings, sleep=lambda _: None) as client:
        yield client


def failed(act):
    with pytest.raises(ApiError) as raised:
        act()
    return raised.value


def test_a_life(client):
    """A version is stored, read, published, withdrawn and deleted, and then it is gone."""
    stored = client.create(Intervention, CART)
    assert (stored.name, stored.version, stored.is_published) == ("cart", 1, False)
    assert client.get(Intervention, "cart", 1).body == stored.body
    assert client.replace(Intervention, "cart", 1, {**stored.body, "is_published": True}).is_published
    assert client.get_latest(Intervention, "cart").is_published
    assert [(found.name, found.version) for found in client.list_all(Intervention)] == [("cart", 1)]
    assert type(failed(lambda: client.delete(Intervention, "cart", 1))) is Rejected
    live = client.get(Intervention, "cart", 1)
    assert not client.replace(Intervention, "cart", 1, {**live.body, "is_published": False}).is_published
    client.delete(Intervention, "cart", 1)
    assert type(failed(lambda: client.get(Intervention, "cart", 1))) is NotFound
    assert type(failed(lambda: client.delete(Intervention, "cart", 1))) is NotFound
    assert client.list_all(Intervention) == []


def test_what_is_stored_is_what_was_sent(client):
    """The definition comes back as it went, nulls and all."""
    sent = client.create(Intervention, CART).definition
    assert sent.to_wire() == {
        name: value for name, value in CART.items() if name not in {"version", "is_published"}
    }


def test_refusals(client):
    """What the registry refuses is told in its own words."""
    client.create(Intervention, LIVE)
    assert type(failed(lambda: client.create(Intervention, LIVE))) is Rejected
    assert type(failed(lambda: client.replace(Intervention, "cart", 1, LIVE))) is Rejected
    misspelt = {"attribute": "shopping:card_value", "operator": ">", "value": 1}
    error = failed(lambda: client.create(Intervention, {**LIVE, "name": "other", "criteria": misspelt}))
    assert type(error) is Rejected
    assert error.status == 422
    assert "card_value" in error.words


def test_problems_are_located(client):
    """A body of the wrong shape comes back with the place of the fault."""
    wrong = {"all": [{"attribute": "shopping:cart_value", "operator": "==", "value": 1}]}
    error = failed(lambda: client.create(Intervention, {**CART, "criteria": wrong}))
    assert isinstance(error, Rejected)
    assert error.problems
    assert all(problem.location[:1] == ("criteria",) for problem in error.problems)


def test_references(client):
    """The groups and keys that criteria refer to are listed with what a review needs of them."""
    (group,) = client.list_attribute_groups()
    assert (group.name, group.version, group.is_published) == ("shopping", 1, True)
    assert (group.attribute_key, group.attributes) == ("domain_userid", {"cart_value": "double"})
    keys = {key.name: key.is_published for key in client.list_attribute_keys()}
    assert keys["domain_userid"] is True


def test_push(client):
    """A push to someone who is not there is undelivered; an id that is no UUID is refused and not repeated."""
    instance = {"name": "hi", "version": 1}
    targets = {"domain_sessionid": ["8c9104e4-c8f6-4ba5-a3f1-6e5cbea8a6f9"]}
    assert client.push_intervention(targets, instance) == "undelivered"
    error = failed(lambda: client.push_intervention({"domain_sessionid": ["someone"]}, instance))
    assert type(error) is Rejected
    assert "someone" not in str(error)


def test_a_wrong_token(emulator):
    """A token that the service does not know is refused with the settings to check."""
    settings = resolve({"apiUrl": emulator.url, "sandboxToken": "mistyped"}.get, {})
    with SignalsClient(settings) as client:
        error = failed(lambda: client.list_all(Intervention))
    assert type(error) is Unauthorized
    assert "signals:sandboxToken" in str(error)
    assert "mistyped" not in str(error)


def test_console_credentials(emulator):
    """An API key is exchanged once for all threads."""
    since = emulator.mark()
    with SignalsClient(console_settings(emulator)) as client, ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: client.list_all(Intervention), range(8)):
            assert found == []
    paths = [request["path"] for request in emulator.requests(since=since)]
    assert sum(path.endswith("/token") for path in paths) == 1


def test_a_wrong_api_key(emulator):
    """An API key that the Console does not know is one sentence."""
    with SignalsClient(console_settings(emulator, apiKey="mistyped")) as client:
        error = failed(lambda: client.list_all(Intervention))
    assert type(error) is Unauthorized
    assert "signals:apiKey" in str(error)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "headers": {"Retry-After": "1"}},
        {"status": 502, "body": "<html>", "content_type": "text/html"},
        {"status": 503},
        {"drop": True},
        {"drop": True, "when": "after"},
    ],
    ids=["429", "502", "503", "connection lost before", "connection lost after"],
)
def test_trouble_passes(emulator, client, fault):
    """A write that is safe to repeat gets through, whether or not the first attempt was carried out."""
    client.create(Intervention, CART)
    emulator.fail(method="PUT", **fault)
    assert (
        client.replace(Intervention, "cart", 1, {**CART, "description": "Other"}).body["description"]
        == "Other"
    )


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_post_whose_answer_was_lost(emulator, client, when):
    """A creation whose answer was lost is not sent again: whoever asked looks whether it is there."""
    emulator.fail(method="POST", drop=True, when=when)
    since = emulator.mark()
    error = failed(lambda: client.create(Intervention, CART))
    assert isinstance(error, Unavailable)
    assert error.sent is True
    assert len([request for request in emulator.requests(since=since) if request["method"] == "POST"]) == 1
    assert len(client.list_all(Intervention)) == (1 if when == "after" else 0)


def test_a_publication_whose_answer_was_lost(emulator, client):
    """A publication that was carried out and repeated is refused, and the refusal says that it may have been its own."""
    client.create(Intervention, CART)
    emulator.fail(method="PUT", drop=True, when="after")
    error = failed(lambda: client.replace(Intervention, "cart", 1, LIVE))
    assert type(error) is Rejected
    assert error.sent is True
    assert client.get(Intervention, "cart", 1).is_published


def test_a_deletion_whose_answer_was_lost(emulator, client):
    """A deletion that was carried out and repeated finds nothing, and says that it may have been its own."""
    client.create(Intervention, CART)
    emulator.fail(method="DELETE", drop=True, when="after")
    error = failed(lambda: client.delete(Intervention, "cart", 1))
    assert type(error) is NotFound
    assert error.sent is True


@pytest.mark.parametrize(
    "body",
    ['{"name": "ca', "<html><title>Sign in</title></html>", ""],
    ids=["cut JSON", "a login page", "nothing"],
)
def test_answers_of_something_else(emulator, client, body):
    """What stands between client and service and answers in its place is not taken for the service."""
    client.create(Intervention, CART)
    emulator.fail(method="GET", status=200, body=body, content_type="text/html")
    assert type(failed(lambda: client.get(Intervention, "cart", 1))) is UnexpectedResponse
    emulator.fail(method="GET", status=404, body=body, content_type="text/html")
    assert type(failed(lambda: client.get(Intervention, "cart", 1))) is UnexpectedResponse
    assert client.get(Intervention, "cart", 1).version == 1


def test_large_bodies(client):
    """A megabyte of description and a list of ten thousand values go there and back."""
    many = {"attribute": "shopping:cart_value", "operator": "in", "value": list(range(10_000))}
    stored = client.create(Intervention, {**CART, "description": "é" * 1_000_000, "criteria": many})
    assert len(stored.body["description"]) == 1_000_000
    assert len(stored.body["criteria"]["value"]) == 10_000
