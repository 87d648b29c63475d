"""Failures on demand: each happens once it is ordered, to the requests that are meant, and to no others."""

import httpx
import pytest

RULES = "/registry/interventions/"


def test_a_connection_dropped_before_the_work(emulator, api, definition):
    """The client sees a closed connection, and nothing was stored."""
    emulator.fail(method="POST", drop=True)
    with pytest.raises(httpx.RemoteProtocolError):
        api.post(RULES, json=definition())
    assert api.get(RULES).json() == []
    assert emulator.requests()[-2]["status"] is None


def test_a_connection_dropped_after_the_work(emulator, api, definition):
    """The client sees a closed connection, and all was stored."""
    emulator.fail(method="POST", drop=True, when="after")
    with pytest.raises(httpx.RemoteProtocolError):
        api.post(RULES, json=definition())
    assert [each["is_published"] for each in api.get(RULES).json()] == [True]


def test_a_status_with_a_page_of_html(emulator, api):
    """A gateway's error page arrives to the letter, with its headers."""
    emulator.fail(status=503, body="<h1>Sorry</h1>", content_type="text/html", headers={"Retry-After": "7"})
    answer = api.get(RULES)
    assert (answer.status_code, answer.text) == (503, "<h1>Sorry</h1>")
    assert (answer.headers["content-type"], answer.headers["retry-after"]) == ("text/html", "7")
    assert api.get(RULES).status_code == 200


def test_a_status_with_truncated_json(emulator, api):
    """A body that is no JSON, though it says so."""
    emulator.fail(status=200, body='{"name": "ca')
    answer = api.get(RULES)
    assert (answer.text, answer.headers["content-type"]) == ('{"name": "ca', "application/json")


def test_a_status_after_the_work(emulator, api, definition):
    """A gateway that gives up too early: 504, and all was stored."""
    emulator.fail(method="POST", status=504, body={"detail": "timeout"}, when="after")
    answer = api.post(RULES, json=definition())
    assert (answer.status_code, answer.json()) == (504, {"detail": "timeout"})
    assert len(api.get(RULES).json()) == 1


def test_the_nth_request_and_so_many_after_it(emulator, api):
    """The second and third request fail, counted from when the fault was ordered."""
    emulator.fail(status=429, nth=2, count=2)
    assert [api.get(RULES).status_code for _ in range(4)] == [200, 429, 429, 200]


def test_a_fault_without_end(emulator, api):
    """With no count it lasts until it is cleared."""
    emulator.fail(status=500, count=None)
    assert {api.get(RULES).status_code for _ in range(5)} == {500}
    emulator.clear_faults()
    assert api.get(RULES).status_code == 200


def test_only_the_requests_meant(emulator, api, definition):
    """Method and path say which; the others neither fail nor count."""
    emulator.fail(method="GET", path="/api/v1/registry/interventions/*/versions/2", status=500)
    api.post(RULES, json=definition())
    api.post(RULES, json=definition(version=2))
    paths = ["cart", "cart/versions/1", "cart/versions/2", "cart/versions/2"]
    assert [api.get(f"{RULES}{path}").status_code for path in paths] == [200, 200, 500, 200]


def test_latency(emulator, api):
    """A slow answer is slow for who asked, and for nobody else."""
    emulator.fail(latency=2)
    with pytest.raises(httpx.ReadTimeout):
        api.get(RULES, timeout=0.2)
    assert api.get(RULES).status_code == 200


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_request_that_hangs(emulator, api, definition, when, stored):
    """No answer comes until the client gives up, before the work or after it; others are answered meanwhile."""
    emulator.fail(method="POST", hang=True, when=when)
    with pytest.raises(httpx.ReadTimeout):
        api.post(RULES, json=definition(), timeout=0.3)
    assert len(api.get(RULES).json()) == stored


def test_requests_about_a_name(emulator, api, definition):
    """A name stands in the path or in the body; what is about others passes, and does not count."""
    emulator.fail(about="cart", nth=2, status=500)
    assert api.post(RULES, json=definition("other")).status_code == 201
    assert api.post(RULES, json=definition("cart")).status_code == 201
    assert api.get(f"{RULES}other/versions/1").status_code == 200
    assert api.get(f"{RULES}cart/versions/1").status_code == 500
    assert api.get(f"{RULES}cart/versions/1").status_code == 200


def test_a_publication_that_fails_stores_nothing(emulator, api, definition):
    """In one step, what can't be published isn't stored."""
    emulator.fail(publication=True, status=502, body={"detail": "no engine"})
    answer = api.post(RULES, json=definition())
    assert (answer.status_code, answer.json()) == (502, {"detail": "no engine"})
    assert api.get(RULES).json() == []


