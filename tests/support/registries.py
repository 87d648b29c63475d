"""Emulators that tests share: one that is started for a test and ended after it costs more than most tests."""

from __future__ import annotations

import atexit
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from signals_local.emulator import Emulator, serve

_RUNNING: Final = ExitStack()
atexit.register(_RUNNING.close)
_FREE: Final[dict[tuple[Any, ...], list[Emulator]]] = defaultdict(list)


@contextmanager
def emptied(*, assume: Mapping[str, str] | None = None, **options: Any) -> Iterator[Emulator]:
    """Lend an emulator that holds nothing but the built-in keys, and is nobody else's meanwhile.

    Args:
        assume: What it assumes of the service.
        options: Other options of `serve`.
    """
    free = _FREE[tuple(sorted((assume or {}).items())), tuple(sorted(options.items()))]
    emulator = free.pop() if free else _RUNNING.enter_context(serve(assume=assume, **options))
    emulator.reset()
    yield emulator
    # What a test has left at work is not lent again.
    free.append(emulator)
