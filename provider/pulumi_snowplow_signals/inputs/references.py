"""The attribute keys and attribute groups that the inputs of a resource name as strings.

Pulumi orders resources by their outputs, but a program may refer to Signals objects by name. Those names are looked up among the
program's declarations and become dependencies. An output is not known before a deployment runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import pulumi

Name: TypeAlias = "str | pulumi.Output[Any] | None"
"""A name; an output that holds names; None for any name, which an output of whole criteria may mention."""

KEY: Final = "AttributeKey"
GROUP: Final = "AttributeGroup"

_NAMES: Final[Mapping[str, str]] = {
    "attribute_key": KEY,
    "target_attribute_keys": KEY,
    "payload_attribute_groups": GROUP,
    "attribute_groups": GROUP,
}
"""The inputs that name objects, with the type of object that each names."""


def names_in(props: Mapping[str, Any]) -> Iterator[tuple[str, Name]]:
    """Yield the type and the name of each object that the inputs name."""
    for argument, kind in _NAMES.items():
        value = props.get(argument)
        for item in value if isinstance(value, list) else [value]:
            name = item.get("name") if isinstance(item, Mapping) else item
            if isinstance(name, (str, pulumi.Output)):
                yield kind, name
    for name in _yield_groups(props.get("criteria")):
        yield GROUP, name


def _yield_groups(criteria: Any) -> Iterator[Name]:
    if isinstance(criteria, pulumi.Output):
        yield None
    elif isinstance(criteria, Mapping):
        attribute = criteria.get("attribute")
        if isinstance(attribute, (str, pulumi.Output)):
            yield attribute.partition(":")[0] if isinstance(attribute, str) else attribute
        for key, each in criteria.items():
            if key not in ("attribute", "value"):  # a value that comes later names nothing
                yield from _yield_groups(each)
    elif isinstance(criteria, list):
        for each in criteria:
            yield from _yield_groups(each)
