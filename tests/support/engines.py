"""Runs the world's program through either engine, and reports what happened in terms that can be compared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warm import warm_prefix

PROGRAM = Path(__file__).parent / "world"
PASSPHRASE = "a passphrase for tests"
PLACEHOLDER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# What the two need not agree about: times, places in source files, the default provider's entry.
_STATE_FIELDS = (
    "urn", "custom", "type", "id", "inputs", "outputs", "parent", "protect", "external", "delete", "dependencies",
    "propertyDependencies", "pendingReplacement", "additionalSecretOutputs", "aliases", "retainOnDelete", "deletedWith",
    "ignoreChanges", "replaceOnChanges",
)  # fmt: skip


@dataclass
class Outcome:
    """What a command did, as either engine tells it."""

    code: int
    document: dict[str, Any] = field(default_factory=dict)
    text: str = ""

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Operations and names, without what stayed the same, in the order told."""
        return [
            (step["op"], step["urn"].split("::")[-1])
            for step in self.document["steps"]
            if step["op"] != "same"
        ]

    @property
    def errors(self) -> list[str]:
        return [
            found["message"] for found in self.document.get("diagnostics", ()) if found["severity"] == "error"
        ]

    def inputs(self) -> dict[str, Any]:
        """For each step but `same` and `delete`: its new inputs."""
        return {
            f"{step['op']} {step['urn'].split('::')[-1]}": _clean(step["newState"].get("inputs", {}))
            for step in self.document["steps"]
            if step["op"] not in ("same", "delete", "refresh") and "newState" in step
        }


@dataclass
class Engine:
    """One engine with a world and a state of its own."""

    directory: Path
    program: Path = PROGRAM
    prefix: Path = field(default_factory=warm_prefix)
    """The virtual environment whose Python runs all that is Python."""

    name = ""

    def __post_init__(self) -> None:
        self.world = self.directory / "world"
        self.world.mkdir(parents=True)
        self.project = self.directory / "project"
        shutil.copytree(self.program, self.project, ignore=shutil.ignore_patterns("__pycache__"))
        settings = self.project / "Pulumi.yaml"
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(self.prefix)}}
        settings.write_text(
            settings.read_text().replace("runtime: python", f"runtime: {json.dumps(runtime)}")
        )
        (self.project / "Pulumi.dev.yaml").write_text(
            "config:\n  world:greeting: hello\n  other:object: {a: [1, x]}\n"
        )
        self.environment = {
            **os.environ,
            "WORLD": str(self.world),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.start()

    def start(self) -> None:
        """Create the stack, if that is a separate step."""

    def write(self, program: dict[str, Any]) -> None:
        """Write a program."""
        (self.world / "program.json").write_text(json.dumps(program))

    def calls(self) -> list[list[Any]]:
        """The provider's calls since the last time, sorted: the order among resources is nobody's promise."""
        file = self.world / "calls"
        if not file.exists():
            return []
        found = [json.loads(line) for line in file.read_text().splitlines()]
        file.unlink()
        return sorted(found, key=json.dumps)

    def things(self) -> dict[str, Any]:
        """Return what exists outside the state."""
        return {file.stem: json.loads(file.read_text()) for file in self.world.glob("*-*.json")}

    def command(self, *arguments: str, check: bool = False) -> subprocess.CompletedProcess[str]:
        """Run the engine's command."""
        return subprocess.run(
            [*self.executable, *arguments],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=check,
            timeout=300,
        )

    @property
    def executable(self) -> list[str]:
        raise NotImplementedError

    def preview(self, *arguments: str) -> Outcome:
        """Plan an `up`."""
        done = self.command("preview", "--json", *arguments)
        return Outcome(done.returncode, _document(done), done.stdout + done.stderr)

    def run(self, command: str, *arguments: str) -> Outcome:
        """Run `up`, `refresh` or `destroy` without a plan."""
        done = self.command(command, "--yes", "--skip-preview", *arguments)
        return Outcome(done.returncode, text=done.stdout + done.stderr)

    def state(self) -> list[dict[str, Any]]:
        """The state's resources with secrets in plain text and pending operations, sorted by URN and id."""
        done = (
            self.command("stack", "export", "--show-secrets", check=True)
            if self.name == "pulumi"
            else self.export()
        )
        return comparable(json.loads(done.stdout))

    def export(self) -> subprocess.CompletedProcess[str]:
        return self.command("export", "--show-secrets", check=True)


class Local(Engine):
    """The local engine."""

    name = "local"

    @property
    def executable(self) -> list[str]:
        return [str(self.prefix / "bin" / "python"), "-m", "signals_local.cli"]

    @property
    def killable(self) -> list[str]:
        """The same, as a process that signals and limits reach."""
        return [sys.executable, "-m", "signals_local.cli"]


class Pulumi(Engine):
    """The real one, with a home and a backend of its own."""

    name = "pulumi"

    def start(self) -> None:
        backend = self.directory / "backend"
        backend.mkdir()
        self.environment |= {
            "PULUMI_HOME": str(self.directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{backend}",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        self.command("stack", "init", "dev", check=True)

    @property
    def executable(self) -> list[str]:
        return ["pulumi", "--non-interactive"]


def pulumi_is_there() -> bool:
    """Return whether the real engine can be asked."""
    return shutil.which("pulumi") is not None


def comparable(deployment: dict[str, Any]) -> list[dict[str, Any]]:
    """A deployment's resources and pending operations as far as the two engines have to agree on them."""
    found = [
        {key: found for key in _STATE_FIELDS if (found := _normal(key, record.get(key)))}
        for record in deployment["deployment"].get("resources") or ()
        if not record["type"].startswith("pulumi:providers:")
    ]
    found += [
        {"urn": operation["resource"]["urn"], "pending": operation["type"]}
        for operation in deployment["deployment"].get("pending_operations") or ()
    ]
    return sorted(found, key=lambda record: (record["urn"], record.get("id", "")))


def _normal(key: str, value: Any) -> Any:
    if key == "dependencies" and value:
        return sorted(value)
    if key == "propertyDependencies" and value:
        # A refresh by the real engine takes out those without any; both mean the same.
        return {name: sorted(urns) for name, urns in value.items() if urns}
    return value


def _clean(inputs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key != "__provider"}


def _document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"steps": [], "diagnostics": [{"severity": "error", "message": done.stdout + done.stderr}]}
    document.setdefault("steps", [])
    return document
