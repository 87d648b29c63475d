"""The state in memory during a run, and every change to it as a value that can be written down and replayed.

Resources have keys: `b…` if the run found them, `n…` if it registered them. Operations have keys: `p…` if an earlier run left them
pending, `o…` otherwise. The deployment lists the registered resources first, in the order in which they finished, then the remaining
found ones. So every resource follows its dependencies, as Pulumi requires.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from signals_local.engine import records
from signals_local.engine.model import Resource
from signals_local.engine.secrets import Crypter
from signals_local.engine.stored import ResourceRecord

# The first element names the change, and the others are its arguments, as in the JSON list.
Change = list[Any]


@dataclass
class Snapshot:
    """Resources by key, and the operations in progress."""

    found: dict[str, Resource] = field(default_factory=dict)
    registered: dict[str, Resource] = field(default_factory=dict)
    pending: dict[str, tuple[str, Resource]] = field(default_factory=dict)

    @classmethod
    def of(cls, resources: Iterable[Resource], pending: Iterable[tuple[str, Resource]] = ()) -> Snapshot:
        """Return the snapshot with which a run begins."""
        return cls(
            found={f"b{index}": resource for index, resource in enumerate(resources)},
            pending={f"p{index}": operation for index, operation in enumerate(pending)},
        )

    def begun(self) -> list[tuple[str, Resource]]:
        """Return the operations that this run has in progress."""
        return [operation for key, operation in list(self.pending.items()) if not key.startswith("p")]

    def put(self, key: str, resource: Resource) -> None:
        (self.found if key.startswith("b") else self.registered)[key] = resource

    def drop(self, key: str) -> None:
        (self.found if key.startswith("b") else self.registered).pop(key, None)

    def resources(self) -> list[Resource]:
        """Return the deployment's resources in order, with references to renamed resources updated."""
        renamed = {alias: resource.urn for resource in self.registered.values() for alias in resource.aliases}
        ordered = [*self.registered.values(), *self.found.values()]
        # Once nothing refers to an alias, it is dropped, as in Pulumi.
        return [_follow(resource, renamed) for resource in ordered]

    def perform(self, change: Change) -> None:
        """Apply one change.

        The changes are `put KEY RESOURCE`, `drop KEY`, `keep NEW-KEY OLD-KEY` (found, and registered as it was),
        `begin KEY KIND RESOURCE` and `end KEY` (of an operation).
        """
        kind, key, *rest = change
        if kind == "put":
            self.put(key, rest[0])
        elif kind == "drop":
            self.drop(key)
        elif kind == "keep":
            self.registered[key] = self.found.pop(rest[0])
        elif kind == "begin":
            self.pending[key] = (rest[0], rest[1])
        elif kind == "end":
            self.pending.pop(key, None)
        else:
            raise ValueError(kind)

    def replay(self, change: Sequence[Any], crypter: Crypter) -> None:
        """Apply one change as the journal holds it, its resource a record.

        Raises:
            KeyError: It changes something that does not exist.
        """
        self.perform(
            [records.read(part, crypter) if isinstance(part, ResourceRecord) else part for part in change]
        )


def _follow(resource: Resource, renamed: dict[str, str]) -> Resource:
    if resource.aliases:
        resource = replace(resource, aliases=())
    if not resource.needs & renamed.keys():
        return resource

    def names(urns: Iterable[str]) -> tuple[str, ...]:
        return tuple(renamed.get(urn, urn) for urn in urns)

    return replace(
        resource,
        parent=renamed.get(resource.parent, resource.parent),
        dependencies=names(resource.dependencies),
        property_dependencies={key: names(urns) for key, urns in resource.property_dependencies.items()},
        deleted_with=renamed.get(resource.deleted_with, resource.deleted_with),
    )
