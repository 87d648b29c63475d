"""Attribute keys, attribute groups and services deployed beside the rules that read them, through both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attribute_programs import KEY, OWNER, RULE, SERVICE, attempt, go, group, live, operations, said
from harness import ENGINES, Engine, settings_of
from registries import emptied

from signals_local.emulator import Emulator


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator in which nothing has gone down by a cascade when the test is over."""
    with emptied(assume=getattr(request, "param", None)) as emulator:
        yield emulator
        assert emulator.broken_promises() == []


def test_from_nothing_to_a_rule(project: Engine, emulator: Emulator) -> None:
    """One deployment makes key, group, service and rule in that order; a second changes nothing; a destroy takes all down."""
    program = KEY + group("value", "idle", attribute_key="account") + SERVICE + RULE
    assert operations(go(project, program)) == {
        "account_id": "create",
        "basket": "create",
        "live": "create",
        "checkout": "create",
        "vip": "create",
    }
    assert live(emulator) == ["account_id", "basket v1", "checkout", "vip v1"]
    mark = emulator.mark()
    assert operations(go(project, None, "preview")) == {}
    assert emulator.requests(since=mark) == []
    assert operations(go(project, None, "refresh")) == {}
    assert operations(go(project, None)) == {}
    go(project, None, "destroy")
    assert live(emulator) == []


def test_text_is_a_dependency_too(project: Engine, emulator: Emulator) -> None:
    """A rule and a service that name a group in text are made after it and go before it."""
    pinned = (
        'Service("checkout", owner="d@example.com", attribute_groups=[{"name": "basket", "version": 1}])\n'
    )
    rule = 'RuleIntervention("vip", owner="m@example.com", criteria=attribute("basket:value") > 75, target_attribute_keys=["account_id"])\n'
    go(project, KEY + group("value", attribute_key='"account_id"') + pinned + rule)
    assert live(emulator) == ["account_id", "basket v1", "checkout", "vip v1"]
    go(project, None, "destroy")
    assert live(emulator) == []


_CRITERIA = """
threshold = pulumi.Output.from_input(75)
RuleIntervention("vip", owner="m@example.com", opts=ResourceOptions(parent=PARENT), criteria=CRITERIA)
"""
_TEXT = '{"attribute": "basket:value", "operator": ">", "value": 75}'


@pytest.mark.parametrize(
    ("criteria", "parent"),
    [
        ('threshold.apply(lambda over: basket["value"] > over)', "None"),
        (f'{{"any": [threshold.apply(lambda _: {_TEXT})]}}', "basket"),
        ('attribute(threshold.apply(lambda _: "basket:value")) > threshold', "None"),
    ],
    ids=["expression", "part", "name"],
)
def test_a_reference_in_an_output_is_a_dependency(
    project: Engine, emulator: Emulator, criteria: str, parent: str
) -> None:
    """What an output will name may be any group declared before it, so that all of them come first."""
    rule = _CRITERIA.replace("PARENT", parent).replace("CRITERIA", criteria)
    program = KEY + group("value", attribute_key='pulumi.Output.from_input("account_id")') + rule
    go(project, program, "preview")
    go(project, None)
    assert live(emulator) == ["account_id", "basket v1", "vip v1"]
    assert operations(go(project, None)) == {}
    go(project, None, "destroy")
    assert live(emulator) == []


def test_a_group_whose_name_is_an_output_is_a_dependency(project: Engine, emulator: Emulator) -> None:
    """Text may name it. So may a service in an output."""
    named = group("value").replace('"basket",', '"basket", name=pulumi.Output.from_input("basket"),', 1)
    users = (
        'RuleIntervention("vip", owner="m@example.com", criteria=attribute("basket:value") > 75)\n'
        'pins = pulumi.Output.from_input([{"name": "basket", "version": 1}])\n'
        'Service("checkout", owner="d@example.com", attribute_groups=pins)\n'
    )
    go(project, named + users, "preview")
    go(project, None)
    assert live(emulator) == ["basket v1", "checkout", "vip v1"]
    go(project, None, "destroy")
    assert live(emulator) == []


