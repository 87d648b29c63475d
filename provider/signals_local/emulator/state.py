"""The state that the parts of a running emulator share. Each app has one, created before it and passed to each router."""

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
    """The parts of one emulator. All of them belong to the thread that runs the event loop.

    `at_reset` and `at_stop` hold functions to call when the emulator is reset, and when it is about to stop. Open streams end in
    `at_stop`, so that nothing waits for them.

    Raises:
        StartError: The database cannot be used.
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
        """Delete everything except the built-in keys, including faults and the request log."""
        self.registry.reset()
        self.faults.clear()
        self.requests.clear()
        for forget in self.at_reset:
            forget()

    def stop(self) -> None:
        """End everything that would keep the server waiting. Call it in the event loop, before that stops."""
        for end in self.at_stop:
            end()

    def cause(self, request: Request) -> Cause:
        """Return the request as the history names it, with the faults that a test ordered for its publication."""
        return Cause(
            sequence=request.state.sequence,
            method=request.method,
            path=request.url.path,
            publication_fault=getattr(request.state, "publication_fault", None),
            missing_schemas=frozenset(getattr(request.state, "missing_schemas", ())),
        )
