"""Loads modules late and without the garbage collector, which would find nothing and take a fifth of the time.

What a module defines stays alive, and the collector would walk all of it again and again while more is loaded. mypy and black
turn it off for the same reason.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the garbage collector within the block."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