def test_what_is_declared_too_late_is_told(project: Engine, emulator: Emulator) -> None:
    """A group that comes after a rule which names it is said to belong before it."""
    rule = 'RuleIntervention("vip", owner="m@example.com", published=False, criteria=attribute("basket:value") > 75)\n'
    outcome = attempt(project, rule + group("value"), "preview")
    assert 'declare "basket" before RuleIntervention "vip"' in outcome.text.replace('\\"', '"')


def test_faults_are_told_at_once(project: Engine, emulator: Emulator) -> None:
    """A group without a key, an attribute that does not exist and a misspelt type are one error, before anything is sent."""
    program = (
        group("value", "value") + 'basket["valeu"]\n'
        'AttributeKey("user_id")\n'
        'Service("s", owner="d@example.com", attribute_groups=[])\n'
        'StreamAttributeGroup("bad", owner="nobody", attribute_key="user_id", attributes=[last("a", type="int")], tll=1)\n'
    )
    outcome = attempt(project, program, "preview")
    assert not outcome.succeeded
    text = outcome.text.replace('\\"', '"')
    for fault in (
        'attributes: has "value" more than once',
        'has no attribute "valeu". Did you mean "value"?',
        "which is built into Signals",
        "attribute_groups: has 0 attribute groups",
        'attributes[0].type: is "int"; allowed are',
        "owner: is",
        'tll: does not exist. Did you mean "ttl"?',
    ):
        assert fault in text
    assert emulator.requests() == [] or all(each["method"] == "GET" for each in emulator.requests())


@pytest.mark.parametrize("reference", ["account", '"person_id"'], ids=["resource", "text"])
@pytest.mark.parametrize("logical", ["account", "person"], ids=["renamed", "swapped"])
def test_a_key_makes_way_for_another(
    project: Engine, emulator: Emulator, logical: str, reference: str
) -> None:
    """The version of the group that is on the old key goes first, so that nothing holds the key when it is its turn."""
    key = KEY.replace("(", '("account", name="account_id", ', 1)
    go(project, key + group("value", attribute_key="account"))
    other = key.replace('"account"', f'"{logical}"', 1).replace('"account_id"', '"person_id"', 1)
    outcome = go(project, other + group("value", attribute_key=reference))
    assert live(emulator) == ["person_id", "basket v2"]
    assert [line for line in said(outcome) if "left" in line] == []
    assert operations(go(project, None)) == {}


@pytest.mark.parametrize("opts", ["None", "ResourceOptions(protect=True)"])
def test_a_new_version_retires_the_old_one(project: Engine, emulator: Emulator, opts: str) -> None:
    """The group moves first, its users follow, and the old version goes last, also where the group is protected."""
    go(project, group("value", opts=opts) + SERVICE + RULE)
    mark = emulator.mark()
    outcome = go(project, group("value", "idle", opts=opts) + SERVICE + RULE)
    assert operations(outcome) == {"basket": "update", "live": "replace", "checkout": "update"}
    writes = [each for each in emulator.requests(since=mark) if each["method"] != "GET"]
    told = [f"{each['method']} {each['path'].rpartition('registry/')[2]}" for each in writes]
    assert told == [
        "POST attribute_groups/",
        "PUT services/checkout",
        "PUT attribute_groups/basket/versions/1",
    ]
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]
    assert operations(go(project, None)) == {}


def test_a_group_of_which_several_versions_are_live(project: Engine, emulator: Emulator) -> None:
    """The highest is taken over without a write. The lower one is somebody else's, and stays through every change of the group."""
    for version in (1, 2):
        emulator.publish_group(
            "basket", {"value": "double"}, version=version, owner=OWNER, description=str(version)
        )
    stored = emulator._client.get("/api/v1/registry/attribute_groups/basket/versions/2").json()
    read = {name: value for name, value in stored["attributes"][0].items() if value is not None}
    program = group("value", description="2", on_destroy="unpublish").replace("last('value')", repr(read))
    mark = emulator.mark()
    preview = go(project, program, "preview")
    assert "basket v2 is already in the registry with this definition and is taken over" in " ".join(
        said(preview)
    )
    go(project, None)
    assert operations(go(project, None)) == {}
    assert [each for each in emulator.requests(since=mark) if each["method"] != "GET"] == []
    go(project, program.replace("description='2'", "description='3'"))
    assert live(emulator) == ["basket v1", "basket v3"]
    go(project, None, "destroy")
    assert live(emulator) == ["basket v1"]


