"""Who uses an object of the registry: who would go down with it, or keeps it from going.

Withdrawing a version of an attribute group takes along every published intervention that reads it, and is refused while a
published service pins it; a key in use cannot be withdrawn (Snowplow's documentation of attribute groups, and refusals seen).
Nothing here is ever withdrawn before these questions have been asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_snowplow_signals.api.models import Stored
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
"""The kinds that may refer to objects of a kind, by its label."""

_MOST_NAMED: Final = 10


@dataclass(frozen=True)
class User:
    """An object that uses another.

    Attributes:
        label: What a message calls its kind.
        name: Its name.
        version: Its number; None for a kind without numbers.
        is_live: Whether it is published.
        reads: The attributes that it reads, if it reads any.
    """

    label: str
    name: str
    version: int | None
    is_live: bool
    reads: frozenset[str] = frozenset()

    def __str__(self) -> str:
        number = "" if self.version is None else f" v{self.version}"
        return f'{self.label} "{self.name}"{number}{"" if self.is_live else " (not published)"}'


def users_of(lists: Lists, label: str, name: str, number: int, *, drafts: bool = False) -> list[User]:
    """Return what uses one version of an object, by name.

    Args:
        lists: The registry's lists.
        label: What a message calls the object's kind.
        name: Its name.
        number: Its number; any, for a kind without numbers.
        drafts: Whether to count services that are not published, too. They go on pinning what they pin.

    Raises:
        ApiError: The registry could not be asked.
    """
    found: list[User] = []
    for kind in _USERS.get(label, ()):
        for stored in lists.of(kind):
            is_live = stored.is_published is not False
            if is_live or (drafts and kind is not Intervention):
                uses = [*_uses(lists, stored, label, name, number)]
                reads = frozenset(each.attribute for each in uses if isinstance(each, AttributeReference))
                if uses or _may_use(stored, name):
                    found.append(_user(stored, kind, is_live=is_live, reads=reads))
    return sorted(found, key=lambda user: (user.label, user.name, user.version or 0))


def has_users(label: str) -> bool:
    """Return whether there are kinds that refer to objects of a kind."""
    return label in _USERS


def readers_of(lists: Lists, group: str) -> list[User]:
    """Return the live interventions whose criteria read a group, in whichever version. Raise ApiError."""
    found = []
    for stored in lists.of(Intervention):
        references = stored.definition.references() if stored.definition and stored.is_published else ()
        reads = {r.attribute for r in references if isinstance(r, AttributeReference) and r.group == group}
        if reads:
            found.append(_user(stored, Intervention, is_live=True, reads=frozenset(reads)))
    return sorted(found, key=lambda user: (user.name, user.version or 0))


def resolve(lists: Lists, group: str, attribute: str) -> int | None:
    """Return the version that criteria read: the highest live one that has the attribute. Raise ApiError."""
    having = [
        each.version
        for each in lists.groups()
        if each.name == group and each.is_published and attribute in each.attributes
    ]
    return max(having, default=None)


def in_words(users: Iterable[User]) -> str:
    """Return users as a part of a sentence, cut where nobody reads on."""
    names = [str(user) for user in users]
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _user(stored: Stored[Any], kind: type[Definition], *, is_live: bool, reads: frozenset[str]) -> User:
    version = stored.version if issubclass(kind, Numbered) else None
    return User(kind.label, stored.name, version, is_live, reads)


def _uses(lists: Lists, stored: Stored[Any], label: str, name: str, number: int) -> Iterator[Reference]:
    for reference in stored.definition.references() if stored.definition else ():
        if _means(lists, reference, label, name, number):
            yield reference


def _means(lists: Lists, reference: Reference, label: str, name: str, number: int) -> bool:
    match reference:
        case KeyReference():
            return label == AttributeKey.label and reference.key == name
        case VersionReference():
            return label == AttributeGroup.label and (reference.group, reference.version) == (name, number)
        case AttributeReference():
            return (
                label == AttributeGroup.label
                and reference.group == name
                and resolve(lists, name, reference.attribute) == number
            )


def _may_use(stored: Stored[Any], name: str) -> bool:
    """Return whether an object in a form that this release cannot read names another: then it is taken for a user."""
    if stored.definition is not None:
        return False
    text = canonical_json(stored.body)
    return f'"{name}"' in text or f'"{name}:' in text
