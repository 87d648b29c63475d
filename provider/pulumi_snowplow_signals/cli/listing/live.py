"""What is live in the registry, as values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_snowplow_signals.cli.connection import read_all
from pulumi_snowplow_signals.cli.listing.stacks import Stack
from pulumi_snowplow_signals.criteria.words import rule_in_words
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.lifecycle.review import attribute_keys
from pulumi_snowplow_signals.lifecycle.run import Run


@dataclass(frozen=True)
class Live:
    """A version that is live.

    Attributes:
        name: Its name.
        version: Its number.
        definition: What it is; None if it has a form that this release cannot read.
        recipients: The attribute keys that it is sent to: those that it names, or those of its attribute groups.
        stacks: The stacks that manage it; None where nobody asked.
    """

    name: str
    version: int
    definition: Intervention | None
    recipients: tuple[str, ...] = ()
    stacks: tuple[str, ...] | None = None

    @property
    def rule(self) -> str:
        """Its criteria in words."""
        return rule_in_words(self.definition.criteria, whole=True) if self.definition else ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        definition = self.definition.to_wire() if self.definition else {}
        managed = {} if self.stacks is None else {"stacks": list(self.stacks)}
        return {
            "kind": Intervention.label,
            "name": self.name,
            "version": self.version,
            "readable": self.definition is not None,
            "owner": definition.get("owner"),
            "description": definition.get("description"),
            "rule": self.rule or None,
            "recipients": list(self.recipients),
            "criteria": definition.get("criteria"),
            "target_attribute_keys": definition.get("target_attribute_keys", []),
            "payload_attribute_groups": definition.get("payload_attribute_groups", []),
            **managed,
        }


def find_live(run: Run, stacks: Sequence[Stack] | None) -> list[Live]:
    """Return what is live, by name and number. Raise ApiError.

    Args:
        run: A run that is connected to the registry.
        stacks: The stacks that may manage it; None to leave that out.
    """
    return [
        Live(
            found.name,
            number,
            definition if isinstance(definition, Intervention) else None,
            _recipients(run, definition) if isinstance(definition, Intervention) else (),
            None if stacks is None else tuple(_managers(run, stacks, found.name, number)),
        )
        for found in read_all(run, run.registry(Intervention).names())
        for number, stored in sorted(found.versions.items())
        if stored.live
        for definition in [stored.definition]
    ]


def to_json(live: Sequence[Live]) -> str:
    """Return what is live as one JSON array."""
    # Escaped, since a definition may hold half a surrogate pair, which no terminal takes.
    return json.dumps([each.to_json() for each in live], indent=2)


def _recipients(run: Run, definition: Intervention) -> tuple[str, ...]:
    """Return the keys that the definition names, else those of the groups that its criteria read."""
    if definition.target_attribute_keys:
        return tuple(key.name for key in definition.target_attribute_keys)
    run.attribute_groups()
    return tuple(attribute_keys(run, definition))


def _managers(run: Run, stacks: Sequence[Stack], name: str, number: int) -> Iterator[str]:
    registries = {run.settings.registry, run.settings.moved_from}
    yield from sorted({stack.name for stack in stacks if stack.manages(registries, name, number)})
