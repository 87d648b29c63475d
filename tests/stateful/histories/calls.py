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
from pulumi_snowplow_signals.lifecycle import rule, rule_check
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
    return Process(Run(resolved, client, remarks.append), remarks)


def check(process: Process, olds: Values, news: Values) -> tuple[dict[str, Any], list[str]]:
    """Return the computed inputs and every fault. Raises SignalsError."""
    checked = rule_check.check(process.run, _without_urn(olds), _without_urn(news))
    return {**checked.inputs, URN: news[URN]}, [str(fault) for fault in checked.faults]


def diff(olds: Values, news: Values) -> tuple[bool, bool]:
    """Return whether the resource changes, and whether it is replaced."""
    difference = rule.diff(_without_urn(olds), _without_urn(news))
    return difference.changes, bool(difference.replaces)


def create(process: Process, inputs: Values) -> tuple[str, dict[str, Any]]:
    """Return the id and the outputs. Raises SignalsError."""
    return rule.create(process.run, _without_urn(inputs))


def read(process: Process, id_: str, outputs: Values) -> dict[str, Any] | None:
    """Return what is there, or None. Raises SignalsError."""
    return rule.read(process.run, id_, _without_urn(outputs))


def update(process: Process, olds: Values, news: Values) -> dict[str, Any]:
    """Return the outputs. Raises SignalsError."""
    return rule.update(process.run, _without_urn(olds), _without_urn(news))


def delete(process: Process, id_: str, outputs: Values) -> None:
    """Delete a resource. Raises SignalsError."""
    rule.delete(process.run, id_, _without_urn(outputs))


def _without_urn(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != URN}
