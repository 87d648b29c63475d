"""Open connections to listeners, and the register of their subscriptions.

Everything here belongs to the thread of the event loop. Frames are server-sent events (WHATWG HTML, 9.2), simple enough for three
readers: the official client, which takes lines that begin with `data: ` and splits at every Unicode line boundary (so the JSON is
ASCII); a browser's EventSource; and `curl -N`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

#: A key's name and an id of it.
Target: TypeAlias = tuple[str, str]

#: Says that the stream is open and registered, so the listener misses nothing from here on.
OPENED = b": listening\n\n"
#: Shows each end that the other is still there. The official client notices `stop()` only when a line arrives.
HEARTBEAT = b": still here\n\n"
#: The most frames waiting for one listener. Beyond that it has stopped reading and is disconnected.
_MOST_WAITING = 10_000


def message(data: Mapping[str, Any], *, event: str | None = None) -> bytes:
    """Return the frame of one event, with its data as JSON on one line."""
    named = f"event: {event}\n" if event else ""
    return f"{named}data: {json.dumps(data)}\n\n".encode()


class Stream:
    """Frames on their way to one listener."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._news = asyncio.Event()
        self._ended = False

    def send(self, frame: bytes) -> None:
        """Queue a frame, without waiting."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(frame)
            self._news.set()
        else:
            self._waiting.clear()
            self.end()

    def end(self) -> None:
        """End the stream once the listener has received all queued frames."""
        self._ended = True
        self._news.set()

    async def frames(self, heartbeat: float) -> AsyncIterator[bytes]:
        """Yield frames as they are sent, and a heartbeat after `heartbeat` seconds without one, until `end` is called."""
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
    """The listeners and their targets. Messages are not stored: an absent listener does not get them later."""

    def __init__(self) -> None:
        self._streams: dict[Target, dict[Stream, None]] = {}
        self._open: dict[Stream, frozenset[Target]] = {}
        self._closed = False
        #: Grows whenever a listener connects or disconnects.
        self.revision = 0

    @contextmanager
    def listening(self, targets: frozenset[Target]) -> Iterator[Stream]:
        """Open a stream of the messages to any of `targets`, until the context ends."""
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
        """Send each target its payload, and return the number of listeners that it reached.

        Payloads passed together are one message, so a listener to several of the targets gets only the first.
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
        """Return the targets of each open stream, oldest first."""
        return list(self._open.values())

    def close(self) -> None:
        """End all streams, including any opened later."""
        self._closed = True
        for stream in self._open:
            stream.end()
