"""Finds what is live in the registry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from pulumi_snowplow_signals.cli.connection import Found, has_no_list, names_in_list, read_all
from pulumi_snowplow_signals.cli.listing.stacks import Stack
from pulumi_snowplow_signals.criteria.words import rule_in_words
from pulumi_snowplow_signals.errors import ApiError
from pulumi_snowplow_signals.kinds.attribute_key import BUILT_IN_KEYS, AttributeKey
from pulumi_snowplow_signals.kinds.catalogue import Kind, name_of, plural_of
from pulumi_snowplow_signals.kinds.definition import Definition, Numbered
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.references import KeyReference
from pulumi_snowplow_signals.lifecycle.review import find_attribute_keys
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.versions.history import live_of


@dataclass(frozen=True)
class Live:
    """A live version, or a live object of a kind without versions.

    Attributes:
        kind: Its kind.
        name: Its name.
        version: Its number; 1 for a kind without versions.
        definition: Its definition; None if this release cannot read it.
        keys: Its attribute keys: the recipients of an intervention, or the key of a group.
        live_versions: How many versions of the name are live.
        stacks: The stacks that manage it; None if no stacks were given.
    """

    kind: Kind
    name: str
    version: int
    definition: Definition | None
    keys: tuple[str, ...] = ()
    live_versions: int = 1
    stacks: tuple[str, ...] | None = None

    @property
    def has_versions(self) -> bool:
        """Whether its kind has versions."""
        return issubclass(self.kind, Numbered)

    @property
    def content(self) -> str:
        """Its content in words: the criteria of an intervention, the attributes of a group, and so on."""
        if isinstance(self.definition, Intervention):
            return rule_in_words(self.definition.criteria, whole=True)
        return self.definition.content().words if self.definition else ""

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        held = self.definition.to_wire() if self.definition else {}
        # Attribute groups come in three types, each with its own fields.
        fields = (type(self.definition) if self.definition else self.kind).model_fields
        managed = {} if self.stacks is None else {"stacks": list(self.stacks)}
        is_rule = self.kind is Intervention
        return {
            "kind": name_of(self.kind),
            "name": self.name,
            "version": self.version if self.has_versions else None,
            "live_versions": self.live_versions,
            "readable": self.definition is not None,
            **({"rule": self.content or None, "recipients": list(self.keys)} if is_rule else {}),
            **{
                name: held.get(name, _show_nothing(field.default))
                for name, field in fields.items()
                if name != "name"
            },
            **managed,
        }


def find_live(run: Run, kinds: Sequence[Kind], stacks: Sequence[Stack] | None) -> list[Live]:
    """Return what is live, except built-in keys, by kind, name and number. Raise ApiError.

    Args:
        run: A run that is connected to the registry.
        kinds: The kinds to look for.
        stacks: The stacks that may manage it; None to leave out who does.
    """
    return [
        each
        for kind in kinds
        for found in read_all(run, kind, _list_names(run, kind))
        for each in _find_versions(run, kind, found, stacks)
    ]


def _list_names(run: Run, kind: Kind) -> list[str]:
    """Return the names of a kind that are not built in. Raise ApiError."""
    built_in = BUILT_IN_KEYS if kind is AttributeKey else ()
    try:
        return [name for name in names_in_list(run, kind) if name not in built_in]
    except ApiError as failure:
        if not has_no_list(failure, kind):
            raise
        what = plural_of(kind).replace("_", " ")
        click.echo(f"Not shown: {what}, which the service does not list ({failure.status})", err=True)
        return []


def _find_versions(run: Run, kind: Kind, found: Found, stacks: Sequence[Stack] | None) -> Iterator[Live]:
    """Yield the live versions of a name."""
    live = sorted(live_of(found.versions))
    for number in live:
        definition = found.versions[number].definition
        yield Live(
            kind,
            found.name,
            number,
            definition,
            _find_keys(run, definition) if definition is not None else (),
            len(live),
            None if stacks is None else tuple(_find_managers(run, stacks, kind, found.name, number)),
        )


def to_json(live: Sequence[Live]) -> str:
    """Return what is live as one JSON array."""
    # Escaped, because a definition may hold half a surrogate pair, which terminals cannot print.
    return json.dumps([each.to_json() for each in live], indent=2)


def _show_nothing(default: Any) -> Any:
    """Return how a field without a value is shown."""
    return [] if default == [] else None


def _find_keys(run: Run, definition: Definition) -> tuple[str, ...]:
    """Return the keys that a definition names, or else those of the groups that its criteria read."""
    named = tuple(each.key for each in definition.references() if isinstance(each, KeyReference))
    if named or not isinstance(definition, Intervention):
        return named
    run.attribute_groups()
    return tuple(find_attribute_keys(run, definition))


def _find_managers(run: Run, stacks: Sequence[Stack], kind: Kind, name: str, number: int) -> Iterator[str]:
    registries = {run.settings.registry, run.settings.moved_from}
    yield from sorted({stack.name for stack in stacks if stack.manages(registries, kind, name, number)})
