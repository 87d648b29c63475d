"""`pulumi-signals list` shows what is live, and which stack manages it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from command_line import run
from registries_in_use import EVERYTHING
from registries_of_kinds import Written, post_all
from registry_shapes import Version, connected, fill

from pulumi_snowplow_signals.cli.command import commands
from pulumi_snowplow_signals.cli.listing.live import Live
from pulumi_snowplow_signals.cli.listing.text import to_paragraphs
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup, StreamAttributeGroup
from pulumi_snowplow_signals.kinds.catalogue import KINDS, name_of
from pulumi_snowplow_signals.kinds.intervention import Intervention
from signals_local.emulator import Emulator

_RULES = ("--kind", "intervention")
_LEAF = {"attribute": "shop:a", "operator": "=", "value": "x"}


def _rule(**fields: Any) -> dict[str, Any]:
    return {"owner": "team@example.com", "criteria": _LEAF, **fields}


def _state(stack: str, *resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}}


def _resource(
    stack: str,
    name: str,
    *recorded: int,
    registry: str = "loopback",
    kind: str = "RuleIntervention",
    **more: Any,
) -> dict[str, Any]:
    return {
        "urn": f"urn:pulumi:{stack}::shop::pulumi-python:dynamic/signals:{kind}::{name}",
        "custom": True,
        "type": f"pulumi-python:dynamic/signals:{kind}",
        "id": name,
        "outputs": {"name": name, "__signals": {"registry": registry, "recorded": [*recorded], "highest": 9}},
        **more,
    }


def test_json(emulator: Emulator) -> None:
    """One array, an object for each live version."""
    fill(emulator, EVERYTHING)
    listed = json.loads(run(emulator, "list", *_RULES, "--json").out)
    live = {
        (name, version.number)
        for name, versions in EVERYTHING.items()
        for version in versions
        if version.fate == "live"
    }
    assert {(each["name"], each["version"]) for each in listed} == live
    assert listed[0] == {
        "kind": "intervention",
        "name": "ahead",
        "version": 1,
        "live_versions": 1,
        "readable": True,
        "owner": "marketing@company.com",
        "description": None,
        "rule": 'shop:a = "x"',
        "recipients": ["domain_userid"],
        "criteria": _LEAF,
        "target_attribute_keys": [],
        "payload_attribute_groups": [],
    }


def test_lines_for_other_programs(emulator: Emulator) -> None:
    """Elsewhere than on a terminal there is a line for each, tabs between its parts, nothing cut."""
    fill(
        emulator,
        {
            "wide": EVERYTHING["wide"],
            "named": [Version(2, "live", _rule(target_attribute_keys=[{"name": "user_id"}]))],
        },
    )
    result = run(emulator, "list", *_RULES)
    head, named, wide = (line.split("\t") for line in result.out.splitlines())
    assert head == ["KIND", "NAME", "VERSION", "OWNER", "CONTENT", "ATTRIBUTE KEYS"]
    assert named == ["intervention", "named", "2", "team@example.com", 'shop:a = "x"', "user_id"]
    assert wide[:4] == ["intervention", "wide", "1", "marketing@company.com"]


def test_no_secret_is_shown(emulator: Emulator) -> None:
    """Nor where the service itself repeats the token."""
    emulator.fail(method="GET", status=401, body={"detail": f"{emulator.token} is not known"})
    result = run(emulator, "list", *_RULES)
    assert result.code == 2
    assert "[hidden] is not known" in result.err
    assert emulator.token not in (result.out + result.err).replace("SNOWPLOW_SIGNALS_SANDBOX_TOKEN", "")


@pytest.mark.parametrize("width", [20, 80, 200])
def test_a_thousand_rules_on_a_terminal(width: int) -> None:
    """Each is a headline and at most three lines of the terminal's width, however long its rule is."""
    long = {"any": [{**_LEAF, "value": "é" * 40 + str(n)} for n in range(100)]}
    definition = Intervention.stored(_rule(name="n" * 128, criteria=long))
    lines = list(
        to_paragraphs([Live(Intervention, "n" * 128, 1, definition, ("domain_userid",))] * 1000, width)
    )
    assert len(lines) == 4000
    rules = [line for line in lines if line.startswith("    ")]
    assert max(map(len, rules)) <= max(width, 40)
    assert click.unstyle(lines[0]) == f"{'n' * 128} v1  team@example.com, sent to domain_userid"


