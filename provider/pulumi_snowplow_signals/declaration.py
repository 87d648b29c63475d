"""What the resources of a program have in common: faults that the program alone can tell, names, and secrets.

A `pulumi.RunError` from a constructor reaches the user as its text, so what can be told before Pulumi takes over is told
here. Everything else is for check.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.mocks import MockMonitor

from pulumi_snowplow_signals.fields.names import NAME_PATTERN, NAME_RULE
from pulumi_snowplow_signals.inputs.faults import InputFault

SECRET: Final = "__secret"  # noqa: S105  # the name of an input: see `lifecycle.state`
"""The hidden input that tells the provider which inputs hold secrets: Pulumi unwraps them on their way."""

HISTORY: Final = "__signals"
"""The hidden input that holds what the provider remembers."""

_declared: WeakKeyDictionary[pulumi.Resource, set[tuple[str, str]]] = WeakKeyDictionary()


def names_of(
    resource: str, resource_name: str | None, name: pulumi.Input[str] | None
) -> tuple[str, pulumi.Input[str]]:
    """Give the logical name and the registry name, either of which stands in for the other.

    Raises:
        InputFault: Neither is given as plain text, or the logical name is taken for a name that it cannot be.
    """
    if resource_name is None:
        if not isinstance(name, str):
            raise InputFault(
                f"{resource}: give name=..., or a logical name as the first argument; a name that is an output needs one."
            )
        return name, name
    if name is not None:
        return resource_name, name
    if not NAME_PATTERN.fullmatch(resource_name):
        raise InputFault(
            f'{resource} "{resource_name}": name is left out, so the logical name is taken for it; {NAME_RULE}. '
            "Give name=... as well."
        )
    return resource_name, resource_name


def declare_once(resource: str, name: pulumi.Input[str]) -> None:
    """Raise InputFault if the program has declared an intervention of this kind and name before."""
    root = pulumi.runtime.get_root_resource()
    if root is None or not isinstance(name, str):
        return  # outside a deployment, or not known yet: create refuses a second one
    if isinstance(pulumi.runtime.settings.get_monitor(), MockMonitor):
        return  # a program's own unit tests declare the same things again and again in one process
    declared = _declared.setdefault(root, set())
    if (resource, name) in declared:
        raise InputFault(
            f'{resource} "{name}": another resource of this program has the same name in Signals. '
            "Declare it once, or give one of them another name."
        )
    declared.add((resource, name))


def refuse_import(resource: str, opts: pulumi.ResourceOptions | None, instead: str) -> None:
    """Raise InputFault for `import_=`, which Pulumi's SDK does not support for dynamic resources."""
    if opts is not None and opts.import_ is not None:
        raise InputFault(
            f"{resource}: import_ does not work for dynamic resources (pulumi/pulumi#16175). {instead}"
        )


def with_secret_names(props: Mapping[str, Any]) -> dict[str, Any]:
    """Give the inputs with one more that names those which hold secrets, if any may.

    What was left out stays in, as None: Pulumi makes an output of every name that is there, and sends no None.
    """
    undecided = {name: value for name, value in props.items() if _holds_output(value)}
    if not undecided:
        return dict(props)
    return {**props, SECRET: pulumi.Output.from_input(_secret_names(undecided))}


async def _secret_names(props: Mapping[str, Any]) -> list[str]:
    return [name for name, value in props.items() if await pulumi.Output.from_input(value).is_secret()]


def _holds_output(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_output(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(_holds_output(item) for item in value)
    return value is not None and not isinstance(value, (str, int, float, bool))
