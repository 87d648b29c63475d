"""The variables of an exported program: objects that it declares and refers to elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pulumi_snowplow_signals.cli.export.code import Style
from pulumi_snowplow_signals.cli.export.names import choose_variable, name_owners
from pulumi_snowplow_signals.cli.export.selection import TakenOver
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.catalogue import KINDS
from pulumi_snowplow_signals.kinds.references import (
    AttributeReference,
    KeyReference,
    Reference,
    VersionReference,
)


class _Place(NamedTuple):
    """The identity of a declaration: the label of its kind, and its name."""

    label: str
    name: str


@dataclass(frozen=True)
class Variables:
    """The variables of a program, for the keys and groups that it refers to.

    A group's variable means one version of it. What pins another version, or reads an attribute that this one lacks, names the
    group as a string.
    """

    _declared: Mapping[_Place, TakenOver]
    _names: Mapping[_Place, str]

    @classmethod
    def of(cls, taken: Sequence[TakenOver], style: Style) -> Variables:
        """Choose a variable for each key and group that something else in the program refers to."""
        declared = {_locate(each): each for each in taken}
        candidates = cls(declared, {place: place.name for place in declared})
        referred = {
            place
            for each in taken
            for reference in each.definition.references()
            # The official client's criteria name attributes as strings.
            if style == "expressions" or not isinstance(reference, AttributeReference)
            for place in candidates._find_places(reference)
        }
        constants = {
            constant
            for kind in KINDS
            for constant in name_owners(
                [each.definition for each in taken if isinstance(each.definition, kind)]
            ).values()
        }
        names: dict[_Place, str] = {}
        for place in declared:
            if place in referred:
                names[place] = choose_variable(place.name, _name_sort(place), {*names.values(), *constants})
        return cls(declared, names)

    @property
    def all(self) -> frozenset[str]:
        """Every variable of the program."""
        return frozenset(self._names.values())

    def of_declaration(self, taken: TakenOver) -> str:
        """Return the variable that a declaration is assigned to; empty if nothing refers to it."""
        return self._names.get(_locate(taken), "")

    def of_key(self, name: str) -> str:
        """Return the variable of an attribute key; empty if it is not declared."""
        return self._find_name(KeyReference("", name))

    def of_version(self, group: str, version: int) -> str:
        """Return the variable of a version of a group; empty if that version is not declared."""
        return self._find_name(VersionReference("", group, version))

    def of_attribute(self, group: str, attribute: str) -> str:
        """Return the variable of the group of an attribute; empty if no such group is declared."""
        return next((self._names.get(place, "") for place in self._find_group(group, attribute)), "")

    def _find_name(self, reference: Reference) -> str:
        return next((self._names.get(place, "") for place in self._find_places(reference)), "")

    def _find_places(self, reference: Reference) -> Iterator[_Place]:
        """Yield the declaration to which a reference points, if there is one."""
        match reference:
            case AttributeReference(group=group, attribute=attribute):
                yield from self._find_group(group, attribute)
            case VersionReference(group=group, version=version):
                place = _Place(AttributeGroup.label, group)
                if place in self._declared and self._declared[place].number == version:
                    yield place
            case KeyReference(key=key):
                place = _Place(AttributeKey.label, key)
                if place in self._declared:
                    yield place

    def _find_group(self, group: str, attribute: str) -> Iterator[_Place]:
        place = _Place(AttributeGroup.label, group)
        found = self._declared[place].definition if place in self._declared else None
        if isinstance(found, AttributeGroup) and attribute in found.columns:
            yield place


def _locate(taken: TakenOver) -> _Place:
    return _Place(taken.definition.label, taken.definition.name)


def _name_sort(place: _Place) -> str:
    """Return the kind of a declaration in one word: `key` or `group`."""
    return place.label.rpartition(" ")[2]
