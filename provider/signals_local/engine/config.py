"""Reads Pulumi.yaml and Pulumi.<stack>.yaml: where the program is, who runs it, and the stack's configuration.

Configuration is plain here. Where the real command would decrypt a `secure:` value, this engine refuses it and says where
credentials come from instead.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from signals_local.engine.errors import Refused, UsageError

_STACK_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_SUFFIXES: Final = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Project:
    """A project and one of its stacks, as the files say."""

    name: str
    stack: str
    root: Path
    program: Path
    interpreter: str
    config: Mapping[str, str] = field(default_factory=dict)

    @property
    def program_directory(self) -> Path:
        """Where the program and its providers run."""
        return self.program if self.program.is_dir() else self.program.parent


def load_project(directory: Path, stack: str) -> Project:
    """Read the project in this directory or the nearest one above it.

    Raises:
        UsageError: if there is none, or a file cannot be followed.
        Refused: if it is no Python project, or uses secrets in configuration, environments or a backend of its own.
    """
    if not _STACK_NAME.fullmatch(stack):
        raise UsageError(f"{stack!r} is no stack name: letters, digits, '-', '_' and '.' are allowed")
    file = _find(directory.resolve())
    settings = _read(file)
    name = settings.get("name")
    if not isinstance(name, str) or not name:
        raise UsageError(f"{file} names no project: add `name: ...`")
    root = file.parent
    return Project(
        name=name,
        stack=stack,
        root=root,
        program=_program(settings, root, file),
        interpreter=_interpreter(settings, root, file),
        config=_config(settings, root, name, stack),
    )


def _find(directory: Path) -> Path:
    for place in (directory, *directory.parents):
        for suffix in _SUFFIXES:
            if (file := place / f"Pulumi{suffix}").is_file():
                return file
    raise UsageError(f"no Pulumi.yaml in {directory} or above it: go to the project, or name it with --cwd")


def _read(file: Path) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 -- the hosts are started as soon as this is read

    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as fault:
        raise UsageError(f"{file} cannot be read: {fault.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise UsageError(f"{file} is no YAML: {fault}") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UsageError(f"{file} must hold a mapping, not a {type(found).__name__}")
    return found


def _runtime(settings: Mapping[str, Any], file: Path) -> tuple[str, Mapping[str, Any]]:
    runtime = settings.get("runtime")
    if isinstance(runtime, str):
        return runtime, {}
    if isinstance(runtime, dict) and isinstance(runtime.get("name"), str):
        return runtime["name"], runtime.get("options") or {}
    raise UsageError(f"{file} names no runtime: add `runtime: python`")


def _program(settings: Mapping[str, Any], root: Path, file: Path) -> Path:
    name, _ = _runtime(settings, file)
    if name != "python":
        raise Refused(f"programs of the runtime {name!r} (only python)")
    program = (root / str(settings.get("main") or ".")).resolve()
    main = program / "__main__.py" if program.is_dir() else program
    if not main.is_file():
        raise UsageError(f"there is no program at {main}; {file} says where it is with `main:`")
    return program


def _interpreter(settings: Mapping[str, Any], root: Path, file: Path) -> str:
    """Return the virtual environment's interpreter where the project names one, else the one that runs the engine."""
    _, options = _runtime(settings, file)
    if not (virtualenv := options.get("virtualenv")):
        return sys.executable
    scripts = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    interpreter = root / str(virtualenv) / scripts
    if not interpreter.is_file():
        raise UsageError(
            f"{file} asks for the virtual environment {virtualenv!r}, and there is no {interpreter}."
            f" Make it with: python -m venv {root / str(virtualenv)}"
        )
    # Not resolved: an environment is recognised by the link's own place.
    return str(interpreter)


def _config(settings: Mapping[str, Any], root: Path, project: str, stack: str) -> dict[str, str]:
    found: dict[str, str] = {}
    declared = settings.get("config")
    for key, entry in declared.items() if isinstance(declared, dict) else ():
        full = key if ":" in key else f"{project}:{key}"
        if not isinstance(entry, dict):
            found[full] = _text(entry)
        elif "value" in entry:
            found[full] = _plain(full, entry["value"])
        elif "default" in entry:
            found[full] = _plain(full, entry["default"])
    directory = root / str(settings.get("stackConfigDir") or ".")
    for suffix in _SUFFIXES:
        if not (file := directory / f"Pulumi.{stack}{suffix}").is_file():
            continue
        own = _read(file)
        if own.get("environment"):
            raise Refused(f"environments (`environment:` in {file.name})")
        for key, value in (own.get("config") or {}).items():
            found[key if ":" in key else f"{project}:{key}"] = _plain(key, value)
        break
    return found


def _plain(key: str, value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"secure"}:
        raise UsageError(
            f"{key} is a secret in the stack's configuration, which the local engine does not decrypt: here credentials"
            " come from environment variables. Take it out of this stack's file, or deploy with the `pulumi` command"
        )
    if isinstance(value, dict | list) and _has_secure(value):
        raise UsageError(
            f"{key} holds a secret in the stack's configuration, which the local engine does not decrypt: here"
            " credentials come from environment variables. Take it out, or deploy with the `pulumi` command"
        )
    return _text(value)


def _has_secure(value: Any) -> bool:
    if isinstance(value, dict):
        return set(value) == {"secure"} or any(map(_has_secure, value.values()))
    return isinstance(value, list) and any(map(_has_secure, value))


def _text(value: Any) -> str:
    """Return a value as Pulumi hands it to programs: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
