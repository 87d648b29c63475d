"""Looks at the registry that are made ahead of the checks that need them.

Pulumi checks one resource at a time: at 50 ms a request, the looks for a hundred new names would take five seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Final, Generic, TypeVar

from pulumi_snowplow_signals.api.once import Once
from pulumi_snowplow_signals.errors import ApiError, Unavailable

T = TypeVar("T")

_AT_ONCE: Final = 4
"""How many looks are made at once: as many as Pulumi makes calls to a dynamic provider (`pulumi/dynamic/__main__.py`)."""


class Ahead(Generic[T]):
    """Looks for names, and with the first one starts to look for those that are expected. Safe for threads.

    Args:
        look: Looks for a name. Raises ApiError.
        take_expected: Returns the names that will be looked for later, each once.
    """

    def __init__(self, look: Callable[[str], T], take_expected: Callable[[], Iterable[str]]) -> None:
        self._look, self._take_expected = look, take_expected
        self._lock = threading.Lock()
        self._looks: dict[str, Once[T]] = {}

    def __call__(self, name: str) -> T:
        """Return what a look for a name finds. Raise ApiError."""
        with self._lock:
            # Pulumi checks a replacement twice. If it lists the names, they are expected twice.
            begun_or_due = {name, *self._looks}
            fresh = {each: self._build(each) for each in self._take_expected() if each not in begun_or_due}
            self._looks |= fresh
            begun = self._looks.pop(name, None)
        due = iter(fresh.values())
        for _ in range(min(len(fresh), _AT_ONCE)):
            # A daemon, since it must not keep alive the process of a run that has ended.
            threading.Thread(target=_make, args=[due], daemon=True).start()
        if begun is not None:
            try:
                return begun()
            except Unavailable:
                raise  # the look has been repeated for as long as the settings allow
            except ApiError:
                pass  # what is reported is the failure of a look made now
        return self._look(name)

    def _build(self, name: str) -> Once[T]:
        return Once(lambda: self._look(name))


def _make(due: Iterator[Once[object]]) -> None:
    # After a failure this thread stops. Whoever needs the look makes it again.
    with suppress(ApiError):
        for look in due:
            look()