@pytest.mark.parametrize("emulator", [{"list": "newest"}], indirect=True)
def test_what_the_list_lacks(emulator: Emulator) -> None:
    """A live version that the service does not list is shown all the same."""
    fill(emulator, {"offer": [Version(1, "live", _rule()), Version(2, "draft", _rule())]})
    assert [each["version"] for each in json.loads(run(emulator, "list", *_RULES, "--json").out)] == [1]


def test_what_cannot_be_read(emulator: Emulator) -> None:
    """A version of a form that this release does not know hides no other."""
    unknown = {"name": "new", "version": 1, "is_published": True, "criteria": {"sequence": []}, "owner": None}
    emulator.fail(method="GET", path="*/interventions/", status=200, body=[unknown])
    (listed,) = json.loads(run(emulator, "list", *_RULES, "--json").out)
    assert (listed["name"], listed["readable"], listed["rule"]) == ("new", False, None)


def test_which_stack_manages_what(emulator: Emulator, tmp_path: Path) -> None:
    """What one stack, two or none manage is told apart; what is looked at or on its way out is not managed."""
    names = ("alone", "one", "two", "looked_at", "elsewhere", "newer")
    fill(emulator, {name: [Version(1, "live", _rule())] for name in names})
    with connected(emulator) as client:
        client.post("", json={"name": "newer", "version": 2, "is_published": True, **_rule(description="2")})
    states = {
        "dev": [
            _resource("dev", "one", 1),
            _resource("dev", "two", 1),
            _resource("dev", "looked_at", 1, external=True),
            _resource("dev", "newer", 1),
        ],
        "prod": [
            _resource("prod", "two", 1),
            _resource("prod", "alone", 1, delete=True),
            _resource("prod", "elsewhere", 1, registry="https://other.example.com"),
        ],
    }
    options = []
    for stack, resources in states.items():
        file = tmp_path / f"{stack}.json"
        file.write_text(json.dumps(_state(stack, *resources)))
        options += ["--stack-file", str(file)]
    result = run(emulator, "list", *_RULES, "--json", *options)
    managed = {(each["name"], each["version"]): each["stacks"] for each in json.loads(result.out)}
    assert managed == {
        ("alone", 1): [],
        ("elsewhere", 1): [],
        ("looked_at", 1): [],
        ("newer", 1): ["shop/dev"],
        ("newer", 2): [],
        ("one", 1): ["shop/dev"],
        ("two", 1): ["shop/dev", "shop/prod"],
    }
    assert result.err.splitlines()[1:] == [
        "7 live, 3 of them managed by a stack",
        "Managed by no stack: alone v1, elsewhere v1, looked_at v1, newer v2",
        "Managed by 2 stacks: two v1 (shop/dev, shop/prod)",
        "shop/prod also manages objects in another registry: https://other.example.com",
    ]


def _fill_every_kind(emulator: Emulator) -> None:
    emulator.reset()
    owned = {"owner": "data@company.com"}
    attribute = {"name": "a", "type": "int32", "aggregation": "counter", "events": []}
    group = {"name": "shop", **owned, "attribute_key": {"name": "account"}, "attributes": [attribute]}
    pins = [{"name": "shop", "version": 2}]
    rule = {"attribute": "shop:a", "operator": ">", "value": 75}
    post_all(
        emulator,
        Written("attribute_keys", {"name": "account", "external_column": "account"}, "live"),
        Written("attribute_groups", {**group, "version": 1}, "live"),
        Written("attribute_groups", {**group, "version": 2, "description": "second"}, "live"),
        Written("services", {"name": "checkout", **owned, "attribute_groups": pins}, "live"),
        Written("interventions", {"name": "vip", "version": 1, **owned, "criteria": rule}, "live"),
    )


