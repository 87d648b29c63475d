"""The three promises that a deployment must keep, and the history that tells whether it did."""

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


def test_a_cascade_makes_a_gap(emulator, api, steps):
    """That a group took the rule down, and not a request about the rule, does not make the gap smaller."""
    steps.post(1)
    group = {"attribute_groups": [{"name": "shopping", "version": 1}]}
    assert api.post("/engines/unpublish", json=group).is_success
    assert api.post("/engines/publish", json=group).is_success
    steps.put(1)
    (broken,) = emulator.broken_promises()
    assert "had no live version after request" in broken
    assert "(POST /api/v1/engines/unpublish)" in broken


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
