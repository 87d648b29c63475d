"""The users of an object: the objects that refer to it.

Withdrawing a version of an attribute group also withdraws every published intervention that reads it, and is refused while a
published service pins it. A key that is used cannot be withdrawn (Snowplow's documentation of attribute groups, and observed
refusals). So the provider always looks for users before it withdraws anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_snowplow_signals.api.models import Stored, StoredAttributeGroup
from pulumi_snowplow_signals.fields.values import canonical_json
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import Definition, Numbered
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.references import (
    AttributeReference,
    KeyReference,
    Reference,
    VersionReference,
)
from pulumi_snowplow_signals.kinds.service import Service
from pulumi_snowplow_signals.lifecycle.lists import Lists

_USERS: Final[Mapping[str, Sequence[type[Definition]]]] = {
    AttributeKey.label: (AttributeGroup, Intervention),
    AttributeGroup.label: (Service, Intervention),
}
"""The kinds that may refer to a kind, by its label."""

_MOST_NAMED: Final = 10


@dataclass(frozen=True)
class User:
    """An object that refers to another.

    Attributes:
        label: The name of its kind in messages.
        name: Its name.
        version: Its number; None for a kind without numbers.
        is_live: Whether it is published.
        reads: The attributes that its criteria read; empty for other kinds.
        has_targets: Whether it names its targets. If not, it is sent to the keys of the groups that it reads.
    """

    label: str
    name: str
    version: int | None
    is_live: bool
    reads: frozenset[str] = frozenset()
    has_targets: bool = True

    def __str__(self) -> str:
        number = "" if self.version is None else f" v{self.version}"
        return f'{self.label} "{self.name}"{number}{"" if self.is_live else " (not published)"}'


def find_users(lists: Lists, label: str, name: str, number: int, *, drafts: bool = False) -> list[User]:
    """Return the users of one version of an object, sorted by kind and name.

    Args:
        lists: The registry's lists.
        label: The label of the object's kind.
        name: Its name.
        number: Its number; any number for a kind without numbers.
        drafts: Whether to include unpublished objects other than interventions, which still pin versions.

    Raises:
        ApiError: The registry could not be read.
    """
    found: list[User] = []
    for kind in _USERS.get(label, ()):
        for stored in lists.complete(kind):
            is_live = stored.is_published is not False
            if is_live or (drafts and kind is not Intervention):
                uses = [*_find_uses(lists, stored, label, name, number)]
                reads = frozenset(each.attribute for each in uses if isinstance(each, AttributeReference))
                if uses or _may_use(stored, name):
                    found.append(_build_user(stored, kind, is_live=is_live, reads=reads))
    return sorted(found, key=lambda user: (user.label, user.name, user.version or 0))


def has_users(label: str) -> bool:
    """Return whether objects of this kind can have users."""
    return label in _USERS


def find_readers(lists: Lists, group: str) -> list[User]:
    """Return the live interventions whose criteria read any version of a group. Raise ApiError."""
    found = []
    for stored in lists.complete(Intervention):
        is_live = stored.is_published is not False
        references = stored.definition.references() if stored.definition and is_live else ()
        reads = {r.attribute for r in references if isinstance(r, AttributeReference) and r.group == group}
        if reads:
            found.append(_build_user(stored, Intervention, is_live=True, reads=frozenset(reads)))
    return sorted(found, key=lambda user: (user.name, user.version or 0))


def resolve(
    groups: Iterable[StoredAttributeGroup], group: str, attribute: str
) -> StoredAttributeGroup | None:
    """Return the version of a group that criteria read: the highest live one that has the attribute.

    A version counts as live unless the registry says that it is not.
    """
    having = [
        each
        for each in groups
        if each.name == group and each.is_published is not False and attribute in each.attributes
    ]
    return max(having, key=lambda each: each.version, default=None)


def describe_users(users: Iterable[User]) -> str:
    """Return users as part of a sentence; a long list is cut."""
    names = [str(user) for user in users]
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _build_user(stored: Stored[Any], kind: type[Definition], *, is_live: bool, reads: frozenset[str]) -> User:
    version = stored.version if issubclass(kind, Numbered) else None
    has_targets = bool(getattr(stored.definition, "target_attribute_keys", True))
    return User(kind.label, stored.name, version, is_live, reads, has_targets)


def _find_uses(lists: Lists, stored: Stored[Any], label: str, name: str, number: int) -> Iterator[Reference]:
    for reference in stored.definition.references() if stored.definition else ():
        if _matches(lists, reference, label, name, number):
            yield reference


def _matches(lists: Lists, reference: Reference, label: str, name: str, number: int) -> bool:
    match reference:
        case KeyReference():
            return label == AttributeKey.label and reference.key == name
        case VersionReference():
            return label == AttributeGroup.label and (reference.group, reference.version) == (name, number)
        case AttributeReference():
            return (
                label == AttributeGroup.label
                and reference.group == name
                and _reads(lists.groups.of(name), reference, number)
            )


def _reads(versions: Sequence[StoredAttributeGroup], reference: AttributeReference, number: int) -> bool:
    """Return whether a criterion reads one version of a group. If a version is unreadable, assume so."""
    read = resolve(versions, reference.group, reference.attribute)
    return any(each.fault for each in versions) or (read is not None and read.version == number)


def _may_use(stored: Stored[Any], name: str) -> bool:
    """Return whether an unreadable object mentions a name. If so, it counts as a user."""
    if stored.definition is not None:
        return False
    text = canonical_json(stored.body)
    return f'"{name}"' in text or f'"{name}:' in text
