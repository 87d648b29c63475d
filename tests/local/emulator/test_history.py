"""The promises that a deployment must keep, and the history that tells whether it did."""

import pytest

RULES = "/registry/interventions"


@pytest.fixture
def steps(api, definition):
    """Short words for requests about an intervention."""

    class Steps:
        def post(self, version=1, **fields):
            assert api.post(f"{RULES}/", json=definition(version=version, **fields)).is_success

        def put(self, version=1, **fields):
            body = definition(version=version, **fields)
            assert api.put(f"{RULES}/cart/versions/{version}", json=body).is_success

        def withdraw(self, version=1):
            self.put(version, is_published=False)

        def delete(self, version=1):
            assert api.delete(f"{RULES}/cart/versions/{version}").is_success

    return Steps()


def test_a_version_after_another_keeps_all_promises(emulator, steps):
    """Publishing 2 and then withdrawing 1 is what a good deployment does: nothing to say."""
    steps.post(1)
    steps.post(2, description="another")
    steps.withdraw(1)
    assert emulator.broken_promises() == []


def test_editing_a_draft_keeps_all_promises(emulator, steps):
    """A number that was never released may change what it means."""
    steps.post(1, is_published=False)
    steps.put(1, is_published=False, description="another")
    steps.put(1, description="a third")
    assert emulator.broken_promises() == []


def test_the_same_definition_in_other_words_keeps_all_promises(emulator, steps):
    """75 for 75.0, and null for a field left out, is the same definition."""
    steps.post(1)
    steps.withdraw(1)
    steps.put(
        1,
        criteria={"value": 75, "operator": ">", "attribute": "shopping:cart_value"},
        description=None,
        is_published=False,
    )
    assert emulator.broken_promises() == []


def test_a_withdrawal_for_good_keeps_all_promises(emulator, steps):
    """What goes down and stays down is no gap."""
    steps.post(1)
    steps.withdraw(1)
    steps.delete(1)
    assert emulator.broken_promises() == []


def test_a_released_number_that_changes_is_told(emulator, steps):
    """Another definition under a number that was released is told, with both requests."""
    steps.post(1)
    steps.withdraw(1)
    steps.put(1, is_published=False, description="another")
    (broken,) = emulator.broken_promises()
    assert broken.startswith("cart version 1 was released by request ")
    assert "(PUT /api/v1/registry/interventions/cart/versions/1) gave it definition" in broken


def test_a_released_number_that_is_deleted_and_created_anew_is_told(emulator, steps):
    """Deleting in between does not make a released number free."""
    steps.post(1)
    steps.withdraw(1)
    steps.delete(1)
    steps.post(1, is_published=False, description="another")
    (broken,) = emulator.broken_promises()
    assert "(POST /api/v1/registry/interventions/) gave it definition" in broken


def test_a_gap_is_told(emulator, steps):
    """A name that was live, is not, and is live again had visitors without a rule."""
    steps.post(1)
    steps.withdraw(1)
    steps.post(2)
    (broken,) = emulator.broken_promises()
    assert broken.startswith("cart was live, had no live version after request ")


def test_a_gap_that_was_meant_is_not_told(emulator, steps):
    """A name that was meant to go down may."""
    steps.post(1)
    steps.withdraw(1)
    steps.post(2)
    assert emulator.broken_promises(meant_down=["cart"]) == []


def test_a_gap_over_two_runs_is_not_told_of_the_second(emulator, steps):
    """Only what happened after the mark counts: a destroy in the run before is none of this run's gaps."""
    steps.post(1)
    steps.withdraw(1)
    mark = emulator.mark()
    steps.post(2)
    assert emulator.broken_promises(since=mark) == []


def test_a_gap_that_begins_after_the_mark_is_told(emulator, steps):
    """What was live at the mark counts as live before."""
    steps.post(1)
    mark = emulator.mark()
    steps.withdraw(1)
    steps.post(2)
    assert len(emulator.broken_promises(since=mark)) == 1


def test_a_number_released_before_the_mark_is_still_released(emulator, steps):
    """A change after the mark is told of a number that was released before it; a change before it is not."""
    steps.post(1)
    mark = emulator.mark()
    steps.withdraw(1)
    steps.put(1, is_published=False, description="another")
    assert len(emulator.broken_promises(since=mark)) == 1
    assert emulator.broken_promises(since=emulator.mark()) == []


