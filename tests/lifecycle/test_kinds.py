"""Attribute keys, attribute groups and services beside the rules that read them, in one stack."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from driver import CheckFailed
from registries import emptied
from several_kinds import KEY, OWNER, a_group, a_rule, a_service, attribute, live
from stacks import OfKind, Stack

from pulumi_snowplow_signals.errors import Incomplete
from signals_local.emulator import Emulator


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator in which no rule went down by a cascade, and no released number changed, when the test is over."""
    with emptied(assume=getattr(request, "param", None)) as emulator:
        yield emulator
        assert emulator.broken_promises(meant_down=["down"]) == []


@pytest.fixture
def stack(emulator: Emulator) -> Stack:
    """A stack in which nothing is deployed yet."""
    return Stack(emulator)


def publish_service(emulator: Emulator, name: str, groups: list[tuple[str, int]]) -> None:
    """Publish a service, or change it, as somebody else does who knows nothing of the stack."""
    pins = [{"name": group, "version": version} for group, version in groups]
    body = {"name": name, "owner": OWNER, "attribute_groups": pins, "is_published": True}
    headers = {"Authorization": f"Bearer {emulator.token}"}
    services = f"{emulator.url}/api/v1/registry/services/"
    if httpx.post(services, json=body, headers=headers).status_code == 400:
        httpx.put(f"{services}{name}", json=body, headers=headers).raise_for_status()


def test_from_nothing_to_a_rule(stack: Stack, emulator: Emulator) -> None:
    """Key, group, service and rule are made in one run, each published before what needs it, and stay unchanged."""
    declared = (
        KEY,
        a_group("value", "idle", attribute_key="account_id"),
        a_service("basket"),
        a_rule("basket:value"),
    )
    operations = stack.up(*declared)
    assert operations == {
        "key account_id": "create",
        "group basket": "create",
        "live basket": "create",
        "service checkout": "create",
        "rule vip": "create",
    }
    assert live(emulator) == ["basket v1", "checkout", "vip v1", "account_id"]
    assert stack.heard("warning") == []
    mark = emulator.mark()
    assert stack.up(*declared) == {}
    stack.refresh()
    assert stack.up(*declared) == {}
    assert [each["method"] for each in emulator.requests(since=mark) if each["method"] != "GET"] == []
    stack.destroy()
    assert live(emulator) == []
    assert [line for line in stack.heard() if "left" in line] == []


def test_the_review_knows_the_program(stack: Stack) -> None:
    """What the same program declares counts as there, with its types; what neither it nor the registry has is a fault."""
    group = a_group(attribute("value", "string"))
    assert stack.preview(group, a_rule("basket:value"))["rule vip"] == "create"
    (doubt,) = stack.heard("warning")
    assert "basket:value is of type string" in doubt
    with pytest.raises(CheckFailed, match=r'has no attribute "valu"\. Did you mean "value"'):
        stack.preview(group, a_rule("basket:valu"))
    with pytest.raises(
        CheckFailed, match=r'there is no attribute key "acount_id"\. Did you mean "account_id"'
    ):
        stack.preview(KEY, a_group("value", attribute_key="acount_id"))
    with pytest.raises(CheckFailed, match=r"there is no version 2 of the attribute group"):
        stack.preview(
            group,
            (
                "service",
                {
                    "name": "s",
                    "owner": OWNER,
                    "attribute_groups": [{"name": "basket", "version": 2}],
                },
            ),
        )


def test_a_service_whose_groups_cannot_stand_together(stack: Stack) -> None:
    """Groups on different keys, or with an attribute in common, are refused in preview."""
    groups = [
        a_group("value"),
        a_group("value", name="other"),
        a_group("idle", name="account", attribute_key="user_id"),
    ]
    with pytest.raises(CheckFailed, match='other and basket both have an attribute "value"'):
        stack.preview(*groups, a_service("basket", "other"))
    with pytest.raises(
        CheckFailed, match="the same attribute key; here basket is on domain_userid, account is on user_id"
    ):
        stack.preview(*groups, a_service("basket", "account"))


def test_a_new_version_retires_the_old_one_after_its_users_have_moved(
    stack: Stack, emulator: Emulator
) -> None:
    """The group goes first, the service and the rule follow, and only then is the old version withdrawn."""
    rest = (a_service("basket"), a_rule("basket:value"))
    stack.up(a_group("value"), *rest)
    stack.heard()
    operations = stack.up(a_group("value", "idle"), *rest)
    assert operations == {
        "group basket": "update",
        "live basket": "replace",
        "service checkout": "update",
    }
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]
    said = stack.heard()
    assert 'basket: v2 will be read by intervention "vip" v1' in said
    assert "basket: v1 is withdrawn, since nothing uses it any more" in said
    assert stack.up(a_group("value", "idle"), *rest) == {}


