"""The sequence of a command: read the files, plan, ask, execute, report."""

from __future__ import annotations

import argparse
import functools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from signals_local.engine.config import Project, load_project
from signals_local.engine.errors import EngineError, UsageError
from signals_local.engine.lock import StackLock
from signals_local.engine.model import Home
from signals_local.engine.output import write_to
from signals_local.engine.places import make_ready, place_of
from signals_local.engine.render import Renderer, Style, diagnostic_lines
from signals_local.engine.report import Report
from signals_local.engine.secrets import passphrase_from
from signals_local.engine.session import Wish, carry_out
from signals_local.engine.targets import Targets

if TYPE_CHECKING:
    from signals_local.engine.state import StackState

_TITLES: Final = {
    "up": ("Previewing update", "Updating"),
    "refresh": ("Previewing refresh", "Refreshing"),
    "destroy": ("Previewing destroy", "Destroying"),
}


def run(options: argparse.Namespace) -> int:
    """Run `preview`, `up`, `refresh` or `destroy`, and return the exit code. If it is not 0, standard error says why."""
    try:
        return _run(options)
    except EngineError as fault:
        sys.stderr.write(f"error: {fault}\n")
    except KeyboardInterrupt:
        # A run in progress handles signals itself. This one came before it, or when everything was done and reported.
        sys.stderr.write("error: stopped\n")
    return 1


def state_directory(options: argparse.Namespace, project: Project) -> Path:
    """Return where stacks are kept."""
    directory: Path = options.state or project.root / ".signals" / "state"
    return Path(os.path.realpath(directory))  # Path.resolve() raises for links that go round in circles


def _run(options: argparse.Namespace) -> int:
    project = load_project(options.cwd, options.stack)
    directory = state_directory(options, project)
    wish = Wish(
        command="up" if options.command == "preview" else options.command,
        targets=Targets(tuple(options.target)),
        refresh=getattr(options, "refresh", False) is True,
        parallel=options.parallel,
    )
    load = functools.cache(lambda: _load(directory, project.home))
    asked = options.command == "preview" or options.yes or (sys.stdin.isatty() and not options.json)
    if not asked:
        raise UsageError(f"--yes must be given to {options.command} where nobody can be asked")
    talk = _Json(project) if options.json else _Text(project, wish)
    if options.command == "preview":
        return talk.tell(_pass(project, wish, load, talk, dry_run=True))
    place = place_of(directory, project.home)
    make_ready(place)
    lock = StackLock(place)
    lock.take()
    try:
        return _change(options, project, wish, load, talk)
    finally:
        lock.release()


def _load(directory: Path, home: Home) -> StackState:
    from signals_local.engine.state import StackState  # noqa: PLC0415 -- the hosts are started first

    return StackState(directory, home, passphrase_from(os.environ))


def _change(
    options: argparse.Namespace, project: Project, wish: Wish, load: Callable[[], StackState], talk: _Talk
) -> int:
    # A secret must be refused before anything is done, so without a passphrase always plan first.
    if not options.skip_preview or passphrase_from(os.environ) is None:
        planned = _pass(project, wish, load, talk, dry_run=True)
        if planned.failed or planned.cancelled:
            return talk.tell(planned)
        talk.plan(planned)
        if not options.yes and not _confirm(options.command):
            raise EngineError("not confirmed; nothing was done")
    try:
        return talk.tell(_pass(project, wish, load, talk, dry_run=False))
    except KeyboardInterrupt:
        # A run in progress handles signals itself. This one came just before, or while a long report was written.
        raise EngineError("stopped; what was done is in the state") from None


def _pass(
    project: Project, wish: Wish, load: Callable[[], StackState], talk: _Talk, *, dry_run: bool
) -> Report:
    report = Report(dry_run=dry_run)
    talk.begin(report)
    carry_out(project, wish, load, report)
    talk.end()
    return report


def _confirm(command: str) -> bool:
    what = {"up": "update", "refresh": "refresh", "destroy": "destruction"}[command]
    write_to(sys.stdout, f"\nDo you want to perform this {what}? [yes/no] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class _Text:
    """Reports to a person."""

    def __init__(self, project: Project, wish: Wish) -> None:
        self._renderer = Renderer(os.environ)
        self._project = project
        self._titles = _TITLES[wish.command]
        self._started = 0.0

    def begin(self, report: Report) -> None:
        self._started = time.monotonic()
        title = self._titles[0 if report.dry_run else 1]
        self._renderer.line(f"{title} ({self._project.stack}):")
        self._progress = self._renderer.progress(title)
        report.listener = self._progress

    def end(self) -> None:
        self._progress.clear()
        self._seconds = time.monotonic() - self._started

    def plan(self, report: Report) -> None:
        self._renderer.show(report)
        self._renderer.line()

    def tell(self, report: Report) -> int:
        self._renderer.show(report)
        if not report.dry_run:
            self._renderer.line()
            self._renderer.line(f"Duration: {self._seconds:.1f}s")
        return _decide_exit_code(report)


class _Json:
    """Reports to a program."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._started = 0.0

    def begin(self, report: Report) -> None:
        """Record the start time."""
        self._started = time.monotonic()
        report.listener = None

    def end(self) -> None:
        self._seconds = time.monotonic() - self._started

    def plan(self, report: Report) -> None:
        """Show nothing: the document describes what was done, not the plan."""

    def tell(self, report: Report) -> int:
        from signals_local.engine.digest import digest  # noqa: PLC0415 -- not needed for text

        document: dict[str, Any] = digest(report, self._project.config, self._seconds)
        write_to(sys.stdout, json.dumps(document, indent=4) + "\n")
        return _decide_exit_code(report)


_Talk = _Text | _Json


def _decide_exit_code(report: Report) -> int:
    if report.cancelled and report.dry_run:
        sys.stderr.write("error: stopped while planning; nothing was done\n")
        return 1
    if report.cancelled:
        done = sum(1 for step in report.steps if step.op.value != "same")
        sys.stderr.write(f"error: stopped; {done} steps were done and are in the state\n")
        return 1
    if not report.failed:
        return 0
    style = Style(sys.stderr, os.environ)
    for found in report.in_order:
        if found.severity == "error":
            sys.stderr.writelines(f"{text}\n" for text in diagnostic_lines(found, style))
    return 1
