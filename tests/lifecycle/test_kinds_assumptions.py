"""What is done, and said, whichever way the service answers what nobody outside Snowplow knows of groups, keys and services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import httpx
import pytest
from driver import CheckFailed
from registries import emptied
from several_kinds import KEY, OWNER, a_group, a_rule, a_service, live
from stacks import OfKind, Stack

from pulumi_snowplow_signals.errors import Incomplete, Refused
from pulumi_snowplow_signals.fields.vocabulary import SERVER_FIELDS
from pulumi_snowplow_signals.kinds.attribute_group import StreamAttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.kinds.service import Service
from signals_local.emulator import Emulator

ON_KEY = {"attribute_key": "account_id"}
FIRST: tuple[OfKind, ...] = (KEY, a_group("value", **ON_KEY), a_service("basket"), a_rule("basket:value"))
SECOND: tuple[OfKind, ...] = (KEY, a_group("value", "idle", **ON_KEY), *FIRST[2:])
SWITCHES: list[Mapping[str, str]] = [
    {"references-checked": "saving"},
    {"pinned-group": "goes"},
    {"published-key": "accepts"},
    {"published-service": "accepts"},
    {"latest": "published"},
    {"list": "published"},
    {"list": "newest"},
    {"publishing": "two-steps"},
    {"answers": "normalised"},
    {"extra-fields": "some"},
    {"post-status": "200"},
    {"error-detail": "list"},
]


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator that assumes what the test says, in which nothing that something read has gone down."""
    with emptied(assume=request.param) as emulator:
        yield emulator
        assert emulator.broken_promises() == []


@pytest.mark.parametrize("emulator", SWITCHES, indirect=True, ids=str)
def test_a_life_under_any_assumption(emulator: Emulator) -> None:
    """Made, unchanged, moved to a new version with all users, back to the first definition, and gone."""
    stack = Stack(emulator)
    for declared, number in ((FIRST, 1), (SECOND, 2), (FIRST, 3)):
        stack.up(*declared)
        assert live(emulator) == [f"basket v{number}", "checkout", "vip v1", "account_id"]
        stack.refresh()
        assert stack.up(*declared) == {}
    assert stack.heard("warning") == []
    stack.destroy()
    assert live(emulator) == []


@pytest.mark.parametrize("emulator", [{"published-service": "refuses"}], indirect=True, ids=str)
def test_a_service_that_may_not_change_holds_the_version_that_it_pins(emulator: Emulator) -> None:
    """The run fails and says why; the service and everything that it serves stay live, and the way back is open."""
    stack = Stack(emulator)
    stack.up(*FIRST)
    with pytest.raises(Incomplete, match="Signals"):
        stack.up(*SECOND)
    assert live(emulator) == ["basket v1", "basket v2", "checkout", "vip v1", "account_id"]


@pytest.mark.parametrize("emulator", [{"published-key": "refuses"}], indirect=True, ids=str)
def test_a_key_that_may_not_change_stays_as_it_was(emulator: Emulator) -> None:
    """The run fails and names the ways out; nothing was withdrawn for it."""
    stack = Stack(emulator)
    stack.up(*FIRST)
    described = ("key", {**KEY[1], "description": "another"})
    with pytest.raises(Incomplete, match="give the key another name"):
        stack.up(described, *FIRST[1:])
    assert live(emulator) == ["basket v1", "checkout", "vip v1", "account_id"]


@pytest.mark.parametrize("emulator", [{"references-checked": "saving"}], indirect=True, ids=str)
def test_a_draft_of_a_rule_is_saved_after_its_group(emulator: Emulator) -> None:
    """Where drafts are judged as well, the group is there before the draft of a rule on it is stored."""
    stack = Stack(emulator)
    stack.up(a_group("value"), a_rule("basket:value", published=False))
    assert live(emulator) == ["basket v1"]


@pytest.mark.parametrize("emulator", [{}], indirect=True, ids=str)
def test_what_is_withdrawn_and_changed_at_once_is_two_requests(emulator: Emulator) -> None:
    """Never one PUT that both withdraws and edits: a service becomes a draft as it is stored, and is edited after."""
    stack = Stack(emulator)
    stack.up(a_group("value"), a_service("basket"))
    mark = emulator.mark()
    stack.up(a_group("value"), a_service("basket", description="another", published=False))
    puts = [each["body"] for each in emulator.requests(since=mark) if each["method"] == "PUT"]
    assert [(each.get("description"), each["is_published"]) for each in puts] == [
        (None, False),
        ("another", False),
    ]


