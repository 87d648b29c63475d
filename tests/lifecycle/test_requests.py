"""How many requests a deployment makes, and in which order."""

from __future__ import annotations

import re
from collections import Counter

import httpx
import pytest
from driver import CheckFailed
from stacks import Stack, a_rule

from signals_local.emulator import Emulator

_MANY = [f"rule_{number}" for number in range(12)]
_LISTS = {"GET interventions/": 1, "GET attribute_groups/": 1, "GET attribute_keys/": 1}


def _told(emulator: Emulator, since: int = 0) -> list[str]:
    """Return the requests after a mark in words, such as `PUT cart 1 down` or `GET interventions/`."""
    return [_in_words(each) for each in emulator.requests(since=since)]


def _in_words(request: dict) -> str:
    path = request["path"].removeprefix("/api/v1/registry/").removeprefix("/api/msc/v1/")
    body = request["body"]
    if isinstance(body, dict):
        state = "live" if body["is_published"] else "not live"
        return f"{request['method']} {body['name']} {body['version']} {state}"
    if path.startswith("interventions/") and path != "interventions/":
        _, name, *version = path.split("/")
        return f"{request['method']} {' '.join([name, *version[1:]])}"
    return f"{request['method']} {path.partition('/organizations')[0]}"


def _of_interest(emulator: Emulator, since: int) -> list[str]:
    return [told for told in _told(emulator, since) if not told.startswith("GET")]


@pytest.fixture
def kept_list(request: pytest.FixtureRequest) -> str:
    """What the emulator's list shows."""
    return str(request.node.callspec.params["emulator"]["list"])


_EACH_LIST = pytest.mark.parametrize(
    "emulator", [{"list": value} for value in ("all", "newest", "published")], indirect=True, ids=str
)


def _paths(emulator: Emulator, since: int) -> Counter[str]:
    """Count the requests after a mark, without the names of rules."""
    told = (re.sub(r"rule_\d+", "*", each) for each in _told(emulator, since))
    return Counter(told)


@_EACH_LIST
def test_creating_many(stack: Stack, emulator: Emulator) -> None:
    """Creating N takes a list of each kind that is needed and N writes, and a look at each name before it."""
    mark = emulator.mark()
    stack.up(*[a_rule(name, target_attribute_keys=["domain_userid"]) for name in _MANY])
    assert _paths(emulator, mark) == {**_LISTS, "GET *": len(_MANY), "POST * 1 live": len(_MANY)}


@_EACH_LIST
def test_creating_many_where_the_list_shows_what_is_not_live(
    stack: Stack, emulator: Emulator, kept_list: str
) -> None:
    """A name that is not in such a list is in the registry under no number: it is not looked for again."""
    Stack(emulator).up(a_rule("somebodys", published=False))
    mark = emulator.mark()
    stack.up(*[a_rule(name, target_attribute_keys=["domain_userid"]) for name in _MANY])
    shows_all = "GET *" not in (found := _paths(emulator, mark))
    # A list of what is live cannot show it.
    assert shows_all == (kept_list != "published")
    looks = {} if shows_all else {"GET *": len(_MANY)}
    assert found == {**_LISTS, **looks, "POST * 1 live": len(_MANY)}


@_EACH_LIST
def test_changing_many(stack: Stack, emulator: Emulator) -> None:
    """Changing N takes a list of each kind, and for each a look at the new number, its POST, and the PUT of the old one."""
    stack.up(*[a_rule(name) for name in _MANY])
    mark = emulator.mark()
    stack.up(*[a_rule(name, 80, target_attribute_keys=["domain_userid"]) for name in _MANY])
    each = {"GET * 2": len(_MANY), "POST * 2 live": len(_MANY), "PUT * 1 not live": len(_MANY)}
    assert _paths(emulator, mark) == {**_LISTS, **each}


@_EACH_LIST
def test_what_a_list_lacks_is_asked_for(stack: Stack, emulator: Emulator, kept_list: str) -> None:
    """A refresh asks for each recorded version that the list lacks, and for no other."""
    stack.up(*[a_rule(name) for name in _MANY], a_rule("a_draft", published=False))
    mark = emulator.mark()
    assert stack.refresh() == {}
    lacks = {"GET a_draft 1": 1} if kept_list == "published" else {}
    assert _paths(emulator, mark) == {"GET interventions/": 1, **lacks}


def test_nothing_changes(stack: Stack, emulator: Emulator) -> None:
    """A preview and an up in which nothing changes make no request at all."""
    stack.up(*[a_rule(name) for name in _MANY])
    mark = emulator.mark()
    assert stack.preview(*[a_rule(name) for name in _MANY]) == {}
    assert stack.up(*[a_rule(name) for name in _MANY]) == {}
    assert _told(emulator, mark) == []


def test_refreshing_many(stack: Stack, emulator: Emulator) -> None:
    """A refresh of N interventions is one list."""
    stack.up(*[a_rule(name) for name in _MANY])
    mark = emulator.mark()
    assert stack.refresh() == {}
    assert _told(emulator, mark) == ["GET interventions/"]


def test_reviewing_many(stack: Stack, emulator: Emulator) -> None:
    """A preview that changes N interventions reads one list of each kind that it needs, and writes nothing."""
    stack.up(*[a_rule(name) for name in _MANY])
    mark = emulator.mark()
    stack.preview(*[a_rule(name, 80, target_attribute_keys=["domain_userid"]) for name in _MANY])
    assert sorted(_told(emulator, mark)) == [
        "GET attribute_groups/",
        "GET attribute_keys/",
        "GET interventions/",
    ]


