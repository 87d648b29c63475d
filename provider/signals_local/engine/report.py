"""A live record of a run: steps, diagnostics and outputs. Many threads write it, and `render` shows it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from signals_local.engine.errors import EngineError, Stopped
from signals_local.engine.model import Op, Resource, Step
from signals_local.engine.values import Properties

Severity = Literal["debug", "info", "info#err", "warning", "error"]


@dataclass(frozen=True)
class Diagnostic:
    """A message for the user about a resource, or about the run as a whole if the URN is empty."""

    severity: Severity
    message: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A step and its progress."""

    number: int
    step: Step
    state: Literal["working", "done", "failed"]


Listener = Callable[[Entry], None]


@dataclass
class Report:
    """Everything that a run reports."""

    dry_run: bool
    listener: Listener | None = None
    entries: dict[int, Entry] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    outputs: Properties | None = None
    old_outputs: Properties = field(default_factory=dict)
    cancelled: bool = False
    stopping: bool = False
    given_up: bool = False
    is_over: bool = False
    failed: bool = False
    _working: set[int] = field(default_factory=set)
    _places: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cancel(self) -> None:
        """Ask the run to end: no further step starts, and those in progress finish."""
        self.cancelled = True
        self.stopping = True

    def give_up(self) -> None:
        """Stop waiting: no further step starts, and later failures are consequences of that.

        This takes no lock, so that a signal handler can call it. Afterwards, `working` includes steps that began just before.
        """
        self.given_up = True

    @property
    def steps(self) -> list[Step]:
        """The steps without failed ones, in the order in which the program declared their resources."""
        with self._lock:
            entries = sorted(
                self.entries.values(), key=lambda entry: (self._places[entry.step.urn], entry.number)
            )
        return [entry.step for entry in entries if entry.state != "failed"]

    @property
    def in_order(self) -> list[Diagnostic]:
        """The diagnostics: first those of the run, then those of each resource in the order of the program."""
        with self._lock:
            return sorted(self.diagnostics, key=lambda found: self._places.get(found.urn, -1))

    def declared(self, urn: str) -> None:
        """Reserve a resource's position among the steps, whichever step finishes first."""
        with self._lock:
            self._places.setdefault(urn, len(self._places))

    def begin(self, step: Step) -> Entry:
        """Record the start of a step. Raise Stopped once the run has been given up."""
        self.declared(step.urn)
        with self._lock:
            if self.given_up:
                raise Stopped
            entry = Entry(len(self.entries), step, "working")
            self.entries[entry.number] = entry
            self._working.add(entry.number)
        self._tell(entry)
        return entry

    def end(self, entry: Entry, new: Resource | None = None) -> None:
        """Record the end of a step, and the resource that it made."""
        step = entry.step if new is None else replace(entry.step, new=new)
        self._set(replace(entry, step=step, state="done"))

    def fail(self, entry: Entry) -> None:
        """Record that a step failed. A diagnostic gives the reason."""
        self._set(replace(entry, state="failed"))

    def done(self, step: Step) -> None:
        """Record a step that needs no call."""
        self.end(self.begin(step))

    def update_outputs(self, urn: str, new: Resource) -> None:
        """Record the outputs that a component registered after its step."""
        with self._lock:
            for number, entry in self.entries.items():
                if entry.step.urn == urn and entry.step.op in (Op.SAME, Op.CREATE, Op.UPDATE):
                    self.entries[number] = replace(entry, step=replace(entry.step, new=new))

    def say(self, severity: Severity, message: str, urn: str = "") -> None:
        """Add a diagnostic. With an error, the run has failed."""
        self.log(severity, message, urn)
        if severity == "error":
            self.failed = True

    def log(self, severity: Severity, message: str, urn: str = "") -> None:
        """Add a message logged by a program or a provider. A logged error does not fail the run (seen on Pulumi 3.260)."""
        with self._lock:
            self.diagnostics.append(Diagnostic(severity, message.rstrip(), urn))

    def blame(self, fault: EngineError, urn: str = "") -> None:
        """Add a diagnostic for an error, unless it is one that the user need not see."""
        if str(fault) and not self.given_up:
            self.say("error", str(fault), urn)

    def say_lines(self, severity: Severity, text: str) -> None:
        """Add a diagnostic for each line that is not empty."""
        for line in text.splitlines():
            if line.strip():
                self.say(severity, line)

    @property
    def working(self) -> bool:
        """Whether a step is in progress."""
        with self._lock:
            return bool(self._working)

    def _set(self, entry: Entry) -> None:
        with self._lock:
            self.entries[entry.number] = entry
            self._working.discard(entry.number)
        self._tell(entry)

    def _tell(self, entry: Entry) -> None:
        if self.listener is not None:
            # A step must not fail because the terminal is gone.
            with contextlib.suppress(OSError):
                self.listener(entry)
