"""An open connection to someone who listens, and the register of who listens to whom.

Everything here belongs to the thread of the event loop. Frames are those of server-sent events (WHATWG HTML, 9.2), kept so
plain that three readers agree on them: the official client, which takes lines that begin `data: ` and splits at every
line boundary of Unicode (so the JSON is ASCII); a browser's EventSource; and `curl -N`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

#: A key's name and an id of it.
Target: TypeAlias = tuple[str, str]

#: Says that the stream is open and registered: from here on nothing is missed.
OPENED = b": listening\n\n"
#: Tells both ends that the other is still there. The official client notices `stop()` only when a line arrives.
HEARTBEAT = b": still here\n\n"
#: Whoever lets so many frames wait has stopped reading, and is let go.
_MOST_WAITING = 10_000


def message(data: Mapping[str, Any], *, event: str | None = None) -> bytes:
    """One event, its data as JSON in one line."""
    named = f"event: {event}\n" if event else ""
    return f"{named}data: {json.dumps(data)}\n\n".encode()


class Stream:
    """Frames on their way to one listener."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._news = asyncio.Event()
        self._ended = False

    def send(self, frame: bytes) -> None:
        """Put a frame on the way; never waits."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(frame)
            self._news.set()
        else:
            self._waiting.clear()
            self.end()

    def end(self) -> None:
        """Let the listener go once it has got what is on the way."""
        self._ended = True
        self._news.set()

    async def frames(self, heartbeat: float) -> AsyncIterator[bytes]:
        """What is sent, as it comes, and a sign of life after `heartbeat` seconds without any; ends after `end`."""
        while self._waiting or not self._ended:
            try:
                await asyncio.wait_for(self._news.wait(), heartbeat)
            except asyncio.TimeoutError:
                yield HEARTBEAT
                continue
            self._news.clear()
            waiting, self._waiting = self._waiting, []
            if waiting:
                yield b"".join(waiting)


class Hub:
    """Who listens to which targets. A message is for this moment: who is not there does not get it later."""

    def __init__(self) -> None:
        self._streams: dict[Target, dict[Stream, None]] = {}
        self._open: dict[Stream, frozenset[Target]] = {}
        self._closed = False
        #: Grows whenever a listener comes or goes.
        self.revision = 0

    @contextmanager
    def listening(self, targets: frozenset[Target]) -> Iterator[Stream]:
        """A stream of what is sent to any of `targets`, for as long as the context lasts."""
        stream = Stream()
        if self._closed:
            stream.end()
        self._open[stream] = targets
        for target in targets:
            self._streams.setdefault(target, {})[stream] = None
        self.revision += 1
        try:
            yield stream
        finally:
            del self._open[stream]
            for target in targets:
                del self._streams[target][stream]
                if not self._streams[target]:
                    del self._streams[target]
            self.revision += 1

    def deliver(self, payloads: Mapping[Target, Mapping[str, Any]]) -> dict[Target, int]:
        """Send each target its payload, and say how many listeners it reached.

        Payloads given together are one message: who listens to several of the targets gets the first of them only.
        """
        served: set[Stream] = set()
        reached = {}
        for target, payload in payloads.items():
            streams = self._streams.get(target, {}).keys() - served
            frame = message(payload) if streams else b""
            for stream in streams:
                stream.send(frame)
            served |= streams
            reached[target] = len(streams)
        return reached

    def listeners(self) -> list[frozenset[Target]]:
        """The targets of each open stream, the oldest first."""
        return list(self._open.values())

    def close(self) -> None:
        """Let everyone go, and whoever comes later too."""
        self._closed = True
        for stream in self._open:
            stream.end()
