"""Runs of a stack that are killed where requests hang."""

from __future__ import annotations

import time
from collections.abc import Callable
from subprocess import Popen
from typing import Any, Final

from harness import Engine
from harness.killing import kill_run

from killing.cuts import Cut
from signals_local.emulator import Emulator

Kill = Callable[[Popen[bytes]], None]

AT_ONCE: Final = 4
"""So many calls of a dynamic provider are at work at the same time (pulumi.dynamic, `ThreadPoolExecutor(max_workers=4)`)."""

_QUIET_SECONDS: Final = 0.25
_PATIENCE_SECONDS: Final = 120


class KilledRuns:
    """A command that is killed at each of the requests that hang, and begun again.

    Args:
        project: What carries it out.
        emulator: The registry.
        command: The command.
    """

    def __init__(self, project: Engine, emulator: Emulator, command: str = "up") -> None:
        self._project = project
        self._emulator = emulator
        self._command = command

    def order(self, cut: Cut) -> None:
        """Let the request hang at which an operation is cut."""
        self._emulator.fail(about=cut.own_name, nth=cut.nth, hang=True, when=cut.when)

    def struck(self) -> int:
        """Count the cuts that were made."""
        return sum(map(is_struck, self._emulator.faults()))

    def kill_until_done(self, kill: Kill) -> str:
        """Carry the command out, killed until nothing hangs any more; tell how often."""
        kills = 0
        while not self.end(kill):
            kills += 1
            self._project.recover()
        return f"{self.struck()} cuts by {kills} kills"

    def end(self, kill: Kill, *, all_of: int = 0) -> bool:
        """Let a run come to its end, or kill it once requests hang; tell whether it came to its end.

        Args:
            kill: What kills it.
            all_of: So many cuts are waited for; 0 for those that come as long as anything does.
        """
        struck, mark = self.struck(), self._emulator.mark()
        run = self._project.begin(self._command)
        try:
            hangs = self._hangs(run, struck, mark, all_of)
            if hangs:
                kill(run)
        finally:
            if run.poll() is None:
                kill_run(run)
        if hangs:
            return False
        assert run.returncode == 0, self._project.run(self._command, environment={}).text
        return True

    def _hangs(self, run: Popen[bytes], struck: int, mark: int, all_of: int) -> bool:
        """Wait until as many requests hang as can, or until the run has ended."""
        came, quiet_since = (0, 0), time.monotonic()
        deadline = quiet_since + _PATIENCE_SECONDS
        while run.poll() is None:
            hanging = self.struck() - struck
            if hanging >= (all_of or AT_ONCE):
                return True
            requests = self._emulator.requests(since=mark)
            answered = sum(each["status"] is not None for each in requests)
            if (len(requests), answered) != came:
                came, quiet_since = (len(requests), answered), time.monotonic()
            if hanging and not all_of and time.monotonic() - quiet_since > _QUIET_SECONDS:
                return True
            assert time.monotonic() < deadline, "the run neither ends nor comes to what it is to be cut at"
            time.sleep(0.05)
        assert self.struck() == struck, "the run ended although requests hang"
        return False


def is_struck(fault: Any) -> bool:
    """Return whether a fault that was ordered has happened."""
    return bool(fault["seen"] >= fault["nth"])
