"""What is done, and said, whichever way the service answers what nobody outside Snowplow knows of groups, keys and services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from registries import emptied
from several_kinds import KEY, a_group, a_rule, a_service, live
from stacks import OfKind, Stack

from pulumi_snowplow_signals.errors import Incomplete
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
