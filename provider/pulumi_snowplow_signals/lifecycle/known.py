"""What a run knows of the objects of one kind in the registry: what it was shown, has written, or did not find."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Generic

from pulumi_snowplow_signals.api.models import D, Stored


class Known(Generic[D]):
    """The versions that a run knows, and those that it knows to be absent. Safe for threads. Sends no request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._versions: dict[str, dict[int, Stored[D]]] = {}
        self._unreadable: dict[str, str] = {}
        self._shows_unpublished = False
        self._absent: set[tuple[str, int | None]] = set()
        self._unsure: set[tuple[str, int]] = set()

    def note_list(self, listed: Iterable[Stored[D]]) -> None:
        """Note what the registry's list shows. What this run has written or fetched meanwhile is newer."""
        with self._lock:
            for stored in listed:
                if stored.fault:
                    self._unreadable[stored.name] = stored.fault
                    continue
                self._versions.setdefault(stored.name, {}).setdefault(stored.version, stored)
                self._shows_unpublished |= stored.is_published is False

    def note(self, stored: Stored[D]) -> None:
        """Note a version that was fetched or written."""
        place = (stored.name, stored.version)
        with self._lock:
            self._versions.setdefault(stored.name, {})[stored.version] = stored
            self._absent -= {place, (stored.name, None)}
            self._unsure.discard(place)

    def note_unsure(self, name: str, number: int) -> None:
        """Note that a version was sent, and that it is not known whether it was stored."""
        with self._lock:
            self._unsure.add((name, number))

    def forget(self, name: str, number: int | None) -> None:
        """Note that the registry does not hold a version, or no version of a name if `number` is None."""
        with self._lock:
            self._absent.add((name, number))
            if number is not None:
                self._unsure.discard((name, number))
                self._versions.get(name, {}).pop(number, None)

    def names(self) -> list[str]:
        """Return every name, in order, those of unreadable versions too."""
        with self._lock:
            return sorted({*self._versions, *self._unreadable})

    def versions(self, name: str) -> dict[int, Stored[D]]:
        """Return the versions of a name by number."""
        with self._lock:
            return dict(self._versions.get(name, {}))

    def fault(self, name: str) -> str | None:
        """Return why a version of a name cannot be read; None if every listed one can."""
        with self._lock:
            return self._unreadable.get(name)

    def is_absent(self, name: str, number: int | None) -> bool:
        """Return whether the registry was asked for a version, or for any of a name if `number` is None, and has none."""
        with self._lock:
            return (name, number) in self._absent

    def is_new(self, name: str) -> bool:
        """Return whether a name is unknown, and the list shows unpublished objects, so that it would show this one."""
        with self._lock:
            return self._shows_unpublished and not self._versions.get(name)

    def was_seen(self, name: str, number: int) -> bool:
        """Return whether a version was listed, fetched or written."""
        with self._lock:
            return number in self._versions.get(name, {})

    def may_hold(self, name: str, number: int) -> bool:
        """Return whether the registry may hold a version: it is known, or it was sent."""
        with self._lock:
            return number in self._versions.get(name, {}) or (name, number) in self._unsure
