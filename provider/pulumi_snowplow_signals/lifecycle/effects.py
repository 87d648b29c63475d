"""The effects of a change on other objects: who will read a new version, and whom a withdrawal would break.

A preview names them all. A change that would break something live is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic

from pulumi_snowplow_signals.api.models import D, StoredAttributeGroup
from pulumi_snowplow_signals.fields.faults import Fault
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.lifecycle.lists import Lists
from pulumi_snowplow_signals.lifecycle.users import User, describe_users, find_readers, find_users, resolve
from pulumi_snowplow_signals.versions.history import Registered, Stored
from pulumi_snowplow_signals.versions.plan import Plan, Prior, Proposal


@dataclass(frozen=True)
class Effects(Generic[D]):
    """The effects of a plan on other objects.

    Attributes:
        lists: The registry's lists.
        prior: What the stack recorded; None for a new resource.
        proposal: What the program asks for.
        plan: The plan.
        registered: What the registry holds of the name.
        hides: The names of the inputs whose values no text may contain.
    """

    lists: Lists
    prior: Prior[D] | None
    proposal: Proposal[D]
    plan: Plan
    registered: Registered
    hides: frozenset[str]

    @property
    def _definition(self) -> D:
        return self.proposal.definition

    def faults(self) -> Iterator[Fault]:
        """Yield the faults of a plan that would break users of the object. Raise ApiError."""
        label, name = self._definition.label, self._definition.name
        for number in self.plan.withdrawn:
            users = find_users(self.lists, label, name, number)
            if users and not self.proposal.published:
                yield withdrawn_while_used(label, users)
        changed = self._find_fixed_changes()
        users = find_users(self.lists, label, name, self.plan.version) if changed else []
        if users:
            yield changed_while_used(changed[0], label, users)

    def remarks(self) -> Iterator[Remark]:
        """Yield the remarks about users of the object. Raise ApiError."""
        definition = self._definition
        if isinstance(definition, AttributeGroup) and self._is_new():
            for remark in self._announce_new_version(definition):
                yield Remark(remark.severity, f"{definition.name}: {remark.text}")

    def _find_fixed_changes(self) -> list[str]:
        if self.prior is not None and self.prior.published:
            return fixed_and_changed(self.prior.definition, self._definition)
        return fixed_and_changed(self.registered.get(self.plan.version), self._definition)

    def _is_new(self) -> bool:
        """Return whether a version goes live that was not live before."""
        was_live = self.prior is not None and self.prior.published and self.prior.version == self.plan.version
        return self.proposal.published and not was_live and bool(self.plan.writes)

    def _announce_new_version(self, group: AttributeGroup) -> Iterator[Remark]:
        number, readers = self.plan.version, find_readers(self.lists, group.name)
        moving = [user for user in readers if self._moves(group, user)]
        if moving:
            yield Remark("info", f"v{number} will be read by {describe_users(moving)}")
        yield from self._find_type_changes(group, moving)
        yield from self._find_key_changes(group, moving)
        yield from self._announce_older(group)
        yield from self._find_dropped(group, readers)
        if self.prior is not None and self.prior.published:
            yield Remark("info", _describe_values(group, number, self.hides))

    def _announce_older(self, group: AttributeGroup) -> Iterator[Remark]:
        """Yield a remark about each older version, which is withdrawn only once nothing uses it."""
        for number in sorted(self.plan.history.older):
            users = find_users(self.lists, group.label, group.name, number, drafts=True)
            now = f" Now it is used by {describe_users(users)}" if users else ""
            yield Remark(
                "info", f"v{number} is withdrawn at the end of this run, unless something still uses it.{now}"
            )

    def _moves(self, group: AttributeGroup, user: User) -> bool:
        """Return whether a user will read the new version: the highest that has one of its attributes."""
        read = [self._find_read(group.name, attribute) for attribute in user.reads & group.columns.keys()]
        return any(each is None or each.version < self.plan.version for each in read)

    def _find_type_changes(self, group: AttributeGroup, moving: list[User]) -> Iterator[Remark]:
        """Yield a remark about each attribute that changes type in the new version, with its readers."""
        for attribute, kind in group.columns.items():
            stored = self._find_read(group.name, attribute)
            before = stored.attributes.get(attribute) if stored else None
            readers = [user for user in moving if attribute in user.reads]
            if readers and before not in (None, kind):
                what = "an attribute" if self._is_hidden() else f"{attribute} ({before} → {kind})"
                yield Remark("warning", f"{what} changes type for {describe_users(readers)}")

    def _find_key_changes(self, group: AttributeGroup, moving: list[User]) -> Iterator[Remark]:
        """Yield a remark about the readers that will be sent to other people, since their targets follow the group's key."""
        key, following = group.attribute_key.name, dict[str, list[User]]()
        for user in (each for each in moving if not each.has_targets):
            read = (self._find_read(group.name, attribute) for attribute in user.reads & group.columns.keys())
            keys = {stored.attribute_key for stored in read if stored and stored.attribute_key}
            for before in keys - {key}:
                following.setdefault(before, []).append(user)
        for before, users in sorted(following.items()):
            change = "" if "attribute_key" in self.hides else f" ({before} → {key})"
            yield Remark(
                "warning",
                f"the attribute key changes{change}, and with it who gets {describe_users(users)}, which names no targets of its own",
            )

    def _find_dropped(self, group: AttributeGroup, readers: list[User]) -> Iterator[Remark]:
        """Yield a remark about each version that stays live for attributes that the new one lacks."""
        held: dict[int, list[User]] = {}
        for user in readers:
            for attribute in user.reads - group.columns.keys():
                read = self._find_read(group.name, attribute)
                if read is not None and user not in held.setdefault(read.version, []):
                    held[read.version].append(user)
        for number, users in sorted(held.items()):
            lacking = sorted({a for user in users for a in user.reads} - group.columns.keys())
            what = "attributes" if self._is_hidden() else ", ".join(lacking)
            yield Remark(
                "warning",
                f"v{number} stays live for {describe_users(users)}, which reads {what}: v{self.plan.version} has no such attribute",
            )

    def _find_read(self, group: str, attribute: str) -> StoredAttributeGroup | None:
        """Return the version of a group in which criteria read an attribute now."""
        return resolve(self.lists.groups.of(group), group, attribute)

    def _is_hidden(self) -> bool:
        return bool(self.hides & {"attributes", "fields"})


