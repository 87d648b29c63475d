"""One stack in which every kind of change of keys, groups and services happens, and the lines that are said of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from attribute_programs import IMPORTS
from harness import Engine, settings_of
from kinds_of_change import section, spoken
from registries import emptied

from signals_local.emulator import Emulator

_IMPORTS: Final = f"""{IMPORTS}
from pulumi_snowplow_signals import BatchAttributeGroup

def stream(name, /, *attributes, **more):
    given = {{"owner": "d@example.com", "attribute_key": "user_id", "attributes": [last(each) for each in attributes]}}
    return StreamAttributeGroup(name, **{{**given, **more}})

def key(name, /, path="account_id", **more):
    at = EntityProperty(vendor="com.example", name="account", major_version=1, path=path)
    return AttributeKey(name, property=at, **more)

def table(name, /, *columns, **more):
    source = {{"name": "s", "database": "DB", "schema": "PUBLIC", "table": "T", "timestamp_field": "AT"}}
    given = {{"owner": "d@example.com", "attribute_key": "user_id", "batch_source": source}}
    fields = [{{"name": each, "type": "int32"}} for each in columns]
    return ExternalBatchAttributeGroup(name, fields=fields, backfill_since_tstamp="2026-06-01T00:00:00Z", **given, **more)

def batch(name, /, *attributes, **more):
    given = {{"owner": "d@example.com", "attribute_key": "user_id", "attributes": [last(each) for each in attributes]}}
    return BatchAttributeGroup(name, **given, **more)

def serve(name, /, *groups, **more):
    return Service(name, owner="d@example.com", attribute_groups=[*groups], **more)

"""
_BEFORE: Final = """
key("key_described"); key("key_removed"); key("key_deleted", on_destroy="delete"); key("key_renamed")
read = stream("group_read", "value", "idle")
serve("service_moved", read)
serve("service_described", stream("group_served", "a"))
RuleIntervention("reader", owner="m@example.com", criteria=(read["value"] > 75) & (attribute("group_read:idle") > 1))
stream("group_described", "a"); stream("group_draft", "a", published=False); stream("group_beside", "a")
stream("group_withdrawn", "a"); stream("group_retained", "a", on_destroy="retain"); stream("group_renamed", "a")
stream("group_secret", "a", description=pulumi.Output.secret("one")); stream("group_removed", "a")
stream("group_live_beside", "a"); stream("group_deleted_elsewhere", "a"); stream("group_withdrawn_elsewhere", "a")
table("table_changed", "TOTAL"); batch("batch_changed", "b", refresh_rate=timedelta(hours=6))
serve("service_withdrawn", stream("group_a", "x")); serve("service_removed", stream("group_b", "y"))
"""
_AFTER: Final = """
key("key_described", description="whose account it is"); key("key_renamed", name="key_by_another_name")
read = stream("group_read", "other", attributes=[last("value", "string")])
serve("service_moved", read)
serve("service_described", stream("group_served", "a"), description="at the till")
RuleIntervention("reader", owner="m@example.com", criteria=(read["value"] == "much") & (attribute("group_read:idle") > 1))
stream("group_described", "a", description="all of it"); stream("group_draft", "a"); stream("group_beside", "a", "b", published=False)
stream("group_withdrawn", "a", published=False); stream("group_retained", "a", "b", on_destroy="retain")
stream("group_renamed", "a", name="group_by_another_name"); stream("group_secret", "a", description=pulumi.Output.secret("two"))
stream("group_live_beside", "a"); stream("group_deleted_elsewhere", "a"); stream("group_withdrawn_elsewhere", "a")
table("table_changed", "TOTAL", "COUNT"); batch("batch_changed", "b", refresh_rate=timedelta(hours=12))
serve("service_withdrawn", stream("group_a", "x"), published=False); stream("group_b", "y")
"""


def _drift(emulator: Emulator) -> None:
    """Change groups as somebody else would."""
    base = "/api/v1/registry/attribute_groups/"

    def read(name: str) -> dict[str, Any]:
        found: dict[str, Any] = emulator._client.get(f"{base}{name}/versions/1").json()
        return found

    emulator._client.post(base, json={**read("group_live_beside"), "version": 2}).raise_for_status()
    for name in ("group_deleted_elsewhere", "group_withdrawn_elsewhere"):
        body = {**read(name), "is_published": False}
        emulator._client.put(f"{base}{name}/versions/1", json=body).raise_for_status()
    emulator._client.delete(f"{base}group_deleted_elsewhere/versions/1").raise_for_status()


_PARTS: Final[tuple[tuple[str, str, str | None, Callable[[Emulator], None] | None], ...]] = (
    ("preview of what is new", "preview", _BEFORE, None),
    ("", "up", None, None),
    ("refresh, after others did something", "refresh", None, _drift),
    ("preview of changes", "preview", _AFTER, None),
    ("up: what only the deployment says", "up", None, None),
    ("destroy", "destroy", None, None),
)


def lines_of_every_group_change(engine: type[Engine], directory: Path) -> Iterator[str]:
    """Yield the lines of the snapshot: those of each command, by resource."""
    with emptied(assume={"published-key": "accepts"}) as emulator:
        project = engine(directory, settings_of(emulator))
        project.start_cold()
        told: set[Any] = set()
        for title, command, program, before in _PARTS:
            if before is not None:
                before(emulator)
            if program is not None:
                project.write(_IMPORTS + program)
            outcome = project.run(command, environment={})
            assert outcome.succeeded, outcome.text
            if title:
                yield from section(title, [found for found in spoken(outcome) if found not in told])
                told = {*spoken(outcome)}
