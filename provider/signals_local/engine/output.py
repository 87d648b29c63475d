"""Standard output, which may be a full disk or a pipe that nobody reads any more."""

from __future__ import annotations

import contextlib
import os
from typing import TextIO

from signals_local.engine.errors import EngineError, reason


def write_to(stream: TextIO, text: str) -> None:
    """Write text at once.

    Raises:
        EngineError: if it cannot be written.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as fault:
        # What is still in the buffer would be tried again at the very end, and complained about by Python itself.
        with contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 -- a descriptor is needed
            os.dup2(nowhere.fileno(), stream.fileno())
        raise EngineError(f"standard output cannot be written: {reason(fault)}") from None