class Listing(httpx.BaseTransport):
    """Carries requests, and changes each version in the list of groups.

    Args:
        field: What of a version is changed.
        value: What it becomes.
    """

    def __init__(self, field: str, value: object) -> None:
        self._changed = {field: value}
        self._carrier = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request."""
        response = self._carrier.handle_request(request)
        if request.method != "GET" or not request.url.path.endswith("groups/"):
            return response
        listed = [{**each, **self._changed} for each in json.loads(response.read())]
        return httpx.Response(200, json=listed, request=request)

    def close(self) -> None:
        """Close the connections."""
        self._carrier.close()


_NEWEST = pytest.mark.parametrize("emulator", [{"list": "newest"}], indirect=True, ids=str)
_EACH_GROUP_LIST = pytest.mark.parametrize(
    ("emulator", "carries"),
    [
        pytest.param({}, httpx.HTTPTransport, id="all"),
        pytest.param({"list": "newest"}, httpx.HTTPTransport, id="newest"),
        pytest.param({}, partial(Listing, "is_published", None), id="silent"),
    ],
    indirect=["emulator"],
)


@_NEWEST
def test_a_live_rule_behind_its_own_draft_holds_what_it_reads(emulator: Emulator) -> None:
    """A list that shows the draft alone hides a live version that reads the group all the same."""
    stack = Stack(emulator)
    draft = a_rule("basket:value", published=False)
    stack.up(a_group("value", "idle"), a_rule("basket:idle"))
    stack.up(a_group("value", "idle"), draft)
    stack.up(a_group("value"), draft)
    assert live(emulator) == ["basket v1", "basket v2", "vip v1"]
    assert stack.heard("warning") == [
        'basket: v1 stays live for intervention "vip" v1, which reads idle: v2 has no such attribute',
        'basket: v1 stays live, since it is used by intervention "vip" v1. The next run that finds no users withdraws it',
    ]


@_EACH_GROUP_LIST
def test_a_dropped_attribute_holds_the_version_before(
    emulator: Emulator, carries: Callable[[], httpx.BaseTransport]
) -> None:
    """Whatever the list of groups leaves out, the version that a live rule reads is found, and stays."""
    stack = Stack(emulator)
    stack.up(a_group("value", "idle"), a_rule("basket:idle"))
    stack.transport = carries()
    stack.up(a_group("value"), a_rule("basket:idle"))
    assert live(emulator) == ["basket v1", "basket v2", "vip v1"]
    assert stack.heard("warning") == [
        'basket: v1 stays live for intervention "vip" v1, which reads idle: v2 has no such attribute',
        'basket: v1 stays live, since it is used by intervention "vip" v1. The next run that finds no users withdraws it',
    ]


@_EACH_GROUP_LIST
def test_what_a_list_leaves_out_is_not_missing(
    emulator: Emulator, carries: Callable[[], httpx.BaseTransport]
) -> None:
    """Another stack may pin an older version, and read an attribute that only that one has."""
    stack = Stack(emulator)
    stack.up(a_group("value", "idle", on_destroy="retain"))
    stack.up(a_group("value", on_destroy="retain"))
    other = Stack(emulator, transport=carries())
    pinned = {"name": "checkout", "owner": OWNER, "attribute_groups": [{"name": "basket", "version": 1}]}
    other.up(("service", pinned), a_rule("basket:idle"))
    assert live(emulator) == ["basket v1", "basket v2", "checkout", "vip v1"]


@pytest.mark.parametrize("emulator", [{}], indirect=True, ids=str)
def test_a_group_that_cannot_be_read_is_taken_for_used(emulator: Emulator) -> None:
    """Nobody knows which of its versions a rule reads, so none that could be it is withdrawn."""
    stack = Stack(emulator)
    stack.up(a_group("value"))
    Stack(emulator).up(a_rule("basket:value"))
    stack.transport = Listing("attributes", "of another form")
    stack.destroy()
    assert live(emulator) == ["basket v1", "vip v1"]
    assert 'basket: v1 is left in the registry: it is used by intervention "vip" v1' in stack.heard("warning")


@pytest.mark.parametrize("emulator", [{"extra-fields": "some"}], indirect=True, ids=str)
def test_what_the_service_adds_is_not_sent_back(emulator: Emulator) -> None:
    """A withdrawal sends the fields that a program may give, and none that only answers have."""
    stack = Stack(emulator)
    stack.up(*FIRST)
    mark = emulator.mark()
    stack.destroy()
    sent = {
        each["path"].split("/")[4]: each["body"]
        for each in emulator.requests(since=mark)
        if each["method"] == "PUT"
    }
    assert {*sent} == {"attribute_keys", "attribute_groups", "services", "interventions"}
    for collection in ("attribute_keys", "attribute_groups", "services"):
        assert sent[collection]["name"]
        assert SERVER_FIELDS & sent[collection].keys() == set()


@pytest.mark.parametrize("kind", [AttributeKey, Service, StreamAttributeGroup])
def test_a_field_of_a_later_release_survives_a_withdrawal(kind: type[Definition]) -> None:
    """What neither this release nor the list of the service's own fields knows goes back as it came."""
    stored = {"name": "a", "later": [1], "is_published": True, **dict.fromkeys(SERVER_FIELDS, "x")}
    assert kind.writable(stored) == {"name": "a", "later": [1], "is_published": True}