def test_every_kind(emulator: Emulator) -> None:
    """Each has its kind; what is built in is not listed; a group says how many of its versions are live."""
    _fill_every_kind(emulator)
    lines = [line.split("\t") for line in run(emulator, "list").out.splitlines()[1:]]
    assert lines == [
        ["attribute_key", "account", "", "", 'values of the column "account"', ""],
        ["attribute_group", "shop", "1", "data@company.com", "computes a", "account"],
        ["attribute_group", "shop", "2", "data@company.com", "computes a", "account"],
        ["service", "checkout", "", "data@company.com", "serves shop v2", ""],
        ["intervention", "vip", "1", "data@company.com", "shop:a > 75", "account"],
    ]
    listed = json.loads(run(emulator, "list", "--json").out)
    assert [(each["kind"], each["version"], each["live_versions"]) for each in listed] == [
        ("attribute_key", None, 1),
        ("attribute_group", 1, 2),
        ("attribute_group", 2, 2),
        ("service", None, 1),
        ("intervention", 1, 1),
    ]
    assert listed[3] == {
        "kind": "service",
        "name": "checkout",
        "version": None,
        "live_versions": 1,
        "readable": True,
        "owner": "data@company.com",
        "description": None,
        "attribute_groups": [{"name": "shop", "version": 2}],
    }
    only = json.loads(run(emulator, "list", "--json", "--kind", "service", "--kind", "attribute_key").out)
    assert [each["kind"] for each in only] == ["attribute_key", "service"]


def test_every_kind_can_be_chosen() -> None:
    """`--kind` has the name of each, which it knows without loading them."""
    (option,) = (each for each in commands.commands["list"].params if each.name == "kinds")
    assert isinstance(option.type, click.Choice)
    assert [*option.type.choices] == [*map(name_of, KINDS)]


def test_every_kind_on_a_terminal() -> None:
    """What is no intervention says what it is, and a group with several live versions says so."""
    attribute = {"name": "a", "type": "int32", "aggregation": "counter", "events": []}
    body = {
        "name": "shop",
        "owner": "d@e.com",
        "attribute_key": {"name": "account"},
        "attributes": [attribute],
    }
    group = StreamAttributeGroup.stored(body)
    lines = list(to_paragraphs([Live(AttributeGroup, "shop", 2, group, ("account",), 2, ("shop/dev",))], 80))
    assert [click.unstyle(line) for line in lines] == [
        "attribute group shop v2  d@e.com, kept for account, one of 2 live versions, managed by shop/dev",
        "    computes a",
    ]


def test_which_stack_manages_what_of_every_kind(emulator: Emulator, tmp_path: Path) -> None:
    """A name that two kinds have is told apart, and a group by the version that a stack took over."""
    _fill_every_kind(emulator)
    resources = [
        _resource("dev", "account", 1, kind="AttributeKey"),
        _resource("dev", "shop", 2, kind="StreamAttributeGroup"),
        _resource("dev", "checkout", 1, kind="RuleIntervention"),
    ]
    file = tmp_path / "dev.json"
    file.write_text(json.dumps(_state("dev", *resources)))
    result = run(emulator, "list", "--json", "--stack-file", str(file))
    managed = [(each["name"], each["version"]) for each in json.loads(result.out) if each["stacks"]]
    assert managed == [("account", None), ("shop", 2)]
    assert result.err.splitlines()[-2:] == [
        "5 live, 2 of them managed by a stack",
        "Managed by no stack: attribute group shop v1, service checkout, vip v1",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"deployment": null}', '{"deployment": {"resources": [1]}}', "[" * 100_000, "\udcff"],
)
def test_a_file_that_is_no_state(emulator: Emulator, text: str, tmp_path: Path) -> None:
    """It is told in a sentence, with the command that writes one."""
    file = tmp_path / "state.json"
    file.write_bytes(text.encode(errors="surrogateescape"))
    result = run(emulator, "list", *_RULES, "--stack-file", str(file))
    assert (result.code, result.out) == (2, "")
    assert f"{file} is not an exported stack" in result.err
    assert "pulumi stack export" in result.err
