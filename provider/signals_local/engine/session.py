"""One pass over a stack, planned or real: start the processes, run the program, change the state and save it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from signals_local.engine import hosts as processes
from signals_local.engine.config import Project
from signals_local.engine.interruption import Interruption
from signals_local.engine.report import Report
from signals_local.engine.targets import Targets

if TYPE_CHECKING:
    from signals_local.engine.hosts import Host, Hosts
    from signals_local.engine.monitor import MonitorServicer
    from signals_local.engine.provider import Provider
    from signals_local.engine.state import StackState
    from signals_local.engine.steps import Steps

_POLL_SECONDS: Final = 0.25
_PATIENCE_SECONDS: Final = 3.0


@dataclass(frozen=True)
class Wish:
    """What the user requested."""

    command: Literal["up", "refresh", "destroy"]
    targets: Targets
    refresh: bool
    parallel: int


def carry_out(project: Project, wish: Wish, load: Callable[[], StackState], report: Report) -> None:
    """Plan or execute a request, depending on the report. The report contains the failures of resources.

    Raises:
        EngineError: The run cannot start, or the state cannot be read or written.
    """
    # The processes are slow to start, and so are the imports and reading the state. So these overlap.
    interruption = Interruption(report)
    with interruption, processes.started(project, program=wish.command == "up") as hosts:
        interruption.hosts = hosts
        state = load()
        if report.cancelled:
            # A signal that came before the processes had their own sessions has also hit them.
            return
        if report.dry_run:
            _pass(project, wish, state, report, hosts)
            return
        state.begin()
        interruption.state = state
        try:
            _pass(project, wish, state, report, hosts)
        finally:
            state.finish()
            report.is_over = True


def _pass(project: Project, wish: Wish, state: StackState, report: Report, hosts: Hosts) -> None:
    from signals_local.engine import monitor  # noqa: PLC0415 -- see `carry_out`
    from signals_local.engine.deployment import Deployment  # noqa: PLC0415
    from signals_local.engine.refresh import refresh  # noqa: PLC0415
    from signals_local.engine.steps import Steps  # noqa: PLC0415

    services = monitor.MonitorServicer(project, report, wish.parallel)
    server = monitor.Server(services, monitor.EngineServicer(report), threads=wish.parallel * 4 + 8)
    try:
        with _provider(project, hosts, server.address, report, wish.parallel) as provider:
            target = None if report.dry_run else state
            steps = Steps(state.snapshot(), state.crypter, target, provider, report)
            _tell_pending(steps, report)
            if wish.command == "refresh" or wish.refresh:
                refresh(steps, report, wish.targets)
            deployment = Deployment(project, provider, steps, report, wish.targets)
            if wish.command == "destroy":
                deployment.finish(succeeded=True)
            if (
                wish.command == "up"
                and not report.failed
                and not report.cancelled
                and hosts.program is not None
            ):
                services.bind(deployment)
                hosts.start_program(_settings(project, wish, report, server.address))
                deployment.finish(succeeded=_run(hosts.program, services, report))
    finally:
        server.stop()


def _tell_pending(steps: Steps, report: Report) -> None:
    """Warn about operations that a dead run had begun. Only a person can find out what became of a creation."""
    for kind, resource in steps.pending:
        report.say(
            "warning",
            f"an earlier run was interrupted while {kind} this resource; whether that was done is not known."
            + (" It may exist without being in the state." if kind == "creating" else ""),
            resource.urn,
        )


def _run(program: Host, services: MonitorServicer, report: Report) -> bool:
    """Wait for the program and its requests to finish. Return whether it succeeded."""
    program.pass_on(lambda text, severity: report.say_lines(severity, text))
    ended = threading.Event()
    codes: list[int | None] = []

    def wait() -> None:
        codes.append(program.wait())
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    # Once every registration is refused, most programs end on their own.
    has_ended = _wait_for(ended.wait, report, _PATIENCE_SECONDS)
    left = services.close()
    if left or codes[:1] != [0]:
        # A killed program did not wait for its requests. None of those still waiting may start.
        report.stopping = True
    if not _wait_for(services.is_idle, report, _PATIENCE_SECONDS if has_ended else 0):
        report.give_up()
        while report.working:
            time.sleep(_POLL_SECONDS)
    if report.cancelled or report.failed:
        return False
    if codes[0] != 0:
        report.failed = True
        # Most programs have said why.
        if not any(found.severity == "error" for found in report.diagnostics):
            report.say("error", f"the program ended with exit code {codes[0]}")
    elif left:
        report.say("error", f"the program ended without waiting for {left} of its resources")
    return codes[0] == 0 and not left


def _wait_for(wait: Callable[[float], bool], report: Report, patience: float) -> bool:
    """Wait for something, and return whether it happened. A stopped run waits for its steps, then for `patience` seconds."""
    while not wait(_POLL_SECONDS):
        if report.cancelled and not report.working:
            patience -= _POLL_SECONDS
            if patience <= 0:
                return False
    return True


@contextmanager
def _provider(
    project: Project, hosts: Hosts, address: str, report: Report, parallel: int
) -> Iterator[Provider]:
    from signals_local.engine.provider import Provider  # noqa: PLC0415

    provider = Provider(hosts.start_provider(address), calls_at_once=parallel)
    hosts.provider.pass_on(lambda text, severity: report.say_lines(severity, text))
    try:
        provider.configure(project.config)
        yield provider
    finally:
        provider.close()


def _settings(project: Project, wish: Wish, report: Report, address: str) -> dict[str, object]:
    return {
        "address": address,
        "program": str(project.program),
        "directory": str(project.program_directory),
        "root": str(project.root),
        "project": project.name,
        "stack": project.stack,
        "organization": "organization",
        "config": dict(project.config),
        "secret_keys": [],
        "parallel": wish.parallel,
        "dry_run": report.dry_run,
    }
