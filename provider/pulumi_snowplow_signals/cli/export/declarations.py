"""Writes the declarations of one module of an exported program."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import pulumi_snowplow_signals
from pulumi_snowplow_signals.cli.export.code import CriteriaCode, Style, write_literal
from pulumi_snowplow_signals.cli.export.names import choose_variable, name_owners
from pulumi_snowplow_signals.cli.export.parts import Link, PartsCode, find_repeated_events
from pulumi_snowplow_signals.cli.export.selection import TakenOver
from pulumi_snowplow_signals.cli.export.variables import Variables
from pulumi_snowplow_signals.criteria.tree import Criterion, Group
from pulumi_snowplow_signals.fields.vocabulary import LinkedKey
from pulumi_snowplow_signals.kinds.attribute import Event
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import BUILT_IN_KEYS, AttributeKey
from pulumi_snowplow_signals.kinds.catalogue import Kind, plural_of, resource_of
from pulumi_snowplow_signals.kinds.definition import Definition

_CONSTANTS: Final = frozenset(BUILT_IN_KEYS) & frozenset(pulumi_snowplow_signals.__all__)
"""The built-in keys that this package has a constant for."""


class Declarations:
    """Writes the declarations of one kind, and records what their code needs.

    Attributes:
        constants: The names of the constants for owners that occur more than once.
        uses: The names of this package that the code needs.
        borrowed: The variables of other modules that it needs, by module.
        needs_timedelta: Whether it needs `timedelta`.
    """

    def __init__(self, style: Style, variables: Variables, taken: Sequence[TakenOver]) -> None:
        self._style = style
        self._variables = variables
        self._taken = taken
        definitions = [each.definition for each in taken]
        self.constants = name_owners(definitions)
        events: dict[Event, str] = {}
        for event in find_repeated_events(definitions):
            used = {*variables.all, *self.constants.values(), *events.values()}
            events[event] = choose_variable(
                re.sub(r"\W", "_", str(event.name), flags=re.ASCII), "event", used
            )
        self._parts = PartsCode(self._use, self._use_timedelta, self._link, events)
        self.uses: set[str] = set()
        self.borrowed: defaultdict[str, set[str]] = defaultdict(set)
        self.needs_timedelta = False

    def events(self) -> Iterator[str]:
        """Yield the code of each event that has a variable."""
        for event, variable in self._parts.events.items():
            yield f"{variable} = {self._parts.event(event)}"

    def write(self) -> Iterator[tuple[TakenOver, str, str]]:
        """Yield each object with the code of the named parts of its criteria, and the code of its declaration."""
        for taken in self._taken:
            definition = taken.definition
            criteria = CriteriaCode(self._style, definition.name, self._attribute, uses=self.uses)
            code = {
                name: criteria.write(value)
                if isinstance(value, (Criterion, Group))
                else self._field(definition, name, value)
                for name, value in definition.held.items()
            }
            if taken.version is not None:
                code["version"] = str(taken.version)
            if not taken.published:
                code["published"] = "False"
            code["on_destroy"] = '"retain"'
            arguments = "".join(f"    {name}={text},\n" for name, text in code.items())
            variable = self._variables.of_declaration(taken)
            assigned = f"{variable} = " if variable else ""
            parts = "".join(f"{name} = {text}\n" for name, text in criteria.parts.items())
            yield taken, parts, f"{assigned}{self._use(resource_of(definition))}(\n{arguments})"

    def _field(self, definition: Definition, name: str, value: object) -> str:
        if name == "owner" and value in self.constants:
            return self.constants[str(value)]
        return self._parts.write(value, type(definition).model_fields[name])

    def _link(self, link: Link) -> str:
        """Return the constant or variable of a key or of a group's version, or else its name and number."""
        if isinstance(link, LinkedKey):
            if link.name in _CONSTANTS:
                return self._use(link.name)
            variable, kind, link_class = self._variables.of_key(link.name), AttributeKey, "LinkAttributeKey"
            given, plain = f"name={write_literal(link.name)}", write_literal(link.name)
            return self._refer(kind, variable, f"{link_class}({given})", plain)
        variable = self._variables.of_version(link.name, link.version)
        given = f"name={write_literal(link.name)}, version={link.version}"
        plain = write_literal({"name": link.name, "version": link.version})
        return self._refer(AttributeGroup, variable, f"VersionedLinkAttributeGroup({given})", plain)

    def _refer(self, kind: Kind, variable: str, as_class: str, plain: str) -> str:
        if variable:
            return self._borrow(kind, variable)
        if self._style == "classes":
            self._use(as_class.partition("(")[0])
            return as_class
        return plain

    def _attribute(self, qualified: str) -> str:
        group, _, attribute = qualified.partition(":")
        variable = self._variables.of_attribute(group, attribute)
        return f"{self._borrow(AttributeGroup, variable)}[{write_literal(attribute)}]" if variable else ""

    def _borrow(self, kind: Kind, variable: str) -> str:
        self.borrowed[plural_of(kind)].add(variable)
        return variable

    def _use(self, name: str) -> str:
        self.uses.add(name)
        return name

    def _use_timedelta(self) -> None:
        self.needs_timedelta = True
