"""The effects of an event: attribute values change, rules become true, messages are sent.

A rule fires once for each target: Snowplow's documentation says that an intervention "is sent only the first time the criteria are
met", for each id of a targeted key. Later edges are suppressed and reported as such. Rules with `changed` fire on each change. Under
the assumption `fires=each-edge`, all rules fire on each edge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from uuid import uuid4

from signals_local.emulator.errors import Refusal
from signals_local.emulator.live.book import Book, Rule
from signals_local.emulator.live.criteria import uses_changed
from signals_local.emulator.live.event import Event, TextEvent, fits, typed
from signals_local.emulator.live.judge import State, fires
from signals_local.emulator.live.reasons import verdicts, why_not
from signals_local.emulator.live.streams import Target
from signals_local.emulator.live.words import in_words
from signals_local.emulator.registry import Registry
from signals_local.emulator.storage import Database

SENT_BEFORE = "sent to this target before"
NO_TARGET = "the event has no value for any of its target keys"


@dataclass(frozen=True)
class Judged:
    """A rule that an event affected, in words, with the result of each criterion."""

    name: str
    version: int
    rule: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Firing:
    """A rule that fired, with the payload for each target. The payloads share one `intervention_id`."""

    judged: Judged
    intervention_id: str
    payloads: dict[Target, dict[str, Any]]


@dataclass(frozen=True)
class Suppressed:
    """An edge that was not sent. `target` is None if there was no target to send it to."""

    judged: Judged
    target: Target | None
    reason: str


@dataclass(frozen=True)
class Quiet:
    """A rule that did not fire, and why."""

    judged: Judged
    reason: str


@dataclass(frozen=True)
class Outcome:
    """The effects of an event."""

    fired: tuple[Firing, ...]
    suppressed: tuple[Suppressed, ...]
    quiet: tuple[Quiet, ...]


class Rules:
    """Judges the published rules on each event. Its state is in the database."""

    def __init__(self, database: Database, registry: Registry, *, on_each_edge: bool) -> None:
        self._database = database
        self._registry = registry
        self._on_each_edge = on_each_edge
        self._book: tuple[int, Book] | None = None

    @property
    def book(self) -> Book:
        """Return the current rules of the registry."""
        if self._book is None or self._book[0] != self._registry.revision:
            self._book = (self._registry.revision, Book(self._registry))
        return self._book[1]

    def take(self, event: Event) -> Outcome:
        """Store an event's values and judge the rules that refer to them. On return, everything is in the database.

        Raises:
            Refusal: 422 for an attribute that no published group has, whose key has no id in the event, or whose type the
                value does not fit. Nothing is stored then.
        """
        faults = list(self._find_faults(event))
        if faults:
            raise Refusal(422, "; ".join(faults))
        fired: list[Firing] = []
        suppressed: list[Suppressed] = []
        quiet: list[Quiet] = []
        with self._database.transaction():
            before = self._read_known(event.keys)
            after = before | self._store(event)
            states = self._build_state(before), self._build_state(after)
            for rule in self.book.rules_about(event.attributes):
                judged = _judge(rule, *states)
                if not fires(rule.criteria, *states):
                    quiet.append(Quiet(judged, why_not(rule.criteria, states[1])))
                    continue
                targets, refused = self._choose_targets(rule, event.keys)
                suppressed += [Suppressed(judged, target, reason) for target, reason in refused]
                if targets:
                    fired.append(_build_firing(judged, rule, targets, after))
        return Outcome(tuple(fired), tuple(suppressed), tuple(quiet))

    def typed(self, event: TextEvent) -> Event:
        """Return an event whose values have the registered types of their attributes.

        Raises:
            Refusal: 422 for a string that is not a value of the type. `take` refuses unknown attributes.
        """
        values: dict[str, Any] = {}
        for name, text in event.attributes.items():
            attribute = self.book.attribute(name)
            try:
                values[name] = typed(text, attribute.type if attribute else "string")
            except ValueError as error:
                raise Refusal(422, f"{name} {error}") from error
        return Event(keys=event.keys, attributes=values)

    def reset(self) -> None:
        """Delete all values and the record of what was sent to whom."""
        with self._database.transaction():
            self._database.run("delete_attribute_values")
            self._database.run("delete_firings")

    def _find_faults(self, event: Event) -> Iterator[str]:
        for name, value in event.attributes.items():
            attribute = self.book.attribute(name)
            if attribute is None:
                close = get_close_matches(name, self.book.attributes(), n=1)
                meant = f". Did you mean {close[0]}?" if close else ""
                yield f"no published attribute group has {name}{meant}"
            elif attribute.key not in event.keys:
                yield f"{name} belongs to {attribute.key}, of which the event gives no id"
            elif not fits(value, attribute.type):
                yield f"{name} is of type {attribute.type}, which {json.dumps(value)} is not"

    def _read_known(self, keys: Mapping[str, str]) -> dict[tuple[str, str], Any]:
        """Return the latest values for the event's ids, by key and attribute."""
        return {
            (key_name, row["attribute"]): json.loads(row["value"])
            for key_name, key_id in keys.items()
            for row in self._database.rows("list_attribute_values", key_name=key_name, key_id=key_id)
        }

    def _store(self, event: Event) -> dict[tuple[str, str], Any]:
        stored = {}
        for name, value in event.attributes.items():
            attribute = self.book.attribute(name)
            key_name = attribute.key if attribute else ""
            stored[key_name, name] = value
            self._database.run(
                "set_attribute_value",
                key_name=key_name,
                key_id=event.keys[key_name],
                attribute=name,
                value=json.dumps(value),
            )
        return stored

    def _build_state(self, known: Mapping[tuple[str, str], Any]) -> State:
        """Return the state that rules see: each attribute's value for the current key of its group."""
        return {
            name: value
            for (key_name, name), value in known.items()
            if (attribute := self.book.attribute(name)) is not None and attribute.key == key_name
        }

    def _choose_targets(
        self, rule: Rule, keys: Mapping[str, str]
    ) -> tuple[list[Target], list[tuple[Target | None, str]]]:
        """Return the targets of a rule that fires, and those that are suppressed with the reason."""
        given = [(key_name, keys[key_name]) for key_name in rule.targets if key_name in keys]
        if not given:
            return [], [(None, NO_TARGET)]
        if self._on_each_edge or uses_changed(rule.criteria):
            return given, []
        targets = [target for target in given if self._is_first(rule, target)]
        before = [target for target in given if target not in targets]
        return targets, [(target, SENT_BEFORE) for target in before]

    def _is_first(self, rule: Rule, target: Target) -> bool:
        """Return whether the rule fires for the target for the first time, and record that it fired."""
        identity = {"name": rule.name, "version": rule.version, "key_name": target[0], "key_id": target[1]}
        if self._database.row("get_firing", **identity) is not None:
            return False
        self._database.run("insert_firing", **identity)
        return True


def _judge(rule: Rule, before: State, after: State) -> Judged:
    return Judged(
        rule.name, rule.version, in_words(rule.criteria), tuple(verdicts(rule.criteria, before, after))
    )


def _build_firing(
    judged: Judged, rule: Rule, targets: list[Target], known: Mapping[tuple[str, str], Any]
) -> Firing:
    intervention_id = str(uuid4())
    attributes = {
        travels_as: json.dumps(known[key_name, attribute])
        for key_name, attribute, travels_as in rule.payload
        if known.get((key_name, attribute)) is not None
    }
    return Firing(
        judged,
        intervention_id,
        {
            (key_name, key_id): {
                "intervention_id": intervention_id,
                "name": rule.name,
                "version": rule.version,
                "attributes": attributes,
                "target_attribute_key": {"name": key_name, "id": key_id},
            }
            for key_name, key_id in targets
        },
    )
