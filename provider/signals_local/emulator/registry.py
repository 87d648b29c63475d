"""The registry: which changes a request may make to objects of all four kinds.

An object is a draft, published or withdrawn; only the history distinguishes a draft from a withdrawn object. A published definition
does not change: it must be withdrawn first or, for an intervention or a group, get the next version number. Requests that the service
is known to refuse are refused in its words. Requests about which nothing is known are refused as well (see docs/assumptions.md).

Each public method that writes is one transaction, so a request succeeds as a whole or changes nothing. The one exception is the
assumption `publishing=two-steps`, whose purpose is to leave a draft behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from signals_local.emulator.assumptions import Assumptions
from signals_local.emulator.attribute_models import AttributeKey
from signals_local.emulator.errors import Refusal
from signals_local.emulator.history import Cause, Event, History
from signals_local.emulator.normalising import normalised
from signals_local.emulator.references import References
from signals_local.emulator.storage import Database
from signals_local.emulator.wire import KINDS, Identity, Kind, Proposal

__all__ = ["BUILT_IN_KEYS", "Identity", "Registry", "Stored"]

#: Every account has these built-in keys (Snowplow's documentation, Signals concepts). Their content is that of the official
#: client's `definitions` module, so a script that publishes those again changes nothing.
#: `snowplow_id` was added in November 2026, after that client, so its description is made up.
BUILT_IN_KEYS = {
    "user_id": "The user ID for the user.",
    "domain_userid": "The domain user ID for the user.",
    "network_userid": "The network user ID for the user.",
    "domain_sessionid": "The domain session ID for the session.",
    "snowplow_id": "The Snowplow ID of the identity.",
}


@dataclass(frozen=True)
class Stored:
    """One registered object. `definition` is its model as JSON values, without `is_published`."""

    identity: Identity
    definition: dict[str, Any]
    digest: str
    is_published: bool
    created_at: str
    updated_at: str


class Registry:
    """The registered objects, and the changes to them. Only one thread at a time may use it.

    `revision` grows with every change, which tells the owner of derived data when to derive it again. Every method that writes
    raises `Refusal` for a request that the service refuses.
    """

    def __init__(self, database: Database, assumptions: Assumptions) -> None:
        self.revision = 0
        self.references = References(database)
        self.history = History(database)
        self._database = database
        self._assumptions = assumptions
        self._register_built_in_keys()

    # Reading

    def get(self, identity: Identity) -> Stored:
        """Return one object. Raise a 404 `Refusal` if there is none."""
        row = self._database.row("get_object", **vars(identity))
        if row is None:
            raise Refusal(404, f"{identity} not found")
        return _read_row(row)

    def latest(self, kind: Kind, name: str) -> Stored:
        """Return the version for a request without a version (assumption `latest`). Raise a 404 `Refusal` if there is none."""
        versions = [_read_row(row) for row in self._database.rows("get_versions", kind=kind, name=name)]
        if self._assumptions.latest == "published":
            versions = [each for each in versions if each.is_published] or versions
        if not versions:
            raise Refusal(404, f"{kind.replace('_', ' ').capitalize()} '{name}' not found")
        return versions[0]

    def listed(self, kind: Kind) -> list[Stored]:
        """Return what the list of a kind contains (assumption `list`, for kinds with versions)."""
        holds = self._assumptions.list if kind in ("intervention", "attribute_group") else "all"
        statement = {
            "all": "list_objects",
            "newest": "list_newest_objects",
            "published": "list_published_objects",
        }
        return [_read_row(row) for row in self._database.rows(statement[holds], kind=kind)]

    def every(self, kind: Kind) -> list[Stored]:
        """Return all objects of a kind, by name and version, regardless of the assumption `list`."""
        return [_read_row(row) for row in self._database.rows("list_objects", kind=kind)]

    def published(self, kind: Kind) -> list[Stored]:
        """Return the live objects of a kind, by name and version."""
        return [_read_row(row) for row in self._database.rows("list_published_objects", kind=kind)]

    # Writing

    def create(self, proposal: Proposal, cause: Cause) -> Stored:
        """Register a new object, and publish it if the proposal says so."""
        proposal = self._normalise(proposal)
        identity = proposal.identity
        with self._writing():
            if self._find(identity) is not None:
                raise Refusal(400, f"{identity} already exists")
            self._refuse_to_save(proposal, cause)
            self._insert(proposal, cause)
            if proposal.publish and self._assumptions.publishing == "one-step":
                self._publish(identity, cause)
        if proposal.publish and self._assumptions.publishing == "two-steps":
            with self._writing():
                self._publish(identity, cause)
        return self.get(identity)

    def replace(self, identity: Identity, proposal: Proposal, cause: Cause) -> Stored:
        """Rewrite a draft, publish it or withdraw it, according to the proposal's `publish`."""
        proposal = self._normalise(proposal)
        if proposal.identity != identity:
            raise Refusal(400, f"The path names {identity}, the body names {proposal.identity}")
        with self._writing():
            before = self.get(identity)
            self._refuse_to_save(proposal, cause)
            if before.is_published and proposal.publish:
                self._renew(before, proposal, cause)
            elif before.is_published:
                if before.digest != proposal.digest:
                    raise Refusal(
                        400,
                        f"Cannot update published {identity.kind.replace('_', ' ')}. Unpublish it unchanged first",
                    )
                self._unpublish(identity, cause)
            else:
                self._rewrite(before, proposal, cause)
                if proposal.publish and self._assumptions.publishing == "one-step":
                    self._publish(identity, cause)
        if (
            proposal.publish
            and self._assumptions.publishing == "two-steps"
            and not self.get(identity).is_published
        ):
            with self._writing():
                self._publish(identity, cause)
        return self.get(identity)

    def delete(self, identity: Identity, cause: Cause) -> None:
        """Delete a draft or a withdrawn object."""
        with self._writing():
            before = self.get(identity)
            if before.is_published:
                raise Refusal(400, f"Cannot delete published {identity.kind.replace('_', ' ')}")
            self._refuse(400, self.references.users(identity))
            if identity.kind == "attribute_group":
                self._withdraw_with(identity, cause)
            self._database.run("delete_object", **vars(identity))
            self.history.record(cause, "deleted", identity, before.digest, is_published=False)

    def publish_all(self, identities: Iterable[Identity], cause: Cause) -> bool:
        """Publish the objects that are not published yet, all or none. Return whether there were any."""
        with self._writing():
            drafts = [each for each in identities if not self.get(each).is_published]
            for identity in sorted(drafts, key=lambda each: KINDS.index(each.kind)):
                self._publish(identity, cause)
        return bool(drafts)

    def unpublish_all(self, identities: Iterable[Identity], cause: Cause) -> bool:
        """Withdraw the live objects, all or none, users before the objects they use. Return whether there were any."""
        with self._writing():
            live = [each for each in identities if self.get(each).is_published]
            for identity in sorted(live, key=lambda each: KINDS.index(each.kind), reverse=True):
                if self.get(identity).is_published:  # a group before it may have taken it down
                    self._unpublish(identity, cause)
        return bool(live)

    def reset(self) -> None:
        """Delete everything except the built-in keys, including the history. Request numbers continue."""
        with self._writing():
            self._database.run("delete_all_objects")
            self.history.forget()

    # Steps of a write; each runs inside its transaction

    def _publish(self, identity: Identity, cause: Cause) -> None:
        if cause.publication_fault is not None:
            raise cause.publication_fault
        if identity.kind == "attribute_group":
            _refuse_schemas(self.get(identity).definition, cause)
        self._refuse(422, self.references.missing_to_publish(identity))
        if identity.kind == "intervention" and self._assumptions.previous != "stays":
            self._make_way(identity, cause)
        self._set_published(identity, cause, is_published=True)

    def _make_way(self, identity: Identity, cause: Cause) -> None:
        for row in self._database.rows("get_versions", kind=identity.kind, name=identity.name):
            other = _read_row(row)
            if not other.is_published or other.identity == identity:
                continue
            if self._assumptions.previous == "blocks":
                raise Refusal(400, f"{other.identity} is published. Unpublish it first")
            self._unpublish(other.identity, cause)

    def _unpublish(self, identity: Identity, cause: Cause) -> None:
        if identity.kind == "attribute_key" and identity.name in BUILT_IN_KEYS:
            raise Refusal(400, f"Attribute key '{identity.name}' is built in, can't unpublish")
        pinning = self.references.services_pinning(identity)
        if self._assumptions.pinned_group == "goes":
            for service in pinning:
                self.history.record_loss(cause, identity, service)
        else:
            self._refuse(400, self.references.published_users(identity))
        if identity.kind == "attribute_group":
            self._withdraw_with(identity, cause)
        self._set_published(identity, cause, is_published=False)

    def _withdraw_with(self, group: Identity, cause: Cause) -> None:
        for intervention in self.references.interventions_going_with(group):
            self.history.record_loss(cause, group, intervention)
            self._unpublish(intervention, cause)

    def _set_published(self, identity: Identity, cause: Cause, *, is_published: bool) -> None:
        self._database.run("set_published", **vars(identity), is_published=is_published, now=_now())
        event: Event = "published" if is_published else "unpublished"
        self.history.record(cause, event, identity, self.get(identity).digest, is_published=is_published)

    def _renew(self, before: Stored, proposal: Proposal, cause: Cause) -> None:
        """Apply a PUT to a published object that stays published."""
        kind = before.identity.kind
        if kind == "attribute_key" and before.digest == proposal.digest:
            return
        changes_in_place = {
            "attribute_key": self._assumptions.published_key == "accepts",
            "service": self._assumptions.published_service == "accepts",
        }
        if not changes_in_place.get(kind, False):
            raise Refusal(400, f"Cannot update published {kind.replace('_', ' ')}")
        self._rewrite(before, proposal, cause)
        self._refuse(422, self.references.missing_to_publish(before.identity))

    def _insert(self, proposal: Proposal, cause: Cause, *, is_built_in: bool = False) -> None:
        identity = proposal.identity
        self._database.run(
            "insert_object",
            **vars(identity),
            definition=json.dumps(proposal.definition),
            digest=proposal.digest,
            is_built_in=is_built_in,
            now=_now(),
        )
        self._insert_parts(identity, proposal)
        self._check_early(identity)
        self.history.record(cause, "created", identity, proposal.digest, is_published=False)

    def _rewrite(self, before: Stored, proposal: Proposal, cause: Cause) -> None:
        identity = before.identity
        self._database.run(
            "replace_definition",
            **vars(identity),
            definition=json.dumps(proposal.definition),
            digest=proposal.digest,
            now=_now(),
        )
        self._database.run("delete_references", **vars(identity))
        if identity.kind == "attribute_group":
            self._database.run("delete_attributes", group_name=identity.name, version=identity.version)
        self._insert_parts(identity, proposal)
        self._check_early(identity)
        if before.digest != proposal.digest:
            self.history.record(
                cause, "replaced", identity, proposal.digest, is_published=before.is_published
            )

    def _insert_parts(self, identity: Identity, proposal: Proposal) -> None:
        for reference in proposal.references:
            self._database.run(
                "insert_reference",
                **vars(identity),
                role=reference.role,
                target_kind=reference.kind,
                target_name=reference.name,
                target_version=reference.version,
                attribute=reference.attribute,
            )
        for name in proposal.attributes:
            self._database.run(
                "insert_attribute", group_name=identity.name, version=identity.version, name=name
            )

    # The rest

    def _refuse_to_save(self, proposal: Proposal, cause: Cause) -> None:
        self._refuse(422, self.references.missing_to_save(proposal))
        if proposal.kind == "attribute_group":
            _refuse_schemas(proposal.definition, cause)

    def _check_early(self, identity: Identity) -> None:
        """Check an intervention's references on saving it (assumption `references-checked`)."""
        if identity.kind == "intervention" and self._assumptions.references_checked == "saving":
            self._refuse(422, self.references.missing_to_publish(identity))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._database.transaction():
            yield
        self.revision += 1

    def _refuse(self, status: int, reasons: Iterator[str]) -> None:
        """Raise `Refusal` if there are any reasons, naming the first ones."""
        found = list(dict.fromkeys(reasons))
        if found:
            raise Refusal(status, "; ".join(found[:10]))

    def _find(self, identity: Identity) -> sqlite3.Row | None:
        return self._database.row("get_object", **vars(identity))

    def _normalise(self, proposal: Proposal) -> Proposal:
        if self._assumptions.answers == "as-sent" or proposal.kind != "intervention":
            return proposal
        return normalised(proposal, self.references.default_targets(proposal.references))

    def _register_built_in_keys(self) -> None:
        cause = Cause(0, "", "start")
        with self._writing():
            for name, description in BUILT_IN_KEYS.items():
                proposal = AttributeKey(name=name, key=name, description=description).proposal()
                if self._find(proposal.identity) is None:
                    self._insert(proposal, cause, is_built_in=True)
                    self._set_published(proposal.identity, cause, is_published=True)


def _read_row(row: sqlite3.Row) -> Stored:
    return Stored(
        identity=Identity(row["kind"], row["name"], row["version"]),
        definition=json.loads(row["definition"]),
        digest=row["digest"],
        is_published=bool(row["is_published"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _refuse_schemas(group: dict[str, Any], cause: Cause) -> None:
    """Refuse an event whose schema a test took out of production, in the words that the service was seen to use."""
    for attribute in group["attributes"] or ():
        for event in attribute["events"]:
            if event["name"] in cause.missing_schemas:
                raise Refusal(404, f"Schema for event '{event['name']}' was not found or not in production")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
