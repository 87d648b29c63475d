"""What an event does: which rules fire, for whom, and what is held back."""

from uuid import uuid4

import pytest

USER = "218e8926-3858-431d-b2ed-66da03a1cbe5"
SESSION = "8c9104e3-c300-4b20-82f2-93b7fa0b8feb"
HELLO = ("say_hello", 1, ["domain_sessionid"])
CART = ("cart_abandonment_discount", 1, ["domain_userid"])
BEFORE = "sent to this target before"


def cart(value, minutes=15):
    return {"shopping:cart_value": value, "shopping:minutes_since_last_activity": minutes}


def criterion(attribute, operator, *value):
    return {"attribute": attribute, "operator": operator, **({"value": value[0]} if value else {})}


def test_a_rule_fires_the_first_time_that_its_criteria_are_met(api):
    """The documentation's minimal example fires when the attribute is first set, and not when it is set again."""
    assert api.event({"example_group:test_attribute": "x"}, domain_sessionid=SESSION) == ([HELLO], [])
    assert api.event({"example_group:test_attribute": "y"}, domain_sessionid=SESSION) == ([], [])


def test_a_later_edge_is_held_back_and_said_to_be(api):
    """A rule that turns true again for a target is not sent again; the answer says so."""
    assert api.event(cart(80), domain_userid=USER) == ([CART], [])
    assert api.event(cart(10), domain_userid=USER) == ([], [])
    assert api.event(cart(90), domain_userid=USER) == ([], [("cart_abandonment_discount", 1, BEFORE)])


def test_each_edge_fires_where_that_is_assumed(start, document):
    """Under `fires=each-edge` a rule that turns true again is sent again."""
    with start(assume={"fires": "each-edge"}) as api:
        document(api)
        for value, fired in ((80, [CART]), (90, []), (10, []), (90, [CART])):
            assert api.event(cart(value), domain_userid=USER) == (fired, [])


def test_a_rule_with_changed_fires_on_every_change(api):
    """`changed` is sent for each change, the first value included, and not for an event that changes nothing."""
    api.publish(name="any_change", criteria=criterion("shopping:cart_value", "changed"))
    changes = [api.event(cart(value, 0), domain_userid=USER)[0] for value in (1, 2, 2, 2.0, 1, None)]
    fired = [("any_change", 1, ["domain_userid"])]
    assert changes == [fired, fired, [], [], fired, fired]


def test_the_values_of_two_events_add_up(api):
    """A rule over two attributes fires when the second event completes it."""
    assert api.event({"shopping:cart_value": 80}, domain_userid=USER) == ([], [])
    assert api.event({"shopping:minutes_since_last_activity": 15}, domain_userid=USER) == ([CART], [])


def test_each_visitor_has_values_of_their_own(api):
    """What is known of one id does not complete a rule for another, and what was sent to one is sent to another."""
    other = str(uuid4())
    assert api.event({"shopping:cart_value": 80}, domain_userid=USER) == ([], [])
    assert api.event({"shopping:minutes_since_last_activity": 15}, domain_userid=other) == ([], [])
    assert api.event(cart(80), domain_userid=other) == ([CART], [])
    assert api.event(cart(80), domain_userid=USER) == ([CART], [])


def test_the_case_of_a_uuid_does_not_make_another_visitor(api):
    """A UUID in capitals is the same id."""
    assert api.event(cart(80), domain_userid=USER.upper()) == ([CART], [])
    api.event(cart(10), domain_userid=USER)
    assert api.event(cart(80), domain_userid=USER) == ([], [("cart_abandonment_discount", 1, BEFORE)])


def test_the_targeting_example_of_the_documentation(empty):
    """The documentation's story of two interventions, page views, ads and clicks happens here as it is told there."""
    empty.emulator.publish_group("attribute_group1", {"page_view_count": "int32"}, key="domain_userid")
    empty.emulator.publish_group("attribute_group2", {"ad_count": "int32"}, key="domain_sessionid")
    empty.emulator.publish_group("attribute_group3", {"button_click_count": "int32"}, key="domain_userid")
    empty.publish(
        name="intervention1",
        target_attribute_keys=[{"name": "domain_userid"}, {"name": "domain_sessionid"}],
        criteria={
            "any": [
                criterion("attribute_group1:page_view_count", "=", 10),
                criterion("attribute_group2:ad_count", "is not null"),
            ]
        },
    )
    empty.publish(name="intervention2", criteria=criterion("attribute_group3:button_click_count", ">", 20))

    def event(attributes, session=SESSION):
        fired, suppressed = empty.event(attributes, domain_userid=USER, domain_sessionid=session)
        return [name for name, *_ in fired], suppressed, [targets for *_, targets in fired]

    both = ["domain_userid", "domain_sessionid"]
    assert event({"attribute_group1:page_view_count": 1}) == ([], [], [])
    assert event({"attribute_group2:ad_count": 1}) == (["intervention1"], [], [both])
    assert event({"attribute_group1:page_view_count": 10}) == ([], [], [])
    assert event({"attribute_group3:button_click_count": 20}) == ([], [], [])
    assert event({"attribute_group3:button_click_count": 21}) == (["intervention2"], [], [["domain_userid"]])
    assert event({"attribute_group3:button_click_count": 22}) == ([], [], [])
    # The session expires, and the first ad of the next one comes when more than ten pages are seen.
    assert event({"attribute_group1:page_view_count": 11}) == ([], [], [])
    again = event({"attribute_group2:ad_count": 1}, session=str(uuid4()))
    assert again == (["intervention1"], [("intervention1", 1, BEFORE)], [["domain_sessionid"]])


