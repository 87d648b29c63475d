"""What one registered object needs of another, and who goes down with whom.

The rules are those of Snowplow's documentation (interventions: resolution, default targets; attribute groups: the cascade)
and of refusals seen from the service; where only the rule is known and not the status, publishing is refused with 422.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from signals_local.emulator.storage import Database
from signals_local.emulator.wire import Identity, Proposal, Reference


class References:
    """Questions about references, each answered by a look into the database and nothing remembered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def resolve(self, group: str, attribute: str) -> int | None:
        """The version that `group:attribute` means: the highest published one that contains the attribute."""
        row = self._database.row("resolve_attribute", group_name=group, name=attribute)
        return None if row is None or row["version"] is None else int(row["version"])

    def default_targets(self, references: tuple[Reference, ...]) -> list[str]:
        """The attribute keys of the groups that the criteria refer to, sorted: an intervention's targets when it has none."""
        keys = set()
        for reference in references:
            if reference.role == "criterion" and reference.attribute:
                version = self.resolve(reference.name, reference.attribute)
                if version is not None:
                    keys.add(self._key_of(reference.name, version))
        return sorted(keys)

    def missing_to_save(self, proposal: Proposal) -> Iterator[str]:
        """Why a group or service cannot even be stored. (Of an intervention's draft only the syntax is checked.)."""
        if proposal.kind not in ("attribute_group", "service"):
            return
        missing = [each.identity for each in proposal.references if self._get(each.identity) is None]
        yield from (f"{identity} does not exist" for identity in missing)
        if proposal.kind == "service" and not missing:
            keys = {self._key_of(each.name, each.identity.version) for each in proposal.references}
            if len(keys) > 1:
                yield "Service can only reference attribute groups with the same attribute key"
            yield from self._shared_attributes(proposal.references)

    def _shared_attributes(self, members: tuple[Reference, ...]) -> Iterator[str]:
        """Return each attribute name that two groups of a service have (refused since March 2026, release notes)."""
        owner: dict[str, Reference] = {}
        for member in members:
            for name in self._attributes_of(member.identity):
                first = owner.setdefault(name, member)
                if first is not member:
                    yield (
                        f"Attribute '{name}' is in both {_in_sentence(first.identity)} and "
                        f"{_in_sentence(member.identity)}. Attribute names must be unique within a service"
                    )

    def missing_to_publish(self, identity: Identity) -> Iterator[str]:
        """Why a stored object cannot be published."""
        for reference in self.of(identity):
            if reference.role == "criterion" and reference.attribute:
                if self.resolve(reference.name, reference.attribute) is None:
                    yield self._why_unresolved(reference.name, reference.attribute)
                continue
            target = self._get(reference.identity)
            if target is None:
                yield f"{reference.identity} does not exist"
            elif not target["is_published"] and reference.role in ("key", "member"):
                yield f"{reference.identity} is not published"
        if identity.kind == "attribute_group" and not self._attributes_of(identity):
            yield f"{identity} has neither attributes nor fields"

    def published_users(self, identity: Identity) -> Iterator[str]:
        """Why a published key or group cannot be withdrawn: the published groups or services that need it."""
        for role, user, is_published in self._users(identity):
            if is_published and role in ("key", "member"):
                yield f"{identity} is used by {_in_sentence(user)}, can't unpublish"

    def services_pinning(self, group: Identity) -> list[Identity]:
        """Return the published services that pin this version of a group."""
        return [user for role, user, is_published in self._users(group) if is_published and role == "member"]

    def users(self, identity: Identity) -> Iterator[str]:
        """Why a key or group cannot be deleted: what still refers to it, drafts too."""
        for role, user, _ in self._users(identity):
            if role in ("key", "member"):
                yield f"{identity} is used by {_in_sentence(user)}, can't delete"
            if role == "target":
                yield f"{identity} is a target of {_in_sentence(user)}, can't delete"

    def interventions_going_with(self, group: Identity) -> list[Identity]:
        """The published interventions that go down when this version of a group does, each once.

        Those with a criterion that resolves to the version as things stand, and those with the version as payload.
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
        """What a stored object needs, in the order of its definition."""
        rows = self._database.rows("get_references", **vars(identity))
        return tuple(
            Reference(
                row["role"], row["target_kind"], row["target_name"], row["target_version"], row["attribute"]
            )
            for row in rows
        )

    def _users(self, identity: Identity) -> Iterator[tuple[str, Identity, bool]]:
        """Who refers to this very object: the role it plays there, who it is, and whether that is published."""
        for row in self._database.rows("users_of", target_kind=identity.kind, target_name=identity.name):
            if (row["target_version"] or 0) == identity.version:
                yield (
                    row["role"],
                    Identity(row["kind"], row["name"], row["version"]),
                    bool(row["is_published"]),
                )

    def _attributes_of(self, group: Identity) -> list[str]:
        rows = self._database.rows("list_attributes", group_name=group.name, version=group.version)
        return [str(row["name"]) for row in rows]

    def _get(self, identity: Identity) -> sqlite3.Row | None:
        return self._database.row("get_object", **vars(identity))

    def _key_of(self, group: str, version: int) -> str:
        row = self._get(Identity("attribute_group", group, version))
        return str(json.loads(row["definition"])["attribute_key"]["name"]) if row else ""

    def _why_unresolved(self, group: str, attribute: str) -> str:
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