def test_two_live_versions_at_rest_are_told(emulator, steps):
    """Both would fire for the same visitor."""
    steps.post(1)
    steps.post(3, description="another")
    assert emulator.broken_promises() == ["cart: versions 1 and 3 are live at rest."]


SHOPPING = {"attribute_groups": [{"name": "shopping", "version": 1}]}
CASCADE = "cart version 1 was taken down by a cascade that nobody asked for: request "


def test_a_cascade_that_nobody_asked_for_is_told(emulator, api, steps):
    """A group that takes a rule along breaks a promise, also where the rule stays down for good."""
    steps.post(1)
    assert api.post("/engines/unpublish", json=SHOPPING).is_success
    (broken,) = emulator.broken_promises()
    assert broken.startswith(CASCADE)
    assert "(POST /api/v1/engines/unpublish) withdrew attribute group shopping version 1" in broken


def test_a_cascade_makes_a_gap(emulator, api, steps):
    """That a group took the rule down, and not a request about the rule, does not make the gap smaller."""
    steps.post(1)
    assert api.post("/engines/unpublish", json=SHOPPING).is_success
    assert api.post("/engines/publish", json=SHOPPING).is_success
    steps.put(1)
    gap, cascade = emulator.broken_promises()
    assert "had no live version after request" in gap
    assert "(POST /api/v1/engines/unpublish)" in gap
    assert cascade.startswith(CASCADE)


def test_a_group_that_is_deleted_under_a_payload_is_a_cascade(emulator, api, steps):
    """A rule whose payload group is deleted goes down with it, and nobody asked for that."""
    emulator.publish_group("draft", {"a": "double"}, is_published=False)
    steps.post(1, payload_attribute_groups=[{"name": "draft", "version": 1}])
    assert api.delete("/registry/attribute_groups/draft/versions/1").is_success
    (broken,) = emulator.broken_promises()
    assert broken.startswith(CASCADE)


def test_a_cascade_in_a_request_that_names_the_rule_is_asked_for(emulator, api, steps):
    """One call that withdraws a group and the rule on it says that it means both."""
    steps.post(1)
    both = {**SHOPPING, "interventions": [{"name": "cart", "version": 1}]}
    assert api.post("/engines/unpublish", json=both).is_success
    assert emulator.broken_promises() == []


def test_a_rule_that_was_withdrawn_first_is_in_no_cascade(emulator, api, steps):
    """The order of a careful tool: first the rule, then its group."""
    steps.post(1)
    steps.withdraw(1)
    assert api.post("/engines/unpublish", json=SHOPPING).is_success
    assert emulator.broken_promises() == []


def test_a_cascade_that_was_meant_is_not_told(emulator, api, steps):
    """A name that was meant to go down may go with its group."""
    steps.post(1)
    assert api.post("/engines/unpublish", json=SHOPPING).is_success
    assert emulator.broken_promises(meant_down=["cart"]) == []


def test_a_cascade_before_the_mark_is_not_told(emulator, api, steps):
    """Only what happened after the mark counts."""
    steps.post(1)
    assert api.post("/engines/unpublish", json=SHOPPING).is_success
    assert emulator.broken_promises(since=emulator.mark()) == []


def group(version=1, *, is_published=True, **fields):
    attribute = {"name": "a", "type": "int32", "events": [], "aggregation": "counter"}
    return {
        "name": "g",
        "version": version,
        "attribute_key": {"name": "domain_userid"},
        "attributes": [attribute],
        "is_published": is_published,
        **fields,
    }


def put_group(api, **fields):
    body = group(**fields)
    assert api.put(f"/registry/attribute_groups/g/versions/{body['version']}", json=body).is_success


def test_a_released_group_number_that_changes_is_told(emulator, api):
    """Withdrawn and rewritten under its number, a group is another one: the service lets that pass, the promise does not."""
    assert api.post("/registry/attribute_groups/", json=group()).is_success
    put_group(api, is_published=False)
    put_group(api, is_published=False, description="another")
    (broken,) = emulator.broken_promises()
    assert broken.startswith("Attribute group g version 1 was released by request ")


def test_a_group_in_two_live_versions_keeps_all_promises(emulator, api):
    """Versions of a group live side by side, and a draft may change."""
    assert api.post("/registry/attribute_groups/", json=group()).is_success
    assert api.post("/registry/attribute_groups/", json=group(2, is_published=False)).is_success
    put_group(api, version=2, description="another")
    put_group(api, is_published=False)
    put_group(api)
    assert emulator.broken_promises() == []


