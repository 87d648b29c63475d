"""What the parts of a running emulator share. One per app; made before it and handed to each router."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request

from signals_local.emulator.authentication import Authentication
from signals_local.emulator.faults import Faults
from signals_local.emulator.history import Cause
from signals_local.emulator.registry import Registry
from signals_local.emulator.request_log import RequestLog
from signals_local.emulator.settings import Settings
from signals_local.emulator.storage import Database


class State:
    """The parts of one emulator. All of it belongs to the thread that runs the event loop.

    `at_reset` and `at_stop` hold functions to call when the emulator is emptied, and when it is about to stop (open
    streams end themselves there, so that nobody waits for them).

    Raises:
        StartError: the database can't be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.assumptions = settings.assumptions
        self.database = Database(settings.database)
        self.registry = Registry(self.database, settings.assumptions)
        self.authentication = Authentication(settings)
        self.requests = RequestLog(self.registry.history.next_sequence)
        self.faults = Faults()
        self.at_reset: list[Callable[[], None]] = []
        self.at_stop: list[Callable[[], None]] = []

    def reset(self) -> None:
        """Empty everything but the built-in keys; faults end, the request log is cleared."""
        self.registry.reset()
        self.faults.clear()
        self.requests.clear()
        for forget in self.at_reset:
            forget()

    def stop(self) -> None:
        """End what would keep the server waiting. Called in the event loop, before it stops."""
        for end in self.at_stop:
            end()

    def cause(self, request: Request) -> Cause:
        """The request as the history names it, with what a test ordered to go wrong when it publishes."""
        return Cause(
            sequence=request.state.sequence,
            method=request.method,
            path=request.url.path,
            publication_fault=getattr(request.state, "publication_fault", None),
            missing_schemas=frozenset(getattr(request.state, "missing_schemas", ())),
        )
