"""The outputs of a resource in the unit tests of a program.

With Pulumi's mocks (`pulumi.runtime.set_mocks`) no provider is called, and a mock usually returns the inputs. So the program
itself computes what check and create would return with an empty registry. A deployment never comes here.

A mock may return any value for the outputs of other resources. A value that is not a valid input stays as it is, and outputs
computed from it are empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockMonitor


def is_mocked() -> bool:
    """Return whether the program runs with Pulumi's mocks."""
    has_engine = pulumi.runtime.get_root_resource() is not None
    return has_engine and isinstance(pulumi.runtime.settings.get_monitor(), MockMonitor)


def as_deployed(module: str, name: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a function from the inputs of a kind to its outputs, including the computed ones.

    Args:
        module: The module of the kind in `kinds`.
        name: The class of the kind.
    """

    def deploy(props: Mapping[str, Any]) -> dict[str, Any]:
        kind = _load_kind(module, name)
        given = {field: props[field] for field in kind.model_fields if props[field] is not None}
        outputs = {
            **{
                field: pulumi.Output.from_input(value).apply(partial(_read, kind, field))
                for field, value in given.items()
            },
            **{
                field: pulumi.Output.all(**given).apply(partial(_derive, kind, field))
                for field in kind.derived_inputs({})
            },
        }
        first = {"version": 1, "published": True, "on_destroy": "unpublish"}
        left_out = {
            option: value for option, value in first.items() if option in props and props[option] is None
        }
        return {**outputs, **left_out}

    return deploy


def push_as_delivered(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs of a direct intervention that was delivered to everyone."""
    message = pulumi.Output.all(
        **{name: props[name] for name in ("name", "version", "attributes", "triggers")}
    )
    return {
        "intervention_id": message.apply(_identify),
        "status": "success",
        "ids_served": pulumi.Output.from_input(props["targets"]).apply(_count),
    }


def _load_kind(module: str, name: str) -> Any:
    # Importing the models takes longer than running a small program.
    return getattr(import_module(f"pulumi_snowplow_signals.kinds.{module}"), name)


def _read(kind: Any, field: str, value: Any) -> Any:
    """Return a field as check would return it."""
    from pulumi_snowplow_signals.kinds.definition import as_inputs  # noqa: PLC0415  # see `_load_kind`

    return as_inputs(kind, _parse_known(kind, {field: value})).get(field, value)


def _derive(kind: Any, field: str, given: Mapping[str, Any]) -> Any:
    """Return the value that is computed from the fields; empty if one of them has a fault."""
    known: dict[str, Any] = {}
    for name, value in given.items():
        known |= _parse_known(kind, {name: value})
    derived = kind.derived_inputs(known)[field]
    return derived if isinstance(derived, str) else ""


def _parse_known(kind: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parsed fields; none if one has a fault."""
    from pulumi_snowplow_signals.fields.unknown import UNKNOWN  # noqa: PLC0415  # see `_load_kind`

    found: Mapping[str, Any] = kind.parse({**dict.fromkeys(kind.model_fields, UNKNOWN), **given}).known
    return found


def _identify(message: Mapping[str, Any]) -> str:
    from pulumi_snowplow_signals.fields.unknown import UNKNOWN  # noqa: PLC0415  # see `rule_as_deployed`
    from pulumi_snowplow_signals.push.parsing import parse_direct_inputs  # noqa: PLC0415

    parsed, _ = parse_direct_inputs({**message, "targets": UNKNOWN})
    return parsed.message.intervention_id if parsed and parsed.message else ""


def _count(targets: Any) -> int:
    ids = targets.values() if isinstance(targets, Mapping) else ()
    return sum(len(each) for each in ids if isinstance(each, list))
