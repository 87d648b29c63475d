"""Write to standard output, which may be a full disk or a closed pipe."""

from __future__ import annotations

import contextlib
import os
from typing import TextIO

from signals_local.engine.errors import EngineError, reason


def write_to(stream: TextIO, text: str) -> None:
    """Write text and flush it.

    Raises:
        EngineError: The text cannot be written.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as fault:
        # Otherwise Python would try to flush the buffer again at exit, and report the error itself.
        with contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 -- a descriptor is needed
            os.dup2(nowhere.fileno(), stream.fileno())
        raise EngineError(f"standard output cannot be written: {reason(fault)}") from None