def test_a_publication_that_fails_leaves_a_draft_in_two_steps(served, definition):
    """Under `publishing=two-steps`, the POST stores it, the publication fails, and the draft is there."""
    with served(assume={"publishing": "two-steps"}) as (emulator, api):
        emulator.publish_group("shopping", {"cart_value": "double"})
        emulator.fail(
            publication=True, method="POST", status=502, body="bad gateway", content_type="text/plain"
        )
        answer = api.post(RULES, json=definition())
        assert (answer.status_code, answer.text) == (502, "bad gateway")
        assert [each["is_published"] for each in api.get(RULES).json()] == [False]
        assert api.put(f"{RULES}cart/versions/1", json=definition()).json()["is_published"] is True


def test_a_draft_passes_a_publication_fault(emulator, api, definition):
    """What publishes nothing has no publication to fail."""
    emulator.fail(publication=True, status=502, count=None)
    assert api.post(RULES, json=definition(is_published=False)).status_code == 201


def test_the_token_exchange_can_fail(emulator):
    """Console is another service, and may be the one that is down."""
    emulator.fail(path="/api/msc/*", status=500)
    path = f"/api/msc/v1/organizations/{emulator.console.organization_id}/credentials/v3/token"
    with httpx.Client(base_url=emulator.url, trust_env=False) as console:
        assert console.get(path).status_code == 500
        assert console.get(path).status_code == 401


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        pytest.param({}, "say what is to go wrong", id="nothing at all"),
        pytest.param({"drop": True, "status": 500}, "one of them", id="two ways at once"),
        pytest.param({"drop": True, "hang": True}, "one of them", id="dropped and hanging"),
        pytest.param(
            {"publication": True, "drop": True}, "needs a status", id="a publication that is dropped"
        ),
        pytest.param({"sattus": 500}, "Extra inputs", id="a field misspelt"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(emulator, fault, says):
    """A fault that would do nothing, or something else, is an error in the test that orders it."""
    with pytest.raises(RuntimeError, match=says):
        emulator.fail(**fault)


def test_a_reset_ends_faults(emulator, api):
    """No test inherits another's faults."""
    emulator.fail(status=500, count=None)
    emulator.reset()
    assert api.get(RULES).status_code == 200


GROUP = {
    "name": "basket",
    "attribute_key": {"name": "domain_userid"},
    "attributes": [
        {"name": "items", "type": "int32", "events": [{"name": "add_item"}], "aggregation": "counter"}
    ],
}
MISSING = "Schema for event 'add_item' was not found or not in production"


def test_a_schema_that_is_not_in_production(emulator, api):
    """A group that names its event is refused with 404 when it is written, by POST and PUT, and when it is published."""
    groups = "/registry/attribute_groups/"
    emulator.fail(missing_schema="add_item", count=None)
    assert api.post(groups, json={**GROUP, "attributes": None}).status_code == 201
    for answer in (
        api.post(groups, json={**GROUP, "version": 2}),
        api.put(f"{groups}basket/versions/1", json=GROUP),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (404, MISSING)
    emulator.clear_faults()
    assert api.put(f"{groups}basket/versions/1", json=GROUP).is_success
    emulator.fail(missing_schema="add_item", count=None)
    published = api.post("/engines/publish", json={"attribute_groups": [{"name": "basket", "version": 1}]})
    assert (published.status_code, published.json()["detail"]) == (404, MISSING)
    assert api.get(f"{groups}basket/versions/1").json()["is_published"] is False
    emulator.publish_group("other", {"a": "double"})


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"headers": {"A B": "c"}}, id="a header's name with a space"),
        pytest.param({"headers": {"A": "b\r\nC: d"}}, id="a header with a line break"),
        pytest.param({"headers": {"A": "é"}}, id="a header that is no ASCII"),
        pytest.param({"headers": {"Content-Length": "7"}}, id="another length than the body's"),
        pytest.param({"content_type": "a\nb"}, id="a type with a line break"),
        pytest.param({"status": 99}, id="no status"),
        pytest.param({"stats": 500}, id="an unknown field"),
    ],
)
def test_a_fault_that_cannot_be_sent_is_refused(emulator, api, fault):
    """What no server could answer is refused when it is ordered."""
    with pytest.raises(RuntimeError, match="422"):
        emulator.fail(**{"status": 500, **fault})
    assert api.get(RULES).status_code == 200


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body(emulator, api, status):
    """A status that has no body is answered without one."""
    emulator.fail(status=status, body={"detail": "none of it"})
    assert (api.get(RULES).status_code, api.get(RULES).status_code) == (status, 200)
