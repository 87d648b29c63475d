"""What the lists of the registry hold, each fetched once, whichever kind it is read as.

One object of this class lives as long as a run. Whoever must not act on what was so a minute ago makes another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from pulumi_snowplow_signals.api.models import D, Stored, StoredAttributeGroup, StoredAttributeKey
from pulumi_snowplow_signals.api.once import Once
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import Definition

if TYPE_CHECKING:
    from pulumi_snowplow_signals.api.client import SignalsClient


class Lists:
    """The lists of the registry. Safe for the four threads on which Pulumi calls a provider."""

    def __init__(self, connect: Callable[[], SignalsClient]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._bodies: dict[str, Once[list[Any]]] = {}
        self._objects: dict[type[Definition], Once[list[Stored[Any]]]] = {}
        self.groups = Once[list[StoredAttributeGroup]](
            lambda: connect().groups_in(self._bodies_of(AttributeGroup.path))
        )
        """Every version of every attribute group, as far as criteria look at them. Raises ApiError."""
        self.keys = Once[list[StoredAttributeKey]](
            lambda: connect().keys_in(self._bodies_of(AttributeKey.path))
        )
        """Every attribute key, likewise."""

    def of(self, kind: type[D]) -> list[Stored[D]]:
        """Return every version of every object of a kind. Raise ApiError."""
        with self._lock:
            read = self._objects.setdefault(
                kind, Once(lambda: self._connect().objects_in(self._bodies_of(kind.path), kind))
            )
        return cast("list[Stored[D]]", read())

    def _bodies_of(self, path: str) -> list[Any]:
        with self._lock:
            fetched = self._bodies.setdefault(path, Once(lambda: self._connect().list_bodies(path)))
        return fetched()
