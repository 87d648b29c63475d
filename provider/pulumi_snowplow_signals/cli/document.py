"""A summary as JSON, in a stable format: while `format` is 1, keys may be added, but none changes its meaning."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from pulumi_snowplow_signals.cli.change import KINDS, Change, Was
from pulumi_snowplow_signals.cli.summary import Summary

_FORMAT: Final = 1


def to_json(summary: Summary) -> str:
    """Return a summary as JSON text."""
    document = {
        "format": _FORMAT,
        "stack": summary.stack,
        "failed": summary.failed,
        "kinds": summary.hits([*KINDS]),
        "changes": _to_documents(summary.changes.changes),
        "drift": _to_documents(summary.changes.drift),
        "unchanged": summary.changes.unchanged,
        "otherProviders": summary.changes.others,
        "messages": [
            {"severity": message.severity, "resource": message.resource, "text": message.text}
            for message in summary.messages
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _to_documents(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {
            "name": change.name,
            "oldName": change.old_name or change.name,
            "urn": change.urn,
            "type": change.type,
            "event": change.event,
            "fields": [*change.fields],
            "takenAway": change.loss.value,
            "kinds": sorted(change.kinds),
            "version": _show_both(change.version),
            "rule": _show_both(change.rule),
            "sentTo": _show_both(change.sent_to),
            "carries": _show_both(change.carries),
            "reach": change.reach,
            "kind": change.kind,
            "content": _show_both(change.content),
            "differences": [*change.differences],
            "retires": [*change.retires],
            "remarks": [{"severity": remark.severity, "text": remark.text} for remark in change.remarks],
        }
        for change in changes
    ]


def _show_both(was: Was) -> dict[str, str]:
    return {"was": was.was, "now": was.now}