def test_a_version_that_is_held_is_retired_in_a_later_run(stack: Stack, emulator: Emulator) -> None:
    """What somebody else pins stays live, by name; once it is free, a run without any other change withdraws it."""
    stack.up(a_group("value"))
    publish_service(emulator, "theirs", [("basket", 1)])
    stack.heard()
    stack.up(a_group("value", "idle"))
    assert live(emulator) == ["basket v1", "basket v2", "theirs"]
    (held,) = stack.heard("warning")
    assert (
        held
        == 'basket: v1 stays live, since it is used by service "theirs". The next run that finds no users withdraws it'
    )
    mark = emulator.mark()
    assert stack.up(a_group("value", "idle")) == {}
    lists = sorted(each["path"].rpartition("registry/")[2] for each in emulator.requests(since=mark))
    assert lists == ["attribute_groups/", "interventions/", "services/"]
    publish_service(emulator, "theirs", [("basket", 2)])
    assert stack.preview(a_group("value", "idle")) == {"live basket": "replace"}
    assert stack.heard() == ["basket: v1 is withdrawn, since nothing uses it any more"]
    assert stack.up(a_group("value", "idle")) == {"live basket": "replace"}
    assert live(emulator) == ["basket v2", "theirs"]
    stack.up(a_group("value", "idle"))
    mark = emulator.mark()
    assert stack.up(a_group("value", "idle")) == {}
    assert emulator.requests(since=mark) == []


def test_a_dropped_attribute_holds_its_version(stack: Stack, emulator: Emulator) -> None:
    """A rule on an attribute that the new version lacks keeps the old version live, and is named in the preview."""
    rule = a_rule("basket:value")
    stack.up(a_group("value", "idle"), rule)
    stack.heard()
    stack.up(a_group("idle"), rule)
    assert live(emulator) == ["basket v1", "basket v2", "vip v1"]
    assert (
        'basket: v1 stays live for intervention "vip" v1, which reads value: v2 has no such attribute'
        in stack.heard()
    )
    stack.up(a_group("idle"))
    stack.up(a_group("idle"))
    assert live(emulator) == ["basket v2"]


def test_a_changed_type_is_told(stack: Stack) -> None:
    """The preview names the rules under which an attribute changes its type."""
    stack.up(a_group("value"), a_rule("basket:value"))
    stack.heard()
    stack.preview(a_group(attribute("value", "string")), a_rule("basket:value"))
    assert 'basket: value (double → string) changes type for intervention "vip" v1' in stack.heard("warning")


def test_rollback_goes_forward(stack: Stack, emulator: Emulator) -> None:
    """An older definition comes back under the next number; a lower number is refused with the number to write."""
    rule = a_rule("basket:value")
    stack.up(a_group("value"), rule)
    stack.up(a_group("value", "idle"), rule)
    with pytest.raises(CheckFailed, match="Set version=3"):
        stack.preview(a_group("value", version=1), rule)
    stack.up(a_group("value"), rule)
    assert live(emulator) == ["basket v3", "vip v1"]


def test_a_draft_beside_a_live_version(stack: Stack, emulator: Emulator) -> None:
    """A draft of the next version leaves the live one and its users alone, and is published later."""
    service = (
        "service",
        {"name": "checkout", "owner": OWNER, "attribute_groups": [{"name": "basket", "version": 1}]},
    )
    stack.up(a_group("value"), service)
    stack.up(a_group("value", "idle", published=False), service)
    assert live(emulator) == ["basket v1", "checkout"]
    stack.up(a_group("value", "idle"), a_service("basket"))
    assert live(emulator) == ["basket v2", "checkout"]


def test_a_run_that_died_before_the_delete(stack: Stack, emulator: Emulator) -> None:
    """The next run withdraws the old version, whether or not anything else is left to do."""
    rest = (a_service("basket"), a_rule("basket:value"))
    stack.up(a_group("value"), *rest)
    stack.up(a_group("value", "idle"), *rest, dies_before_deletes=True)
    assert live(emulator) == ["basket v1", "basket v2", "checkout", "vip v1"]
    stack.up(a_group("value", "idle"), *rest)
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]


