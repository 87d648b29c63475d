"""What a run did or would do, as it happens: steps, diagnostics, outputs. Written by many threads, shown by `render`."""

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
    """A message for the user; of a resource, or of the run as a whole where the URN is empty."""

    severity: Severity
    message: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A step and how far it got."""

    number: int
    step: Step
    state: Literal["working", "done", "failed"]


Listener = Callable[[Entry], None]


@dataclass
class Report:
    """Everything that a run tells."""

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
        """Ask for the run to end: no step is begun any more, those at work are finished."""
        self.cancelled = True
        self.stopping = True

    def give_up(self) -> None:
        """Stop waiting: no further step begins, and whatever fails from here on fails because of it.

        Takes no lock, as a signal may be answered with it. Afterwards, what began just before is `working`.
        """
        self.given_up = True

    @property
    def steps(self) -> list[Step]:
        """The steps in the order in which the program declared their resources, those that failed left out."""
        with self._lock:
            entries = sorted(
                self.entries.values(), key=lambda entry: (self._places[entry.step.urn], entry.number)
            )
        return [entry.step for entry in entries if entry.state != "failed"]

    @property
    def in_order(self) -> list[Diagnostic]:
        """The diagnostics, those of the run first, then those of each resource in the order of the program."""
        with self._lock:
            return sorted(self.diagnostics, key=lambda found: self._places.get(found.urn, -1))

    def declared(self, urn: str) -> None:
        """Reserve a resource's place among the steps, whichever concurrent one finishes first."""
        with self._lock:
            self._places.setdefault(urn, len(self._places))

    def begin(self, step: Step) -> Entry:
        """Note that a step begins. Raises Stopped once the run is given up."""
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
        """Note that a step is done, and what it made."""
        step = entry.step if new is None else replace(entry.step, new=new)
        self._set(replace(entry, step=step, state="done"))

    def fail(self, entry: Entry) -> None:
        """Note that a step failed; the reason is a diagnostic."""
        self._set(replace(entry, state="failed"))

    def done(self, step: Step) -> None:
        """Note a step that needs no call."""
        self.end(self.begin(step))

    def update_outputs(self, urn: str, new: Resource) -> None:
        """Note the outputs that a component registered after its step."""
        with self._lock:
            for number, entry in self.entries.items():
                if entry.step.urn == urn and entry.step.op in (Op.SAME, Op.CREATE, Op.UPDATE):
                    self.entries[number] = replace(entry, step=replace(entry.step, new=new))

    def say(self, severity: Severity, message: str, urn: str = "") -> None:
        """Add a diagnostic. With an error, the run has failed."""
        self.log(severity, message, urn)
        self.failed |= severity == "error"

    def log(self, severity: Severity, message: str, urn: str = "") -> None:
        """Add what a program or a provider says. An error that it only says is none of the run (seen on Pulumi 3.260)."""
        with self._lock:
            self.diagnostics.append(Diagnostic(severity, message.rstrip(), urn))

    def blame(self, fault: EngineError, urn: str = "") -> None:
        """Add the diagnostic of what went wrong, if that is for the user to know."""
        if str(fault) and not self.given_up:
            self.say("error", str(fault), urn)

    def say_lines(self, severity: Severity, text: str) -> None:
        """Add a diagnostic for each line that is not empty."""
        for line in text.splitlines():
            if line.strip():
                self.say(severity, line)

    @property
    def working(self) -> bool:
        """Whether a step is at work."""
        with self._lock:
            return bool(self._working)

    def _set(self, entry: Entry) -> None:
        with self._lock:
            self.entries[entry.number] = entry
            self._working.discard(entry.number)
        self._tell(entry)

    def _tell(self, entry: Entry) -> None:
        if self.listener is not None:
            # A terminal that is gone is no reason for a step to fail.
            with contextlib.suppress(OSError):
                self.listener(entry)
