"""A registry that serves no list of services or of keys, or no single key: what is known is asked for by name (404, 405)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from driver import CheckFailed
from registries import emptied
from several_kinds import KEY, a_group, a_rule, a_service, live
from stacks import Stack

from signals_local.emulator import Emulator

_REGISTRY = "/api/v1/registry"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator in which nothing that something read has gone down when the test is over."""
    with emptied() as emulator:
        yield emulator
        emulator.clear_faults()
        assert emulator.broken_promises() == []


def refuse(emulator: Emulator, path: str, status: int) -> None:
    """Have the registry serve no GET of a path."""
    body = {"detail": "Method Not Allowed" if status == 405 else "Not Found"}
    emulator.fail(method="GET", path=f"{_REGISTRY}/{path}", status=status, body=body, count=None)


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("path", ["services/", "attribute_keys/"])
def test_without_a_list(emulator: Emulator, path: str, status: int) -> None:
    """Everything is made, stays unchanged, moves to a new version and goes, with the lists that there are."""
    refuse(emulator, path, status)
    _live_a_life(emulator)


def test_without_a_single_key(emulator: Emulator) -> None:
    """A key is then looked for in the list."""
    refuse(emulator, "attribute_keys/?*", 405)
    _live_a_life(emulator)


def test_a_key_that_is_not_there(emulator: Emulator) -> None:
    """A key that neither the program nor the registry has is a fault all the same, and one that is there is none."""
    refuse(emulator, "attribute_keys/", 405)
    stack = Stack(emulator)
    with pytest.raises(CheckFailed, match='there is no attribute key "acount_id"'):
        stack.preview(a_group("value", attribute_key="acount_id"))
    assert stack.preview(a_group("value", attribute_key="user_id"))


def test_a_key_that_is_not_published(emulator: Emulator) -> None:
    """A withdrawn key is found out about without a list, too."""
    stack = Stack(emulator)
    stack.up(("key", {**KEY[1], "published": False}))
    refuse(emulator, "attribute_keys/", 405)
    with pytest.raises(CheckFailed, match='"account_id" is not published; publish it first'):
        Stack(emulator).preview(a_group("value", attribute_key="account_id"))


def test_a_list_that_shows_no_built_in_key(emulator: Emulator) -> None:
    """What every registry has is never missing, and is told to whoever misspells it."""
    emulator.fail(method="GET", path=f"{_REGISTRY}/attribute_keys/", status=200, body=[], count=None)
    stack = Stack(emulator)
    assert stack.up(a_group("value"), a_rule("basket:value", target_attribute_keys=["user_id"]))
    with pytest.raises(CheckFailed, match=r'there is no attribute key "user_ids"\. Did you mean "user_id"'):
        stack.preview(a_group("value", attribute_key="user_ids"))


def _live_a_life(emulator: Emulator) -> None:
    on_key = {"attribute_key": "account_id"}
    stack = Stack(emulator)
    first = (KEY, a_group("value", **on_key), a_service("basket"), a_rule("basket:value"))
    stack.up(*first)
    assert live(emulator) == ["basket v1", "checkout", "vip v1", "account_id"]
    assert stack.up(*first) == {}
    stack.refresh()
    assert stack.up(*first) == {}
    second = (first[0], a_group("value", "idle", **on_key), *first[2:])
    stack.up(*second)
    assert live(emulator) == ["basket v2", "checkout", "vip v1", "account_id"]
    assert stack.heard("warning") == []
    stack.destroy()
    assert live(emulator) == []


def test_what_nobody_lists_is_held_by_the_service_itself(emulator: Emulator) -> None:
    """A service of others, which no list shows, keeps an older version live: its withdrawal is refused, and that is told."""
    stack = Stack(emulator)
    stack.up(a_group("value"))
    pins = [{"name": "basket", "version": 1}]
    body = {"name": "theirs", "owner": "d@example.com", "attribute_groups": pins, "is_published": True}
    emulator._client.post(f"{_REGISTRY}/services/", json=body).raise_for_status()
    refuse(emulator, "services/", 405)
    stack.up(a_group("value", "idle"))
    assert live(emulator) == ["basket v1", "basket v2", "theirs"]
    (warning,) = stack.heard("warning")
    assert warning.startswith(
        "basket: v1 stays live: PUT registry/attribute_groups/basket/versions/1: refused by Signals (400"
    )
    assert stack.up(a_group("value", "idle")) in ({}, {"live basket": "replace"})
    stack.destroy()
    assert live(emulator) == ["basket v1", "theirs"]
