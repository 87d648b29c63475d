"""The two engines, each with a project, a state and a home of its own below one directory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from warm import warm_prefix, warm_python

from harness.outcome import Outcome, from_document, from_events
from harness.programs import EPILOGUE, PRELUDE

_SECONDS = 300
_STACK = "dev"
_PASSPHRASE = "for-tests"
# Of the user's own, nothing gets through: no login, no settings of Signals, no debugging.
_FOREIGN = ("PULUMI_", "SNOWPLOW_", "BDP_", "PYTHONDONTWRITEBYTECODE")


class Engine(ABC):
    """A project and an engine to deploy it with."""

    name: str
    _exporting: Sequence[str]
    _importing: Sequence[str]

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self.directory = directory
        self.project = directory / "project"
        self.project.mkdir(parents=True)
        self._set_interpreter(warm_prefix())
        own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        self._environment = {
            **own,
            "PULUMI_CONFIG_PASSPHRASE": _PASSPHRASE,
            "NO_COLOR": "1",
            **environment,
        }

    def _set_interpreter(self, prefix: Path) -> None:
        settings = {
            "name": "interventions",
            "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(prefix)}},
        }
        (self.project / "Pulumi.yaml").write_text(yaml.safe_dump(settings))

    def start_cold(self) -> None:
        """Run programs in an interpreter of their own: the real engine prints what it finds odd about a warm one."""
        self._set_interpreter(Path(sys.prefix))

    def write(self, program: str) -> None:
        """Write a program into the project."""
        (self.project / "__main__.py").write_text(PRELUDE + program + EPILOGUE)

    def configure(self, config: Mapping[str, str]) -> None:
        """Set the stack's config, keys without their namespace."""
        file = self.project / f"Pulumi.{_STACK}.yaml"
        settings = yaml.safe_load(file.read_text()) if file.exists() else {}
        settings["config"] = {f"signals:{name}": value for name, value in config.items()}
        file.write_text(yaml.safe_dump(settings))

    def run(self, command: str, *options: str, environment: Mapping[str, str]) -> Outcome:
        """Run a command, and read what it did."""
        done = self.call(*self.unasked(command), *self._reporting, *options, environment=environment)
        return self._outcome(done)

    def show(self, command: str, *options: str, environment: Mapping[str, str]) -> Outcome:
        """Run a command for the text that a person gets."""
        done = self.call(*self.unasked(command), *options, environment=environment)
        return Outcome(done.returncode == 0, done.stdout + done.stderr)

    def begin(
        self, command: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Begin a command that changes things, and do not wait for it. Nobody reads what it prints."""
        return subprocess.Popen(
            [*self._killable, *self.unasked(command), *options],
            cwd=self.project,
            env={**self._environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @abstractmethod
    def recover(self) -> None:
        """Do what a person has to do after a command was killed, before the next one."""

    def exported(self, *, show_secrets: bool = False, environment: Mapping[str, str] | None = None) -> Any:
        """Return the stack's state as it is kept, or with its secrets readable."""
        options = ("--show-secrets",) if show_secrets else ()
        done = self.call(*self._exporting, *options, environment=environment)
        done.check_returncode()
        return json.loads(done.stdout)

    def import_(self, state: Any) -> None:
        """Put a state in place of the stack's."""
        file = self.directory / "state.json"
        file.write_text(json.dumps(state))
        self.call(*self._importing, str(file)).check_returncode()

    @staticmethod
    def unasked(command: str) -> Sequence[str]:
        """Return a command that runs without asking. A preview never asks."""
        return (command,) if command == "preview" else (command, "--yes", "--skip-preview")

    @staticmethod
    def is_there() -> bool:
        """Return whether the engine can be run on this machine."""
        return True

    def call(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Call the engine with these arguments and no others."""
        return subprocess.run(
            [*self._executable, *arguments],
            cwd=self.project,
            env={**self._environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    @property
    @abstractmethod
    def _executable(self) -> Sequence[str]: ...

    @property
    def _killable(self) -> Sequence[str]:
        """The same, as a process whose children are those that it starts."""
        return self._executable

    @property
    @abstractmethod
    def _reporting(self) -> Sequence[str]:
        """The options that make a command tell what it does to a machine."""

    @abstractmethod
    def _outcome(self, done: subprocess.CompletedProcess[str]) -> Outcome: ...


class LocalEngine(Engine):
    """The one in this repository."""

    name = "local"
    _reporting = ("--json",)
    _exporting = ("export",)
    _importing = ("import",)

    @property
    def _executable(self) -> Sequence[str]:
        return (warm_python(), "-m", "signals_local.cli")

    @property
    def _killable(self) -> Sequence[str]:
        return (sys.executable, "-m", "signals_local.cli")

    def recover(self) -> None:
        """Do nothing: the lock of a process that is gone is none."""

    def _outcome(self, done: subprocess.CompletedProcess[str]) -> Outcome:
        return from_document(done.returncode == 0, done.stdout, done.stderr)


class PulumiEngine(Engine):
    """The real one."""

    name = "pulumi"
    _executable = ("pulumi", "--non-interactive", "--color", "never")
    _reporting = ("--json", "--skip-plugin-pre-install")
    _exporting = ("stack", "export")
    _importing = ("stack", "import", "--file")

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        backend = directory / "backend"
        backend.mkdir(parents=True)
        own = {
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": backend.as_uri(),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Python keeps a compiled program, and tells by size and second whether it is another by now.
            "PYTHONDONTWRITEBYTECODE": "1",
            # The events of an `up`, for a preview too.
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
        }
        super().__init__(directory, {**own, **environment})
        self.call("stack", "init", _STACK).check_returncode()

    def recover(self) -> None:
        """Release the lock of the command that was killed."""
        self.call("cancel", "--yes").check_returncode()

    @staticmethod
    def is_there() -> bool:
        """Return whether the command is on PATH."""
        return shutil.which("pulumi") is not None

    def _outcome(self, done: subprocess.CompletedProcess[str]) -> Outcome:
        return from_events(done.returncode == 0, done.stdout, done.stderr)


ENGINES: dict[str, type[Engine]] = {engine.name: engine for engine in (LocalEngine, PulumiEngine)}


def needs(name: str) -> pytest.MarkDecorator:
    """Return the mark of what needs an engine: where that is not there, it is skipped."""
    return pytest.mark.skipif(
        not ENGINES[name].is_there(), reason="the real engine, `pulumi`, is not on PATH"
    )


ON_BOTH = [pytest.param(name, id=name, marks=needs(name)) for name in ENGINES]
"""The names of the engines, as what a test or a fixture is parametrised with."""
