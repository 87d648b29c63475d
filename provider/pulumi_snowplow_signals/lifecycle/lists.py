"""The lists of the registry, each fetched once per run, whichever kinds it is parsed as.

`Lists` lives as long as a run. Steps that must not rely on old lists use `LateLooks`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from pulumi_snowplow_signals.api.models import D, Stored, StoredAttributeGroup, StoredAttributeKey
from pulumi_snowplow_signals.api.once import Once
from pulumi_snowplow_signals.errors import NotFound, Rejected, UnexpectedResponse
from pulumi_snowplow_signals.fields.names import NAME_PATTERN
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import Definition, Numbered
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

_MOST_GAPS: Final = 50
"""The most numbers of a name to fetch one by one: those below the highest that nothing shows."""

KnownNames = Callable[[str], Collection[str]]
"""Returns the names of the objects that a run knows, given the label of their kind."""

S = TypeVar("S", bound=Stored[Any] | StoredAttributeGroup)


def find_gaps(numbers: Collection[int], below: int) -> list[int]:
    """Return the missing numbers below one, the highest first, as many as are worth a request each."""
    return [*islice((number for number in range(below - 1, 0, -1) if number not in numbers), _MOST_GAPS)]


class Groups(Once[list[StoredAttributeGroup]]):
    """The attribute groups of the registry, as far as criteria need them. The list is completed by name, on demand."""

    def __init__(
        self,
        fetch: Callable[[], list[StoredAttributeGroup]],
        complete: Callable[[list[StoredAttributeGroup]], list[StoredAttributeGroup]],
    ) -> None:
        super().__init__(fetch)
        self._complete = complete
        self._lock_of_found = threading.Lock()
        self._found: dict[str, list[StoredAttributeGroup]] = {}

    def __call__(self) -> list[StoredAttributeGroup]:
        """Return the listed versions, and those fetched so far that the list lacks. Raise ApiError."""
        listed = super().__call__()
        with self._lock_of_found:
            found = dict(self._found)
        rest = [each for each in listed if each.name not in found]
        return rest + [each for versions in found.values() for each in versions]

    def of(self, name: str) -> list[StoredAttributeGroup]:
        """Return every version of a name. Fetch those that the list lacks. Raise ApiError."""
        with self._lock_of_found:
            found = self._found.get(name)
        if found is None:
            listed = super().__call__()
            found = self._complete([each for each in listed if each.name == name])
            with self._lock_of_found:
                self._found[name] = found
        return found


class Lists:
    """The lists of the registry. Safe for the four threads on which Pulumi calls a provider."""

    def __init__(self, connect: Callable[[], SignalsClient], known: KnownNames) -> None:
        self._connect = connect
        self._known = known
        self._lock = threading.Lock()
        self.not_served: dict[str, Rejected | UnexpectedResponse] = {}
        """Why the registry serves no list, by path. The known objects were fetched one by one instead."""
        self._bodies: dict[str, Once[list[Any]]] = {}
        self._objects: dict[type[Definition], Once[list[Stored[Any]]]] = {}
        self._completed: dict[type[Definition], Once[list[Stored[Any]]]] = {}
        self._asked: dict[tuple[str, str, int], Once[Stored[Any] | None]] = {}
        self._look()

    def _look(self) -> None:
        self.groups = Groups(
            lambda: self._connect().parse_groups(self._get_bodies(AttributeGroup.path)),
            lambda listed: self._complete(
                AttributeGroup, listed, lambda stored: StoredAttributeGroup.parse_item(stored.body)
            ),
        )
        """The versions of attribute groups, as far as criteria need them. Raises ApiError."""
        self.keys = Once[list[StoredAttributeKey]](
            lambda: self._connect().parse_keys(self._get_bodies(AttributeKey.path))
        )
        """Every attribute key. Raises ApiError."""

    def of(self, kind: type[D]) -> list[Stored[D]]:
        """Return the listed versions of a kind; the registry may have more. Raise ApiError."""
        with self._lock:
            read = self._objects.setdefault(
                kind, Once(lambda: self._connect().parse_objects(self._get_bodies(kind.path), kind))
            )
        return cast("list[Stored[D]]", read())

    def complete(self, kind: type[D]) -> list[Stored[D]]:
        """Return every version of every object of a kind. Fetch those that the list lacks. Raise ApiError.

        Use this before anything is called unused or missing. It takes a request for each number that the list lacks below the
        highest of its name, and for each version whose `is_published` the list leaves out.
        """
        if not issubclass(kind, Numbered):
            return self.of(kind)
        with self._lock:
            read = self._completed.setdefault(
                kind, Once(lambda: self._complete(kind, self.of(kind), lambda stored: stored))
            )
        return cast("list[Stored[D]]", read())

    def _complete(self, kind: type[Definition], listed: list[S], read: Callable[[Stored[Any]], S]) -> list[S]:
        found: dict[tuple[str, int], S] = {}
        for name, number in _find_lacking(listed):
            stored = self.ask(kind, name, number)
            if stored is not None:
                found[name, number] = read(stored)
        return [*(each for each in listed if (each.name, each.version) not in found), *found.values()]

    def ask(self, kind: type[Definition], name: str, number: int) -> Stored[Any] | None:
        """Fetch one version by its number, once; return None if there is none. Raise ApiError."""

        def ask() -> Stored[Any] | None:
            with suppress(NotFound):
                return self._connect().get(kind, name, number)
            return None

        with self._lock:
            asked = self._asked.setdefault((kind.path, name, number), Once(ask))
        return asked()

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
            self._completed = {kind: read for kind, read in self._completed.items() if kind.path != path}
            self._asked = {place: read for place, read in self._asked.items() if place[0] != path}
            if not is_withdrawal:
                self._look()


def _find_lacking(listed: Iterable[Stored[Any] | StoredAttributeGroup]) -> Iterator[tuple[str, int]]:
    """Yield the versions that a list may lack, and those whose `is_published` it leaves out."""
    shown: dict[str, dict[int, bool | None]] = {}
    for each in listed:
        if not each.fault and NAME_PATTERN.fullmatch(each.name):  # nothing can be asked by another name
            shown.setdefault(each.name, {})[each.version] = each.is_published
    for name, versions in shown.items():
        vague = (number for number, is_published in versions.items() if is_published is None)
        yield from ((name, number) for number in [*find_gaps(versions, max(versions)), *vague])


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
