"""Direct push: what it takes, what it answers, and who gets it."""

from uuid import UUID, uuid4

import pytest

USER = "218e8926-3858-431d-b2ed-66da03a1cbe5"
SESSION = "8c9104e3-c300-4b20-82f2-93b7fa0b8feb"


def test_a_push_that_nobody_listens_to_is_undelivered(empty):
    """The status says that no subscriber got it; nothing is kept for later."""
    answer = empty.push(to={"domain_userid": USER})
    assert (answer.status_code, answer.json()) == (200, {"status": "undelivered"})
    with empty.listening(domain_userid=USER) as listener:
        assert empty.push("second", to={"domain_userid": USER}).json() == {"status": "success"}
        assert listener.next()["name"] == "second"


def test_a_subscriber_receives_the_documented_payload(empty):
    """Id and target are filled in, attributes are an object even when there are none."""
    with empty.listening(domain_userid=USER) as listener:
        empty.push("greeting", 3, to={"domain_userid": USER})
        received = listener.next()
    UUID(received.pop("intervention_id"))
    assert received == {
        "name": "greeting",
        "version": 3,
        "attributes": {},
        "target_attribute_key": {"name": "domain_userid", "id": USER},
    }


def test_what_the_sender_gives_is_kept(empty):
    """An id, a target and attributes of the sender's own arrive as sent."""
    given = {
        "name": "greeting",
        "version": 1,
        "intervention_id": str(uuid4()),
        "attributes": {"text": "Grüß Gott\u2028\n"},
        "target_attribute_key": {"name": "domain_sessionid", "id": SESSION},
    }
    with empty.listening(domain_userid=USER) as listener:
        empty.push(to={"domain_userid": USER}, **given)
        assert listener.next() == given


def test_each_subscriber_of_each_target_receives_a_push_once(empty):
    """Two listen to one id, one to another, one to both: each gets one message, all with one id."""
    with (
        empty.listening(domain_userid=USER) as one,
        empty.listening(domain_userid=USER) as two,
        empty.listening(domain_sessionid=SESSION) as three,
        empty.listening(domain_userid=USER, domain_sessionid=SESSION) as both,
        empty.listening(domain_userid=str(uuid4())) as other,
    ):
        everyone = (one, two, three, both)
        empty.push(
            "first", to=[("domain_userid", USER), ("domain_sessionid", SESSION), ("domain_userid", USER)]
        )
        empty.push("last", to={"domain_userid": USER})
        empty.push("last", to={"domain_sessionid": SESSION})
        received = [listener.next() for listener in everyone]
        assert {each["name"] for each in received} == {"first"}
        assert len({each["intervention_id"] for each in received}) == 1
        assert [each["target_attribute_key"]["name"] for each in received[:3]] == [
            "domain_userid", "domain_userid", "domain_sessionid",
        ]  # fmt: skip
        # Each had it once: what comes next is the next message.
        assert {listener.next()["name"] for listener in everyone} == {"last"}
        assert other.received.empty()


def test_an_id_of_a_key_is_not_an_id_of_another(empty):
    """The same UUID under another key is another target."""
    with empty.listening(domain_sessionid=USER):
        assert empty.push(to={"domain_userid": USER}).json() == {"status": "undelivered"}


def test_the_case_of_a_uuid_means_nothing(empty):
    """A push to a UUID in capitals reaches who listens to it in lower case."""
    with empty.listening(domain_userid=USER) as listener:
        assert empty.push(to={"domain_userid": USER.upper()}).json() == {"status": "success"}
        assert listener.next()["target_attribute_key"] == {"name": "domain_userid", "id": USER}


def test_a_push_needs_a_bearer(empty):
    """Without a good token nothing is pushed, and the refusal has the shape of this back end."""
    url, query = f"{empty.url}/api/v1/interventions", {"domain_userid": USER}
    body = {"name": "greeting", "version": 1}
    for credentials in ("Bearer wrong", f"Basic {empty.emulator.token}", ""):
        answer = empty.http.post(url, params=query, json=body, headers={"Authorization": credentials})
        assert answer.status_code == 401
        assert set(answer.json()) == {"error"}


QUERIES = {
    "no target": ({}, "give at least one attribute key and id, as in ?domain_userid=<UUID>"),
    "an id that can be guessed": ({"user_id": "42"}, "only UUIDs allowed as attribute key values"),
    "a UUID without hyphens": (
        {"domain_userid": USER.replace("-", "")},
        "only UUIDs allowed as attribute key values",
    ),
    "a UUID and a line break": ({"domain_userid": f"{USER}\n"}, "only UUIDs allowed as attribute key values"),
    "one bad id among good ones": (
        {"domain_userid": [USER, "42"]},
        "only UUIDs allowed as attribute key values",
    ),
    "more keys than allowed": (
        {f"key{n}": USER for n in range(101)},
        "at most 100 attribute keys are allowed",
    ),
}


@pytest.mark.parametrize(("query", "text"), QUERIES.values(), ids=QUERIES)
def test_targets_that_are_no_uuids_are_refused_whole(empty, query, text):
    """Push and subscription both refuse the whole request, with the reason."""
    for answer in (empty.push(to=query), empty.http.get("/api/v1/interventions", params=query)):
        assert (answer.status_code, answer.json()) == (400, {"error": text})


BODIES = {
    "no name": {"version": 1},
    "a name that fits no pattern": {"name": "say hello", "version": 1},
    "no version": {"name": "greeting"},
    "a version that is a text": {"name": "greeting", "version": "1"},
    "a negative version": {"name": "greeting", "version": -1},
    "an attribute that is a number": {"name": "greeting", "version": 1, "attributes": {"a": 1}},
    "an id that is no UUID": {"name": "greeting", "version": 1, "intervention_id": "1"},
    "a target without an id": {
        "name": "greeting",
        "version": 1,
        "target_attribute_key": {"name": "domain_userid"},
    },
    "a list": [],
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_instance_is_refused(empty, body):
    """The refusal is one text under `error`."""
    answer = empty.http.post("/api/v1/interventions", params={"domain_userid": USER}, json=body)
    assert answer.status_code == 400
    assert isinstance(answer.json()["error"], str)
