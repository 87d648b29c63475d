"""Keep two runs from changing one stack at the same time."""

from __future__ import annotations

import contextlib
import os

from signals_local.engine import files
from signals_local.engine.errors import EngineError, StateError, reason
from signals_local.engine.places import Place


class StackLock:
    """Keeps a second run away from a stack. The system releases the lock of a dead process, so none is ever left behind."""

    def __init__(self, place: Place) -> None:
        from filelock import FileLock  # noqa: PLC0415 -- a preview takes no lock

        self._place = place
        self._lock = FileLock(place.lock, mode=0o600)

    def take(self) -> None:
        """Take the lock.

        Raises:
            StateError: Another run holds it, and the text gives its process id. Or the lock cannot be taken.
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
        """Return words for the holder of the lock, or an empty string if the file does not name it."""
        try:
            found = files.read(self._place.owner) or b""
        except EngineError:
            return ""
        return f" (process {found.decode()})" if found.isdigit() and len(found) < 20 else ""  # noqa: PLR2004

    def release(self) -> None:
        """Release the lock."""
        # A leftover owner file does no harm: it is read only while the lock is held.
        with contextlib.suppress(EngineError, OSError):
            files.forget(self._place.owner)
        self._lock.release()
