"""Recent activity for viewers of the page: deliveries, pushes, and edges that were not sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from signals_local.emulator.live.rules import Judged, Outcome
from signals_local.emulator.live.streams import Stream, Target, message

_KEPT = 100


class Activity:
    """The latest entries, each with an increasing number. New entries go to every watcher at once."""

    def __init__(self) -> None:
        self.recent: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._watchers: set[Stream] = set()
        self._last = 0
        self._closed = False

    @contextmanager
    def watching(self) -> Iterator[Stream]:
        """Open a stream of all further entries."""
        stream = Stream()
        if self._closed:
            stream.end()
        self._watchers.add(stream)
        try:
            yield stream
        finally:
            self._watchers.remove(stream)

    def add(self, kind: str, happening: Mapping[str, Any]) -> None:
        """Record one entry: `fired`, `pushed` or `suppressed`."""
        self._last += 1
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        entry = {"number": self._last, "at": now, "kind": kind, **happening}
        self.recent.append(entry)
        frame = message(entry, event="activity")
        for watcher in self._watchers:
            watcher.send(frame)

    def clear(self) -> None:
        """Delete all entries."""
        self.recent.clear()

    def close(self) -> None:
        """End the streams of all watchers."""
        self._closed = True
        for watcher in self._watchers:
            watcher.end()


def as_json(outcome: Outcome, reached: Mapping[str, Mapping[Target, int]]) -> dict[str, list[dict[str, Any]]]:
    """Return what an event did, as the response and the page show it. `reached` has the listeners by intervention id.

    `payload` is the message to the first target. The other targets get the same message with themselves as the target.
    """
    return {
        "fired": [
            {
                **_describe_judgement(firing.judged),
                "intervention_id": firing.intervention_id,
                "targets": served(reached[firing.intervention_id]),
                "payload": next(iter(firing.payloads.values())),
            }
            for firing in outcome.fired
        ],
        "suppressed": [
            {
                **_describe_judgement(each.judged),
                "target": {"name": each.target[0], "id": each.target[1]} if each.target else None,
                "reason": each.reason,
            }
            for each in outcome.suppressed
        ],
        "quiet": [{**_describe_judgement(each.judged), "reason": each.reason} for each in outcome.quiet],
    }


def _describe_judgement(judged: Judged) -> dict[str, Any]:
    return {
        "name": judged.name,
        "version": judged.version,
        "rule": judged.rule,
        "why": list(judged.why),
    }


def served(reached: Mapping[Target, int]) -> list[dict[str, Any]]:
    """Return each target with the number of listeners that got its message."""
    return [{"name": name, "id": key_id, "listeners": count} for (name, key_id), count in reached.items()]
