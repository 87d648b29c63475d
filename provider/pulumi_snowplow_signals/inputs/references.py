"""What the inputs of a resource name in text: attribute keys, and attribute groups by themselves or before an attribute.

Pulumi orders resources by their outputs alone, and Signals names everything in text. So a program's declarations are looked up
by name, and become dependencies.
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
"""The inputs that name objects, with what the objects are."""


def names_in(props: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what inputs name, as far as it is known: what it is, and its name."""
    for argument, kind in _NAMES.items():
        value = props.get(argument)
        for item in value if isinstance(value, list) else [value]:
            name = item.get("name") if isinstance(item, Mapping) else item
            if isinstance(name, str):
                yield kind, name
    for name in _groups_in(props.get("criteria")):
        yield GROUP, name


def _groups_in(criteria: Any) -> Iterator[str]:
    if isinstance(criteria, Mapping):
        attribute = criteria.get("attribute")
        if isinstance(attribute, str):
            yield attribute.partition(":")[0]
        for each in criteria.values():
            yield from _groups_in(each)
    elif isinstance(criteria, list):
        for each in criteria:
            yield from _groups_in(each)
