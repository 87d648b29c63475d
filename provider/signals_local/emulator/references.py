"""The dependencies between registered objects, and which objects a cascade withdraws.

The rules come from Snowplow's documentation (interventions: resolution, default targets; attribute groups: the cascade) and from
refusals seen in the service. If the rule is known but not the status, publishing is refused with 422.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from signals_local.emulator.storage import Database
from signals_local.emulator.wire import Identity, Proposal, Reference


class References:
    """Answers questions about references, always from the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def resolve(self, group: str, attribute: str) -> int | None:
        """Return the version to which `group:attribute` refers: the highest published one that contains the attribute."""
        row = self._database.row("resolve_attribute", group_name=group, name=attribute)
        return None if row is None or row["version"] is None else int(row["version"])

    def default_targets(self, references: tuple[Reference, ...]) -> list[str]:
        """Return the sorted attribute keys of the groups that the criteria refer to, which are an intervention's default targets."""
        keys = set()
        for reference in references:
            if reference.role == "criterion" and reference.attribute:
                version = self.resolve(reference.name, reference.attribute)
                if version is not None:
                    keys.add(self._find_key(reference.name, version))
        return sorted(keys)

    def missing_to_save(self, proposal: Proposal) -> Iterator[str]:
        """Yield why a group or service cannot even be stored. Only the syntax of an intervention's draft is checked."""
        if proposal.kind not in ("attribute_group", "service"):
            return
        missing = [each.identity for each in proposal.references if self._get(each.identity) is None]
        yield from (f"{identity} does not exist" for identity in missing)
        if proposal.kind == "service" and not missing:
            keys = {self._find_key(each.name, each.identity.version) for each in proposal.references}
            if len(keys) > 1:
                yield "Service can only reference attribute groups with the same attribute key"
            yield from self._find_shared_attributes(proposal.references)

    def _find_shared_attributes(self, members: tuple[Reference, ...]) -> Iterator[str]:
        """Yield a sentence for each attribute name in two groups of a service (refused since March 2026, release notes)."""
        owner: dict[str, Reference] = {}
        for member in members:
            for name in self._list_attributes(member.identity):
                first = owner.setdefault(name, member)
                if first is not member:
                    yield (
                        f"Attribute '{name}' is in both {_in_sentence(first.identity)} and "
                        f"{_in_sentence(member.identity)}. Attribute names must be unique within a service"
                    )

    def missing_to_publish(self, identity: Identity) -> Iterator[str]:
        """Yield why a stored object cannot be published."""
        for reference in self.of(identity):
            if reference.role == "criterion" and reference.attribute:
                if self.resolve(reference.name, reference.attribute) is None:
                    yield self._explain_unresolved(reference.name, reference.attribute)
                continue
            target = self._get(reference.identity)
            if target is None:
                yield f"{reference.identity} does not exist"
            elif not target["is_published"] and reference.role in ("key", "member"):
                yield f"{reference.identity} is not published"
        if identity.kind == "attribute_group" and not self._list_attributes(identity):
            yield f"{identity} has neither attributes nor fields"

    def published_users(self, identity: Identity) -> Iterator[str]:
        """Yield why a published key or group cannot be withdrawn: the published groups or services that need it."""
        for role, user, is_published in self._find_users(identity):
            if is_published and role in ("key", "member"):
                yield f"{identity} is used by {_in_sentence(user)}, can't unpublish"

    def services_pinning(self, group: Identity) -> list[Identity]:
        """Return the published services that pin this version of a group."""
        return [
            user for role, user, is_published in self._find_users(group) if is_published and role == "member"
        ]

    def users(self, identity: Identity) -> Iterator[str]:
        """Yield why a key or group cannot be deleted: the objects that still refer to it, including drafts."""
        for role, user, _ in self._find_users(identity):
            if role in ("key", "member"):
                yield f"{identity} is used by {_in_sentence(user)}, can't delete"
            if role == "target":
                yield f"{identity} is a target of {_in_sentence(user)}, can't delete"

    def interventions_going_with(self, group: Identity) -> list[Identity]:
        """Return the published interventions that are withdrawn together with this version of a group, each once.

        Those have a criterion that currently resolves to the version, or the version as payload.
        """
        going: dict[Identity, None] = {}
        for row in self._database.rows("users_of", target_kind=group.kind, target_name=group.name):
            if row["role"] == "criterion":
                uses_it = self.resolve(group.name, row["attribute"]) == group.version
            else:
                uses_it = row["role"] == "payload" and row["target_version"] == group.version
            if uses_it and row["is_published"]:
                going[Identity("intervention", row["name"], row["version"])] = None
        return list(going)

    def of(self, identity: Identity) -> tuple[Reference, ...]:
        """Return the references of a stored object, in the order of its definition."""
        rows = self._database.rows("get_references", **vars(identity))
        return tuple(
            Reference(
                row["role"], row["target_kind"], row["target_name"], row["target_version"], row["attribute"]
            )
            for row in rows
        )

    def _find_users(self, identity: Identity) -> Iterator[tuple[str, Identity, bool]]:
        """Yield the users of exactly this object: the role of the reference, the user, and whether the user is published."""
        for row in self._database.rows("users_of", target_kind=identity.kind, target_name=identity.name):
            if (row["target_version"] or 0) == identity.version:
                yield (
                    row["role"],
                    Identity(row["kind"], row["name"], row["version"]),
                    bool(row["is_published"]),
                )

    def _list_attributes(self, group: Identity) -> list[str]:
        rows = self._database.rows("list_attributes", group_name=group.name, version=group.version)
        return [str(row["name"]) for row in rows]

    def _get(self, identity: Identity) -> sqlite3.Row | None:
        return self._database.row("get_object", **vars(identity))

    def _find_key(self, group: str, version: int) -> str:
        row = self._get(Identity("attribute_group", group, version))
        return str(json.loads(row["definition"])["attribute_key"]["name"]) if row else ""

    def _explain_unresolved(self, group: str, attribute: str) -> str:
        versions = self._database.rows("get_versions", kind="attribute_group", name=group)
        if not versions:
            why = f": there is no attribute group '{group}'"
        elif not any(row["is_published"] for row in versions):
            why = f": attribute group '{group}' is not published"
        else:
            why = f" in any published version of attribute group '{group}'"
        return f"Attribute '{group}:{attribute}' does not exist{why}"


def _in_sentence(identity: Identity) -> str:
    text = str(identity)
    return text[0].lower() + text[1:]