def test_a_run_that_died_and_one_that_fails(stack: Stack, emulator: Emulator) -> None:
    """Nothing makes way for a version that could not be published, though the run comes to its deletions."""
    stack.up(a_group("value"))
    stack.up(a_group("value", "idle"), dies_before_deletes=True)
    stack.heard()
    emulator.fail(method="POST", status=422, body={"detail": "not now"})
    third = a_group("value", "idle", "more")
    with pytest.raises(Incomplete):
        stack.up(third, continues_on_error=True)
    assert live(emulator) == ["basket v1", "basket v2"]
    assert stack.heard("warning") == ["basket: v3 is not live, so v1 and v2 will be withdrawn by a later run"]
    emulator.clear_faults()
    stack.up(third)
    assert live(emulator) == ["basket v3"]


def test_a_destroy_after_a_run_that_died(stack: Stack, emulator: Emulator) -> None:
    """A destroy takes both versions down."""
    rest = (a_service("basket"), a_rule("basket:value"))
    stack.up(a_group("value"), *rest)
    stack.up(a_group("value", "idle"), *rest, dies_before_deletes=True)
    stack.destroy()
    assert live(emulator) == []


def test_a_destroy_leaves_what_others_use(stack: Stack, emulator: Emulator) -> None:
    """A group that somebody else's rule or service needs stays, and so does its key; the destroy succeeds and says so."""
    stack.up(KEY, a_group("value", attribute_key="account_id"))
    publish_service(emulator, "theirs", [("basket", 1)])
    stack.heard()
    stack.destroy()
    assert live(emulator) == ["basket v1", "theirs", "account_id"]
    group, key = stack.heard("warning")
    assert group == 'basket: v1 is left in the registry: it is used by service "theirs"'
    assert (
        key == "account_id: the attribute key is left in the registry: it is used by attribute group "
        '"basket" v1'
    )


@pytest.mark.parametrize("on_destroy", ["unpublish", "delete"])
def test_a_destroy_of_all_kinds(stack: Stack, emulator: Emulator, on_destroy: str) -> None:
    """Users go before what they use, so that nothing is left."""
    own = {"on_destroy": on_destroy}
    stack.up(
        ("key", {**KEY[1], **own}),
        a_group("value", attribute_key="account_id", **own),
        a_service("basket", **own),
        a_rule("basket:value", **own),
    )
    stack.destroy()
    assert live(emulator) == []
    assert [line for line in stack.heard() if "left" in line] == []


def test_what_others_use_is_not_withdrawn(stack: Stack, emulator: Emulator) -> None:
    """`published=False` on what something live uses is refused in preview, with the names."""
    stack.up(KEY, a_group("value", attribute_key="account_id"), a_rule("basket:value"))
    with pytest.raises(CheckFailed, match=r'published: is false, .* used by intervention "vip" v1'):
        stack.preview(KEY, a_group("value", attribute_key="account_id", published=False))
    with pytest.raises(CheckFailed, match=r'published: is false, .* used by attribute group "basket" v1'):
        stack.preview(("key", {**KEY[1], "published": False}))


def test_a_key_in_use_keeps_its_property(stack: Stack, emulator: Emulator) -> None:
    """What identifies people cannot change under a published group; a description can."""
    group = a_group("value", attribute_key="account_id")
    stack.up(KEY, group)
    other = ("key", {**KEY[1], "property": {"type": "atomic", "name": "user_id"}})
    with pytest.raises(
        CheckFailed, match=r"property: cannot change while .* give the attribute key another name"
    ):
        stack.preview(other, group)


@pytest.mark.parametrize("emulator", [{"published-key": "accepts"}], indirect=True)
def test_a_description_of_a_key_changes_in_place(stack: Stack, emulator: Emulator) -> None:
    """Where Signals takes it, a published key is changed by one PUT."""
    stack.up(KEY)
    mark = emulator.mark()
    assert stack.up(("key", {**KEY[1], "description": "An account"})) == {"key account_id": "update"}
    written = [each["method"] for each in emulator.requests(since=mark) if each["method"] != "GET"]
    assert written == ["PUT"]
    assert stack.up(("key", {**KEY[1], "description": "An account", "ttl": "P365D"})) == {}


def test_a_refused_change_in_place_names_the_ways_out(stack: Stack, emulator: Emulator) -> None:
    """Where Signals refuses it, nothing is withdrawn, and the failure says what can be done."""
    stack.up(KEY)
    with pytest.raises(Exception, match="give the key another name"):
        stack.up(("key", {**KEY[1], "description": "An account"}))
    assert live(emulator) == ["account_id"]


@pytest.mark.parametrize("emulator", [{"published-service": "refuses"}], indirect=True)
def test_a_service_is_never_withdrawn_to_change_it(stack: Stack, emulator: Emulator) -> None:
    """Where Signals refuses the PUT, the run fails and says so, and the service and what it pins stay live."""
    stack.up(a_group("value"), a_service("basket"))
    with pytest.raises(Exception, match="would leave its readers with nothing in between"):
        stack.up(a_group("value", "idle"), a_service("basket"))
    assert live(emulator) == ["basket v1", "basket v2", "checkout"]