def test_the_targets_default_to_the_keys_of_the_criteria(api):
    """A rule over two keys, without targets of its own, goes to both."""
    api.publish(
        name="both",
        criteria={
            "all": [
                criterion("shopping:cart_value", ">", 1),
                criterion("example_group:test_attribute", "=", "x"),
            ]
        },
    )
    fired, _ = api.event(
        {"shopping:cart_value": 2, "example_group:test_attribute": "x"},
        domain_userid=USER,
        domain_sessionid=SESSION,
    )
    assert ("both", 1, ["domain_userid", "domain_sessionid"]) in fired


def test_only_targets_with_a_value_in_the_event_are_sent_to(api):
    """A target key of which the event has no id gets nothing; where none has, the edge is recorded as such."""
    api.publish(
        name="page",
        criteria=criterion("shopping:cart_value", ">", 1),
        target_attribute_keys=[{"name": "domain_userid"}, {"name": "network_userid"}],
    )
    api.publish(
        name="nobody",
        criteria=criterion("shopping:cart_value", ">", 1),
        target_attribute_keys=[{"name": "network_userid"}],
    )
    fired, suppressed = api.event({"shopping:cart_value": 2}, domain_userid=USER)
    assert fired == [("page", 1, ["domain_userid"])]
    assert suppressed == [("nobody", 1, "the event has no value for any of its target keys")]


def test_payload_attributes_travel_as_json_texts(api):
    """The latest values of the payload groups go along, under their bare names, each as JSON in a text."""
    api.emulator.publish_group(
        "profile", {"plan": "string", "tags": "string_list", "visits": "int32", "nothing": "string"}
    )
    api.publish(
        name="with_payload",
        criteria=criterion("shopping:cart_value", ">", 1),
        payload_attribute_groups=[{"name": "profile", "version": 1}, {"name": "shopping", "version": 1}],
    )
    api.event({"profile:plan": "gold", "profile:tags": ["a"], "profile:visits": 1}, domain_userid=USER)
    with api.listening(domain_userid=USER) as listener:
        api.event(
            {"shopping:cart_value": 2.5, "profile:visits": 3, "profile:nothing": None}, domain_userid=USER
        )
        received = listener.next()
    assert received["attributes"] == {"plan": '"gold"', "tags": '["a"]', "visits": "3", "cart_value": "2.5"}


def test_a_new_version_of_a_rule_is_sent_anew(api):
    """What version 1 was sent for does not hold back version 2; a withdrawn version does not fire."""
    assert api.event(cart(80), domain_userid=USER) == ([CART], [])
    api.event(cart(10), domain_userid=USER)
    api.publish(
        name="cart_abandonment_discount", version=2, criteria=criterion("shopping:cart_value", ">", 60)
    )
    api.withdraw("cart_abandonment_discount")
    assert api.event(cart(80), domain_userid=USER) == (
        [("cart_abandonment_discount", 2, ["domain_userid"])],
        [],
    )


def test_drafts_do_not_fire(api):
    """Only published rules are judged."""
    api.publish(name="draft", criteria=criterion("shopping:cart_value", ">", 1), is_published=False)
    assert api.event({"shopping:cart_value": 2}, domain_userid=USER) == ([], [])


def test_an_attribute_means_the_newest_published_version_that_has_it(api):
    """With a group's second version for another key, the values and targets are those of that key from then on."""
    api.event({"shopping:cart_value": 80}, domain_userid=USER)
    api.publish(name="big", criteria=criterion("shopping:cart_value", ">", 1))
    api.emulator.publish_group("shopping", {"cart_value": "double"}, version=2, key="domain_sessionid")
    assert api.event({"shopping:cart_value": 80}, domain_sessionid=SESSION, domain_userid=USER) == (
        [("big", 1, ["domain_sessionid"])],
        [],
    )


def test_the_answer_names_what_was_judged_and_stayed_quiet(api):
    """A rule that an event concerns and that does not fire is listed, one that it does not concern is not."""
    told = api.post({"shopping:cart_value": 80}, domain_userid=USER).json()
    assert told == {
        "fired": [],
        "suppressed": [],
        "quiet": [
            {
                "name": "cart_abandonment_discount",
                "version": 1,
                "rule": "shopping:cart_value > 75 and shopping:minutes_since_last_activity >= 15",
                "why": [
                    "shopping:cart_value > 75 turned true (no value → 80)",
                    "shopping:minutes_since_last_activity >= 15 is not true (no value)",
                ],
                "reason": "its criteria are not met",
            }
        ],
    }


