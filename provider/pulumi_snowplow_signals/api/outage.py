"""Remembers that a service cannot be reached, so that the requests of a run do not all wait as long as the first."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pulumi_snowplow_signals.api.responses import Call
from pulumi_snowplow_signals.errors import Unavailable


class Outage:
    """What a client knows about an outage. Safe for the four threads of a provider process.

    Args:
        seconds: How long no request is sent after one whose retries failed. It equals the time that a request is retried,
            so a run that goes on spends at most half of its time waiting.
        clock: Returns seconds on a clock that never goes back.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._last: tuple[Unavailable, float] | None = None

    def note(self, call: Call, failure: Unavailable) -> None:
        """Remember a failure after all retries, if it is about the service and not about the request.

        One write may get a 503 while other requests succeed. What that failure makes necessary, such as looking again or
        publishing the old version again, has to be tried.
        """
        if call.method == "GET" or (failure.status is None and not failure.sent):
            with self._lock:
                self._last = (failure, self._clock())

    def get_failure(self, call: Call) -> Unavailable | None:
        """Return the failure of a request that is not sent because the retries of another one have just failed."""
        with self._lock:
            last = self._last
        if last is None or self._clock() - last[1] >= self._seconds:
            return None
        failure = last[0]
        follows = f"{failure.method} {failure.path}"
        return Unavailable(call.method, call.path, failure.status, failure.words, follows=follows)
