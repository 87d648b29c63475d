"""A program that `pulumi-signals export` wrote takes over keys, groups, services and rules, and changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from command_line import Evaluator, run
from evaluator import NUMBERED_LATER
from hypothesis import HealthCheck, given, settings
from registries import emptied
from registries_of_kinds import COLLECTIONS, Written, fill, post_all, registries, stored_in
from stacks import GROUPS, OfKind, Stack
from thorough import examples

from pulumi_snowplow_signals.fields.vocabulary import PLAIN_ADDRESS
from signals_local.emulator import Emulator

_MANY = settings(
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_KINDS: Final = {
    "AttributeKey": "key",
    "StreamAttributeGroup": "group",
    "BatchAttributeGroup": "batch",
    "ExternalBatchAttributeGroup": "external",
    "Service": "service",
    "RuleIntervention": "rule",
}
"""What a stack of several kinds calls each class."""

_COLLECTION: Final = {
    "key": "attribute_keys",
    **dict.fromkeys(GROUPS, "attribute_groups"),
    "service": "services",
    "rule": "interventions",
}


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator without any group; parametrised with what it assumes."""
    with emptied(assume=getattr(request, "param", None)) as emulator:
        yield emulator


@_MANY
@given(requests=registries())
def test_whatever_a_registry_holds(emulator: Emulator, evaluator: Evaluator, requests: list[Written]) -> None:
    """The first deployment only takes over and writes nothing, the second does nothing, a destroy leaves all as it was."""
    _demand_quiet(emulator, evaluator, requests, "expressions")


@pytest.mark.parametrize(
    "emulator", [{"extra-fields": "some"}, {"answers": "normalised"}], indirect=True, ids=str
)
@settings(_MANY, max_examples=examples(10))
@given(requests=registries())
def test_whatever_is_not_known_of_the_service(
    emulator: Emulator, evaluator: Evaluator, requests: list[Written]
) -> None:
    """The same where the service keeps or shows things in another way, in the style of the official client."""
    _demand_quiet(emulator, evaluator, requests, "classes")


def _demand_quiet(emulator: Emulator, evaluator: Evaluator, requests: list[Written], style: str) -> None:
    fill(emulator, requests)
    listed = _by_name(emulator)
    before, mark = _history(emulator), emulator.mark()
    with TemporaryDirectory() as directory:
        output = Path(directory) / "program"
        result = run(emulator, "export", "--output", str(output), "--style", style)
        left_out = {line.split(":")[0].strip() for line in result.err.splitlines() if line[:2] == "  "}
        assert result.code == (1 if left_out else 0 if listed else 2), result.err
        declarations = evaluator.declarations(output) if output.exists() else []
    declared = [_for_stack(*each) for each in declarations]
    taken = {(_COLLECTION[kind], inputs["name"]) for kind, inputs in declared}
    assert taken == {place for place, versions in listed.items() if _is_expressible(place[0], versions)}
    assert len(left_out) == len(listed) - len(taken), result.err

    stack = Stack(emulator)
    assert {*stack.preview(*declared).values()} <= {"create"}
    said = stack.heard()
    assert len([line for line in said if "is taken over" in line]) == len(taken), said
    stack.up(*declared)
    assert stack.preview(*declared) == {}
    stack.refresh()
    assert stack.preview(*declared) == {}
    stack.destroy()
    assert [each for each in emulator.requests(since=mark) if each["method"] != "GET"] == []
    assert _history(emulator) == before


def _for_stack(resource: str, inputs: dict[str, Any]) -> OfKind:
    """Return a declaration whose pins get the numbers that the provider has chosen for the groups of the program."""
    return _KINDS[resource], {name: _numbered(value) for name, value in inputs.items()}


def _numbered(value: Any) -> Any:
    if not (isinstance(value, list) and any(_is_open(item) for item in value)):
        return value

    def with_numbers(outputs: Mapping[str, Mapping[str, Any]]) -> list[Any]:
        declared = ((*key.split(" ", 1), held) for key, held in outputs.items())
        versions = {name: held["version"] for kind, name, held in declared if kind in GROUPS}
        return [{**item, "version": versions[item["name"]]} if _is_open(item) else item for item in value]

    return with_numbers


def _is_open(item: Any) -> bool:
    return isinstance(item, dict) and item.get("version") == NUMBERED_LATER


def _by_name(emulator: Emulator) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for collection, each in stored_in(emulator):
        found[collection, each["name"]].append(each)
    return found


def _is_expressible(collection: str, versions: list[dict[str, Any]]) -> bool:
    live = [each for each in versions if each["is_published"]]
    if collection == "interventions" and len(live) > 1:
        return False
    current = max(live or versions, key=lambda each: each.get("version", 1))
    return (
        collection == "attribute_keys"
        or PLAIN_ADDRESS.fullmatch((current["owner"] or "").lower()) is not None
    )


def _history(emulator: Emulator) -> Any:
    return [emulator.history(collection[:-1])["versions"] for collection in COLLECTIONS]


