"""The six calls under test, as the other helpers make them. Nothing else in here touches the provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.errors import SignalsError
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run

__all__ = [
    "UNKNOWN",
    "URN",
    "Process",
    "Remark",
    "SignalsError",
    "check",
    "create",
    "delete",
    "diff",
    "make_run",
    "read",
    "update",
]

URN = "__urn"
"""The hidden input in which a program hands a resource's URN along."""

Values = Mapping[str, Any]


@dataclass
class Process:
    """The memory of one provider process, and the remarks that it made."""

    run: Run
    remarks: list[Remark] = field(default_factory=list)


def make_run(transport: httpx.BaseTransport, **settings: str) -> Process:
    """Return the memory of a new provider process whose requests go to `transport`."""
    resolved = resolve(settings.get, {})
    client = SignalsClient(resolved, transport=transport, sleep=lambda _: None)
    remarks: list[Remark] = []
    return Process(Run(resolved, lambda: client, remarks.append), remarks)


def check(process: Process, olds: Values, news: Values) -> tuple[dict[str, Any], list[str]]:
    """Return the computed inputs and every fault. Raises SignalsError."""
    checked = INTERVENTIONS.check(process.run, olds, news)
    return checked.inputs, list(checked.faults)


def diff(olds: Values, news: Values) -> tuple[bool, bool]:
    """Return whether the resource changes, and whether it is replaced."""
    difference = INTERVENTIONS.diff(olds, news)
    return difference.changes, bool(difference.replaces)


def create(process: Process, inputs: Values) -> tuple[str, dict[str, Any]]:
    """Return the id and the outputs. Raises SignalsError."""
    return INTERVENTIONS.create(process.run, inputs)


def read(process: Process, id_: str, outputs: Values) -> dict[str, Any]:
    """Return what is there. Raises SignalsError."""
    return INTERVENTIONS.read(process.run, id_, outputs)


def update(process: Process, olds: Values, news: Values) -> dict[str, Any]:
    """Return the outputs. Raises SignalsError."""
    return INTERVENTIONS.update(process.run, olds, news)


def delete(process: Process, id_: str, outputs: Values) -> None:
    """Delete a resource. Raises SignalsError."""
    INTERVENTIONS.delete(process.run, id_, outputs)
