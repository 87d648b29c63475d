"""The lists of the registry, each fetched once per run, whichever kinds it is parsed as.

`Lists` lives as long as a run. Steps that must not rely on old lists use `LateLooks`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from pulumi_snowplow_signals.api.models import D, Stored, StoredAttributeGroup, StoredAttributeKey
from pulumi_snowplow_signals.api.once import Once
from pulumi_snowplow_signals.errors import NotFound, Rejected, UnexpectedResponse
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.kinds.service import Service

if TYPE_CHECKING:
    from pulumi_snowplow_signals.api.client import SignalsClient


_LATE_SECONDS: Final = 1.0
"""How old a shared late look may be. Without sharing, withdrawing N objects would fetch lists of N objects N times."""

_NOT_SERVED: Final = frozenset({404, 405})
_MAY_LACK_A_LIST: Final[Mapping[str, type[Definition]]] = {
    kind.path: kind for kind in (AttributeKey, Service)
}
"""Kinds whose lists other tools fetch but the official client 0.4.10 does not. Not every service may have them."""

Known = Callable[[str], Collection[str]]
"""Returns the names of the objects that a run knows, given the label of their kind."""


class Lists:
    """The lists of the registry. Safe for the four threads on which Pulumi calls a provider."""

    def __init__(self, connect: Callable[[], SignalsClient], known: Known) -> None:
        self._connect = connect
        self._known = known
        self._lock = threading.Lock()
        self.not_served: dict[str, Rejected | UnexpectedResponse] = {}
        """Why the registry serves no list, by path. The known objects were fetched one by one instead."""
        self._bodies: dict[str, Once[list[Any]]] = {}
        self._objects: dict[type[Definition], Once[list[Stored[Any]]]] = {}
        self._look()

    def _look(self) -> None:
        self.groups = Once[list[StoredAttributeGroup]](
            lambda: self._connect().parse_groups(self._get_bodies(AttributeGroup.path))
        )
        """Every version of every attribute group, as far as criteria need them. Raises ApiError."""
        self.keys = Once[list[StoredAttributeKey]](
            lambda: self._connect().parse_keys(self._get_bodies(AttributeKey.path))
        )
        """Every attribute key. Raises ApiError."""

    def of(self, kind: type[D]) -> list[Stored[D]]:
        """Return every version of every object of a kind. Raise ApiError."""
        with self._lock:
            read = self._objects.setdefault(
                kind, Once(lambda: self._connect().parse_objects(self._get_bodies(kind.path), kind))
            )
        return cast("list[Stored[D]]", read())

    def _get_bodies(self, path: str) -> list[Any]:
        with self._lock:
            fetched = self._bodies.setdefault(path, Once(lambda: self._fetch(path)))
        return fetched()

    def _fetch(self, path: str) -> list[Any]:
        try:
            return self._connect().list_bodies(path)
        except (Rejected, UnexpectedResponse) as failure:
            kind = _MAY_LACK_A_LIST.get(path)
            if kind is None or failure.status not in _NOT_SERVED:
                raise
            self.not_served[path] = failure
        return [*self._fetch_one_by_one(kind)]

    def _fetch_one_by_one(self, kind: type[Definition]) -> Iterator[Any]:
        for name in self._known(kind.label):
            with suppress(NotFound):
                yield self._connect().get_latest(kind, name).body

    def forget(self, path: str, *, is_withdrawal: bool) -> None:
        """Forget the list of a path, since this run has written to it.

        After a withdrawal, the attribute groups that criteria read are kept: before it, this run has checked that no criterion
        reads the withdrawn version.
        """
        with self._lock:
            self._bodies.pop(path, None)
            self._objects = {kind: read for kind, read in self._objects.items() if kind.path != path}
            if not is_withdrawal:
                self._look()


class LateLooks:
    """Fresh lists, shared by withdrawals at about the same time. Safe for threads, as `Lists` is."""

    def __init__(self, look: Callable[[], Lists]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._since = 0.0
        self._lists = look()

    def __call__(self) -> Lists:
        """Return lists that are a moment old at most, and newer than everything that this run has written."""
        with self._lock:
            now = time.monotonic()
            if now - self._since > _LATE_SECONDS:
                self._since, self._lists = now, self._look()
            return self._lists

    def renew(self) -> Lists:
        """Return lists that are not fetched yet."""
        return self._look()

    def forget(self, path: str, *, is_withdrawal: bool) -> None:
        """Forget the list of a path, as `Lists.forget` does."""
        with self._lock:
            self._lists.forget(path, is_withdrawal=is_withdrawal)
