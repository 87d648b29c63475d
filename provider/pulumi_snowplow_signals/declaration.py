"""What the resources of a program have in common: types, names, URNs, and faults that the program alone can tell.

A `pulumi.RunError` from a constructor reaches the user as its text, so what can be told before Pulumi takes over is told
here. Everything else is for check.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi
from pulumi.dynamic import Resource, ResourceProvider
from pulumi.resource import create_urn
from pulumi.runtime.mocks import MockMonitor

from pulumi_snowplow_signals.fields.names import NAME_PATTERN, NAME_RULE
from pulumi_snowplow_signals.fields.placeholders import HOLDS_AN_OUTPUT, is_output_as_text
from pulumi_snowplow_signals.inputs.faults import InputFault

SECRET: Final = "__secret"  # noqa: S105  # the name of an input: see `lifecycle.state`
"""The hidden input that tells the provider which inputs hold secrets: Pulumi unwraps them on their way."""

HISTORY: Final = "__signals"
"""The hidden input that holds what the provider remembers."""

URN: Final = "__urn"
"""The hidden input that tells the provider which resource a call is for: Pulumi's own calls carry no URN."""

_PACKAGE: Final = "pulumi-python"
_UNTYPED: Final = f"{_PACKAGE}:dynamic:Resource"
"""The type of a class that names none (`Resource.__init_subclass__` in `pulumi/dynamic/dynamic.py`)."""

_declared: WeakKeyDictionary[pulumi.Resource, dict[tuple[str, str], str]] = WeakKeyDictionary()


class SignalsResource(Resource):
    """Base of the resources. A subclass has the type of its base, unless it names one of its own.

    Pulumi does not inherit the type. In 0.1.0 a subclass without one was stored as `pulumi-python:dynamic:Resource`; an alias
    of that type takes such a state over.
    """

    _was_untyped = False

    def __init_subclass__(cls, *, module: str = "", name: str = "", **others: Any) -> None:
        own = {key: value for key, value in (("module", module), ("name", name)) if value}
        inherited = cls._resource_type_name
        super().__init_subclass__(**own, **others)
        cls._was_untyped = not own
        if cls._was_untyped:
            cls._resource_type_name = inherited

    def __init__(
        self,
        provider: ResourceProvider,
        name: str,
        props: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        type_ = f"{_PACKAGE}:{self._resource_type_name}"
        if self._was_untyped:
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=_untyped_aliases(opts)))
        super().__init__(provider, name, {**props, URN: _urn_of(name, type_, opts)}, opts)


def _urn_of(name: str, type_: str, opts: pulumi.ResourceOptions | None) -> pulumi.Input[str | None]:
    """Return the URN that the engine will give to a resource.

    It carries no dependency on the parent, though it is made from the parent's URN: what depends on a component depends on
    all of its children, so that two of them would wait for each other.
    """
    parent = opts.parent if opts else None
    # The stack itself leaves no trace in the URNs of its children.
    if parent is None or parent is pulumi.runtime.get_root_resource():
        # As `create_urn` has it, which needs eight outputs and a millisecond to join these.
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{type_}::{name}"
    return pulumi.Output.from_input(create_urn(name, type_, parent).future())


def _untyped_aliases(opts: pulumi.ResourceOptions | None) -> list[pulumi.Input[str | pulumi.Alias]]:
    """Return what a resource was called before it had a type: by its name, and by each name that it had before that."""
    given = opts.aliases if opts and opts.aliases else []
    return [
        pulumi.Alias(type_=_UNTYPED),
        *(
            pulumi.Alias(alias.name, _UNTYPED, alias.parent, alias.stack, alias.project)
            for alias in given
            if isinstance(alias, pulumi.Alias) and not isinstance(alias.type_, str)
        ),
    ]


def described(kind: type[Resource], resource_name: str | None, opts: pulumi.ResourceOptions | None) -> str:
    """Return a resource in the words of a program: its class and logical name, and those of its parent."""
    resource = kind.__name__ if resource_name is None else f'{kind.__name__} "{resource_name}"'
    parent = opts.parent if opts else None
    parent_name = getattr(parent, "pulumi_resource_name", None)  # a mere reference to one has none
    return f'{resource} in {type(parent).__name__} "{parent_name}"' if parent_name else resource


def names_of(
    resource: str, resource_name: str | None, name: pulumi.Input[str] | None
) -> tuple[str, pulumi.Input[str]]:
    """Return the logical name and the registry name, either of which stands in for the other.

    Raises:
        InputFault: Neither is given as plain text, or the logical name is taken for a name that it cannot be.
    """
    if resource_name is None:
        if not isinstance(name, str):
            raise InputFault(
                f"{resource}: give name=..., or a logical name as the first argument; a name that is an output needs one."
            )
        if is_output_as_text(name):
            raise InputFault(
                f"{resource}: name: {HOLDS_AN_OUTPUT} A name that is an output needs a logical name as the first argument."
            )
        return name, name
    if is_output_as_text(resource_name):
        raise InputFault(
            f"{resource}: the logical name contains an output that was formatted as text. Pulumi needs it while the program "
            "runs, so write plain text. The name in Signals may be an output: name=..."
        )
    if name is not None:
        return resource_name, name
    if not NAME_PATTERN.fullmatch(resource_name):
        raise InputFault(
            f'{resource} "{resource_name}": name is left out, so the logical name is taken for it; {NAME_RULE}. '
            "Give name=... as well."
        )
    return resource_name, resource_name


def declare_once(kind: type[Resource], resource: str, name: pulumi.Input[str]) -> None:
    """Raise InputFault if the program has declared an intervention of this kind and name before.

    Args:
        kind: What it is to Signals, whatever subclass of it the program uses.
        resource: The resource, as faults name it.
        name: Its name in Signals.
    """
    root = pulumi.runtime.get_root_resource()
    if root is None or not isinstance(name, str):
        return  # outside a deployment, or not known yet: create refuses a second one
    if isinstance(pulumi.runtime.settings.get_monitor(), MockMonitor):
        return  # a program's own unit tests declare the same things again and again in one process
    declared = _declared.setdefault(root, {})
    key = kind.__name__, name
    if key in declared:
        raise InputFault(
            f'{resource} and {declared[key]} are both named "{name}" in Signals. Declare it once, or give one of them another name.'
        )
    declared[key] = resource


def refuse_import(resource: str, opts: pulumi.ResourceOptions | None, instead: str) -> None:
    """Raise InputFault for `import_=`, which Pulumi's SDK does not support for dynamic resources."""
    if opts is not None and opts.import_ is not None:
        raise InputFault(
            f"{resource}: import_ does not work for dynamic resources (pulumi/pulumi#16175). {instead}"
        )


def with_secret_names(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs with one more that names those which hold secrets, if any may.

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
