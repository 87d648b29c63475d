"""Reads a project's files: its program, its interpreter, and the configuration of a stack.

The format of the files is Pulumi's (project and stack settings file reference, and as seen with Pulumi 3.260).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

_SUFFIXES: Final = (".yaml", ".yml", ".json")
_NO_STACK: Final = "validate"
"""What `pulumi.get_stack()` returns if no stack is named."""


class ProjectError(Exception):
    """A project cannot be run. The message says why, and what to write."""


@dataclass(frozen=True)
class Project:
    """A project, and one of its stacks.

    Attributes:
        name: The project's name.
        stack: The stack's name.
        root: The directory of its Pulumi.yaml.
        program: The program: a file, or a directory with a `__main__.py`.
        interpreter: The Python that runs it.
        config: The known configuration, by full key.
        encrypted: The keys whose values cannot be read here.
        stack_file: The file with the stack's configuration.
    """

    name: str
    stack: str
    root: Path
    program: Path
    interpreter: str
    config: Mapping[str, str] = field(default_factory=dict)
    encrypted: frozenset[str] = frozenset()
    stack_file: Path | None = None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Options(_File):
    virtualenv: str | None = None


class _Runtime(_File):
    name: str
    options: _Options = _Options()


def _expand_runtime(found: Any) -> Any:
    return {"name": found} if isinstance(found, str) else found


class _ProjectFile(_File):
    name: str
    runtime: Annotated[_Runtime, BeforeValidator(_expand_runtime)]
    main: str = "."
    stack_config_dir: str = Field(default=".", alias="stackConfigDir")
    config: dict[str, Any] | None = None


class _StackFile(_File):
    config: dict[str, Any] | None = None


def load_project(directory: Path, stack: str | None, interpreter: str | None = None) -> Project:
    """Read the project in a directory, or in the nearest one above it.

    Args:
        directory: Where to look.
        stack: The stack whose configuration to use; None to use only the defaults in the project file.
        interpreter: The Python that runs the program; None for the one that the project names.

    Raises:
        ProjectError: There is no project, or it cannot be run.
    """
    file = _find(directory.resolve())
    settings, root = _read(file, _ProjectFile), file.parent
    if settings.runtime.name != "python":
        raise ProjectError(
            f'{file}: the runtime is "{settings.runtime.name}"; only python programs can be checked'
        )
    program = (root / settings.main).resolve()
    if not (program / "__main__.py" if program.is_dir() else program).is_file():
        raise ProjectError(f"{file}: there is no program at {program}. Set `main:` to where it is")
    stack_file = _find_stack_file(root / settings.stack_config_dir, stack) if stack else None
    own = (_read(stack_file, _StackFile).config or {}) if stack_file else {}
    given = {**_read_defaults(settings.config or {}), **own}
    full = {key if ":" in key else f"{settings.name}:{key}": value for key, value in given.items()}
    encrypted = frozenset(key for key, value in full.items() if _holds_secure(value))
    return Project(
        name=settings.name,
        stack=stack or _NO_STACK,
        root=root,
        program=program,
        interpreter=interpreter or _find_interpreter(root, settings.runtime.options.virtualenv),
        config={key: _as_text(value) for key, value in full.items() if key not in encrypted},
        encrypted=encrypted,
        stack_file=stack_file,
    )


def _find(directory: Path) -> Path:
    for place in (directory, *directory.parents):
        for suffix in _SUFFIXES:
            file = place / f"Pulumi{suffix}"
            if file.is_file():
                return file
    raise ProjectError(
        f"there is no Pulumi.yaml in {directory} or above it. Change to the project's directory, or name it with --cwd"
    )


def _read(file: Path, model: type[Any]) -> Any:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
        return model.model_validate({} if found is None else found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise ProjectError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except yaml.MarkedYAMLError as fault:
        line = f", line {fault.problem_mark.line + 1}" if fault.problem_mark else ""
        raise ProjectError(f"{file}{line}: {fault.problem}") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as why:
        raise ProjectError(f"{file} cannot be read: {why}") from None


def _find_stack_file(directory: Path, stack: str) -> Path:
    for suffix in _SUFFIXES:
        file = directory / f"Pulumi.{stack}{suffix}"
        if file.is_file():
            return file
    there = sorted(
        file.name.split(".")[1] for file in directory.glob("Pulumi.*.*") if file.suffix in _SUFFIXES
    )
    others = f". Stacks there: {', '.join(there)}" if there else ""
    raise ProjectError(
        f"there is no Pulumi.{stack}.yaml in {directory}{others}. Leave out --stack to use only the defaults in Pulumi.yaml"
    )


def _read_defaults(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the project file sets, directly or as the value or default of a declaration."""
    given = {
        key: entry.get("value", entry.get("default")) if isinstance(entry, Mapping) else entry
        for key, entry in config.items()
    }
    return {key: value for key, value in given.items() if value is not None}


def _holds_secure(value: Any) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"secure"} or any(_holds_secure(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secure(item) for item in value)


def _as_text(value: Any) -> str:
    """Return a value as Pulumi passes it to programs: a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), default=str)


def _find_interpreter(root: Path, virtualenv: str | None) -> str:
    if not virtualenv:
        return sys.executable
    interpreter = root / virtualenv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not interpreter.is_file():
        raise ProjectError(
            f"the project uses the virtual environment {virtualenv}, but there is no {interpreter}. "
            "Create it, or remove `virtualenv` from Pulumi.yaml to run the program with this command's interpreter"
        )
    return str(interpreter)  # not resolved: Python finds the environment by the path of the link
