"""The attribute keys and attribute groups that the inputs of a resource name as strings.

Pulumi orders resources by their outputs, but a program may refer to Signals objects by name. Those names are looked up among the
program's declarations and become dependencies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

KEY: Final = "AttributeKey"
GROUP: Final = "AttributeGroup"

_NAMES: Final[Mapping[str, str]] = {
    "attribute_key": KEY,
    "target_attribute_keys": KEY,
    "payload_attribute_groups": GROUP,
    "attribute_groups": GROUP,
}
"""The inputs that name objects, with the type of object that each names."""


def names_in(props: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the type and the name of each object that the inputs name, if the name is known."""
    for argument, kind in _NAMES.items():
        value = props.get(argument)
        for item in value if isinstance(value, list) else [value]:
            name = item.get("name") if isinstance(item, Mapping) else item
            if isinstance(name, str):
                yield kind, name
    for name in _yield_groups(props.get("criteria")):
        yield GROUP, name


def _yield_groups(criteria: Any) -> Iterator[str]:
    if isinstance(criteria, Mapping):
        attribute = criteria.get("attribute")
        if isinstance(attribute, str):
            yield attribute.partition(":")[0]
        for each in criteria.values():
            yield from _yield_groups(each)
    elif isinstance(criteria, list):
        for each in criteria:
            yield from _yield_groups(each)