def test_deleting_many(stack: Stack, emulator: Emulator) -> None:
    """A destroy of N interventions takes N writes."""
    stack.up(*[a_rule(name) for name in _MANY])
    mark = emulator.mark()
    stack.destroy()
    assert sorted(_of_interest(emulator, mark)) == sorted(f"PUT {name} 1 not live" for name in _MANY)


def test_one_token(emulator: Emulator) -> None:
    """Console credentials are exchanged once a run, by whichever of its threads comes first."""
    console = emulator.console
    credentials = {
        "sandboxToken": "",
        "consoleUrl": emulator.url,
        "organizationId": console.organization_id,
        "apiKeyId": console.api_key_id,
        "apiKey": console.api_key,
    }
    stack = Stack(emulator, credentials)
    mark = emulator.mark()
    stack.up(*[a_rule(name) for name in _MANY])
    exchanges = [
        each for each in emulator.requests(since=mark) if each["path"].endswith("/credentials/v3/token")
    ]
    assert len(exchanges) == 1


def test_order_of_an_update(stack: Stack, emulator: Emulator) -> None:
    """The new version is live before the old one is withdrawn, and nothing else is written."""
    stack.up(a_rule("cart"))
    mark = emulator.mark()
    stack.up(a_rule("cart", 80))
    assert _of_interest(emulator, mark) == ["POST cart 2 live", "PUT cart 1 not live"]


def test_order_of_a_rollback(stack: Stack, emulator: Emulator) -> None:
    """The old version is live again before the new one is withdrawn."""
    stack.up(a_rule("cart", version=1))
    stack.up(a_rule("cart", 80, version=2))
    mark = emulator.mark()
    stack.up(a_rule("cart", version=1))
    assert _of_interest(emulator, mark) == ["PUT cart 1 live", "PUT cart 2 not live"]


def test_order_of_a_draft_that_moves(stack: Stack, emulator: Emulator) -> None:
    """A draft is stored under its new number before the old one is deleted."""
    stack.up(a_rule("cart", published=False))
    mark = emulator.mark()
    stack.up(a_rule("cart", version=5, published=False))
    assert _of_interest(emulator, mark) == ["POST cart 5 not live", "DELETE cart 1"]


def test_order_of_a_deletion(stack: Stack, emulator: Emulator) -> None:
    """What is live is withdrawn before it is deleted: the service deletes nothing that is published."""
    stack.up(a_rule("cart", on_destroy="delete"))
    stack.up(a_rule("cart", 80, on_destroy="delete"))
    mark = emulator.mark()
    stack.destroy()
    assert _of_interest(emulator, mark) == ["DELETE cart 1", "PUT cart 2 not live", "DELETE cart 2"]


@pytest.mark.parametrize("policy", [{"on_destroy": "retain"}, {"adopt": True}], ids=["on_destroy", "adopt"])
def test_a_policy_is_no_request(stack: Stack, emulator: Emulator, policy: dict) -> None:
    """A change of what a destroy or an adoption may do is recorded, and the registry is not asked."""
    stack.up(a_rule("cart"))
    mark = emulator.mark()
    assert stack.up(a_rule("cart", **policy)) == {"cart": "update"}
    assert _told(emulator, mark) == []


def test_retain_is_no_request(stack: Stack, emulator: Emulator) -> None:
    """Deleting what is to be retained asks nothing."""
    stack.up(a_rule("cart", on_destroy="retain"))
    mark = emulator.mark()
    stack.destroy()
    assert _told(emulator, mark) == []


def test_what_is_refused_writes_nothing(stack: Stack, emulator: Emulator) -> None:
    """A forgotten increment is refused without a write, and deploying it again with the number carries it out."""
    stack.up(a_rule("cart", version=1))
    mark = emulator.mark()
    with pytest.raises(CheckFailed, match="Set version=2"):
        stack.up(a_rule("cart", 80, version=1))
    assert _of_interest(emulator, mark) == []
    assert stack.up(a_rule("cart", 80, version=2)) == {"cart": "update"}


def test_equal_is_taken_over_without_a_write(stack: Stack, emulator: Emulator) -> None:
    """What is there and live already, with this definition, is not written again."""
    Stack(emulator).up(a_rule("cart"))
    mark = emulator.mark()
    stack.up(a_rule("cart"))
    assert _of_interest(emulator, mark) == []


def test_equal_beside_another_that_is_live_asks_for_consent(stack: Stack, emulator: Emulator) -> None:
    """A version of others that is live beside ours would be withdrawn: that takes adopt=True, and one write."""
    others = Stack(emulator)
    others.up(a_rule("cart", 60))
    stored = {**a_rule("cart"), "version": 2, "is_published": True}
    httpx.post(
        f"{emulator.url}/api/v1/registry/interventions/",
        json=stored,
        headers={"Authorization": f"Bearer {emulator.token}"},
    ).raise_for_status()
    mark = emulator.mark()
    with pytest.raises(CheckFailed, match="Add adopt=True to take it over as it is and withdraw 1"):
        stack.up(a_rule("cart"))
    assert _of_interest(emulator, mark) == []
    stack.up(a_rule("cart", adopt=True))
    assert _of_interest(emulator, mark) == ["PUT cart 1 not live"]
