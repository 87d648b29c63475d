"""Values that are fetched once per run, by the first thread that asks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """A value that is fetched once. Threads that ask meanwhile wait for it without holding a lock."""

    def __init__(self, fetch: Callable[[], T]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._fetched: Future[T] | None = None

    @property
    def is_there(self) -> bool:
        """Whether it has been fetched."""
        with self._lock:
            fetched = self._fetched
        return fetched is not None and fetched.done()

    def __call__(self) -> T:
        """Return the value. Raise what fetching it raises, in every thread that waited; the next call tries again."""
        with self._lock:
            fetched, is_first = self._fetched, self._fetched is None
            if fetched is None:
                fetched = self._fetched = Future()
        if is_first:
            try:
                fetched.set_result(self._fetch())
            except BaseException as failure:
                with self._lock:
                    self._fetched = None
                fetched.set_exception(failure)
                raise
        return fetched.result()
