"""Parses what a program declares: each resource as its kind, with its faults and doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pulumi_snowplow_signals.api.models import StoredAttributeGroup
from pulumi_snowplow_signals.cli.program import Declared
from pulumi_snowplow_signals.cli.program_references import find_clashes, find_doubtful_references
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, has_unknown
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.catalogue import RESOURCES
from pulumi_snowplow_signals.kinds.declared import parse_declared
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.lifecycle.program import as_stored
from pulumi_snowplow_signals.lifecycle.review import doubtful_operators, types_in
from pulumi_snowplow_signals.lifecycle.state import remove_computed as without_computed
from pulumi_snowplow_signals.push.message import Message
from pulumi_snowplow_signals.push.parsing import parse_direct_inputs
from pulumi_snowplow_signals.wording.wording import Wording

DIRECT: Final = "DirectIntervention"
"""The one class whose resources are not in a registry."""

_SECRET: Final = "__secret"  # noqa: S105  # the name of an input
_OF_A_PUSH: Final = ("name", "version", "attributes", "targets", "triggers")
_PINS: Final = ("attribute_groups", "payload_attribute_groups")
"""The inputs that name versions of attribute groups."""

_FIRST: Final = 1


@dataclass(frozen=True)
class Declaration:
    """A parsed resource.

    Attributes:
        declared: The resource as the program declares it.
        label: The name of its kind in messages.
        kind: Its kind; None for a resource that is not in a registry.
        inputs: The declared inputs, with unknown values as `UNKNOWN`. If only a deployment knows the version of an attribute
            group of the program, it is 1 here.
        wording: The words for it.
        faults: What a deployment would refuse.
        doubts: What a deployment would warn of.
        definition: Its definition, if it is completely known and has no fault.
        message: The message that it pushes, likewise.
        numbered: The attribute groups that it names with a version that only a deployment knows.
    """

    declared: Declared
    label: str
    kind: type[Definition] | None
    inputs: Mapping[str, Any]
    wording: Wording
    faults: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    definition: Definition | None = None
    message: Message | None = None
    numbered: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """Its type and logical name, for messages."""
        return self.declared.title

    @property
    def name(self) -> str | None:
        """Its name in Signals, if known."""
        name = self.inputs.get("name")
        return name if isinstance(name, str) else None

    @property
    def version(self) -> Any:
        """Its version number; None if it has none, or if the deployment chooses it."""
        return self.inputs.get("version")

    @property
    def published(self) -> Any:
        """Whether it should be live."""
        return self.inputs.get("published", True)

    @property
    def key(self) -> tuple[str, str] | None:
        """Its label and name in Signals; None if its name is not known."""
        return (self.label, self.name) if self.name is not None else None

    @property
    def unknown(self) -> list[str]:
        """The inputs that are not known before a deployment."""
        return sorted(name for name, value in self.inputs.items() if has_unknown(value))


def read_all(resources: Sequence[Declared]) -> tuple[list[Declaration], list[Declared]]:
    """Return the parsed resources of a program, and the resources of kinds that this release does not know."""
    known = [each for each in resources if _is_known(each)]
    others = [each for each in resources if not _is_known(each)]
    numbers = _number_groups(known)
    read = [
        _read_push(each) if each.kind == DIRECT else _read(each, RESOURCES[each.kind], numbers)
        for each in known
    ]
    groups = [
        as_stored(each.definition, int(each.version or _FIRST), published=each.published is True)
        for each in read
        if isinstance(each.definition, AttributeGroup)
    ]
    return [_judge(each, groups) for each in read], others


def _is_known(declared: Declared) -> bool:
    return declared.kind in RESOURCES or declared.kind == DIRECT


def _read(declared: Declared, kind: type[Definition], numbers: Mapping[str, int]) -> Declaration:
    inputs, numbered = _fill_numbers(_select_inputs(declared), numbers)
    read = parse_declared(kind, without_computed(kind, inputs))
    wording = Wording.of(_list_secrets(declared))
    return Declaration(
        declared,
        kind.label,
        kind,
        inputs,
        wording,
        faults=tuple(wording.faults(read.faults)),
        definition=None if read.faults else read.parsed.definition,
        numbered=numbered,
    )


def _read_push(declared: Declared) -> Declaration:
    inputs, secret = _select_inputs(declared), _list_secrets(declared)
    sent: dict[str, Any] = {name: inputs[name] for name in _OF_A_PUSH if name in inputs}
    parsed, faults = parse_direct_inputs(sent, secret=secret)
    # Ids are personal data, so no fault repeats one.
    told = Wording.of(secret, ["targets"]).faults(faults)
    message = parsed.message if parsed else None
    return Declaration(
        declared, "direct intervention", None, inputs, Wording.of(secret), tuple(told), message=message
    )


def _judge(read: Declaration, groups: Sequence[StoredAttributeGroup]) -> Declaration:
    """Return a declaration with its doubts, and with those about the attribute groups that it names."""
    definition = read.definition
    if definition is None:
        return read
    doubts = [
        *definition.doubts(types_in([each for each in groups if each.is_published], [definition])),
        *doubtful_operators(groups, definition),
        *find_doubtful_references(groups, definition),
    ]
    faults = read.wording.faults(find_clashes(groups, definition)) if read.published is True else []
    return replace(read, faults=tuple(faults), doubts=tuple(read.wording.doubts(doubts)))


def _select_inputs(declared: Declared) -> dict[str, Any]:
    """Return the inputs that a program declares."""
    known = declared.known.items()
    return {name: value for name, value in known if not name.startswith("__") and value is not None}


def _list_secrets(declared: Declared) -> tuple[str, ...]:
    return tuple(declared.inputs.get(_SECRET) or ())


def _number_groups(resources: Sequence[Declared]) -> dict[str, int]:
    """Return the versions of the attribute groups by name; 1 if only a deployment knows it."""
    numbers: dict[str, int] = {}
    for each in resources:
        if each.kind == DIRECT or not issubclass(RESOURCES[each.kind], AttributeGroup):
            continue
        inputs = each.known
        name, version = inputs.get("name"), inputs.get("version") or _FIRST
        if isinstance(name, str) and version is not UNKNOWN:
            numbers[name] = version
    return numbers


def _fill_numbers(
    inputs: Mapping[str, Any], numbers: Mapping[str, int]
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return inputs with the versions of the groups that they name, and the names of the groups whose version was unknown."""
    found, numbered = dict(inputs), set[str]()
    for field in _PINS:
        pins = inputs.get(field)
        if not isinstance(pins, list):
            continue
        found[field] = [dict(pin) if isinstance(pin, Mapping) else pin for pin in pins]
        for pin in found[field]:
            if isinstance(pin, dict) and pin.get("version") is UNKNOWN and pin.get("name") in numbers:
                pin["version"] = numbers[pin["name"]]
                numbered.add(pin["name"])
    return found, frozenset(numbered)
