"""Runs a program without an engine, in its own process, and returns what it declares."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from pulumi_snowplow_signals.cli.project import Project, ProjectError
from pulumi_snowplow_signals.fields.unknown import UNKNOWN

_HOST: Final = "pulumi_snowplow_signals.cli.program_host"
_PACKAGE: Final = "pulumi_snowplow_signals"
_UNKNOWN_KEY: Final = "__signals_unknown__"
SECONDS: Final = 300
"""A program that takes longer is probably waiting for something that does not exist here."""
_MOST_TOLD: Final = 20_000
_FRAME: Final = re.compile(r'^  File "(.*)", line (\d+)', re.MULTILINE)


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Place(_Read):
    """A line of a file."""

    file: str
    line: int


class Declared(_Read):
    """A resource that a program declares.

    Attributes:
        type: The last part of its type, which may come from a class of the program.
        kind: The class of this package that constructs it.
        name: Its logical name.
        inputs: The declared inputs.
        place: Where it is declared.
    """

    type: str
    kind: str
    name: str
    inputs: dict[str, Any]
    place: Place | None = None

    @property
    def title(self) -> str:
        """Its type and logical name, for messages."""
        return f'{self.type} "{self.name}"'

    @property
    def known(self) -> dict[str, Any]:
        """The declared inputs, with unknown values as `UNKNOWN`."""
        return {name: _parse_value(value) for name, value in self.inputs.items()}


class Noted(_Read):
    """Faults that a constructor found."""

    resource: str
    faults: tuple[str, ...]
    place: Place | None = None


class Warned(_Read):
    """A doubt that a constructor has."""

    resource: str
    reason: str
    place: Place | None = None


class NotChecked(_Read):
    """Something that cannot be known before a deployment."""

    reason: str
    place: Place | None = None


class Crash(_Read):
    """The exception that ended the program early."""

    text: str
    place: Place | None = None
    encrypted: bool = False
    calls: tuple[str, ...] = ()


class Run(_Read):
    """What a program declares, in order of registration, and its faults."""

    resources: tuple[Declared, ...] = ()
    faults: tuple[Noted, ...] = ()
    warnings: tuple[Warned, ...] = ()
    not_checked: tuple[NotChecked, ...] = Field(default=(), alias="notChecked")
    calls: tuple[str, ...] = ()
    crash: Crash | None = None


def run_program(project: Project, seconds: int = SECONDS) -> Run:
    """Run a program for at most some seconds. Raise ProjectError if it cannot be run, or does not end."""
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
            "seconds": seconds,
        }
        given = Path(directory) / "given.json"
        given.write_text(json.dumps(settings), encoding="utf-8")
        code, told = _call([project.interpreter, "-m", _HOST, str(given)], project, Path(directory), seconds)
        if not report.exists():
            if f"No module named {_PACKAGE}" in told.replace("'", ""):
                raise ProjectError(
                    f"{project.interpreter} does not have pulumi-snowplow-signals, or has a release without this command. "
                    f"Install the same release there: {project.interpreter} -m pip install --upgrade pulumi-snowplow-signals"
                )
            raise ProjectError(
                f"the program ended its process (exit code {code}) before it could be checked{_show_tail(told)}"
            )
        return Run.model_validate_json(report.read_bytes())


def _call(command: Sequence[str], project: Project, directory: Path, seconds: int) -> tuple[int, str]:
    """Run a command; return its exit code and the end of its standard error.

    Standard error goes to a file, because processes that the program leaves running would keep a pipe open. Standard output
    is discarded.
    """
    # The program must not reach an engine, or write compiled files beside a checkout.
    own = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    environment = {
        **own,
        "PULUMI_PROJECT": project.name,
        "PULUMI_STACK": project.stack,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    told = directory / "stderr"
    try:
        with told.open("wb") as stderr:
            running = subprocess.Popen(  # noqa: S603  # the project's own interpreter
                command, cwd=_directory_of(project.program), env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr,
            )  # fmt: skip
    except OSError as why:
        raise ProjectError(f"{command[0]} cannot be started: {why}") from None
    try:
        code = running.wait(seconds + _GRACE)
    except subprocess.TimeoutExpired:
        where = _find_place(_read_end(told), project)
        raise ProjectError(
            f"the program did not end within {seconds} seconds{where}. Allow it more with --timeout"
        ) from None
    finally:
        _end(running)
    return code, _read_end(told)


_GRACE: Final = 2
"""Seconds in which the host reports where the program is, before the process is killed."""


def _end(running: subprocess.Popen[bytes]) -> None:
    """Kill a process, and those that it has left running."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(running.pid, signal.SIGKILL)
    else:
        running.kill()
    running.wait()


def _directory_of(program: Path) -> Path:
    return program if program.is_dir() else program.parent


def _read_end(file: Path) -> str:
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - _MOST_TOLD))
        return stream.read().decode(errors="replace")


def _find_place(told: str, project: Project) -> str:
    """Return where a program is, from the frames that its host printed, innermost first."""
    for file, line in _FRAME.findall(told):
        if _directory_of(project.program) in Path(file).parents:
            return f"; it is at {file}:{line}"
    return ""


def _show_tail(text: str) -> str:
    lines = text.strip().splitlines()[-20:]
    return ":\n" + "\n".join(lines) if lines else ""


def _parse_value(value: Any) -> Any:
    if isinstance(value, dict):
        return UNKNOWN if _UNKNOWN_KEY in value else {key: _parse_value(item) for key, item in value.items()}
    return [_parse_value(item) for item in value] if isinstance(value, list) else value
