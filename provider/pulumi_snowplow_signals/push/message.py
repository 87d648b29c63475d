"""A direct intervention: the message, whether a change has to be pushed again, and to whom.

It has no criteria and is not stored in the registry. It is only pushed, and that cannot be undone. So only a change that asks
for it is pushed, and the attributes of a (name, version) that has been pushed never change. Both are decided here, from what
the stack recorded and what the program proposes.

The message has the shape of `InterventionInstance` in `snowplow_signals.models.model` of the official client 0.4.10.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final
from uuid import UUID, uuid5

from pulumi_snowplow_signals.fields.text import key_in_path, quoted_beside
from pulumi_snowplow_signals.fields.values import as_carried, canonical_json, digest_of
from pulumi_snowplow_signals.push.targets import Targets, exclude, members
from pulumi_snowplow_signals.versions.history import check_form

_NAMESPACE: Final = UUID("7d0c8f5e-0a52-4f0e-9d0b-6a4f7a1c2b93")
"""The namespace of our intervention ids. It must never change, since a subscriber recognises a repeated push by its id."""

_DIGEST_LENGTH: Final = 16
_MOST_SHOWN: Final = 10


@dataclass(frozen=True)
class Message:
    """What a subscriber receives, and the triggers of another push.

    Attributes:
        name: The intervention's name.
        version: The version number of the attributes.
        attributes: The attributes that it carries; all values are strings.
        triggers: Plain values. Any change to them asks for another push.
    """

    name: str
    version: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    triggers: Sequence[Any] = ()

    @cached_property
    def digest(self) -> str:
        """The digest of the attributes that a stack's state keeps."""
        return digest_of(canonical_json(self.attributes), _DIGEST_LENGTH)

    @cached_property
    def intervention_id(self) -> str:
        """The id of every push of this message. A second attempt has the same id, so a subscriber can drop it."""
        what = [self.name, self.version, self.attributes, _canonical(self.triggers)]
        return str(uuid5(_NAMESPACE, canonical_json(what)))

    def to_wire(self) -> dict[str, Any]:
        """Return the body of a push."""
        wire: dict[str, Any] = {
            "name": self.name,
            "version": self.version,
            "intervention_id": self.intervention_id,
        }
        return {**wire, "attributes": dict(self.attributes)} if self.attributes else wire

    def changed_inputs(self, proposed: Message) -> list[str]:
        """Return the names of the inputs that differ in `proposed` and need another push to all targets."""
        differs = {
            "version": self.version != proposed.version,
            "attributes": dict(self.attributes) != dict(proposed.attributes),
            "triggers": not have_same_triggers(self.triggers, proposed.triggers),
        }
        return [name for name, different in differs.items() if different]


@dataclass(frozen=True)
class PushHistory:
    """What a stack remembers about one name, so that a number never stands for two sets of attributes.

    Attributes:
        registry: The normalised address of the Signals deployment that received the pushes.
        pushed: Each number that was ever pushed, or may have been, with the digest of its attributes.
        unknown: Keys that a later release of this package may have recorded; kept as they are.
    """

    registry: str
    pushed: Mapping[int, str] = field(default_factory=dict)
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> PushHistory:
        """Parse the history in a stack's inputs, where every key is a string."""
        check_form(wire)
        pushed = {int(number): str(digest) for number, digest in wire.get("pushed", {}).items()}
        unknown = {key: value for key, value in wire.items() if key not in ("registry", "pushed")}
        return cls(str(wire["registry"]), pushed, unknown)

    def to_wire(self) -> dict[str, Any]:
        """Return the history in the form that a stack's inputs keep."""
        pushed = {str(n): self.pushed[n] for n in sorted(self.pushed)}
        return {"registry": self.registry, "pushed": pushed, **self.unknown}

    @property
    def following(self) -> int:
        """The next number that nobody has used."""
        return max(self.pushed, default=0) + 1

    def after(self, message: Message) -> PushHistory:
        """Return the history after this message is pushed."""
        return replace(self, pushed={**self.pushed, message.version: message.digest})


def refusal(
    history: PushHistory, prior: Message | None, proposed: Message, secret: Collection[str] = ()
) -> str | None:
    """Return why a message cannot have its number, and which one it can have; None if it can.

    Args:
        history: What was pushed under the proposed name.
        prior: The recorded message of that name, if any.
        proposed: The message that the program asks for.
        secret: The names of inputs whose values no text may contain.
    """
    number, quoted = proposed.version, f'"{proposed.name}"'
    way_out = f"Set version={history.following}."
    if number not in history.pushed:
        highest = max(history.pushed, default=0)
        if number > highest:
            return None
        return (
            f"version: {number} is lower than {highest}, the highest number that {quoted} has had. {way_out}"
        )
    if history.pushed[number] == proposed.digest:
        return None
    if prior is None or prior.version != number:
        return f"version: {number} of {quoted} has been pushed with other attributes. {way_out}"
    changes = list(_describe_changes(prior.attributes, proposed.attributes, withheld="attributes" in secret))
    rest = len(changes) - _MOST_SHOWN
    shown = "; ".join(changes[:_MOST_SHOWN]) + (f"; and {rest} more" if rest > 0 else "")
    return (
        f"version: {shown}, but version is still {number}. Version {number} of {quoted} has been pushed and cannot "
        f"change. {way_out}"
    )


def find_receivers(prior: Message | None, old: Targets, proposed: Message, new: Targets) -> Targets:
    """Return the targets that a change is pushed to: all for a new or changed message, otherwise the added ones."""
    if prior is None or prior.changed_inputs(proposed):
        return new
    return exclude(new, members(old))


def have_same_triggers(some: Sequence[Any], others: Sequence[Any]) -> bool:
    """Return whether triggers are equal. They are compared as JSON, since True equals 1 in Python."""
    return canonical_json(_canonical(some)) == canonical_json(_canonical(others))


def _canonical(value: Any) -> Any:
    """Return plain values with every number in one spelling: Pulumi passes them all as floats."""
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return as_carried(value) if is_number else value


def _describe_changes(old: Mapping[str, str], new: Mapping[str, str], *, withheld: bool) -> Iterator[str]:
    if withheld:
        yield "attributes changed (secret)"
        return
    for name in sorted({*old, *new}):
        path = f"attributes.{key_in_path(name)}"
        before, after = quoted_beside(old.get(name, ""), new.get(name, ""))
        if name not in new:
            yield f"{path}: {before} removed"
        elif name not in old:
            yield f"{path}: {after} added"
        elif old[name] != new[name]:
            yield f"{path} changed ({before} → {after})"
