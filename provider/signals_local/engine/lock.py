"""Keeps two runs from changing one stack at a time."""

from __future__ import annotations

import os
from pathlib import Path

from signals_local.engine.errors import StateError, reason


class StackLock:
    """Keeps a second run away from a stack. The system takes it from a dead process, so it cannot be left behind."""

    def __init__(self, directory: Path, stack: str) -> None:
        from filelock import FileLock  # noqa: PLC0415 -- a preview takes no lock

        self._lock = FileLock(directory / f"{stack}.lock")
        self._owner = directory / f"{stack}.pid"

    def take(self) -> None:
        """Take the lock.

        Raises:
            StateError: if a living run holds it; the text gives its process id.
        """
        from filelock import Timeout  # noqa: PLC0415

        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            try:
                owner = f" (process {self._owner.read_text(encoding='ascii').strip()})"
            except OSError:
                owner = ""
            raise StateError(
                f"another run is at work on this stack{owner}; wait for it to end or stop it"
            ) from None
        except OSError as fault:
            raise StateError(f"the state cannot be locked: {reason(fault)}") from None
        self._owner.write_text(str(os.getpid()), encoding="ascii")

    def release(self) -> None:
        """Give the lock back."""
        self._owner.unlink(missing_ok=True)
        self._lock.release()
