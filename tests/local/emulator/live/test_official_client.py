"""Snowplow's own client pushes, subscribes and reads what fires, without knowing where it is."""

from queue import Empty
from uuid import uuid4

import pytest

sdk = pytest.importorskip("snowplow_signals", reason="the official client asks for Python 3.11")

USER = "218e8926-3858-431d-b2ed-66da03a1cbe5"
SESSION = "8c9104e3-c300-4b20-82f2-93b7fa0b8feb"


@pytest.fixture
def api(start, document):
    """An emulator of each test's own: the client's reader only leaves when it stops, or at a sign of life."""
    with start() as api:
        document(api)
        yield api


@pytest.fixture
def client(api):
    return sdk.SignalsSandbox(api_url=api.url, sandbox_token=api.emulator.token)


def targets(**keys):
    return sdk.AttributeKeyIdentifiers({name: [key_id] for name, key_id in keys.items()})


def test_its_subscription_receives_a_rule_that_fires(api, client):
    """The documentation's subscription example gets the documentation's rule, by `get` and by handler."""
    handled = []
    subscription = client.pull_interventions(targets(domain_userid=USER, domain_sessionid=SESSION))
    subscription.add_handler(handled.append)
    with subscription:
        api.until_subscribed(1)
        api.event({"shopping:cart_value": 80, "shopping:minutes_since_last_activity": 20}, domain_userid=USER)
        received = subscription.get(timeout=30)
        assert (received.name, received.version, received.attributes) == ("cart_abandonment_discount", 1, {})
        assert (received.target_attribute_key.name, received.target_attribute_key.id) == (
            "domain_userid",
            USER,
        )
        api.event({"example_group:test_attribute": "x"}, domain_sessionid=SESSION)
        assert subscription.get(timeout=30).name == "say_hello"
    assert [each.name for each in handled] == ["cart_abandonment_discount", "say_hello"]
    api.until_subscribed(0)  # its reader leaves at the next sign of life


def test_its_subscription_reads_payload_attributes(api, client):
    """Attribute values arrive as the texts that its model demands; another kind would end its reader."""
    api.publish(
        name="with_payload",
        criteria={"attribute": "shopping:cart_value", "operator": ">", "value": 1},
        payload_attribute_groups=[{"name": "shopping", "version": 1}],
    )
    with client.pull_interventions(targets(domain_userid=USER)) as subscription:
        api.until_subscribed(1)
        api.event({"shopping:cart_value": 2.5}, domain_userid=USER)
        assert subscription.get(timeout=30).attributes == {"cart_value": "2.5"}


def test_it_pushes_to_its_own_subscribers(api, client):
    """`push_intervention` says `undelivered` without a subscriber, and `success` with two, who each get it once."""
    instance = sdk.InterventionInstance(name="my_intervention", version=1, attributes={"text": "a\u2028b"})
    assert client.push_intervention(targets(domain_sessionid=SESSION), instance) == "undelivered"
    both = targets(domain_userid=USER, domain_sessionid=SESSION)
    with (
        client.pull_interventions(both) as one,
        client.pull_interventions(targets(domain_userid=USER)) as two,
    ):
        api.until_subscribed(2)
        assert client.push_intervention(both, instance) == "success"
        received = [subscription.get(timeout=30) for subscription in (one, two)]
        client.push_intervention(both, sdk.InterventionInstance(name="last", version=1))
        assert [subscription.get(timeout=30).name for subscription in (one, two)] == ["last", "last"]
    assert {(each.name, each.version, each.attributes["text"]) for each in received} == {
        ("my_intervention", 1, "a\u2028b")
    }
    assert received[0].intervention_id == received[1].intervention_id


def test_it_publishes_the_rule_that_it_then_receives(api, client):
    """From the definition to the delivery with nothing but the official client and one event."""
    rule = sdk.RuleIntervention(
        name="big_cart",
        owner="me@example.com",
        criteria=sdk.InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75.0),
        target_attribute_keys=[sdk.LinkAttributeKey(name="domain_userid")],
    )
    client.publish([rule])
    with client.pull_interventions(targets(domain_userid=USER)) as subscription:
        api.until_subscribed(1)
        api.event({"shopping:cart_value": 80}, domain_userid=USER)
        assert subscription.get(timeout=30).name == "big_cart"


def test_it_is_told_why_a_push_is_refused(client):
    """An id that can be guessed is a 400 with the service's words, as its exception shows them."""
    with pytest.raises(sdk.api_client.SignalsAPIError) as refused:
        client.push_intervention(targets(user_id="42"), sdk.InterventionInstance(name="greeting", version=1))
    assert refused.value.status_code == 400
    assert refused.value.message == {"error": "only UUIDs allowed as attribute key values"}


def test_it_receives_nothing_that_is_meant_for_others(api, client):
    """What fires for another visitor does not reach it."""
    with client.pull_interventions(targets(domain_userid=USER)) as subscription:
        api.until_subscribed(1)
        api.event(
            {"shopping:cart_value": 80, "shopping:minutes_since_last_activity": 20},
            domain_userid=str(uuid4()),
        )
        assert (
            client.push_intervention(
                targets(domain_userid=USER), sdk.InterventionInstance(name="only", version=1)
            )
            == "success"
        )
        assert subscription.get(timeout=30).name == "only"
        with pytest.raises(Empty):
            subscription.get(block=False)
