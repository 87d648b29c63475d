"""Snowplow's own client, which we did not write, takes the emulator for the service.

Both ways of authenticating run through the same tests. In the one with Console credentials, the client asks a host that is
fixed in its code; it is led to the emulator by the environment alone, as through any company's proxy: HTTPS_PROXY names a
proxy of ours, and SSL_CERT_FILE the authority that signed the certificate which answers for that host.
"""

import queue
import sys
import time
from uuid import uuid4

import httpx
import jwt
import pytest

from signals_local.emulator import serve

if sys.version_info < (3, 11):
    pytest.skip("snowplow-signals 0.4.10 asks for Python 3.11", allow_module_level=True)

import snowplow_signals as sdk
from snowplow_signals.api_client import SignalsAPIError
from snowplow_signals.models import AttributeGroupReference, InterventionReference, SelectivePublishRequest


@pytest.fixture(scope="module")
def running():
    with serve() as emulator:
        yield emulator


@pytest.fixture(params=["sandbox token", "Console credentials"])
def signals(request, running):
    """The official client, authenticated one way or the other, and an empty emulator."""
    running.reset()
    if request.param == "sandbox token":
        return sdk.SignalsSandbox(api_url=running.url, sandbox_token=running.token)
    request.getfixturevalue("console_host")(running.url)
    console = running.console
    return sdk.Signals(
        api_url=f"{running.url}/",
        api_key=console.api_key,
        api_key_id=console.api_key_id,
        org_id=console.organization_id,
    )


def key():
    return sdk.AttributeKey(name="basket_id", description="A basket", owner="data@company.com")


def group(version=1, attribute_key="domain_userid"):
    value = sdk.EventProperty(vendor="com.example", name="cart", major_version=1, path="$.value")
    return sdk.StreamAttributeGroup(
        name="shopping",
        version=version,
        attribute_key=sdk.LinkAttributeKey(name=attribute_key),
        owner="data@company.com",
        attributes=[
            sdk.Attribute(name="cart_value", type="double", events=[sdk.Event(name="cart")], aggregation="last", property=value),
            sdk.Attribute(name="visits", type="int32", events=[], aggregation="counter", period="P1D"),
        ],
    )  # fmt: skip


def rule(version=1, **fields):
    return sdk.RuleIntervention(
        name="cart_abandonment_discount",
        version=version,
        owner="marketing@company.com",
        criteria=sdk.InterventionCriteriaAll(
            all=[
                sdk.InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75.0),
                sdk.InterventionCriterion(attribute="shopping:visits", operator=">=", value=2),
            ]
        ),
        **fields,
    )


def service():
    return sdk.Service(name="web", owner="web@company.com", attribute_groups=[group()])


def test_it_publishes_everything_in_one_call_and_reads_it_back(signals):
    """Keys, groups, services and interventions in any order; what comes back is what was sent."""
    published = signals.publish([rule(), service(), group(attribute_key="basket_id"), key()])

    assert [type(each).__name__ for each in published] == [
        "AttributeKey",
        "AttributeGroup",
        "Service",
        "RuleIntervention",
    ]
    assert all(each.is_published for each in published)
    read = signals.interventions.get("cart_abandonment_discount", version=1)
    assert read.model_dump(exclude={"is_published"}) == rule().model_dump(exclude={"is_published"})
    stored = signals.get_attribute_group("shopping", 1)
    assert (stored.full_name, stored.feast_name, stored.attribute_key_or_name) == (
        "shopping_1",
        "shopping_v1",
        "basket_id",
    )
    assert [each.model_dump() for each in stored.attributes] == [
        each.model_dump() for each in group().attributes
    ]
    assert stored.attribute_key.description == "A basket"
    assert signals.registry.get_service("web").attribute_groups[0].name == "shopping"


def test_it_publishes_the_same_script_again_where_the_service_lets_it(signals):
    """A published key may be published again as it is; a group and a rule may not, even as they are."""
    signals.publish([key(), group(), rule()])
    assert signals.publish([key()])[0].is_published
    for each, says in ((group(), "attribute group"), (rule(), "intervention")):
        with pytest.raises(SignalsAPIError) as refused:
            signals.publish([each])
        assert refused.value.status_code == 400
        assert refused.value.message == {"detail": f"Cannot update published {says}"}


def test_it_publishes_its_own_predefined_keys(signals):
    """The keys that the client's package defines are the built-in ones: publishing them changes nothing."""
    predefined = [sdk.user_id, sdk.domain_userid, sdk.network_userid, sdk.domain_sessionid]
    assert [each.is_published for each in signals.publish(predefined)] == [True] * 4


def test_it_versions_an_intervention(signals):
    """Version 2 goes live beside 1, then 1 is withdrawn; the latest is 2, and both are listed."""
    signals.publish([group(), rule()])
    signals.publish([rule(2, description="another")])
    signals.unpublish([rule()])
    assert [(each.version, each.is_published) for each in signals.interventions.list()] == [
        (1, False),
        (2, True),
    ]
    assert signals.interventions.get("cart_abandonment_discount").version == 2
    assert signals.publish([rule()])[0].is_published


def test_it_edits_a_draft(signals):
    """`create` and `update` keep a draft that refers to nothing yet."""
    assert signals.interventions.create(rule()).is_published is False
    assert signals.interventions.update(rule(description="another")).description == "another"
    assert signals.interventions.get("cart_abandonment_discount", version=1).description == "another"