def test_what_was_known_and_sent_survives_a_restart(start, document, tmp_path):
    """Values and who was sent what are in the file, as the service keeps them too."""
    file = str(tmp_path / "signals.db")
    with start(db=file) as api:
        document(api)
        assert api.event(cart(80), domain_userid=USER) == ([CART], [])
        api.event(cart(80, 1), domain_userid=USER)
    with start(db=file) as api:
        edge = api.event({"shopping:minutes_since_last_activity": 15}, domain_userid=USER)
    assert edge == ([], [("cart_abandonment_discount", 1, BEFORE)])


def test_a_reset_forgets_values_and_firings(api, document):
    """After a reset a visitor is unknown and can be sent everything again."""
    assert api.event(cart(80), domain_userid=USER) == ([CART], [])
    api.emulator.reset()
    document(api)
    assert api.event({"shopping:minutes_since_last_activity": 15}, domain_userid=USER) == ([], [])
    assert api.event({"shopping:cart_value": 80}, domain_userid=USER) == ([CART], [])


REFUSED = {
    "an attribute that no group has": (
        {"shopping:cart_valeu": 1},
        {"domain_userid": USER},
        "no published attribute group has shopping:cart_valeu. Did you mean shopping:cart_value?",
    ),
    "an attribute whose key has no id": (
        {"shopping:cart_value": 1},
        {"domain_sessionid": SESSION},
        "shopping:cart_value belongs to domain_userid, of which the event gives no id",
    ),
    "a text for a number": (
        {"shopping:cart_value": "80"},
        {"domain_userid": USER},
        'shopping:cart_value is of type double, which "80" is not',
    ),
    "a fraction for a whole number": (
        {"shopping:minutes_since_last_activity": 1.5},
        {"domain_userid": USER},
        "shopping:minutes_since_last_activity is of type int32, which 1.5 is not",
    ),
    "true for a number": (
        {"shopping:cart_value": True},
        {"domain_userid": USER},
        "shopping:cart_value is of type double, which true is not",
    ),
}


@pytest.mark.parametrize(("attributes", "keys", "reason"), REFUSED.values(), ids=REFUSED)
def test_an_event_that_cannot_be_right_is_refused_with_the_reason(api, attributes, keys, reason):
    """A mistake in an event is named instead of firing nothing."""
    answer = api.post(attributes, **keys)
    assert (answer.status_code, answer.json()) == (422, {"detail": reason})


def test_a_refused_event_changes_nothing(api):
    """An event is taken whole or not at all."""
    api.post({"shopping:cart_value": 80, "shopping:nonsense": 1}, domain_userid=USER)
    assert api.event({"shopping:minutes_since_last_activity": 15}, domain_userid=USER) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"attributes": {"a:b": 1}}, id="no keys"),
        pytest.param({"keys": {}, "attributes": {"a:b": 1}}, id="empty keys"),
        pytest.param({"keys": {"domain_userid": USER}, "attributes": {}}, id="no attribute"),
        pytest.param({"keys": {"domain_userid": ""}, "attributes": {"a:b": 1}}, id="an empty id"),
        pytest.param(
            {"keys": {"domain_userid": USER}, "attributes": {"b": 1}}, id="an attribute without its group"
        ),
        pytest.param(
            {"keys": {"domain_userid": USER}, "attributes": {"a:b": 1}, "key": 1}, id="an unknown field"
        ),
        pytest.param([], id="a list"),
    ],
)
def test_an_event_of_another_shape_is_refused(api, body):
    """What is not an event gets FastAPI's list of faults."""
    answer = api.http.post("/local/attributes", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "body"


VALUES = {
    "string": ("x", 1),
    "int64": (3, "3"),
    "float": (3, "3"),
    "bool": (False, 0),
    "timestamp": ("2026-01-01T00:00:00Z", False),
    "unix_timestamp": (1767225600, []),
    "int32_list": ([1, 2], [1, None]),
    "string_list": ([], "x"),
    "dict": ({"a": 1}, []),
}


@pytest.mark.parametrize(
    ("declared", "good", "bad"), [(each, *pair) for each, pair in VALUES.items()], ids=VALUES
)
def test_values_are_held_to_the_declared_type(empty, declared, good, bad):
    """A value of the attribute's type is taken, null too; one of another type is refused."""
    empty.emulator.publish_group("shop", {"value": declared}, key="domain_userid")
    statuses = [
        empty.post({"shop:value": value}, domain_userid=USER).status_code for value in (good, None, bad)
    ]
    assert statuses == [200, 200, 422]
