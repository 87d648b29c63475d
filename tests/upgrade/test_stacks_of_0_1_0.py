"""A stack that release 0.1.0 deployed sees no change from this release, on either engine.

README.md says where the fixtures come from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from harness import ENGINES, Engine, needs, settings_of
from plain_http import connect

from signals_local.emulator import Emulator, serve

STACKS = Path(__file__).parent / "stacks" / "0.1.0"
KINDS = ("attribute_keys", "attribute_groups", "interventions")
INTERVENTIONS = "/api/v1/registry/interventions/"

# 0.1.0 warns about these in every run: somebody else stored a newer version, and the program has not moved past it.
WARNED_ABOUT = {"everything": (), "configured": ("overtaken",)}

SAME_ENGINE = [(stack, engine, engine) for stack in WARNED_ABOUT for engine in ENGINES]
OTHER_ENGINE = [("everything", "local", "pulumi"), ("everything", "pulumi", "local")]


def as_parameters(cases: Iterable[tuple[str, str, str]]) -> list[Any]:
    """Build a test's parameters: the stack, the engine that deployed it and the one that has it now."""
    return [
        pytest.param(stack, writer, reader, id=f"{stack}, from {writer} to {reader}", marks=needs(reader))
        for stack, writer, reader in cases
    ]


class Upgraded:
    """A stack of 0.1.0 and its registry, imported into a project that runs this release."""

    def __init__(
        self, stack: str, writer: str, project: Engine, emulator: Emulator, registry: httpx.Client
    ) -> None:
        self.directory = STACKS / stack
        self._warned_about = WARNED_ABOUT[stack]
        self._project = project
        self._emulator = emulator
        self._registry = registry
        self._fill()
        (project.project / "__main__.py").write_text((self.directory / "program.py").read_text())
        config = self.directory / "config.json"
        if config.exists():
            project.configure(json.loads(config.read_text()))
        project.import_(json.loads((self.directory / f"state.{writer}.json").read_text()))

    def interventions(self) -> list[dict[str, Any]]:
        """Return every version of every intervention, as the registry answers."""
        found: list[dict[str, Any]] = self._ask("GET", "/interventions/")
        return sorted(found, key=lambda body: (body["name"], body["version"]))

    def assert_no_change(self, command: str) -> None:
        """Check that a command changes neither the stack nor the registry, and prints no new warning."""
        before, mark = self.interventions(), self._emulator.mark()
        outcome = self._project.run(command, environment={})
        assert outcome.succeeded, outcome.text[-3000:]
        # Every run repeats the look of a `.get`, which is no change.
        assert {name: step for name, step in outcome.operations.items() if step != "read"} == {}
        warnings = [found.text for found in outcome.of("warning")]
        assert [text for text in warnings if not any(name in text for name in self._warned_about)] == []
        assert self._writes(mark) == []
        assert self.interventions() == before

    def assert_destroyed(self) -> None:
        """Check that a destroy takes down what each `on_destroy` says, and changes and pushes nothing else."""
        before, mark = self.interventions(), self._emulator.mark()
        outcome = self._project.run("destroy", environment={})
        assert outcome.succeeded, outcome.text[-3000:]
        after = self.interventions()
        left: dict[str, dict[str, bool]] = {}
        for body in after:
            left.setdefault(body["name"], {})[str(body["version"])] = body["is_published"]
        assert left == json.loads((self.directory / "after_destroy.json").read_text())
        contents = [without_liveness(body) for body in before]
        assert [body for body in after if without_liveness(body) not in contents] == []
        assert [path for path in self._writes(mark) if not path.startswith(INTERVENTIONS)] == []
        assert [urn for urn in self._urns() if "pulumi-python:dynamic" in urn] == []

    def _urns(self) -> list[str]:
        return [found["urn"] for found in self._project.exported()["deployment"].get("resources", [])]

    def _writes(self, mark: int) -> list[str]:
        return [found["path"] for found in self._emulator.requests(since=mark) if found["method"] != "GET"]

    def _fill(self) -> None:
        registry = json.loads((self.directory / "registry.json").read_text())
        for kind in KINDS:
            for body in registry[kind]:
                self._ask("POST", f"/{kind}/", body)
        assert self.interventions() != []

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        response = self._registry.request(method, path, json=body)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()


def without_liveness(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a version's body without the flag that says whether it is live."""
    return {name: value for name, value in body.items() if name != "is_published"}


@pytest.fixture
def upgraded(stack: str, writer: str, reader: str, tmp_path: Path) -> Iterator[Upgraded]:
    """A stack that one engine deployed under 0.1.0, imported into an engine that runs this release."""
    with (
        serve() as emulator,
        connect(f"{emulator.url}/api/v1/registry", emulator.token) as registry,
    ):
        project = ENGINES[reader](tmp_path, settings_of(emulator))
        yield Upgraded(stack, writer, project, emulator, registry)


@pytest.mark.parametrize(("stack", "writer", "reader"), as_parameters([*SAME_ENGINE, *OTHER_ENGINE]))
def test_a_deployed_stack_sees_no_change(upgraded: Upgraded) -> None:
    """With the same program, preview, `up` and refresh change nothing, and a destroy takes the stack down."""
    upgraded.assert_no_change("preview")
    upgraded.assert_no_change("up")
    upgraded.assert_no_change("refresh")
    upgraded.assert_destroyed()


@pytest.mark.parametrize(("stack", "writer", "reader"), as_parameters(SAME_ENGINE))
def test_a_state_alone_is_enough(upgraded: Upgraded) -> None:
    """A refresh and a destroy need no `up` of this release first: they work on what 0.1.0 recorded."""
    upgraded.assert_no_change("refresh")
    upgraded.assert_destroyed()