def test_it_withdraws_and_deletes_in_order(signals):
    """Intervention, service, group, key: one call each, first withdrawn, then deleted."""
    everything = [rule(), service(), group(attribute_key="basket_id"), key()]
    signals.publish(everything)
    for each in everything:
        assert signals.unpublish([each])[0].is_published is False
    signals.delete(everything)
    assert signals.interventions.list() == []
    for gone in (
        lambda: signals.get_attribute_group("shopping"),
        lambda: signals.registry.get_service("web"),
    ):
        with pytest.raises(SignalsAPIError) as missing:
            gone()
        assert missing.value.status_code == 404


def test_it_deletes_through_the_interventions_client(signals):
    """The answer to a deletion has a body, as every success needs one."""
    signals.interventions.create(rule())
    assert signals.interventions.delete("cart_abandonment_discount", 1) == {"ok": True}


def test_it_calls_the_engines(signals):
    """Publishing several at once by reference, as the client does for event logs."""
    signals.interventions.create(rule())
    signals.registry.create_or_update([group()])
    request = SelectivePublishRequest(
        attribute_groups=[AttributeGroupReference(name="shopping", version=1)],
        interventions=[InterventionReference(name="cart_abandonment_discount", version=1)],
    ).model_dump(mode="json", exclude_none=True)
    call = signals.api_client.make_request
    assert call("POST", "engines/publish", data=request) == {"status": "published"}
    assert call("POST", "engines/publish", data=request) == {"status": "nothing to publish"}
    assert call("POST", "engines/unpublish", data=request) == {"status": "unpublished"}


def test_it_is_refused_by_schema_in_its_own_terms(signals):
    """A refusal by schema is a 422 with `loc`, `msg` and `type`, which the client hands on."""
    with pytest.raises(SignalsAPIError) as refused:
        signals.api_client.make_request(
            "POST", "registry/interventions/", data={"name": "no-dash", "criteria": {"all": []}}
        )
    assert refused.value.status_code == 422
    assert [sorted(fault) for fault in refused.value.message["detail"]] == [["loc", "msg", "type"]]


def test_it_receives_a_push_and_a_fired_rule(signals, running):
    """A subscriber gets what is pushed directly, and what a rule sends when it turns true."""
    signals.publish([group(), rule()])
    user = str(uuid4())
    target = sdk.AttributeKeyIdentifiers({"domain_userid": [user]})
    received = queue.Queue()
    subscription = signals.interventions.subscribe(target)
    subscription.add_handler(received.put)
    with subscription:
        pushed = sdk.InterventionInstance(name="hello", version=1, attributes={"text": "Hello"})
        status = "undelivered"
        while status == "undelivered":  # the subscription opens in a thread of its own
            status = signals.push_intervention(target, pushed)
        assert status == "success"
        assert received.get(timeout=20).attributes == {"text": "Hello"}
        for value, visits in ((80, 1), (80, 2)):
            event = {
                "keys": {"domain_userid": user},
                "attributes": {"shopping:cart_value": value, "shopping:visits": visits},
            }
            assert httpx.post(f"{running.url}/local/attributes", json=event, trust_env=False).is_success
        fired = received.get(timeout=20)
    assert (fired.name, fired.version, fired.target_attribute_key.id) == (
        "cart_abandonment_discount",
        1,
        user,
    )


def test_a_token_is_kept_for_its_lifetime(running, console_host):
    """The client reads out of our token when it expires: one exchange serves until then, and it asks anew after that."""
    running.reset()
    console_host(running.url)
    console = running.console
    signals = sdk.Signals(
        api_url=running.url,
        api_key=console.api_key,
        api_key_id=console.api_key_id,
        org_id=console.organization_id,
    )

    def exchanges():
        return sum(each["path"].startswith("/api/msc/") for each in running.requests())

    for _ in range(3):
        assert signals.interventions.list() == []
    assert exchanges() == 1
    signals.api_client.token = jwt.encode({"exp": 1}, "a secret of thirty-two characters")
    assert signals.interventions.list() == []
    assert exchanges() == 2


def test_a_token_that_expires_on_the_way_is_refused(served):
    """An expired token is 401, and the text says that it is only that."""
    with served(token_lifetime=1) as (emulator, api):
        console = emulator.console
        path = f"{emulator.url}/api/msc/v1/organizations/{console.organization_id}/credentials/v3/token"
        token = api.get(
            path, headers={"X-API-Key-Id": console.api_key_id, "X-API-Key": console.api_key}
        ).json()
        api.headers["Authorization"] = f"Bearer {token['accessToken']}"
        time.sleep(2)
        answer = api.get("/registry/interventions/")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Token has expired"})


@pytest.mark.parametrize("wrong", ["api_key", "api_key_id", "org_id"])
def test_wrong_console_credentials_are_refused(running, console_host, wrong):
    """Each of the three must be right, or there is no token."""
    console_host(running.url)
    console = running.console
    given = {"api_key": console.api_key, "api_key_id": console.api_key_id, "org_id": console.organization_id}
    signals = sdk.Signals(api_url=running.url, **{**given, wrong: "wrong"})
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        signals.interventions.list()


def test_a_wrong_sandbox_token_is_refused(running):
    """An unknown token is 401."""
    with pytest.raises(SignalsAPIError) as refused:
        sdk.SignalsSandbox(api_url=running.url, sandbox_token="wrong").interventions.list()
    assert refused.value.status_code == 401
