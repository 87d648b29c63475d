"""Show a run to a person: plan, progress, diagnostics, outputs and summary. Failures go to standard error."""

from __future__ import annotations

import json
import re
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, TextIO

from signals_local.engine.difference import LeafChange, leaf_changes
from signals_local.engine.model import STACK_TYPE, Op, Resource, Step, urn_name
from signals_local.engine.output import write_to
from signals_local.engine.report import Diagnostic, Entry, Report
from signals_local.engine.values import UNKNOWN, Properties, Secret, Value

_WIDTH: Final = 100
_LONGEST_VALUE: Final = 1_000
_SHOWN_BEFORE_A_CHANGE: Final = 40
_SIGNS: Final = {
    Op.CREATE: "+", Op.UPDATE: "~", Op.DELETE: "-", Op.SAME: " ", Op.CREATE_REPLACEMENT: "++", Op.REPLACE: "+-",
    Op.DELETE_REPLACED: "--", Op.READ: ">", Op.DISCARD: "<", Op.READ_REPLACEMENT: ">>", Op.REFRESH: "~", Op.REMOVE_PENDING_REPLACE: "~",
}  # fmt: skip
_COLOURS: Final = {"+": 32, "~": 33, "-": 31, "++": 32, "+-": 35, "--": 31, ">": 36, ">>": 36}
# The counts of a summary, in this order: the step, the words before the run, and those after it.
_COUNTED: Final = {
    Op.CREATE: ("+", "to create", "created"),
    Op.UPDATE: ("~", "to update", "updated"),
    Op.DELETE: ("-", "to delete", "deleted"),
    Op.DISCARD: ("<", "to discard", "discarded"),
    Op.REPLACE: ("+-", "to replace", "replaced"),
}


class Style:
    """Colours, if the output is a terminal and nothing forbids them (no-color.org)."""

    def __init__(self, stream: TextIO, environment: Mapping[str, str]) -> None:
        self.terminal = stream.isatty() and environment.get("TERM") != "dumb"
        self._coloured = self.terminal and not environment.get("NO_COLOR")

    def paint(self, text: str, colour: int | None, *, bold: bool = False) -> str:
        """Return the text in an ANSI colour."""
        if not self._coloured or colour is None:
            return text
        return f"\x1b[{'1;' if bold else ''}{colour}m{text}\x1b[0m"


@dataclass
class Progress:
    """A line that shows how much is done and what is in progress. It appears only on a terminal."""

    stream: TextIO
    style: Style
    verb: str

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._working: dict[int, str] = {}
        self._done = 0
        self._shown_at = 0.0

    def __call__(self, entry: Entry) -> None:
        """Record the progress of a step."""
        if not self.style.terminal:
            return
        with self._lock:
            if entry.state == "working":
                self._working[entry.number] = urn_name(entry.step.urn)
            else:
                self._working.pop(entry.number, None)
                self._done += 1
            # Nobody could read updates faster than this.
            if (now := time.monotonic()) - self._shown_at < 0.05:  # noqa: PLR2004
                return
            self._shown_at = now
            names = ", ".join(list(self._working.values())[:3])
            width = shutil.get_terminal_size().columns - 1
            self.stream.write(f"\r\x1b[K{f'{self.verb}: {self._done} done; {names}'[:width]}")
            self.stream.flush()

    def clear(self) -> None:
        """Clear the line."""
        if self.style.terminal:
            self.stream.write("\r\x1b[K")
            self.stream.flush()


