"""The engine's data model: a resource as the program declares it (goal), as it exists (resource), and the change (step)."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from signals_local.engine.values import Properties

_NAMED: Final = 5
STACK_TYPE: Final = "pulumi:pulumi:Stack"
DYNAMIC_PACKAGE: Final = "pulumi-python:"


class Home(NamedTuple):
    """The stack and the project in a URN."""

    stack: str
    project: str


def make_urn(home: Home, parent: str, type_: str, name: str) -> str:
    """Return the URN of a resource. The types of its parents qualify its type, except that of the stack."""
    parent_type = "" if not parent else urn_type(parent)
    if parent_type and parent_type != STACK_TYPE:
        type_ = f"{parent_type}${type_}"
    return f"urn:pulumi:{home.stack}::{home.project}::{type_}::{name}"


def urn_type(urn: str) -> str:
    """Return a URN's qualified type, `parent$child`."""
    return urn.split("::", 3)[2]


def urn_name(urn: str) -> str:
    """Return the last part of a URN, the logical name."""
    return urn.split("::", 3)[3]


@dataclass(frozen=True)
class Alias:
    """An earlier identity of a resource: a URN, or the parts that differ from the current one."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """A resource as the program declares it."""

    type: str
    name: str
    custom: bool
    parent: str = ""
    inputs: Properties = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool | None = None
    deleted_with: str = ""
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()

    @property
    def needs(self) -> frozenset[str]:
        """The URNs that must have been deployed before this resource can be registered."""
        linked = {urn for urns in self.property_dependencies.values() for urn in urns}
        return frozenset({*self.dependencies, *linked, self.parent, self.deleted_with} - {""})


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource in the state. A stack may have many, hence the slots."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    external: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    delete: bool = False
    pending_replacement: bool = False
    created: str = ""
    modified: str = ""

    @property
    def needs(self) -> frozenset[str]:
        """The URNs that must outlive this resource."""
        linked = {urn for urns in self.property_dependencies.values() for urn in urns}
        return frozenset({*self.dependencies, *linked, self.parent, self.deleted_with} - {""})


class Op(str, enum.Enum):
    """The types of steps, with Pulumi's names."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    DISCARD = "discard"
    REFRESH = "refresh"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run, planned or done."""

    op: Op
    urn: str
    old: Resource | None = None
    new: Resource | None = None
    replaces: tuple[str, ...] = ()
    drifted: bool = False


@dataclass(frozen=True)
class Failure:
    """One fault that a provider's check found. An empty property means the resource as a whole."""

    property: str
    reason: str


@dataclass(frozen=True)
class Diff:
    """The provider's verdict on a change.

    `changed` names top-level inputs, and only if the provider left the comparison to the engine. A provider that decides itself
    returns no names over this protocol, so `replace_on_changes` then finds none. The real engine does the same.
    """

    changes: bool
    replaces: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    delete_before_replace: bool = False


def name_operations(operations: Sequence[tuple[str, Resource]]) -> str:
    """Return operations in words, such as `creating a, deleting b, 7 more`."""
    names = [f"{kind} {urn_name(resource.urn)}" for kind, resource in operations[:_NAMED]]
    if len(operations) > _NAMED:
        names.append(f"{len(operations) - _NAMED} more")
    return ", ".join(names)