def test_retain_on_delete_keeps_older_versions(project: Engine, emulator: Emulator) -> None:
    """Pulumi's option holds for the versions of a group as it does for the group."""
    opts = "ResourceOptions(retain_on_delete=True)"
    go(project, group("value", opts=opts))
    preview, change, again = (
        go(project, group("value", "idle", opts=opts), command) for command in ("preview", "up", "up")
    )
    assert [line for each in (preview, change, again) for line in said(each) if "withdrawn" in line] == []
    assert live(emulator) == ["basket v1", "basket v2"]
    assert operations(again) == {}


def test_what_the_preview_says(project: Engine, emulator: Emulator) -> None:
    """Who reads the new version, what changes its type, who holds the old one, and that values start anew."""
    go(project, group("value", "idle") + SERVICE + RULE)
    changed = group("value").replace("last('value')", "last('value', 'string')")
    text = said(go(project, changed + SERVICE + RULE, "preview"))
    assert 'basket: v2 will be read by intervention "vip" v1' in text
    assert 'basket: value (double → string) changes type for intervention "vip" v1' in text
    assert "basket: the values of v2 may start empty" in text
    dropped = RULE.replace('basket["value"]', 'attribute("basket:value")')
    text = said(go(project, group("idle") + SERVICE + dropped, "preview"), "warning")
    assert (
        'basket: v1 stays live for intervention "vip" v1, which reads value: v2 has no such attribute' in text
    )


def test_a_rule_held_by_others(project: Engine, emulator: Emulator) -> None:
    """What a rule outside the stack reads stays live through a new version and a destroy, and the rule with it."""
    go(project, group("value", "idle"))
    emulator._client.post(
        "/api/v1/registry/interventions/",
        json={
            "name": "theirs",
            "version": 1,
            "owner": OWNER,
            "is_published": True,
            "criteria": {"attribute": "basket:value", "operator": ">", "value": 1},
        },
    ).raise_for_status()
    outcome = go(project, group("idle"))
    assert any("v1 stays live" in line and '"theirs"' in line for line in said(outcome, "warning"))
    go(project, None, "destroy")
    assert live(emulator) == ["basket v1", "theirs v1"]


def test_a_group_cannot_be_withdrawn_under_a_rule(project: Engine, emulator: Emulator) -> None:
    """`published=False` is refused in preview while something live uses the group."""
    go(project, group("value") + RULE)
    outcome = attempt(
        project, group("value", published=False) + RULE.replace("basket[", "basket["), "preview"
    )
    assert not outcome.succeeded
    assert "is used by intervention" in outcome.text
    assert live(emulator) == ["basket v1", "vip v1"]


def test_a_stack_that_shrinks(project: Engine, emulator: Emulator) -> None:
    """Rule, service, group and key that leave the program in one run go down one after the other."""
    go(project, KEY + group("value", attribute_key="account") + SERVICE + RULE)
    go(project, KEY)
    assert live(emulator) == ["account_id"]


def test_drift_is_mended(project: Engine, emulator: Emulator) -> None:
    """A group that somebody withdrew shows in a refresh and is published again, and so is the rule that went with it."""
    go(project, group("value") + RULE)
    body = emulator._client.get("/api/v1/registry/attribute_groups/basket/versions/1").json()
    emulator._client.put(
        "/api/v1/registry/attribute_groups/basket/versions/1", json={**body, "is_published": False}
    ).raise_for_status()
    mark = emulator.mark()
    assert live(emulator) == []
    assert set(operations(go(project, None, "refresh"))) == {"basket", "vip"}
    assert operations(go(project, None)) == {"basket": "update", "vip": "update"}
    assert live(emulator) == ["basket v1", "vip v1"]
    assert emulator.broken_promises(since=mark) == []
    emulator.reset()