def test_somebody_elses_edit_in_place_is_not_overwritten(stack: Stack, emulator: Emulator) -> None:
    """A service that somebody else has changed is shown against the program; after a refresh it is written over."""
    groups = (a_group("value"), a_group("idle", name="other"))
    stack.up(*groups, a_service("basket", description="ours"))
    publish_service(emulator, "checkout", [("other", 1)])
    with pytest.raises(CheckFailed, match="it was edited outside this stack"):
        stack.preview(*groups, a_service("basket", description="ours, too"))
    stack.refresh()
    stack.up(*groups, a_service("basket", description="ours, too"))
    assert stack.up(*groups, a_service("basket", description="ours, too")) == {}


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ({"on_destroy": "retain"}, 'on_destroy is "retain"'),
        ({"__retain": True}, "retain_on_delete is set"),
        ({"adopt": True}, 'on_destroy is "retain"'),
    ],
)
def test_a_group_that_is_kept_on_purpose(stack: Stack, emulator: Emulator, kept: dict, why: str) -> None:
    """What keeps a group live keeps its old versions, and the preview of a change says so."""
    first, second = (a_group(*names, **kept) for names in (["value"], ["value", "idle"]))
    if "adopt" in kept:  # what somebody else made
        Stack(emulator).up(a_group("value"))
    stack.up(first)
    stack.heard()
    stack.preview(second)
    line = next(line for line in stack.heard() if line.startswith("basket v1 → v2"))
    assert line.startswith(f"basket v1 → v2 goes live, v1 stays live, since {why}: ")
    stack.up(second)
    assert live(emulator) == ["basket v1", "basket v2"]


def test_what_goes_is_told_in_words_of_its_kind(stack: Stack) -> None:
    """Nobody is sent a group, a service or a key: the lines say what is lost."""
    stack.up(KEY, a_group("value", attribute_key="account_id"), a_service("basket"))
    stack.heard()
    stack.destroy()
    service, group, key = stack.heard("warning")
    assert service == "checkout is WITHDRAWN, its readers no longer get anything: serves basket v1"
    assert (
        group
        == "basket v1 is WITHDRAWN, its values are no longer computed: computes value; kept for account_id"
    )
    assert key.startswith("account_id is WITHDRAWN, no attribute group can be published on it: values of ")


def test_what_a_destroy_has_withdrawn_comes_back(stack: Stack, emulator: Emulator) -> None:
    """A service and a key of the same owner of which nothing is live need no consent, whatever they say now."""
    stack.up(KEY, a_group("value"), a_service("basket", name="down"))
    stack.destroy()
    stack.heard()
    stack.up(
        ("key", {**KEY[1], "ttl": "P7D"}),
        a_group("value", "idle"),
        a_service("basket", name="down", description="new"),
    )
    assert live(emulator) == ["basket v2", "down", "account_id"]
    assert any(line.startswith("down goes live under a name that already exists") for line in stack.heard())


def test_taking_over_one_of_several_live_versions(stack: Stack, emulator: Emulator) -> None:
    """The highest live version needs no consent and no write, also below a draft; those below it are somebody else's for good."""
    other = Stack(emulator)
    other.up(a_group("value", on_destroy="retain"))
    other.up(a_group("value", "idle", on_destroy="retain"))
    other.up(a_group("value", "visits", on_destroy="retain", version=3, published=False))
    assert live(emulator) == ["basket v1", "basket v2"]
    mark = emulator.mark()
    mine = a_group("value", "idle", version=2, on_destroy="unpublish")
    stack.up(mine)
    stack.refresh()
    assert stack.preview(mine) == {}
    assert [each for each in emulator.requests(since=mark) if each["method"] != "GET"] == []
    stack.up(a_group("value", "idle", "more", version=4, on_destroy="unpublish"))
    assert live(emulator) == ["basket v1", "basket v4"]
    stack.destroy()
    assert live(emulator) == ["basket v1"]


def test_taking_over_a_lower_live_version(stack: Stack, emulator: Emulator) -> None:
    """What rules no longer read is not taken over: the version above it is live, and somebody else's."""
    other = Stack(emulator)
    other.up(a_group("value", on_destroy="retain"))
    other.up(a_group("value", "idle", on_destroy="retain"))
    with pytest.raises(CheckFailed, match="is in the registry already, up to version 2"):
        stack.preview(a_group("value", version=1))


