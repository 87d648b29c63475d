"""Several inputs in one object: `definition=` of a rule and `instance=` of a direct intervention, as in Snowplow's client.

Each field of the object becomes the input of that name, as if the program had set it. An output of an object becomes outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from pulumi_snowplow_signals.inputs.faults import InputFault, unexpected_fault
from pulumi_snowplow_signals.inputs.reading import Later, Refused, read, type_of


@dataclass(frozen=True)
class Whole:
    """An argument that sets several inputs.

    Attributes:
        argument: The argument.
        inputs: The inputs that it sets.
        example: What to write for it.
        ignored: Fields of the object that have no effect here.
        instead: Fields that the object must not have, each with the reason and what to do.
    """

    argument: str
    inputs: tuple[str, ...]
    example: str
    ignored: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)

    def take_apart(self, inputs: Mapping[str, Any], resource: str) -> dict[str, Any]:
        """Return the inputs of a resource with this argument replaced. Raise InputFault as `inputs_of` does."""
        given = {name: inputs[name] for name in self.inputs}
        others = {name: item for name, item in inputs.items() if name not in (*self.inputs, self.argument)}
        return {**self.inputs_of(given, inputs[self.argument], resource), **others}

    def inputs_of(self, given: Mapping[str, Any], value: Any, resource: str) -> dict[str, Any]:
        """Return the inputs, with None for the fields that the object omits.

        Args:
            given: The same inputs as the program set them one by one. All are None if it passed the object.
            value: The object, or None if the program passed none.
            resource: The resource, as faults name it.

        Raises:
            InputFault: The object has the wrong type or an unexpected field, or the program also set one of the inputs.
                If the object is an output, the output raises the fault.
        """
        if value is None:
            return dict(given)
        twice = [f"{name}=..." for name, item in given.items() if item is not None]
        if twice:
            raise InputFault(
                f"{resource}: give {self.argument}=..., or {' and '.join(twice)}, not both: {self.argument} has every field."
            )
        found = read(value)
        if isinstance(found, Later):
            output = found.output
            return {name: output.apply(partial(self._read_field, resource, name)) for name in self.inputs}
        return self._read_fields(resource, found, value)

    def _read_field(self, resource: str, name: str, value: Any) -> Any:
        return self._read_fields(resource, read(value), value)[name]

    def _read_fields(self, resource: str, found: Any, value: Any) -> dict[str, Any]:
        if not isinstance(found, dict):
            what = found.reason if isinstance(found, Refused) else f"{type_of(value)}. Write {self.example}."
            raise InputFault(f"{resource}: {self.argument}: is {what}")
        others = [str(name) for name in found if name not in (*self.inputs, *self.ignored)]
        if others:
            raise InputFault(
                *(f"{resource}: {self.argument}.{self._describe_unexpected(name)}" for name in others)
            )
        return {name: found.get(name) for name in self.inputs}

    def _describe_unexpected(self, name: str) -> str:
        return (
            f"{name}: {self.instead[name]}" if name in self.instead else unexpected_fault(name, self.inputs)
        )


DEFINITION: Final = Whole(
    "definition",
    (
        "name",
        "owner",
        "description",
        "criteria",
        "target_attribute_keys",
        "payload_attribute_groups",
        "version",
    ),
    "an object of Snowplow's client, or {...} of the same shape",
    # The official client sets it when it reads an object from the registry. Here `published` decides.
    ignored=("is_published",),
)

INSTANCE: Final = Whole(
    "instance",
    ("name", "version", "attributes"),
    "InterventionInstance(name=..., version=..., attributes={...})",
    instead={
        "intervention_id": "is derived from name, version, attributes and triggers, so that a retry sends the same ID. "
        "Remove it.",
        "target_attribute_key": "is set by Signals for each recipient. Remove it.",
    },
)
