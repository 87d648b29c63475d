"""From an `InterventionInstance`, ours or that of Snowplow's own client, to the inputs of a direct intervention."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NamedTuple

import pulumi

from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.plain import to_plain
from pulumi_snowplow_signals.inputs.wording import as_code

_OTHERS: Final = {
    "intervention_id": "is made from the name, the version, the attributes and the triggers, so that it is the same in a "
    "second attempt. Leave it out.",
    "target_attribute_key": "is filled in by Signals, for each receiver. Leave it out.",
}


class InstanceInputs(NamedTuple):
    """What an instance says; None for what it leaves out."""

    name: Any
    version: Any
    attributes: Any


def inputs_of_instance(instance: Any, resource: str) -> InstanceInputs:
    """Take an instance apart; an output of one gives outputs.

    Args:
        instance: The instance.
        resource: The resource that it is an input of, as faults name it.

    Raises:
        InputFault: It is no instance, or holds what cannot be chosen. Where it is an output, the output raises it.
    """
    plain = to_plain(instance, "instance", resource=resource, whole=["instance.attributes"])
    if isinstance(plain, pulumi.Output):
        return InstanceInputs(
            *(plain.apply(partial(_field, resource, name)) for name in InstanceInputs._fields)
        )
    return InstanceInputs(*(_field(resource, name, plain) for name in InstanceInputs._fields))


def _field(resource: str, name: str, plain: Any) -> Any:
    if not isinstance(plain, Mapping):
        raise InputFault(
            f"{resource}: instance: is {as_code(plain)}; "
            "write InterventionInstance(name=..., version=..., attributes={...})."
        )
    faults = [
        f"{resource}: instance.{found}: {_OTHERS.get(found, 'is not a field of an InterventionInstance.')}"
        for found in sorted(plain.keys() - set(InstanceInputs._fields))
    ]
    if faults:
        raise InputFault(*faults)
    return plain.get(name)
