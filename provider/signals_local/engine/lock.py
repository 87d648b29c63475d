"""Keeps two runs from changing one stack at a time."""

from __future__ import annotations

import contextlib
import os

from signals_local.engine import files
from signals_local.engine.errors import EngineError, StateError, reason
from signals_local.engine.places import Place


class StackLock:
    """Keeps a second run away from a stack. The system takes it from a dead process, so it cannot be left behind."""

    def __init__(self, place: Place) -> None:
        from filelock import FileLock  # noqa: PLC0415 -- a preview takes no lock

        self._place = place
        self._lock = FileLock(place.lock, mode=0o600)

    def take(self) -> None:
        """Take the lock.

        Raises:
            StateError: if a living run holds it; the text gives its process id. Also if it cannot be taken.
        """
        from filelock import Timeout  # noqa: PLC0415

        files.demand_plain(self._place.lock)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise StateError(
                f"another run is running on this stack{self._owner()}; wait for it to end or stop it"
            ) from None
        except OSError as fault:
            raise StateError(
                f"{self._place.lock} cannot be locked: {reason(fault)}. Nothing was changed"
            ) from None
        try:
            self._sign()
        except BaseException:
            self._lock.release()
            raise

    def _sign(self) -> None:
        try:
            with os.fdopen(files.create(self._place.owner), "wb") as file:
                file.write(str(os.getpid()).encode())
        except OSError as fault:
            raise StateError(
                f"{self._place.owner} cannot be written: {reason(fault)}. Nothing was changed"
            ) from None

    def _owner(self) -> str:
        """Return who holds the lock, in words; nothing where the file does not say it."""
        try:
            found = files.read(self._place.owner) or b""
        except EngineError:
            return ""
        return f" (process {found.decode()})" if found.isdigit() and len(found) < 20 else ""  # noqa: PLR2004

    def release(self) -> None:
        """Release the lock."""
        # A leftover says nothing: it is read only where the lock is held.
        with contextlib.suppress(EngineError, OSError):
            files.forget(self._place.owner)
        self._lock.release()
