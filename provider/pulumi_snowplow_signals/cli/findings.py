"""The findings about a program, and their formats for people, for GitHub and for other programs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pulumi_snowplow_signals.cli.program import Place
from pulumi_snowplow_signals.fields.text import printable

_FORMAT: Final = 1


@dataclass(frozen=True)
class Finding:
    """Something about a line of a program.

    Attributes:
        message: The message, with the path of the input.
        resource: The resource; empty if the finding is not about one.
        file: The file; empty if not known.
        line: The line; 0 if not known.
    """

    message: str
    resource: str = ""
    file: str = ""
    line: int = 0

    @classmethod
    def at(cls, place: Place | None, message: str, resource: str = "") -> Finding:
        """Return a finding, with its place in the program if known."""
        return cls(message, resource, place.file, place.line) if place else cls(message, resource)


@dataclass
class Validation:
    """The result of validating a program.

    Attributes:
        faults: What a deployment would refuse.
        warnings: What a deployment would warn of.
        not_checked: What cannot be known before a deployment.
        notes: What changes compared with another commit, and whom changed rules reach.
        checked: The number of checked resources.
    """

    faults: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    not_checked: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    checked: int = 0


def to_text(found: Validation) -> str:
    """Return findings as lines that begin with `path/file.py:LINE: `."""
    lines = [_format_line(finding, "") for finding in found.faults]
    lines += [_format_line(finding, "warning: ") for finding in found.warnings]
    lines += [_format_line(finding, "note: ") for finding in found.notes]
    lines += [_format_line(finding, "not checked: ") for finding in found.not_checked]
    return "".join(f"{line}\n" for line in (*lines, _count_all(found)))


def to_github(found: Validation) -> str:
    """Return findings as workflow commands, which GitHub shows beside their lines."""
    lines = [
        _format_command(name, finding)
        for name, findings in (
            ("error", found.faults),
            ("warning", found.warnings),
            ("notice", found.notes),
            ("notice", found.not_checked),
        )
        for finding in findings
    ]
    return "".join(f"{line}\n" for line in (*lines, _count_all(found)))


def to_json(found: Validation) -> str:
    """Return findings as JSON, in a format that is stable while `format` is 1."""
    document = {
        "format": _FORMAT,
        "checked": found.checked,
        "faults": [*map(_to_document, found.faults)],
        "warnings": [*map(_to_document, found.warnings)],
        "notes": [*map(_to_document, found.notes)],
        "notChecked": [*map(_to_document, found.not_checked)],
    }
    return json.dumps(document, indent=2) + "\n"


def _format_line(finding: Finding, label: str) -> str:
    first, *rest = [printable(line) for line in _join_message(finding).splitlines()]
    place = f"{printable(_relativize(finding.file))}:{finding.line}: " if finding.file else ""
    return "\n  ".join([f"{place}{label}{first}", *rest])


def _join_message(finding: Finding) -> str:
    return f"{finding.resource}: {finding.message}" if finding.resource else finding.message


def _count_all(found: Validation) -> str:
    return ", ".join(
        [
            _count(len(found.faults), "fault"),
            _count(len(found.warnings), "warning"),
            f"{_count(found.checked, 'resource')} checked",
            f"{len(found.not_checked)} not checked",
        ]
    )


def _count(count: int, noun: str) -> str:
    return f"{count} {noun if count == 1 else f'{noun}s'}"


def _format_command(name: str, finding: Finding) -> str:
    """Return a workflow command. A user's text must not end its line, or add a property to it."""
    properties = ",".join(f"{key}={_escape(value, ':,')}" for key, value in _list_properties(finding))
    message = "\n".join(printable(line) for line in _join_message(finding).splitlines())
    return f"::{name}{' ' if properties else ''}{properties}::{_escape(message)}"


def _list_properties(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.file:
        yield "file", _relativize(finding.file)
        if finding.line:
            yield "line", str(finding.line)


def _escape(text: str, more: str = "") -> str:
    for char in ("%", "\r", "\n", *more):
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def _to_document(finding: Finding) -> dict[str, Any]:
    return {
        "file": _relativize(finding.file) if finding.file else None,
        "line": finding.line or None,
        "resource": finding.resource or None,
        "message": finding.message,
    }


def _relativize(file: str) -> str:
    """Return a path relative to the current directory, with slashes on every system."""
    try:
        return Path(os.path.relpath(Path(file).resolve(), Path.cwd().resolve())).as_posix()
    except ValueError:  # on another drive
        return Path(file).as_posix()