ANOTHER_ID: OfKind = ("key", {**KEY[1], "property": {**KEY[1]["property"], "path": "another"}})
FIXED = 'property: cannot change while the attribute key is used by attribute group "basket" v1'
PUBLISHED_KEY = [{"published-key": "accepts"}, {"published-key": "refuses"}]


@pytest.mark.parametrize("emulator", PUBLISHED_KEY, indirect=True, ids=str)
def test_what_a_key_stands_for_is_not_changed_by_taking_it_over(emulator: Emulator) -> None:
    """A second stack that adopts a live key in use is refused in preview, and may do so with the same property."""
    Stack(emulator).up(*FIRST)
    adopting = Stack(emulator)
    with pytest.raises(CheckFailed, match=FIXED):
        adopting.preview(("key", {**ANOTHER_ID[1], "adopt": True}))
    assert adopting.up(("key", {**KEY[1], "adopt": True})) == {"key account_id": "create"}


@pytest.mark.parametrize("adopts", [False, True])
@pytest.mark.parametrize("emulator", PUBLISHED_KEY, indirect=True, ids=str)
def test_what_a_key_stands_for_is_not_changed_unseen(emulator: Emulator, *, adopts: bool) -> None:
    """Where check has not asked the registry, the write does, and nothing is written."""
    stack = Stack(emulator, {"review": "local"})
    stack.up(*FIRST)
    changing = Stack(emulator, {"review": "local"}) if adopts else stack
    mark = emulator.mark()
    with pytest.raises(Refused, match=FIXED):
        changing.up(("key", {**ANOTHER_ID[1], "adopt": adopts}), *([] if adopts else FIRST[1:]))
    assert [each for each in emulator.requests(since=mark) if each["method"] != "GET"] == []


@pytest.mark.parametrize("emulator", [{"published-key": "accepts"}], indirect=True, ids=str)
def test_what_a_key_stands_for_may_change_while_nothing_uses_it(emulator: Emulator) -> None:
    """A live key without a group changes in place."""
    stack = Stack(emulator, {"review": "local"})
    stack.up(KEY)
    assert stack.up(ANOTHER_ID) == {"key account_id": "update"}


class TakesWithdrawalsForEdits(httpx.BaseTransport):
    """Refuses each PUT that withdraws, as Signals refuses an edit of what is published, and carries everything else."""

    def __init__(self, refusal: str) -> None:
        self.refused = 0
        self._refusal = refusal
        self._carrier = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and not json.loads(request.read())["is_published"]:
            self.refused += 1
            return httpx.Response(400, json={"detail": self._refusal}, request=request)
        return self._carrier.handle_request(request)

    def close(self) -> None:
        self._carrier.close()


@pytest.mark.parametrize("emulator", [{}], indirect=True, ids=str)
def test_a_withdrawal_that_is_taken_for_an_edit_is_made_without_a_body(emulator: Emulator) -> None:
    """Every kind goes down all the same: `engines/unpublish` takes no body."""
    stack = Stack(emulator)
    stack.up(*FIRST)
    stack.transport = transport = TakesWithdrawalsForEdits("Cannot update published object")
    stack.destroy()
    assert live(emulator) == []
    # The second try sends the body as it is now.
    assert transport.refused == 2 * len(FIRST)


REFUSALS = [
    "Not allowed in this environment",
    "Service 'checkout' is used by Application 'updates', can't unpublish",
    "Rule 'change-of-heart' says no",
    "Change the applications that depend on this service first",
]


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("emulator", [{}], indirect=True, ids=str)
def test_a_withdrawal_that_is_refused_for_another_reason_is_not_forced(
    emulator: Emulator, refusal: str
) -> None:
    """What may not go down stays up, and the words of the service say why."""
    stack = Stack(emulator)
    stack.up(*FIRST)
    stack.transport = TakesWithdrawalsForEdits(refusal)
    with pytest.raises(Incomplete, match=refusal):
        stack.destroy()
    assert live(emulator) == ["basket v1", "checkout", "vip v1", "account_id"]
    assert not [each for each in emulator.requests() if each["path"].endswith("engines/unpublish")]


@pytest.mark.parametrize("lost", [{"status": 500, "when": "after"}, {"drop": True, "when": "after"}], ids=str)
@pytest.mark.parametrize("emulator", [{}], indirect=True, ids=str)
def test_a_withdrawal_without_a_body_whose_response_is_lost_is_done(
    emulator: Emulator, lost: Mapping[str, Any]
) -> None:
    """What is down by then is no failure, whatever the service said."""
    stack = Stack(emulator, {"retrySeconds": "0"})
    stack.up(*FIRST)
    stack.transport = TakesWithdrawalsForEdits("Cannot update published object")
    emulator.fail(path="*/engines/unpublish", count=None, **lost)
    stack.destroy()
    emulator.clear_faults()
    assert live(emulator) == []
