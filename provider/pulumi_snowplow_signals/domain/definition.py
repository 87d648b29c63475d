"""The definition of a rule intervention: all that the API stores except its number and whether it is published.

A (name, version) that has ever been published never changes its definition; that is the promise this package keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from pulumi_snowplow_signals.domain.canonical import canonical_criteria, canonical_json, digest_of
from pulumi_snowplow_signals.domain.criteria import Node, node_from_wire, node_to_wire

_DIGEST_LENGTH: Final = 16  # hex digits: 64 bits tell the versions of one intervention apart


@dataclass(frozen=True, eq=False)
class Definition:
    """What an intervention is, apart from its number. Compare two of them with `equals`.

    `target_attribute_keys` empty means that the service takes the keys of the groups that the criteria refer to.
    """

    name: str
    owner: str | None
    criteria: Node
    description: str | None = None
    target_attribute_keys: tuple[str, ...] = ()
    payload_attribute_groups: tuple[tuple[str, int], ...] = field(default=())

    @classmethod
    def from_wire(cls, body: Mapping[str, Any]) -> Definition:
        """Build a definition from what the registry stores. Raises ValueError where the shape is not a documented one."""
        try:
            return cls(
                name=str(body["name"]),
                owner=_text_or_none(body.get("owner")),
                description=_text_or_none(body.get("description")),
                criteria=node_from_wire(body.get("criteria")),
                target_attribute_keys=tuple(
                    str(key["name"]) for key in body.get("target_attribute_keys") or ()
                ),
                payload_attribute_groups=tuple(
                    (str(group["name"]), int(group.get("version") or 1))
                    for group in body.get("payload_attribute_groups") or ()
                ),
            )
        except (KeyError, TypeError, AttributeError) as unusable:
            raise ValueError(f"not an intervention: {unusable!r}") from None

    def to_wire(self) -> dict[str, Any]:
        """Give the definition as the API takes it, without what it leaves out."""
        wire: dict[str, Any] = {"name": self.name, "criteria": node_to_wire(self.criteria)}
        if self.owner:
            wire["owner"] = self.owner
        if self.description:
            wire["description"] = self.description
        if self.target_attribute_keys:
            wire["target_attribute_keys"] = [{"name": name} for name in self.target_attribute_keys]
        if self.payload_attribute_groups:
            wire["payload_attribute_groups"] = [
                {"name": n, "version": v} for n, v in self.payload_attribute_groups
            ]
        return wire

    @cached_property
    def canonical(self) -> dict[str, Any]:
        """The definition in wire shape and canonical form."""
        wire = replace(
            self,
            owner=canonical_owner(self.owner),
            criteria=canonical_criteria(self.criteria),
            target_attribute_keys=tuple(sorted(set(self.target_attribute_keys))),
            payload_attribute_groups=tuple(sorted(set(self.payload_attribute_groups))),
        )
        return wire.to_wire()

    @cached_property
    def digest(self) -> str:
        """A short fingerprint of the canonical form, as it is kept in a stack's state."""
        return digest_of(canonical_json(self.canonical), _DIGEST_LENGTH)

    def equals(self, other: Definition) -> bool:
        """Tell whether both are the same definition."""
        return self.digest == other.digest

    def is_stored_as(self, stored: Definition) -> bool:
        """Tell whether `stored`, as the registry gives it back, is this definition.

        Where this one names no target attribute keys, those of `stored` are left out of account: it is not documented
        whether the service writes its default into what it returns.
        """
        if not self.target_attribute_keys and stored.target_attribute_keys:
            stored = replace(stored, target_attribute_keys=())
        return self.equals(stored)


def _text_or_none(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"text is expected, not {type(value).__name__}")
    return value


def canonical_owner(owner: str | None) -> str | None:
    """Give an e-mail address with its domain in lower case: that part of it means the same in any case."""
    local, at, domain = (owner or "").rpartition("@")
    return f"{local}{at}{domain.lower()}" if at else owner
