"""A run as one JSON document, in the shape of `pulumi preview --json` (`display.PreviewDigest` in Pulumi's source).

It adds `outcome` for a refresh (`same`, `update`, `delete`), `outputs` (the stack's, with secrets hidden) and `result` (`succeeded`,
`failed`, `cancelled`). Runs other than previews use the same shape, with the steps that were done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from signals_local.engine.model import Op, Resource, Step
from signals_local.engine.render import change_counts, outcome
from signals_local.engine.report import Report
from signals_local.engine.values import (
    RESOURCE,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXT,
    Properties,
    Reference,
    Secret,
    Value,
)

# Like `pulumi`, report a replacement as one step, not as the steps that it consists of.
_PARTS: Final = (Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED, Op.READ_REPLACEMENT, Op.REMOVE_PENDING_REPLACE)
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")


def digest(report: Report, config: Mapping[str, str], seconds: float) -> dict[str, Any]:
    """Return the document for a report. Its duration is in nanoseconds, as in Go."""
    document: dict[str, Any] = {
        "config": dict(config),
        "steps": [_describe_step(step) for step in report.steps if step.op not in _PARTS],
        "diagnostics": [
            {
                **({"urn": found.urn} if found.urn else {}),
                "message": _ANSI.sub("", found.message),
                "severity": found.severity,
            }
            for found in report.diagnostics
        ],
        "duration": int(seconds * 1e9),
        "changeSummary": change_counts(report),
        "result": "cancelled" if report.cancelled else "failed" if report.failed else "succeeded",
    }
    if report.outputs is not None:
        document["outputs"] = _show(report.outputs)
    return document


def _describe_step(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = {"op": step.op.value, "urn": step.urn}
    if step.op is Op.REFRESH:
        found["outcome"] = outcome(step).value
    if step.old is not None:
        found["oldState"] = _describe_state(step.old)
    if step.new is not None:
        found["newState"] = _describe_state(step.new)
    if step.replaces:
        found["replaceReasons"] = list(step.replaces)
    found["detailedDiff"] = None
    return found


def _describe_state(resource: Resource) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": resource.id,
        "inputs": _show(resource.inputs),
        "outputs": _show(resource.outputs),
        "parent": resource.parent,
        "protect": resource.protect,
        "external": resource.external,
        "delete": resource.delete,
        "dependencies": list(resource.dependencies),
        "propertyDependencies": {key: list(urns) for key, urns in resource.property_dependencies.items()},
    }
    identity = {"urn": resource.urn, "custom": resource.custom, "type": resource.type}
    return {**identity, **{name: value for name, value in told.items() if value}}


def _show(properties: Properties) -> dict[str, Any]:
    return {key: _to_plain(value) for key, value in properties.items()}


def _to_plain(value: Value) -> Any:
    if isinstance(value, Secret):
        return "[secret]"
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Reference):
        return {SIGNATURE: RESOURCE, "urn": value.urn, "id": _to_plain(value.id)}
    if isinstance(value, Mapping):
        return _show(dict(value))
    if isinstance(value, list):
        return [_to_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
