"""Decide which steps a registration leads to, from the existing resource, the goal and the provider's diff. All functions are pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import replace

from signals_local.engine.model import (
    STACK_TYPE,
    Alias,
    Diff,
    Goal,
    Home,
    Resource,
    make_urn,
    urn_name,
    urn_type,
)
from signals_local.engine.paths import covers, parse_path


class Verdict(enum.Enum):
    """What to do with a resource that exists."""

    SAME = "same"
    UPDATE = "update"
    CREATE_BEFORE_DELETE = "create-before-delete"
    DELETE_BEFORE_CREATE = "delete-before-create"

    @property
    def is_replace(self) -> bool:
        """Whether the resource is replaced."""
        return self in (Verdict.CREATE_BEFORE_DELETE, Verdict.DELETE_BEFORE_CREATE)


def build_resource(goal: Goal, urn: str, old: Resource | None, alias: str) -> Resource:
    """Return the resource that a goal describes, before its id and outputs are known."""
    return Resource(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=goal.inputs,
        parent=goal.parent,
        dependencies=goal.dependencies,
        property_dependencies=goal.property_dependencies,
        protect=goal.protect,
        retain_on_delete=goal.retain_on_delete,
        deleted_with=goal.deleted_with,
        ignore_changes=goal.ignore_changes,
        replace_on_changes=goal.replace_on_changes,
        additional_secret_outputs=goal.additional_secret_outputs,
        aliases=(alias,) if alias else (),
        created=old.created if old else "",
        modified=old.modified if old else "",
    )


def decide(old: Resource, goal: Goal, diff: Diff) -> Verdict:
    """Return what a diff means for an existing resource.

    If a run deleted the resource before its replacement and then died, the resource is replaced whatever the diff says.
    """
    if not diff.changes and not old.pending_replacement:
        return Verdict.SAME
    if not diff.replaces and not old.pending_replacement:
        return Verdict.UPDATE
    first_delete = (
        diff.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
    )
    return Verdict.DELETE_BEFORE_CREATE if first_delete else Verdict.CREATE_BEFORE_DELETE


def force_replacement(diff: Diff, replace_on_changes: tuple[str, ...]) -> Diff:
    """Add the changed inputs that `replace_on_changes` covers to those that force a replacement."""
    if not diff.changes:
        return diff
    paths = [path for text in replace_on_changes if (path := parse_path(text))]
    forced = [key for key in diff.changed if any(covers(path, parse_path(key) or (key,)) for path in paths)]
    return replace(diff, replaces=tuple(dict.fromkeys((*diff.replaces, *forced))))


def alias_urns(goal: Goal, home: Home, renamed: Mapping[str, str]) -> list[str]:
    """Return the URNs under which a resource may have been stored before, the program's own aliases first.

    Args:
        goal: The registered resource.
        home: The stack and project.
        renamed: For each URN found under an alias in this run, that alias. A child of a renamed parent is also looked up
            under the parent's old name. If the child's name begins with the parent's, its old name is used there, too.
    """
    own = [_collapse(alias, goal, home, renamed) for alias in goal.aliases]
    found = list(own)
    if parent_alias := renamed.get(goal.parent):
        found.append(_inherit_alias(goal.type, goal.name, goal.parent, parent_alias, home))
        for urn in own:
            type_ = urn_type(urn).rsplit("$", 1)[-1]
            found.append(_inherit_alias(type_, urn_name(urn), goal.parent, parent_alias, home))
    return list(dict.fromkeys(found))


def _collapse(alias: Alias, goal: Goal, home: Home, renamed: Mapping[str, str]) -> str:
    if alias.urn:
        return alias.urn
    parent = goal.parent if not alias.parent else renamed.get(alias.parent, alias.parent)
    if alias.no_parent or (parent and urn_type(parent) == STACK_TYPE):
        parent = ""
    there = Home(alias.stack or home.stack, alias.project or home.project)
    return make_urn(there, parent, alias.type or goal.type, alias.name or goal.name)


def _inherit_alias(type_: str, name: str, parent: str, parent_alias: str, home: Home) -> str:
    parent_name = urn_name(parent)
    if name.startswith(parent_name):
        name = urn_name(parent_alias) + name[len(parent_name) :]
    return make_urn(home, parent_alias, type_, name)
