"""Remembers that a service is out of reach, so that the requests of a run do not each wait for it as long as the first."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pulumi_snowplow_signals.api.answers import Call
from pulumi_snowplow_signals.errors import Unavailable


class Outage:
    """What a client knows of an outage. Safe for the four threads of a provider process.

    Args:
        seconds: For how long nothing is asked after a request that was repeated in vain. That is as long as a request is
            repeated, so that a run which goes on spends at most half of its time waiting.
        clock: Seconds on a clock that never goes back.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._last: tuple[Unavailable, float] | None = None

    def note(self, call: Call, failure: Unavailable) -> None:
        """Remember a failure whose retries are spent, if it tells of the service and not of the request.

        A write that is answered with 503 may be the only one that is. What it made necessary, such as to look again or to
        bring a version back, has to be tried.
        """
        if call.method == "GET" or (failure.status is None and not failure.sent):
            with self._lock:
                self._last = (failure, self._clock())

    def failure_of(self, call: Call) -> Unavailable | None:
        """Return the failure of a request that is not sent, since another one has just been repeated in vain."""
        with self._lock:
            last = self._last
        if last is None or self._clock() - last[1] >= self._seconds:
            return None
        failure = last[0]
        words = f"not sent, because Signals did not respond to {failure.method} {failure.path} just before: {failure.words}"
        return Unavailable(call.method, call.path, failure.status, words.removesuffix(": "))