_GROUP: Final = {
    "name": "odd",
    "version": 1,
    "is_published": True,
    "owner": "data@company.com",
    "attribute_key": {"name": "domain_userid"},
    "attributes": [{"name": "a", "type": "int32", "aggregation": "counter", "events": []}],
}


def _with_attribute(**fields: Any) -> dict[str, Any]:
    return {"attributes": [{**_GROUP["attributes"][0], **fields}]}  # type: ignore[dict-item]  # it is a list


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (_with_attribute(sampling=0.1), "it has attributes[0].sampling, which this release does not know"),
        (
            _with_attribute(property={"type": "graph", "node": 1}),
            "it has a form that this release cannot read",
        ),
        (_with_attribute(aggregation="median"), 'attributes[0].aggregation: is "median"; allowed are'),
        (_with_attribute(default_value=2**53 + 1), "it holds a whole number beyond 2^53"),
        (
            _with_attribute(
                criteria={"all": [{"property": {"name": "app_id"}, "operator": "near", "value": 1}]}
            ),
            'attributes[0].criteria.all[0].operator: is "near"',
        ),
        ({"region": "eu"}, "it has region, which this release does not know"),
        ({"attribute_key": {"name": "nowhere"}}, 'attribute_key: there is no attribute key "nowhere"'),
        ({"attributes": []}, "attributes: is empty"),
    ],
    ids=str,
)
def test_why_a_group_is_left_out(
    emulator: Emulator, tmp_path: Path, stored: dict[str, Any], reason: str
) -> None:
    """What no program may declare is left out with the reason, and what refers to it names it in text."""
    reader = {
        "name": "reader",
        "version": 1,
        "is_published": False,
        "owner": "data@company.com",
        "criteria": {"attribute": "odd:a", "operator": ">", "value": 1},
        "payload_attribute_groups": [{"name": "odd", "version": 1}],
    }
    emulator.fail(
        method="GET", path="*/attribute_groups/", status=200, body=[{**_GROUP, **stored}], count=None
    )
    emulator.fail(method="GET", path="*/interventions/", status=200, body=[reader], count=None)
    result = run(emulator, "export", "--output", str(tmp_path / "program"))
    assert result.code == 1
    assert f"attribute group odd: version 1: {reason}" in result.err
    assert "# - odd: version 1:" in (tmp_path / "program" / "attribute_groups.py").read_text()
    rule = (tmp_path / "program" / "interventions.py").read_text()
    assert 'criteria=attribute("odd:a") > 1' in rule
    assert 'payload_attribute_groups=[{"name": "odd", "version": 1}]' in rule


_PROGRAM: Final = '''\
"""The attribute groups of URL.

Each is taken over as it is: the first deployment writes nothing to the registry.
Because of `on_destroy="retain"`, an attribute group that is removed from this program
stays as it is. Change it to "unpublish" to withdraw it instead.
"""

from datetime import timedelta

from pulumi_snowplow_signals import (
    Attribute,
    Event,
    EventProperty,
    PageView,
    StreamAttributeGroup,
    domain_userid,
)

from attribute_keys import account

cart = Event(name="cart", vendor="com.example", version="1-0-0")

# Version 3 is newer and not live: a draft, or withdrawn. It is left alone, and its
# number stays used. Version 1 is also live, and left alone.
shopping = StreamAttributeGroup(
    name="shopping",
    owner="data@company.com",
    attribute_key=account,
    attributes=[
        Attribute(
            name="value",
            type="double",
            events=[cart],
            aggregation="last",
            property=EventProperty(
                vendor="com.example", name="cart", major_version=1, path="total"
            ),
        ),
        Attribute(
            name="carts",
            type="int32",
            events=[cart, PageView()],
            aggregation="counter",
            period=timedelta(minutes=90),
        ),
    ],
    version=2,
    on_destroy="retain",
)

StreamAttributeGroup(
    name="visits",
    owner="crm@company.com",
    attribute_key=domain_userid,
    attributes=[Attribute(name="a", type="int32", events=[], aggregation="counter")],
    on_destroy="retain",
)
'''