def service(*, is_published=True, version=1):
    return {
        "name": "web",
        "attribute_groups": [{"name": "g", "version": version}],
        "is_published": is_published,
    }


def test_a_service_that_moves_from_one_live_version_to_another_keeps_all_promises(emulator, api):
    """Publish the new version, move the service, withdraw the old version: the order of an update."""
    assert api.post("/registry/attribute_groups/", json=group()).is_success
    assert api.post("/registry/services/", json=service()).is_success
    assert api.post("/registry/attribute_groups/", json=group(2)).is_success
    assert api.put("/registry/services/web", json=service(version=2)).is_success
    put_group(api, is_published=False)
    assert emulator.broken_promises() == []


def test_a_service_that_was_withdrawn_for_a_moment_is_told(emulator, api):
    """Whoever reads a service that is not live is answered 404: withdrawing and publishing again is a gap."""
    assert api.post("/registry/attribute_groups/", json=group()).is_success
    assert api.post("/registry/services/", json=service()).is_success
    assert api.put("/registry/services/web", json=service(is_published=False)).is_success
    assert emulator.broken_promises() == []
    assert api.put("/registry/services/web", json=service()).is_success
    (broken,) = emulator.broken_promises()
    assert broken.startswith("Service web was live, was withdrawn after request ")
    assert emulator.broken_promises(meant_down=["web"]) == []


def test_a_live_service_without_its_pinned_version_is_told(served):
    """Where the service itself would let a pinned version go, the promise remembers who lost it."""
    with served(assume={"pinned-group": "goes"}) as (emulator, api):
        api.post("/registry/attribute_groups/", json=group())
        api.post("/registry/services/", json=service())
        put_group(api, is_published=False)
        (broken,) = emulator.broken_promises(meant_down=["web"])
        assert broken.startswith("Service web was live without a version that it pins: request ")
        assert "withdrew attribute group g version 1" in broken


def test_a_reset_forgets_what_was_broken(emulator, api, steps):
    """A new world has broken no promise."""
    steps.post(1)
    api.post("/engines/unpublish", json=SHOPPING)
    emulator.reset()
    assert emulator.broken_promises() == []


def test_history_tells_of_each_version_and_each_moment(emulator, steps):
    """Definitions, releases, deletions and the live versions after each request, with the requests behind them."""
    steps.post(1, is_published=False)
    steps.put(1, description="another")
    steps.post(2)
    steps.withdraw(2)
    steps.delete(2)

    history = emulator.history()

    first, second = history["versions"]
    assert [len(first["definitions"]), len(second["definitions"])] == [2, 1]
    assert (first["released"], first["is_published"], first["exists"]) == (True, True, True)
    assert (second["released"], second["is_published"], second["exists"]) == (True, False, False)
    assert [event["event"] for event in second["events"]] == [
        "created",
        "published",
        "unpublished",
        "deleted",
    ]
    assert second["events"][-1]["request"] == "DELETE /api/v1/registry/interventions/cart/versions/2"
    assert [moment["live"] for moment in history["names"]["cart"]] == [[], [1], [1, 2], [1], [1]]
    numbers = [moment["sequence"] for moment in history["names"]["cart"]]
    assert numbers == sorted(numbers)
    assert numbers[-1] == history["sequence"]


def test_a_reset_is_a_new_world(emulator, steps):
    """After a reset nothing is registered, no history is held against anyone, and request numbers go on."""
    steps.post(1)
    steps.withdraw(1)
    mark = emulator.mark()
    emulator.reset()
    emulator.publish_group("shopping", {"cart_value": "double"})
    steps.post(1, description="another")
    assert emulator.broken_promises() == []
    assert emulator.mark() > mark


def test_requests_are_logged_without_credentials(emulator, api, definition):
    """Each request is there with its number, its answer's status and its body, and with no token."""
    mark = emulator.mark()
    api.post(f"{RULES}/", json=definition())
    api.get(f"{RULES}/", params={"page": "1"})

    posted, listed = emulator.requests(since=mark)

    assert (posted["method"], posted["path"], posted["status"]) == (
        "POST",
        "/api/v1/registry/interventions/",
        201,
    )
    assert posted["body"] == definition()
    assert (listed["method"], listed["query"], listed["status"], listed["body"]) == (
        "GET",
        "page=1",
        200,
        None,
    )
    assert listed["sequence"] == posted["sequence"] + 1
    assert emulator.token not in str([posted, listed])
