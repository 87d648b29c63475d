"""What a program's own unit tests see of a resource.

With Pulumi's mocks (`pulumi.runtime.set_mocks`) no provider is called, and a mock usually answers with the inputs. There the
program itself computes what check and create would answer, from an empty registry; a deployment never comes here.

A mock may make up any value for the outputs of other resources. What is no valid input is left as it is, and what would be
computed from it is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockMonitor


def is_mocked() -> bool:
    """Return whether the program runs with Pulumi's mocks."""
    has_engine = pulumi.runtime.get_root_resource() is not None
    return has_engine and isinstance(pulumi.runtime.settings.get_monitor(), MockMonitor)


def rule_as_deployed(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a rule intervention in the shape of its outputs, with those that are computed."""
    # Importing the models takes longer than a small program runs.
    from pulumi_snowplow_signals.kinds.intervention import Intervention  # noqa: PLC0415  # see above

    given = {name: props[name] for name in Intervention.model_fields if props[name] is not None}
    return {
        **{
            name: pulumi.Output.from_input(value).apply(partial(_read, name)) for name, value in given.items()
        },
        "rule": pulumi.Output.from_input(props["criteria"]).apply(_say),
        "version": 1 if props["version"] is None else props["version"],
        "published": True if props["published"] is None else props["published"],
        "on_destroy": "unpublish" if props["on_destroy"] is None else props["on_destroy"],
    }


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


def _read(name: str, value: Any) -> Any:
    """Return a field of a rule as check would."""
    from pulumi_snowplow_signals.kinds.definition import as_inputs  # noqa: PLC0415  # see `rule_as_deployed`
    from pulumi_snowplow_signals.kinds.intervention import Intervention  # noqa: PLC0415

    return as_inputs(Intervention, _known(name, value)).get(name, value)


def _say(criteria: Any) -> str:
    from pulumi_snowplow_signals.criteria.words import rule_in_words  # noqa: PLC0415  # see `rule_as_deployed`

    known = _known("criteria", criteria)
    return rule_in_words(known["criteria"]) if known else ""


def _known(name: str, value: Any) -> Mapping[str, Any]:
    """Return a field of a rule as it is read; nothing if it has a fault."""
    from pulumi_snowplow_signals.fields.unknown import UNKNOWN  # noqa: PLC0415  # see `rule_as_deployed`
    from pulumi_snowplow_signals.kinds.intervention import Intervention  # noqa: PLC0415

    return Intervention.parse({**dict.fromkeys(Intervention.model_fields, UNKNOWN), name: value}).known


def _identify(message: Mapping[str, Any]) -> str:
    from pulumi_snowplow_signals.fields.unknown import UNKNOWN  # noqa: PLC0415  # see `rule_as_deployed`
    from pulumi_snowplow_signals.push.parsing import parse_direct_inputs  # noqa: PLC0415

    parsed, _ = parse_direct_inputs({**message, "targets": UNKNOWN})
    return parsed.message.intervention_id if parsed and parsed.message else ""


def _count(targets: Any) -> int:
    ids = targets.values() if isinstance(targets, Mapping) else ()
    return sum(len(each) for each in ids if isinstance(each, list))