class Renderer:
    """Writes a report for a person."""

    def __init__(self, environment: Mapping[str, str], stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self.style = Style(self._stream, environment)

    def progress(self, verb: str) -> Progress:
        """Return a listener that shows progress."""
        return Progress(self._stream, self.style, verb)

    def line(self, text: str = "") -> None:
        """Write a line."""
        write_to(self._stream, f"{text}\n")

    def show(self, report: Report) -> None:
        """Write a report: changes, diagnostics, outputs and counts, but not the errors of a failed run."""
        for step in _select_shown(report):
            for text in self._step(step):
                self.line(text)
        shown_last = {"error"} if report.failed else set()
        self._diagnostics([found for found in report.in_order if found.severity not in shown_last])
        self._outputs(report)
        self._summary(report)

    def _step(self, step: Step) -> Iterator[str]:
        sign, verb = _SIGNS[step.op], step.op.value
        if step.op is Op.REFRESH:
            sign, verb = ("-", "delete") if step.new is None else ("~", "update")
        if step.op is Op.REPLACE and step.replaces:
            verb = f"replace ({', '.join(step.replaces)} changed)"
        if step.op is Op.DELETE and step.old and step.old.retain_on_delete:
            verb = "delete (retained: it stays where it is)"
        resource = step.new or step.old
        kind = "" if resource is None else _shorten_type(resource.type)
        head = f"{sign:>2} {kind} {urn_name(step.urn)}"
        yield f"{self.style.paint(head, _COLOURS.get(sign), bold=True)}  {verb}"
        for change in _changes(step):
            yield from self._change(change)

    def _change(self, change: LeafChange) -> Iterator[str]:
        sign = {"add": "+", "delete": "-", "update": "~"}[change.kind]
        head = f"      {sign} {change.path}: "
        old, new = cut_values(change)
        text = new if change.kind == "add" else old if change.kind == "delete" else f"{old} => {new}"
        if change.kind == "update" and len(head) + len(text) > _WIDTH:
            # Show long values one below the other, so that they can be compared.
            yield self.style.paint(head.rstrip(), _COLOURS[sign])
            yield self.style.paint(f"          {old}", _COLOURS["-"])
            yield self.style.paint(f"       => {new}", _COLOURS["+"])
            return
        yield self.style.paint(head + text, _COLOURS[sign])

    def _outputs(self, report: Report) -> None:
        if report.outputs is None:
            return
        lines = list(_yield_output_lines(report.old_outputs, report.outputs))
        if lines:
            self.line()
            self.line("Outputs:")
            for sign, text in lines:
                self.line(self.style.paint(f"  {sign} {text}", _COLOURS.get(sign)))

    def _diagnostics(self, found: list[Diagnostic]) -> None:
        if not found:
            return
        self.line()
        self.line(self.style.paint("Diagnostics:", None, bold=True))
        for diagnostic in found:
            for text in diagnostic_lines(diagnostic, self.style):
                self.line(f"  {text}")

    def _summary(self, report: Report) -> None:
        self.line()
        self.line("Resources:")
        for sign, text in summary(report):
            self.line(f"    {self.style.paint(text, _COLOURS.get(sign))}")


def diagnostic_lines(diagnostic: Diagnostic, style: Style) -> Iterator[str]:
    """Yield the lines of a diagnostic. The first begins with its severity and its resource, unless the text names that."""
    label = diagnostic.severity.removesuffix("#err")
    first, *rest = diagnostic.message.splitlines() or [""]
    name = urn_name(diagnostic.urn) if diagnostic.urn else ""
    whose = "" if not name or re.match(rf"{re.escape(name)}\b", first) else f"{name}: "
    prefix = "" if label == "info" and not diagnostic.urn else f"{label}: {whose}"
    yield f"{style.paint(prefix, {'error': 31, 'warning': 33}.get(label))}{first}"
    yield from (f"  {text}" for text in rest)


def summary(report: Report) -> list[tuple[str, str]]:
    """Return the lines that count the steps of a run, done or planned, each with its sign."""
    counts = change_counts(report)
    lines = []
    for op, (sign, before, after) in _COUNTED.items():
        if count := counts.get(op.value):
            lines.append((sign, f"{sign} {count} {before if report.dry_run else after}"))
    if count := counts.get(Op.SAME.value):
        lines.append(("", f"{count} unchanged"))
    return lines or [("", "none")]


def change_counts(report: Report) -> dict[str, int]:
    """Count the steps as Pulumi does: a replacement once, a read not at all.

    Refreshed resources count by their outcome, unless the refresh only preceded another command.
    """
    steps = [step for step in report.steps if step.op is not Op.REFRESH] or report.steps
    counts: dict[str, int] = {}
    for op in map(outcome, steps):
        if op in _COUNTED or op is Op.SAME:
            counts[op.value] = counts.get(op.value, 0) + 1
    return counts


def outcome(step: Step) -> Op:
    """Return the outcome of a step. That of a refresh is same, update or delete."""
    if step.op is not Op.REFRESH:
        return step.op
    if step.new is None:
        return Op.DELETE
    return Op.UPDATE if step.drifted else Op.SAME


def _select_shown(report: Report) -> Iterator[Step]:
    """Yield the steps to show: only changes, and a replacement as one step."""
    for step in report.steps:
        if outcome(step) is Op.SAME:
            continue
        if step.op in (Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED, Op.READ_REPLACEMENT):
            continue
        yield step


def _changes(step: Step) -> list[LeafChange]:
    if step.op is Op.DELETE or step.new is None:
        return []
    old = step.old.inputs if step.old and step.op not in (Op.CREATE, Op.READ) else {}
    if step.op is Op.REFRESH and step.old is not None:
        # Most providers report only outputs from a read.
        if changes := leaf_changes(step.old.inputs, step.new.inputs):
            return changes
        return leaf_changes(step.old.outputs, step.new.outputs)
    return leaf_changes(old, step.new.inputs)


def _yield_output_lines(old: Properties, new: Properties) -> Iterator[tuple[str, str]]:
    for key in sorted({*old, *new}):
        if key not in new:
            yield "-", f"{key}: {show_value(old[key])}"
        elif key not in old:
            yield "+", f"{key}: {show_value(new[key])}"
        elif any(leaf_changes({"value": old[key]}, {"value": new[key]})):
            yield "~", f"{key}: {show_value(old[key])} => {show_value(new[key])}"
        else:
            yield " ", f"{key}: {show_value(new[key])}"


def _shorten_type(type_: str) -> str:
    return type_ if type_ == STACK_TYPE else type_.removeprefix("pulumi-python:dynamic").removeprefix("/")


def show_value(value: Value) -> str:
    """Return a value as shown in a plan: JSON, with secrets and unknown values in words."""
    return (
        json.dumps(_to_presentable(value), ensure_ascii=False)
        .replace('"\x00', "")
        .replace('\x00"', "")
        .replace('"\\u0000', "")
        .replace('\\u0000"', "")
    )


def cut_values(change: LeafChange) -> tuple[str, str]:
    """Return the two values of a change as shown in a plan. Long ones start where they begin to differ."""
    old, new = show_value(change.old), show_value(change.new)
    if max(len(old), len(new)) <= _LONGEST_VALUE:
        return old, new
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))
    start = max(0, sum(1 for _ in alike) - _SHOWN_BEFORE_A_CHANGE) if change.kind == "update" else 0
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    shown = f"{'…' if start else ''}{text[start : start + _LONGEST_VALUE]}"
    return f"{shown}… ({len(text)} characters)" if start + _LONGEST_VALUE < len(text) else shown


def _to_presentable(value: Value) -> Value:
    if isinstance(value, Secret):
        return "\x00[secret]\x00"
    if value is UNKNOWN:
        return "\x00[unknown]\x00"
    if isinstance(value, Resource):
        return value.urn
    if isinstance(value, Mapping):
        return {key: _to_presentable(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [_to_presentable(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
