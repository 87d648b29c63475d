"""A program that `pulumi-signals export` wrote takes a registry over and changes nothing in it, whatever it holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from command_line import Evaluator, run
from hypothesis import HealthCheck, given, settings
from registry_shapes import Registry, Version, fill, listed_by, registries
from stacks import Stack
from thorough import examples

from signals_local.emulator import Emulator

_RULES = ("--kind", "intervention")

_MANY = settings(
    max_examples=examples(80),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_MANY
@given(registry=registries)
def test_whatever_a_registry_holds(emulator: Emulator, evaluator: Evaluator, registry: Registry) -> None:
    """The first deployment only takes over and writes nothing, the second does nothing, a destroy leaves all as it was."""
    _demand_quiet(emulator, evaluator, registry, "expressions")


@pytest.mark.parametrize(
    "emulator",
    [
        {"list": "newest", "latest": "published"},
        {"list": "published", "extra-fields": "some"},
        {"answers": "normalised", "references-checked": "saving"},
    ],
    indirect=True,
    ids=str,
)
@settings(_MANY, max_examples=examples(16))
@given(registry=registries)
def test_whatever_is_not_known_of_the_service(
    emulator: Emulator, evaluator: Evaluator, registry: Registry
) -> None:
    """The same where the service lists or keeps things in another way, in the style of the official client."""
    _demand_quiet(emulator, evaluator, registry, "classes")


def _demand_quiet(emulator: Emulator, evaluator: Evaluator, registry: Registry, style: str) -> None:
    fill(emulator, registry)
    registry = _as_listed(emulator, registry)
    before = _stored(emulator)
    mark = emulator.mark()
    with TemporaryDirectory() as directory:
        output = Path(directory) / "program"
        result = run(emulator, "export", *_RULES, "--output", str(output), "--style", style)
        left_out = {
            line.split(":")[0].removeprefix("  intervention ")
            for line in result.err.splitlines()
            if line.startswith("  ")
        }
        assert result.code == (1 if left_out else 0 if registry else 2), result.err
        declared = {}
        assert output.exists() == bool(registry.keys() - left_out)
        if output.exists():
            _demand_formatted(output)
            declared = evaluator.declared_by(output)
    _demand_complete(registry, declared, left_out)

    stack = Stack(emulator)
    programs = list(declared.values())
    assert stack.preview(*programs) == dict.fromkeys(declared, "create")
    assert _taken_over(stack) == declared.keys()
    stack.up(*programs)
    assert stack.preview(*programs) == {}
    assert stack.refresh() == {}
    assert stack.preview(*programs) == {}
    stack.destroy()
    assert [each for each in emulator.requests(since=mark) if each["method"] != "GET"] == []
    assert _stored(emulator) == before


def _as_listed(emulator: Emulator, registry: Registry) -> Registry:
    """What an outsider can know of: a list of published versions shows no name of which nothing is live."""
    listed = {each["name"] for each in listed_by(emulator)}
    return {name: versions for name, versions in registry.items() if name in listed}


def _taken_over(stack: Stack) -> set[str]:
    return {remark.text.split(" ")[0] for remark in stack.said if "is taken over" in remark.text}


def _demand_complete(registry: Registry, declared: dict[str, Any], left_out: set[str]) -> None:
    """What can be taken over is declared, and all else is left out."""
    assert declared.keys() | left_out == registry.keys()
    assert not declared.keys() & left_out
    assert declared.keys() == {name for name, versions in registry.items() if _is_expressible(versions)}


def _is_expressible(versions: list[Version]) -> bool:
    live = [version for version in versions if version.fate == "live"]
    return len(live) < 2 and (live or versions)[-1].is_declarable


def _demand_formatted(output: Path) -> None:
    """A team's own formatter finds nothing to do, neither ruff nor black with their defaults."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def _stored(emulator: Emulator) -> Any:
    history = emulator.history()
    return {name: history[name] for name in ("versions", "names")}