def fixed_and_changed(old: Definition | Stored | None, new: Definition) -> list[str]:
    """Return the changed fields that cannot change while others use the published object.

    Of an object as the registry holds it, none if it is not live, or cannot be read.
    """
    if isinstance(old, Stored):
        old = old.definition if old.live else None
    if old is None:
        return []
    fixed = (name for name in type(new).model_fields if name in new.fixed_while_used)
    return [name for name in fixed if old.canonical.get(name) != new.canonical.get(name)]


def changed_while_used(field: str, label: str, users: Iterable[User]) -> Fault:
    """Return the fault of a change to a field that is fixed while the object is used."""
    return Fault(
        field,
        f"cannot change while the {label} is used by {describe_users(users)}. Undo the change, or give the {label} another name",
    )


def withdrawn_while_used(label: str, users: Iterable[User]) -> Fault:
    """Return the fault of a withdrawal that would break the users of an object."""
    return Fault(
        "published",
        f"is false, but the {label} is used by {describe_users(users)}. Move them first, in a separate deployment",
    )


def _describe_values(group: AttributeGroup, number: int, hides: frozenset[str]) -> str:
    """Return which values a new version starts with. Whether unchanged attributes keep theirs is not documented."""
    since = getattr(group, "backfill_since_tstamp", None)
    if since is None:
        return f"the values of v{number} may start empty"
    from_when = "" if "backfill_since_tstamp" in hides else f" since {since}"
    return f"the values of v{number} are backfilled{from_when}, and may be empty until that is done"


def find_unused(lists: Lists, kind: type[Definition], name: str, numbers: frozenset[int]) -> frozenset[int]:
    """Return the versions that nothing uses. Raise ApiError."""
    return frozenset(n for n in numbers if not find_users(lists, kind.label, name, n, drafts=True))
