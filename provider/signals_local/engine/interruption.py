"""Handle Ctrl-C and SIGTERM: the first lets the steps in progress finish, the second ends everything at once.

A signal interrupts the main thread wherever it is, and that thread may hold any lock. So nothing here takes one.
"""

from __future__ import annotations

import contextlib
import os
import signal
from types import FrameType
from typing import TYPE_CHECKING, Final

from signals_local.engine.model import name_operations
from signals_local.engine.report import Report

if TYPE_CHECKING:
    from signals_local.engine.hosts import Hosts
    from signals_local.engine.state import StackState

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Handles signals during one pass. Enter it before the processes start, and leave it after they have ended."""

    def __init__(self, report: Report) -> None:
        self._report = report
        # Set as soon as they exist.
        self.hosts: Hosts | None = None
        self.state: StackState | None = None

    def __enter__(self) -> None:
        self._before = {number: signal.signal(number, self._answer) for number in _SIGNALS}

    def __exit__(self, *_fault: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _answer(self, _number: int, _frame: FrameType | None) -> None:
        if self._report.is_over:
            return
        if not self._report.cancelled:
            self._report.cancel()
            _say("stopping: steps in progress finish first; press Ctrl-C again to stop at once")
            return
        self._report.give_up()
        if self.hosts is not None:
            self.hosts.kill()
        _say(f"error: stopped at once{self._describe_work()}")
        os._exit(1)

    def _describe_work(self) -> str:
        if self._report.dry_run:
            return " while planning; nothing was done"
        at_work = [] if self.state is None else self.state.at_work()
        if not at_work:
            return "; no change was in progress, and every finished step is in the state"
        return (
            f" while {name_operations(at_work)}: whether that was done is not known, and the state names it under"
            " pending_operations. Every finished step is in the state; the next run goes on from there"
        )


def _say(text: str) -> None:
    # The reader may be gone. On a terminal, the current line shows the progress and ^C.
    start = "\n" if os.isatty(2) else ""
    with contextlib.suppress(OSError):
        os.write(2, f"{start}{text}\n".encode())
