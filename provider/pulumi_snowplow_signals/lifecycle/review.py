"""The remote review: what a preview asks the registry about the things that a definition refers to.

The service refuses at publishing what does not exist or is not published itself. Better a preview says so. It never asks
about unknown values, and turns into a warning where the registry cannot be reached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from pulumi_snowplow_signals.api.models import StoredAttributeGroup
from pulumi_snowplow_signals.domain.criteria import Criterion, leaves
from pulumi_snowplow_signals.domain.definition import Definition
from pulumi_snowplow_signals.domain.operators import VALUE_KINDS
from pulumi_snowplow_signals.domain.violations import Violation, suggestion
from pulumi_snowplow_signals.lifecycle.registry import Registry

_NUMBERS: Final = frozenset({"int32", "int64", "double", "float"})
_TEXTS: Final = frozenset({"string", "bytes"})


def missing_references(registry: Registry, definition: Definition) -> list[Violation]:
    """Find what the definition refers to and the registry would refuse at publishing. Raises ApiError."""
    return [
        *_missing_attributes(registry.attribute_groups(), definition),
        *_missing_keys(registry, definition),
        *_missing_payload_groups(registry.attribute_groups(), definition),
    ]


def doubtful_operators(registry: Registry, definition: Definition) -> Iterator[str]:
    """Find criteria whose operator does not suit the type of their attribute. Raises ApiError.

    Only a doubt: what the service does with such a comparison is not documented.
    """
    groups = [group for group in registry.attribute_groups() if group.is_published]
    for criterion in leaves(definition.criteria):
        kind = _type_of(groups, criterion.attribute)
        if kind is not None and not _suits(criterion, kind):
            yield (
                f"{criterion.origin}: {criterion.attribute} is of type {kind}, which "
                f'"{criterion.operator}" with such a value never matches'
            )


def _missing_attributes(
    groups: Collection[StoredAttributeGroup], definition: Definition
) -> Iterator[Violation]:
    names = {group.name for group in groups}
    for criterion in leaves(definition.criteria):
        group_name, _, attribute = criterion.attribute.partition(":")
        path = f"{criterion.origin}.attribute"
        versions = [group for group in groups if group.name == group_name]
        if not versions:
            yield Violation(
                path, f'there is no attribute group "{group_name}".{suggestion(group_name, names)}'
            )
            continue
        having = [group for group in versions if attribute in group.attributes]
        if not having:
            known = {name for group in versions for name in group.attributes}
            yield Violation(
                path,
                f'the attribute group "{group_name}" has no attribute "{attribute}".{suggestion(attribute, known)}',
            )
        elif not any(group.is_published for group in having):
            yield Violation(
                path,
                f'no version of the attribute group "{group_name}" that has "{attribute}" is published; publish one first',
            )


def _missing_keys(registry: Registry, definition: Definition) -> Iterator[Violation]:
    if not definition.target_attribute_keys:
        return
    names = {key.name for key in registry.attribute_keys()}
    for i, name in enumerate(definition.target_attribute_keys):
        if name not in names:
            yield Violation(
                f"target_attribute_keys[{i}]", f'there is no attribute key "{name}".{suggestion(name, names)}'
            )


def _missing_payload_groups(
    groups: Collection[StoredAttributeGroup], definition: Definition
) -> Iterator[Violation]:
    published = {(group.name, group.version): group.is_published for group in groups}
    for i, (name, version) in enumerate(definition.payload_attribute_groups):
        path = f"payload_attribute_groups[{i}]"
        if (name, version) not in published:
            versions = sorted(number for other, number in published if other == name)
            has = f"it has {', '.join(map(str, versions))}" if versions else "there is no group of that name"
            near = "" if versions else suggestion(name, {other for other, _ in published})
            yield Violation(
                path, f'there is no version {version} of the attribute group "{name}": {has}.{near}'
            )
        elif not published[name, version]:
            yield Violation(
                path, f'version {version} of the attribute group "{name}" is not published; publish it first'
            )


def _type_of(groups: Collection[StoredAttributeGroup], reference: str) -> str | None:
    """Give the type of the attribute in the version that criteria use: the highest published one that has it."""
    group_name, _, attribute = reference.partition(":")
    having = [group for group in groups if group.name == group_name and attribute in group.attributes]
    newest = max(having, key=lambda group: group.version, default=None)
    attributes: Mapping[str, str | None] = newest.attributes if newest else {}
    return attributes.get(attribute)


def _suits(criterion: Criterion, kind: str) -> bool:
    wanted = VALUE_KINDS.get(criterion.operator)  # type: ignore[call-overload]  # what the registry holds may be foreign
    if wanted == "nothing" or wanted is None:
        return True
    if wanted == "text":
        return kind not in _NUMBERS | {"bool"}
    values = criterion.value if isinstance(criterion.value, tuple) else (criterion.value,)
    return all(_comparable(value, kind) for value in values)


def _comparable(value: object, kind: str) -> bool:
    if kind in _NUMBERS:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in _TEXTS:
        return isinstance(value, str)
    if kind == "bool":
        return isinstance(value, bool)
    return True  # timestamps, lists and maps: how the service compares them is not documented