def test_a_program_as_a_person_would_write_it(emulator: Emulator, tmp_path: Path) -> None:
    """Variables for what others refer to, constants for what is built in or repeated, comments for what is left alone."""
    cart = {"vendor": "com.example", "name": "cart", "version": "1-0-0"}
    view = {"vendor": "com.snowplowanalytics.snowplow", "name": "page_view", "version": "1-0-0"}
    total = {"type": "event", "vendor": "com.example", "name": "cart", "major_version": 1, "path": "total"}
    value = {"name": "value", "type": "double", "aggregation": "last", "events": [cart], "property": total}
    carts = {
        "name": "carts",
        "type": "int32",
        "aggregation": "counter",
        "events": [cart, view],
        "period": "PT1H30M",
    }
    shopping = {
        **_GROUP,
        "name": "shopping",
        "attribute_key": {"name": "account"},
        "attributes": [value, carts],
    }
    owned = {"owner": "data@company.com"}
    old = {"attribute": "shopping:value", "operator": ">", "value": 75}
    post_all(
        emulator,
        Written("attribute_keys", {"name": "account", "external_column": "account"}, "live"),
        Written("attribute_groups", {**shopping, "version": 1, "description": "first"}, "live"),
        Written("attribute_groups", {**shopping, "version": 2}, "live"),
        Written("attribute_groups", {**shopping, "version": 3, "attributes": [value]}, "draft"),
        Written("attribute_groups", {**_GROUP, "name": "visits", "owner": "crm@company.com"}, "live"),
        Written(
            "services",
            {"name": "old", **owned, "attribute_groups": [{"name": "shopping", "version": 1}]},
            "live",
        ),
        Written(
            "services",
            {"name": "new", **owned, "attribute_groups": [{"name": "shopping", "version": 2}]},
            "live",
        ),
        Written("interventions", {"name": "vip", "version": 1, **owned, "criteria": old}, "live"),
    )
    result = run(emulator, "export", "--output", str(tmp_path / "program"))
    assert result.code == 0
    assert "Wrote 1 attribute key, 2 attribute groups, 2 services and 1 intervention to" in result.out
    read = {file.name: file.read_text() for file in (tmp_path / "program").glob("*.py")}
    assert read["attribute_groups.py"] == _PROGRAM.replace("URL", emulator.url)
    assert 'attribute_groups=[{"name": "shopping", "version": 1}],' in read["services.py"]
    assert "attribute_groups=[shopping]," in read["services.py"]
    assert 'criteria=shopping["value"] > 75,' in read["interventions.py"]
    imported = [line.split()[1] for line in read["__main__.py"].splitlines() if line.startswith("import")]
    assert imported == [*COLLECTIONS]


@pytest.mark.parametrize(
    ("options", "declared"),
    [
        (("--kind", "service"), {"s"}),
        (("--kind", "service", "--kind", "attribute_key"), {"s", "k"}),
        (("--name", "both"), {"both"}),
        (("--owner", "a team"), {"k"}),
        ((), {"k", "s", "both"}),
    ],
)
def test_by_kind(
    emulator: Emulator, evaluator: Evaluator, tmp_path: Path, options: tuple[str, ...], declared: set[str]
) -> None:
    """Only what is asked for is exported; a name is looked for in every kind."""
    owned = {"owner": "data@company.com"}
    rule = {"attribute": "both:a", "operator": ">", "value": 1}
    post_all(
        emulator,
        Written("attribute_keys", {"name": "k", "owner": "a team", "external_column": "k"}, "live"),
        Written("attribute_groups", {**_GROUP, "name": "both"}, "live"),
        Written(
            "services", {"name": "s", **owned, "attribute_groups": [{"name": "both", "version": 1}]}, "live"
        ),
        Written("interventions", {"name": "both", "version": 1, **owned, "criteria": rule}, "live"),
    )
    assert run(emulator, "export", "--output", str(tmp_path / "program"), *options).code == 0
    found = evaluator.declarations(tmp_path / "program")
    assert {inputs["name"] for _, inputs in found} == declared
    assert len([1 for _, inputs in found if inputs["name"] == "both"]) == (2 if "both" in declared else 0)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--name", "user_id"), '"user_id" is a built-in attribute key. Programs cannot declare it.'),
        (("--name", "x"), 'no attribute key, attribute group, service or intervention "x".'),
        (("--kind", "service"), "The registry has no such service, so nothing was written."),
        (("--kind", "rule"), "Invalid value for '--kind'"),
    ],
)
def test_what_is_not_there(emulator: Emulator, tmp_path: Path, options: tuple[str, ...], reason: str) -> None:
    """It is told in the words of what was asked for, and nothing is written."""
    result = run(emulator, "export", "--output", str(tmp_path / "program"), *options)
    assert result.code == 2
    assert reason in result.err
    assert not (tmp_path / "program").exists()


@pytest.mark.parametrize("status", [404, 405])
def test_a_service_without_a_list(emulator: Emulator, tmp_path: Path, status: int) -> None:
    """What cannot be listed is told, and spoils nothing else."""
    post_all(emulator, Written("attribute_groups", {**_GROUP, "name": "visits"}, "live"))
    for collection in ("attribute_keys", "services"):
        body = {"detail": "no list"}
        emulator.fail(method="GET", path=f"*/{collection}/", status=status, body=body, count=None)
    result = run(emulator, "export", "--output", str(tmp_path / "program"))
    assert result.code == 1
    assert f"all services: the service does not list them ({status})" in result.err
    assert 'name="visits"' in (tmp_path / "program" / "attribute_groups.py").read_text()
    listed = run(emulator, "list")
    assert listed.code == 0
    assert "visits" in listed.out
    assert f"Not shown: services, which the service does not list ({status})" in listed.err
