"""A program run without an engine, in a process of its own, and what it declares."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from pulumi_snowplow_signals.cli.project import Project, ProjectError
from pulumi_snowplow_signals.fields.unknown import UNKNOWN

_HOST: Final = "pulumi_snowplow_signals.cli.program_host"
_UNKNOWN_KEY: Final = "__signals_unknown__"
SECONDS: Final = 300
"""A program that takes longer waits for something that is not there."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Place(_Read):
    """A line of a file."""

    file: str
    line: int


class Declared(_Read):
    """A resource that a program declares, in the order in which it was registered."""

    type: str
    name: str
    inputs: dict[str, Any]
    place: Place | None = None

    @property
    def title(self) -> str:
        """The resource as messages name it."""
        return f'{self.type} "{self.name}"'

    @property
    def known(self) -> dict[str, Any]:
        """The inputs that the program declares, unknown values as `UNKNOWN`."""
        return {name: _value(value) for name, value in self.inputs.items()}


class Noted(_Read):
    """Faults that a constructor found."""

    resource: str
    faults: tuple[str, ...]
    place: Place | None = None


class NotChecked(_Read):
    """Something that nobody can tell before a deployment."""

    reason: str
    place: Place | None = None


class Crash(_Read):
    """What ended the program before its end."""

    text: str
    place: Place | None = None
    encrypted: bool = False
    calls: tuple[str, ...] = ()


class Run(_Read):
    """What a program declares, and what is wrong with it."""

    resources: tuple[Declared, ...] = ()
    faults: tuple[Noted, ...] = ()
    not_checked: tuple[NotChecked, ...] = Field(default=(), alias="notChecked")
    calls: tuple[str, ...] = ()
    crash: Crash | None = None


def run_program(project: Project) -> Run:
    """Run a program. Raise ProjectError if it cannot be run at all."""
    with tempfile.TemporaryDirectory(prefix="pulumi-signals-") as directory:
        report = Path(directory) / "report.json"
        settings = {
            "program": str(project.program),
            "root": str(project.root),
            "project": project.name,
            "stack": project.stack,
            "config": dict(project.config),
            "encrypted": sorted(project.encrypted),
            "report": str(report),
        }
        done = _call([project.interpreter, "-m", _HOST], json.dumps(settings), project)
        if not report.exists():
            raise ProjectError(
                f"the program ended its process (exit code {done.returncode}) before it could be looked at"
                f"{_tail(done.stderr)}"
            )
        return Run.model_validate_json(report.read_bytes())


def _call(command: Sequence[str], given: str, project: Project) -> subprocess.CompletedProcess[str]:
    # What a program must not do by itself here: reach an engine, or keep compiled files beside a checkout.
    own = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    environment = {
        **own,
        "PULUMI_PROJECT": project.name,
        "PULUMI_STACK": project.stack,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        return subprocess.run(  # noqa: S603  # the project's own interpreter
            command, input=f"{given}\n", capture_output=True, text=True, errors="replace", check=False,
            timeout=SECONDS, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ProjectError(f"the program did not end within {SECONDS} seconds") from None
    except OSError as why:
        raise ProjectError(f"{command[0]} cannot be started: {why}") from None


def _tail(text: str) -> str:
    lines = text.strip().splitlines()[-20:]
    return ":\n" + "\n".join(lines) if lines else ""


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return UNKNOWN if _UNKNOWN_KEY in value else {key: _value(item) for key, item in value.items()}
    return [_value(item) for item in value] if isinstance(value, list) else value
