"""Services: versions of attribute groups under one name that applications read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Final

from pydantic import Field

from pulumi_snowplow_signals.fields.comparison import UNORDERED
from pulumi_snowplow_signals.fields.faults import Fault, fault
from pulumi_snowplow_signals.fields.vocabulary import GroupPin, Name, Owner, Text, rule
from pulumi_snowplow_signals.kinds.definition import Said, Unnumbered
from pulumi_snowplow_signals.kinds.references import KnownGroup, Reference, VersionReference

_MOST_GROUPS: Final = 100


def _check_groups(value: list[GroupPin]) -> list[GroupPin]:
    if not 1 <= len(value) <= _MOST_GROUPS:
        raise fault(f"has {len(value)} attribute groups; a service has 1 to {_MOST_GROUPS}")
    return value


class Service(Unnumbered):
    """Attribute groups under one name. Signals stores it by name, and its contents may change at any time."""

    label: ClassVar = "service"
    loss: ClassVar = "its readers no longer get anything"
    path: ClassVar = "registry/services/"
    way_out: ClassVar = (
        "Signals refused to change the service in place, so it was left unchanged: withdrawing and republishing it would leave its readers "
        "with nothing in between. Undo the change, or declare a second service and move its readers."
    )

    name: Name
    owner: Owner = None
    description: Text | None = None
    attribute_groups: Annotated[list[GroupPin], rule(_check_groups), UNORDERED] = Field(
        default_factory=list, validate_default=True
    )

    def content(self) -> Said:
        """Return the attribute groups by name and version."""
        pins = ", ".join(f"{pin.name} v{pin.version}" for pin in self.attribute_groups)
        return Said(("attribute_groups",), f"serves {pins}", "serves secret attribute groups")

    def references(self) -> Iterator[Reference]:
        """Yield the versions of attribute groups that the service pins."""
        for i, pin in enumerate(self.attribute_groups):
            yield VersionReference(f"attribute_groups[{i}]", pin.name, pin.version)

    def clashes(self, groups: Mapping[tuple[str, int], KnownGroup]) -> Iterator[Fault]:
        """Yield a fault if the groups have different keys or share an attribute: the service was seen to refuse both."""
        pins = [
            (pin, groups[pin.name, pin.version])
            for pin in self.attribute_groups
            if (pin.name, pin.version) in groups
        ]
        keys = {group.key: pin.name for pin, group in reversed(pins) if group.key is not None}
        if len(keys) > 1:
            said = ", ".join(f"{name} is on {key}" for key, name in reversed(keys.items()))
            yield Fault(
                "attribute_groups", f"all groups of a service must have the same attribute key; here {said}"
            )
        first: dict[str, str] = {}
        for i, (pin, group) in enumerate(pins):
            twice = [name for name in group.attributes if first.setdefault(name, pin.name) != pin.name]
            for name in twice:
                yield Fault(
                    f"attribute_groups[{i}]",
                    f'{pin.name} and {first[name]} both have an attribute "{name}"; within a service, names are unique',
                )
