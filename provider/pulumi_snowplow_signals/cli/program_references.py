"""Checks references between a program's resources. Only the registry knows about what the program does not declare."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pulumi_snowplow_signals.api.models import StoredAttributeGroup
from pulumi_snowplow_signals.fields.faults import Fault, suggestion
from pulumi_snowplow_signals.kinds.definition import Definition, Doubt
from pulumi_snowplow_signals.kinds.references import AttributeReference, KnownGroup


def find_doubtful_references(
    groups: Collection[StoredAttributeGroup], definition: Definition
) -> Iterator[Doubt]:
    """Yield the attributes that a definition reads but the program's groups lack.

    An older version, which the program no longer declares, may have them: it stays live while it is read.
    """
    declared = {group.name: group for group in groups}
    for reference in definition.references():
        if not isinstance(reference, AttributeReference) or reference.group not in declared:
            continue
        names = declared[reference.group].attributes
        if reference.attribute not in names:
            near = suggestion(reference.attribute, names)
            yield Doubt(
                reference.field,
                f'{reference.path}.attribute: the attribute group "{reference.group}" of this program has no attribute '
                f'"{reference.attribute}".{near} A preview refuses it, unless an older version in Signals has one',
                f"{reference.path}.attribute: the attribute group of this program has no such attribute (hidden because it "
                "is a secret)",
            )


def find_clashes(groups: Collection[StoredAttributeGroup], definition: Definition) -> Iterator[Fault]:
    """Yield the faults that prevent a definition from naming its attribute groups together, as far as the program declares them."""
    known = {
        (group.name, group.version): KnownGroup(group.attribute_key, group.attributes) for group in groups
    }
    yield from definition.clashes(known)
