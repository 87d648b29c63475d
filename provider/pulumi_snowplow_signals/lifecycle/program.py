"""The objects that the program of this run declares, as far as they are checked. Others may refer to them already."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from pulumi_snowplow_signals.api.models import StoredAttributeGroup, StoredAttributeKey
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import Definition


@dataclass(frozen=True)
class Declared:
    """An object that the program declares.

    Attributes:
        label: The name of its kind in messages.
        name: Its name.
        definition: Its definition; None if a part of it is not known yet.
        version: Its number; None if it is not known yet.
        published: Whether it should be live; None if that is not known yet.
    """

    label: str
    name: str
    definition: Definition | None = None
    version: int | None = None
    published: bool | None = None

    @property
    def is_known(self) -> bool:
        """Whether enough is known to check references to it."""
        return None not in (self.definition, self.version, self.published)


@dataclass(frozen=True)
class Succession:
    """The versions of an object that the declared one replaces.

    Attributes:
        version: The declared version.
        published: Whether it is to be live.
        older: The managed versions that are live beside it.
        due: The older versions to withdraw in this run, if nothing uses them at its end.
        is_announced: Whether check has announced the withdrawal, because nothing used them even then.
    """

    version: int
    published: bool
    older: frozenset[int] = frozenset()
    due: frozenset[int] = frozenset()
    is_announced: bool = False


class Program:
    """The objects that are declared so far. Safe for the four threads on which Pulumi calls a provider."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._declared: dict[tuple[str, str], Declared] = {}
        self._groups: dict[str, StoredAttributeGroup | None] = {}
        self._keys: dict[str, StoredAttributeKey] = {}
        self._successions: dict[tuple[str, str], Succession] = {}

    def note(self, declared: Declared) -> None:
        """Note what the program declares."""
        name, label = declared.name, declared.label
        with self._lock:
            self._declared[label, name] = declared
            if label == AttributeGroup.label:
                self._groups[name] = _read_group(declared)
            elif label == AttributeKey.label:
                is_published = declared.published is not False
                self._keys[name] = StoredAttributeKey.model_construct(name=name, is_published=is_published)

    def is_opaque(self, label: str, name: str) -> bool:
        """Return whether an object is declared but too little of it is known to check references to it."""
        with self._lock:
            found = self._declared.get((label, name))
        return found is not None and not found.is_known

    def declares(self, label: str, name: str) -> bool:
        """Return whether the program declares an object, as far as it is checked."""
        with self._lock:
            return (label, name) in self._declared

    def note_succession(self, label: str, name: str, succession: Succession) -> None:
        """Note which versions of an object the declared one replaces."""
        with self._lock:
            self._successions[label, name] = succession

    def succession(self, label: str, name: str) -> Succession | None:
        """Return which versions of an object the declared one replaces; None if this run has not declared it."""
        with self._lock:
            return self._successions.get((label, name))

    def groups(self) -> list[StoredAttributeGroup]:
        """Return the attribute groups as the registry will hold them."""
        with self._lock:
            return [group for group in self._groups.values() if group]

    def keys(self) -> list[StoredAttributeKey]:
        """Return the attribute keys as the registry will hold them, even those that are only partly known."""
        with self._lock:
            return [*self._keys.values()]


def _read_group(declared: Declared) -> StoredAttributeGroup | None:
    """Return an attribute group as the registry will hold it; None for another kind, and if too little is known of it."""
    if not isinstance(declared.definition, AttributeGroup) or not declared.is_known:
        return None
    return as_stored(declared.definition, declared.version or 1, published=bool(declared.published))


def as_stored(group: AttributeGroup, version: int, *, published: bool) -> StoredAttributeGroup:
    """Return a version of an attribute group as the registry will hold it."""
    return StoredAttributeGroup.model_construct(
        name=group.name,
        is_published=published,
        version=version,
        attribute_key=group.attribute_key.name,
        attributes=group.columns,
    )
