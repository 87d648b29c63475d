"""What a command of an engine did, in terms that are the same for both engines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_STACK = "pulumi:pulumi:Stack"
_PROVIDERS = "pulumi:providers:"


@dataclass(frozen=True)
class Step:
    """An operation on one resource, with its inputs before and after it."""

    operation: str
    name: str
    old: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)

    def changed_inputs(self) -> dict[str, tuple[Any, Any]]:
        """Return old and new value of the inputs that differ, but for those that no engine shows."""
        names = {name for name in {*self.old, *self.new} if not name.startswith("__")}
        return {
            name: (self.old.get(name), self.new.get(name))
            for name in sorted(names)
            if self.old.get(name) != self.new.get(name)
        }


@dataclass(frozen=True)
class Message:
    """A line of the diagnostics, of the resource of this logical name, or of the run as a whole where that is empty."""

    severity: str
    text: str
    name: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a command did. `text` is all that it printed."""

    succeeded: bool
    text: str
    steps: tuple[Step, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def operations(self) -> dict[str, str]:
        """Return the operation on each resource that changed; the three steps of a replacement are one."""
        found: dict[str, str] = {}
        for step in self.steps:
            if step.operation == "same":
                continue
            replaced = step.operation in ("replace", "create-replacement", "delete-replaced")
            found[step.name] = "replace" if replaced else step.operation
        return found

    def of(self, *severities: str) -> list[Message]:
        """Return the messages of these severities."""
        return [message for message in self.messages if message.severity in severities]


def from_document(succeeded: bool, stdout: str, stderr: str) -> Outcome:  # noqa: FBT001  # a value, not a switch
    """Read the one document that the local engine prints."""
    try:
        document = json.loads(stdout)
    except ValueError:
        return Outcome(succeeded, stdout + stderr)
    steps = [
        (
            step.get("outcome") or step["op"],
            step["urn"],
            step.get("oldState") or {},
            step.get("newState") or {},
        )
        for step in document.get("steps") or ()
    ]
    messages = [
        (found["severity"], found["message"], found.get("urn", ""))
        for found in document.get("diagnostics") or ()
    ]
    return Outcome(succeeded, stdout + stderr, _steps(steps), _messages(messages))


def from_events(succeeded: bool, stdout: str, stderr: str) -> Outcome:  # noqa: FBT001
    """Read the events that the real engine prints, a line each."""
    steps, messages = [], []
    for line in stdout.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            messages.append(("error" if line.startswith("error: ") else "info", line, ""))
            continue
        if "resOutputsEvent" in event:
            done = event["resOutputsEvent"]["metadata"]
            steps.append((done["op"], done["urn"], done["old"] or {}, done["new"] or {}))
        elif "diagnosticEvent" in event:
            found = event["diagnosticEvent"]
            messages.append((found["severity"], found["message"], found.get("urn", "")))
    messages += [("error", line, "") for line in stderr.splitlines() if line.startswith("error: ")]
    return Outcome(succeeded, stdout + stderr, _steps(steps), _messages(messages))


def _steps(found: Iterable[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]) -> tuple[Step, ...]:
    return tuple(
        Step(operation, urn.rpartition("::")[2], old.get("inputs") or {}, new.get("inputs") or {})
        for operation, urn, old, new in found
        if f"::{_STACK}::" not in urn and f"::{_PROVIDERS}" not in urn
    )


def _messages(found: Iterable[tuple[str, str, str]]) -> tuple[Message, ...]:
    return tuple(
        Message(severity, text.strip(), "" if _STACK in urn else urn.rpartition("::")[2])
        for severity, text, urn in found
        if severity != "debug"
    )
