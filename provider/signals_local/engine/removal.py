"""The order of deletions: before a replacement, and for everything else. All functions are pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from signals_local.engine.model import Resource
from signals_local.engine.values import UNKNOWN, Properties


def dependents_to_replace(
    root: Resource,
    resources: Sequence[Resource],
    settled: Collection[str],
    would_replace: Callable[[Resource, Properties], bool],
) -> list[Resource]:
    """Return the resources that must be deleted before the root, in order of dependency.

    Those are the dependents that their provider would replace if the inputs that come from deleted resources were unknown.

    Args:
        root: The resource that is deleted before its replacement is created.
        resources: The state in its order, dependents after the resources they depend on.
        settled: URNs that the program has registered already, so they can no longer depend on the root.
        would_replace: Asks the provider whether it would replace a dependent with these inputs.
    """
    reached, condemned = {root.urn}, {root.urn}
    found: list[Resource] = []
    for candidate in resources:
        if candidate.urn in settled or candidate.urn == root.urn:
            continue
        if not (candidate.needs - {candidate.parent}) & reached:
            continue
        reached.add(candidate.urn)
        if not candidate.custom or candidate.external:
            continue
        if candidate.deleted_with in condemned or _changes_with(candidate, condemned, would_replace):
            condemned.add(candidate.urn)
            found.append(candidate)
    return found


def _changes_with(
    candidate: Resource, condemned: set[str], would_replace: Callable[[Resource, Properties], bool]
) -> bool:
    touched = {key for key, urns in candidate.property_dependencies.items() if condemned.intersection(urns)}
    touched &= candidate.inputs.keys()
    if not touched:
        return False
    inputs = {key: UNKNOWN if key in touched else value for key, value in candidate.inputs.items()}
    return would_replace(candidate, inputs)


def waves(condemned: Sequence[tuple[str, Resource]]) -> list[list[str]]:
    """Arrange deletions in waves, so that nothing is deleted before its dependents. The deletions of a wave may run in parallel.

    Args:
        condemned: The keys and resources to delete, in the state's order.

    Returns:
        The keys by wave, first wave first.
    """
    # A resource waits for all later ones that need it, including its children. Two entries may share a URN (a resource and its
    # replacement); their order in the state distinguishes them.
    depth: dict[str, int] = {}
    by_urn: dict[str, list[str]] = {}
    for key, resource in condemned:
        below = [depth[other] for urn in resource.needs for other in by_urn.get(urn, ())]
        depth[key] = max(below, default=-1) + 1
        by_urn.setdefault(resource.urn, []).append(key)
    levels: dict[int, list[str]] = {}
    for key, level in depth.items():
        levels.setdefault(level, []).append(key)
    return [levels[level] for level in sorted(levels, reverse=True)]


def without_references(resource: Resource, gone: Collection[str]) -> Resource:
    """Return the resource without its references to removed resources, so that the state stays consistent."""
    if not resource.needs & set(gone):
        return resource
    return replace(
        resource,
        parent="" if resource.parent in gone else resource.parent,
        dependencies=tuple(urn for urn in resource.dependencies if urn not in gone),
        property_dependencies={
            key: tuple(urn for urn in urns if urn not in gone)
            for key, urns in resource.property_dependencies.items()
        },
        deleted_with="" if resource.deleted_with in gone else resource.deleted_with,
    )
