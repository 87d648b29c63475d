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
from kinds_stack import GROUPS, Declared, KindsStack
from registries import emptied
from registries_of_kinds import COLLECTIONS, Written, fill, registries, stored_in
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

    stack = KindsStack(emulator)
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


def _for_stack(resource: str, inputs: dict[str, Any]) -> Declared:
    """Return a declaration whose pins get the numbers that the provider has chosen for the groups of the program."""
    return _KINDS[resource], {name: _numbered(value) for name, value in inputs.items()}


def _numbered(value: Any) -> Any:
    if not (isinstance(value, list) and any(_is_open(item) for item in value)):
        return value

    def with_numbers(outputs: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[Any]:
        versions = {name: held["version"] for (kind, name), held in outputs.items() if kind in GROUPS}
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
