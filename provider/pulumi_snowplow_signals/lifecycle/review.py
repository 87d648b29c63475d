"""The remote review: checks the references of a definition against the registry, in a preview.

When publishing, the service refuses references to objects that do not exist or are not published. A preview should say so
first. The review skips unknown values, and becomes a warning if the registry cannot be reached.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from pulumi_snowplow_signals.api.models import StoredAttributeGroup
from pulumi_snowplow_signals.criteria.operators import OPERATORS, PATTERN
from pulumi_snowplow_signals.criteria.tree import Criterion
from pulumi_snowplow_signals.fields.faults import Fault, suggestion
from pulumi_snowplow_signals.fields.values import as_carried, canonical_json
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import BUILT_IN_KEYS, AttributeKey
from pulumi_snowplow_signals.kinds.definition import Definition, Doubt
from pulumi_snowplow_signals.kinds.references import (
    AttributeReference,
    KeyReference,
    KnownGroup,
    Reference,
    VersionReference,
)
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.lifecycle.users import resolve

_NUMBERS: Final = frozenset({"int32", "int64", "double", "float"})
_TEXTS: Final = frozenset({"string", "bytes"})
_BOOLEANS: Final = {"true": "True without quotes", "false": "False without quotes", "1": "True", "0": "False"}
_MOST_REWRITTEN: Final = 5


def missing_references(run: Run, definition: Definition, *, published: bool = True) -> list[Fault]:
    """Return the references that the registry would refuse when publishing. Raise ApiError.

    A draft may wait for drafts of the same program: whoever publishes it is told of them then.
    """
    _complete_groups(run, definition)
    groups = list_groups(run, published=published)
    unreadable = {group.name for group in groups if group.fault}
    faults: list[Fault] = []
    for reference in definition.references():
        if _is_opaque(run, reference):
            continue
        match reference:
            case AttributeReference(group=name) | VersionReference(group=name) if name in unreadable:
                pass  # unreadable does not mean missing
            case AttributeReference():
                faults += _attribute_faults(groups, reference)
            case KeyReference():
                needs_live = isinstance(definition, AttributeGroup)
                waits = not published and run.program.declares(AttributeKey.label, reference.key)
                faults += _key_faults(run, reference, needs_live=needs_live and not waits)
            case VersionReference():
                faults += _version_faults(groups, reference)
    if not faults:
        known = {
            (group.name, group.version): KnownGroup(group.attribute_key, group.attributes) for group in groups
        }
        faults += definition.clashes(known)
    return faults


def _complete_groups(run: Run, definition: Definition) -> None:
    """Fetch the versions that the list lacks of the groups that the definition refers to. Raise ApiError."""
    for reference in definition.references():
        if not isinstance(reference, KeyReference):
            run.lists.groups.of(reference.group)


def list_groups(run: Run, *, published: bool) -> list[StoredAttributeGroup]:
    """Return the attribute groups as they matter to a definition: to a draft, drafts of the same program count as live."""
    groups = run.attribute_groups()
    return groups if published else _publish_drafts(run, groups)


def _publish_drafts(run: Run, groups: list[StoredAttributeGroup]) -> list[StoredAttributeGroup]:
    """Return attribute groups as they are once the drafts that the program declares are published."""
    drafts = {
        (group.name, group.version): group.model_copy(update={"is_published": True})
        for group in run.program.groups()
        if not group.is_published
    }
    return [drafts.get((group.name, group.version), group) for group in groups]


def _is_opaque(run: Run, reference: Reference) -> bool:
    """Return whether the program declares what a reference is to, but too little of it is known yet."""
    return not isinstance(reference, KeyReference) and run.program.is_opaque(
        AttributeGroup.label, reference.group
    )


def doubtful_operators(
    everything: Collection[StoredAttributeGroup], definition: Definition
) -> Iterator[Doubt]:
    """Yield a doubt for each criterion whose operator does not suit the type of its attribute.

    It is only a doubt, since it is not documented what the service does with such a comparison.

    Args:
        everything: The known attribute groups.
        definition: The definition that refers to them.
    """
    yield from _unreadable_groups(everything, definition)
    for reference in definition.references():
        if isinstance(reference, AttributeReference):
            kind, criterion = _find_type(everything, reference), reference.criterion
            if kind is not None and not _suits(criterion, kind):
                yield Doubt(
                    reference.field,
                    f'{reference.path}: {criterion.attribute} is of type {kind}, which "{criterion.operator}" never matches '
                    f"with this value: {_suggest_instead(criterion, kind)}",
                    f"{reference.path}: the value never matches an attribute of this type (hidden: secret)",
                )


def find_attribute_keys(run: Run, definition: Definition) -> list[str]:
    """Return the attribute keys that a definition without targets is sent to: those of the groups that its criteria use.

    A draft that the program declares counts where no version is live. Empty if this run has not fetched the groups, or one of
    them does not name its key. No request is sent.
    """
    groups = _get_known_groups(run)
    found: dict[str | None, None] = {}
    for reference in definition.references():
        if isinstance(reference, AttributeReference):
            read = reference.group, reference.attribute
            group = resolve(groups, *read) or resolve(_publish_drafts(run, groups), *read)
            found[group.attribute_key if group else None] = None
    return [] if None in found else [key for key in found if key]


def find_attribute_types(run: Run, definitions: Iterable[Definition]) -> dict[str, str]:
    """Return the types of the attributes that definitions refer to, as `types_in` does.

    Empty if this run has not fetched the groups. No request is sent.
    """
    return types_in(_get_known_groups(run), definitions)


def types_in(groups: Collection[StoredAttributeGroup], definitions: Iterable[Definition]) -> dict[str, str]:
    """Return the types of the attributes that definitions refer to, by `group:attribute`, as far as they are known.

    An attribute that is compared with a value of another type is left out, since it is not documented what Signals does then.
    """
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    for reference in (each for definition in definitions for each in definition.references()):
        if isinstance(reference, AttributeReference):
            kind, criterion = _find_type(groups, reference), reference.criterion
            if kind is None or not _suits(criterion, kind):
                doubtful.add(criterion.attribute)
            else:
                found[criterion.attribute] = kind
    return {attribute: kind for attribute, kind in found.items() if attribute not in doubtful}


def _get_known_groups(run: Run) -> list[StoredAttributeGroup]:
    """Return the attribute groups; none if this run has not fetched them."""
    return run.attribute_groups() if run.attribute_groups.is_there else []


def _unreadable_groups(groups: Collection[StoredAttributeGroup], definition: Definition) -> Iterator[Doubt]:
    """Yield a doubt for each group that the definition refers to and that cannot be read."""
    faults = {group.name: group.fault for group in groups if group.fault}
    named = {
        reference.group: reference.field
        for reference in definition.references()
        if not isinstance(reference, KeyReference)
    }
    for name in sorted(faults.keys() & named.keys()):
        yield Doubt(
            named[name],
            f'{named[name]}: the attribute group "{name}" has a form that this release cannot read ({faults[name]}), '
            "so it was not checked",
            f"{named[name]}: an attribute group has a form that this release cannot read, so it was not checked "
            "(hidden: secret)",
        )


def _attribute_faults(
    groups: Collection[StoredAttributeGroup], reference: AttributeReference
) -> Iterator[Fault]:
    group_name, attribute = reference.group, reference.attribute
    path = f"{reference.path}.attribute"
    versions = [group for group in groups if group.name == group_name]
    having = [group for group in versions if attribute in group.attributes]
    if not versions:
        near = suggestion(group_name, {group.name for group in groups})
        yield Fault(path, f'there is no attribute group "{group_name}".{near}')
    elif not having:
        near = suggestion(attribute, {name for group in versions for name in group.attributes})
        yield Fault(path, f'the attribute group "{group_name}" has no attribute "{attribute}".{near}')
    elif resolve(having, group_name, attribute) is None:
        yield Fault(
            path,
            f'no version of the attribute group "{group_name}" that has "{attribute}" is published; publish one first',
        )


def _key_faults(run: Run, reference: KeyReference, *, needs_live: bool) -> Iterator[Fault]:
    """Yield that a key is not there or, for what needs it live, that it is not published."""
    name, keys = reference.key, {key.name: key for key in run.attribute_keys()}
    if name in BUILT_IN_KEYS:
        return  # whatever the list shows
    listed, unlisted = keys.get(name), None
    if listed is None:
        unlisted = run.unlisted_key(name)
    if listed is None and unlisted is None:
        near = suggestion(name, {*keys, *BUILT_IN_KEYS})
        yield Fault(reference.path, f'there is no attribute key "{name}".{near}')
    elif needs_live and ((listed and listed.is_published is False) or (unlisted and not unlisted.live)):
        yield Fault(reference.path, f'the attribute key "{name}" is not published; publish it first')


def _version_faults(groups: Collection[StoredAttributeGroup], reference: VersionReference) -> Iterator[Fault]:
    name, version = reference.group, reference.version
    published = {(group.name, group.version): group.is_published for group in groups}
    if (name, version) not in published:
        versions = sorted(number for other, number in published if other == name)
        has = f"it has {', '.join(map(str, versions))}" if versions else "there is no group of that name"
        near = "" if versions else suggestion(name, {other for other, _ in published})
        yield Fault(
            reference.path, f'there is no version {version} of the attribute group "{name}": {has}.{near}'
        )
    elif published[name, version] is False:
        yield Fault(
            reference.path,
            f'version {version} of the attribute group "{name}" is not published; publish it first',
        )


def _find_type(groups: Collection[StoredAttributeGroup], reference: AttributeReference) -> str | None:
    """Return the type of the attribute in the version that criteria use."""
    read = resolve(groups, reference.group, reference.attribute)
    return read.attributes.get(reference.attribute) if read else None


def _suits(criterion: Criterion, kind: str) -> bool:
    takes = OPERATORS[criterion.operator].takes
    if not takes.wanted:
        return True
    if takes is PATTERN:
        return kind not in _NUMBERS | {"bool"}
    values = criterion.value if isinstance(criterion.value, list) else [criterion.value]
    return all(_is_comparable(value, kind) for value in values)


def _is_comparable(value: object, kind: str) -> bool:
    if kind in _NUMBERS:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in _TEXTS:
        return isinstance(value, str)
    if kind == "bool":
        return isinstance(value, bool)
    return True  # it is not documented how the service compares timestamps, lists and maps


def _suggest_instead(criterion: Criterion, kind: str) -> str:
    """Return what to write if an operator does not suit the type of its attribute."""
    if OPERATORS[criterion.operator].takes is PATTERN:
        return "patterns match strings only, so use another operator"
    if not isinstance(criterion.value, list):
        return f"write {_rewrite(criterion.value, kind)}"
    bare = [_rewrite(value, kind).partition(" without")[0] for value in criterion.value[:_MOST_REWRITTEN]]
    if "a number" in bare:
        return "write numbers without quotes"
    more = ", …" if len(criterion.value) > _MOST_REWRITTEN else ""
    return f"write [{', '.join(bare)}{more}]"


def _rewrite(value: object, kind: str) -> str:
    """Return how a program has to write a value for an attribute of this type."""
    if _is_comparable(value, kind):
        return repr(value) if isinstance(value, bool) else json.dumps(value)
    if kind in _TEXTS:
        return f'"{json.dumps(value)}"'
    if kind == "bool":
        return _BOOLEANS.get(str(value).strip().lower(), "True or False")
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        number = math.nan
    return f"{canonical_json(as_carried(number))} without quotes" if math.isfinite(number) else "a number"