def test_a_group_over_a_table(project: Engine, emulator: Emulator) -> None:
    """An external batch group is made, kept and read by a rule like any other."""
    program = (
        'table = ExternalBatchAttributeGroup("table", owner="d@example.com", attribute_key="user_id",\n'
        '    fields=[{"name": "TOTAL", "type": "int32"}], refresh_rate=timedelta(hours=6),\n'
        '    batch_source={"name": "s", "database": "DB", "schema": "PUBLIC", "table": "T", "timestamp_field": "AT"},\n'
        '    backfill_since_tstamp="2026-06-01T00:00:00Z")\n'
        'RuleIntervention("vip", owner="m@example.com", criteria=table["TOTAL"] > 75)\n'
    )
    go(project, program)
    assert live(emulator) == ["table v1", "vip v1"]
    assert operations(go(project, None, "refresh")) == {}
    assert operations(go(project, program.replace("timedelta(hours=6)", '"PT360M"'))) == {}


URN = "urn:pulumi:dev::interventions::pulumi-python:dynamic/signals:StreamAttributeGroup::basket"


@pytest.mark.parametrize("deletes_first", [False, True], ids=["deleted last", "deleted first"])
def test_a_group_of_another_name(project: Engine, emulator: Emulator, deletes_first: bool) -> None:  # noqa: FBT001  # parametrised
    """Service and rule move to the new group before the old one goes. Where that is to go first, they hold it."""
    opts = f"ResourceOptions(delete_before_replace={deletes_first})"
    go(project, group("value", opts=opts) + SERVICE + RULE)
    preview = said(go(project, group("value", opts=opts, name="trolley") + SERVICE + RULE, "preview"))
    users = 'unless something still uses it then (now intervention "vip" v1, service "checkout")'
    assert [line for line in preview if "basket v1 is WITHDRAWN" in line and users in line] != []
    outcome = go(project, None)
    assert live(emulator) == [*(["basket v1"] if deletes_first else []), "trolley v1", "checkout", "vip v2"]
    held = [line for line in said(outcome, "warning") if "v1 is left in the registry" in line]
    assert bool(held) == deletes_first
    assert operations(go(project, None)) == {}


def test_a_group_of_another_logical_name(project: Engine, emulator: Emulator) -> None:
    """Nothing is withdrawn: the group is the same to Signals."""
    go(project, group("value") + SERVICE + RULE)
    go(project, group("value", name="basket").replace('("basket", owner', '("other", owner') + SERVICE + RULE)
    assert live(emulator) == ["basket v1", "checkout", "vip v1"]


def test_a_target(project: Engine, emulator: Emulator) -> None:
    """The group alone is changed: its old version stays for those who have not moved, until a run of everything."""
    go(project, group("value") + SERVICE + RULE)
    go(project, group("value", "idle") + SERVICE + RULE, "up", "--target", URN)
    assert live(emulator) == ["basket v1", "basket v2", "checkout", "vip v1"]
    go(project, None)
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]


@pytest.mark.parametrize("way", ["replace", "taint"])
def test_a_forced_replacement(emulator: Emulator, tmp_path: Path, way: str) -> None:
    """Only the real engine has it: the group stays live throughout. As for a rule, what was recorded of it is not at hand, so
    that it counts as taken over, and the program has to say what is to become of it.
    """
    if not ENGINES["pulumi"].is_there():
        pytest.skip("the real engine, `pulumi`, is not on PATH")
    project = ENGINES["pulumi"](tmp_path, settings_of(emulator))
    go(project, group("value") + SERVICE + RULE)
    if way == "taint":
        project.call("state", "taint", URN, "--yes").check_returncode()
    go(project, None, "up", *(("--replace", URN) if way == "replace" else ()))
    assert live(emulator) == ["basket v1", "checkout", "vip v1"]
    go(project, group("value", "idle", on_destroy="unpublish") + SERVICE + RULE)
    assert live(emulator) == ["basket v2", "checkout", "vip v1"]
