"""Read Pulumi.yaml and Pulumi.<stack>.yaml: where the program is, which interpreter runs it, and the stack's configuration.

Configuration is plain text here. The real command would decrypt a `secure:` value; this engine refuses it and says where
credentials come from instead.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from signals_local.engine.errors import Refused, UsageError, reason
from signals_local.engine.model import Home
from signals_local.engine.settings import ProjectFile, StackFile, read_yaml
from signals_local.engine.validation import Stored, first_fault

_NAME: Final = re.compile(r"(?!\.+$)[A-Za-z0-9_.-]{1,100}")
_SUFFIXES: Final = (".yaml", ".yml", ".json")
_Form = TypeVar("_Form", bound=Stored)


@dataclass(frozen=True)
class Project:
    """A project and one of its stacks, as read from the files."""

    name: str
    stack: str
    root: Path
    program: Path
    interpreter: str
    config: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Home:
        """The stack and project in the URNs of its resources."""
        return Home(self.stack, self.name)

    @property
    def program_directory(self) -> Path:
        """The directory in which the program and its providers run."""
        return self.program if self.program.is_dir() else self.program.parent


def load_project(directory: Path, stack: str) -> Project:
    """Read the project in this directory or the nearest one above it.

    Raises:
        UsageError: There is no project, or a file is invalid.
        Refused: It is not a Python project, or uses secrets in configuration, environments or its own backend.
    """
    _demand_name(stack, "stack")
    try:
        file = _find(Path(os.path.realpath(directory)))
        settings = _parse(file, ProjectFile)
        _demand_name(settings.name, f"project ({file})")
        root = file.parent
        return Project(
            name=settings.name,
            stack=stack,
            root=root,
            program=_find_program(settings, root, file),
            interpreter=_find_interpreter(settings, root, file),
            config={**_read_project_values(settings), **_read_stack_values(settings, root, stack)},
        )
    except OSError as fault:
        raise UsageError(f"the project in {directory} cannot be read: {reason(fault)}") from None


def _demand_name(name: str, what: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of a {what}: up to 100 letters, digits, '-', '_' and '.' are allowed, and not"
            " dots alone"
        )


def _find(directory: Path) -> Path:
    for place in (directory, *directory.parents):
        for suffix in _SUFFIXES:
            if (file := place / f"Pulumi{suffix}").is_file():
                return file
    raise UsageError(
        f"there is no Pulumi.yaml in {directory} or above it: go to the project, or name it with --cwd"
    )


def _parse(file: Path, form: type[_Form]) -> _Form:
    try:
        return form.model_validate(read_yaml(file))
    except ValidationError as fault:
        raise UsageError(f"{file}: {first_fault(fault)}") from None


def _find_program(settings: ProjectFile, root: Path, file: Path) -> Path:
    if settings.runtime.name != "python":
        raise Refused(f"programs of the runtime {settings.runtime.name!r} (only python)")
    program = Path(os.path.realpath(root / settings.main))
    main = program / "__main__.py" if program.is_dir() else program
    if not main.is_file():
        raise UsageError(f"there is no program at {main}; {file} says where it is with `main:`")
    return program


def _find_interpreter(settings: ProjectFile, root: Path, file: Path) -> str:
    """Return the interpreter of the project's virtual environment, or the current one if the project names none."""
    if not (virtualenv := settings.runtime.options.virtualenv):
        return sys.executable
    scripts = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    interpreter = root / virtualenv / scripts
    if not interpreter.is_file():
        raise UsageError(
            f"{file} asks for the virtual environment {virtualenv!r}, and there is no {interpreter}."
            f" Make it with: python -m venv {root / virtualenv}"
        )
    # Do not resolve the link: Python finds the environment by its location.
    return str(interpreter)


def _read_project_values(settings: ProjectFile) -> dict[str, str]:
    """Return the configuration values in the project file, given directly or as the `value` or `default` of a declaration."""
    given = (
        (key, entry.get("value", entry.get("default")) if isinstance(entry, dict) else entry)
        for key, entry in settings.config.items()
    )
    return {_qualify(key, settings.name): _to_plain(key, value) for key, value in given if value is not None}


def _read_stack_values(settings: ProjectFile, root: Path, stack: str) -> dict[str, str]:
    directory = root / settings.stack_config_dir
    for suffix in _SUFFIXES:
        if (file := directory / f"Pulumi.{stack}{suffix}").is_file():
            own = _parse(file, StackFile)
            if own.environment:
                raise Refused(f"environments (`environment:` in {file.name})")
            return {_qualify(key, settings.name): _to_plain(key, value) for key, value in own.config.items()}
    return {}


def _qualify(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _to_plain(key: str, value: Any) -> str:
    """Return a value as Pulumi passes it to programs: a string as it is, anything else as JSON."""
    if any(set(part) == {"secure"} for part in _yield_maps(value)):
        what = "is a secret" if isinstance(value, dict) and set(value) == {"secure"} else "holds a secret"
        raise UsageError(
            f"{key} {what} in the stack's configuration, which the local engine does not decrypt: here credentials come"
            " from environment variables. Take it out of this stack's file, or deploy with the `pulumi` command"
        )
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise UsageError(f"{key} is or holds a number that JSON cannot express; write it in quotes") from None


def _yield_maps(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _yield_maps(inner)