def test_a_draft_published_under_local_review_retires_the_version_beside_it(emulator: Emulator) -> None:
    """The record of a draft does not name the live version beside it, and a local review asks nobody."""
    stack = Stack(emulator, {"review": "local"})
    stack.up(a_group("value"))
    stack.up(a_group("value", "idle", published=False))
    assert live(emulator) == ["basket v1"]
    stack.up(a_group("value", "idle"))
    stack.up(a_group("value", "idle"))
    assert live(emulator) == ["basket v2"]


def test_an_event_whose_schema_is_not_in_production(stack: Stack, emulator: Emulator) -> None:
    """A 404 for what a group refers to is the service's refusal, whether the group is created or was there before."""
    refusal = r"(POST|PUT) \S+: refused by Signals \(404: Schema for event 'cart' was not found or not in production"
    emulator.fail(missing_schema="cart", count=None)
    with pytest.raises(Incomplete, match=refusal) as created:
        stack.up(a_group("value"))
    assert "check the address" not in str(created.value)
    assert "no stack records it yet" not in str(created.value)
    emulator.clear_faults()
    stack.up(a_group("value"))
    stack.up(a_group("value", published=False))
    emulator.fail(missing_schema="cart", count=None)
    with pytest.raises(Incomplete, match=refusal):
        stack.up(a_group("value"))


def test_a_group_on_a_key_that_is_not_published(stack: Stack, emulator: Emulator) -> None:
    """A preview refuses it, whether the program or the registry has the key; a draft may wait for its key.

    Where the program declares the key as a draft, too, there is nothing to warn of.
    """
    hidden: OfKind = ("key", {**KEY[1], "published": False})
    fault = 'attribute_key: the attribute key "account_id" is not published; publish it first'
    group = a_group("value", attribute_key="account_id")
    with pytest.raises(CheckFailed, match=fault):
        stack.preview(hidden, group)
    stack.up(hidden)
    with pytest.raises(CheckFailed, match=fault):
        Stack(emulator).preview(group)
    draft = a_group("value", attribute_key="account_id", published=False)
    other = Stack(emulator)
    other.preview(draft)
    assert [line for line in other.heard("warning") if fault in line] != []
    stack.heard()
    assert stack.up(hidden, draft)["group basket"] == "create"
    assert stack.heard("warning") == []
    assert stack.up(KEY, group) == {"key account_id": "update", "group basket": "update"}


def test_a_draft_rule_on_a_draft_group(stack: Stack, emulator: Emulator) -> None:
    """A program that declares both is not warned, and its line names the key. To publish the rule alone is refused."""
    group, rule = a_group("value", published=False), a_rule("basket:value", published=False)
    stack.up(group, rule)
    assert stack.heard("warning") == []
    changed = a_rule("basket:value", description="new", published=False)
    stack.preview(group, changed)
    assert [line.rpartition("; ")[2] for line in stack.heard()] == ["would be sent to domain_userid"]
    fault = 'no version of the attribute group "basket" that has "value" is published; publish one first'
    with pytest.raises(CheckFailed, match=fault):
        stack.preview(group, a_rule("basket:value"))
    other = Stack(emulator)
    other.preview(a_rule("basket:value", "another", published=False))
    assert [line for line in other.heard("warning") if fault in line] != []
    stack.preview(a_group(attribute("value", "string"), published=False), changed)
    assert [line for line in stack.heard("warning") if "is of type string" in line] != []
    assert stack.up(a_group("value"), a_rule("basket:value")) == {
        "group basket": "update",
        "rule vip": "update",
    }


def test_a_new_key_of_a_group_changes_who_gets_the_rules_on_it(stack: Stack, emulator: Emulator) -> None:
    """A preview warns of the live rules that name no targets of their own; a rule that does goes on to the same people."""
    targeted = a_rule("basket:value", "targeted", target_attribute_keys=["domain_userid"])
    rules = (a_rule("basket:value"), targeted)
    stack.up(a_group("value"), *rules)
    stack.heard()
    group = a_group("value", attribute_key="user_id")
    stack.preview(group, *rules)
    (warning,) = stack.heard("warning")
    assert warning == (
        "basket: the attribute key changes (domain_userid → user_id), and with it who gets "
        'intervention "vip" v1, which names no targets of its own'
    )
    stack.preview(a_group("value", attribute_key="user_id", __secret=["attribute_key"]), *rules)
    (hidden,) = stack.heard("warning")
    assert "user_id" not in hidden
    assert "domain_userid" not in hidden
    stack.preview(a_group("value", "idle"), *rules)
    assert stack.heard("warning") == []
