"""Many keys, groups of each sort, services and rules in one stack: deployed, changed, rolled forward and destroyed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from harness import Engine
from registries import emptied
from thorough import SOAK

from signals_local.emulator import Emulator

SETS = 30 if SOAK else 3
"""Each of them ten objects: a key, two groups of each sort, a service and two rules."""

_PROGRAM = """
from datetime import timedelta
from pulumi_snowplow_signals import (
    Attribute, AttributeKey, BatchAttributeGroup, BatchSource, EntityProperty, Event, EventProperty,
    ExternalBatchAttributeGroup, Field, Service, StreamAttributeGroup,
)

def last(name):
    path = EventProperty(vendor="com.example", name="cart", major_version=1, path=name)
    return Attribute(name=name, type="double", aggregation="last", events=[Event(name="cart")], property=path)

for n in range({sets}):
    key = AttributeKey(
        f"key_{{n}}",
        property=EntityProperty(vendor="com.example", name="account", major_version=1, path=f"id_{{n}}"),
        description={description!r},
    )
    table = BatchSource(name=f"s_{{n}}", database="DB", schema="PUBLIC", table="T", timestamp_field="AT")
    common = {{"owner": "d@example.com", "attribute_key": key}}
    groups = []
    for part in ("a", "b"):
        names = [f"{{sort}}_{{part}}_{{each}}" for sort in ("s", "w", "t") for each in {columns!r}]
        stream, batch, fields = ([name for name in names if name.startswith(sort)] for sort in "swt")
        groups += [
            StreamAttributeGroup(f"stream_{{part}}_{{n}}", attributes=[last(each) for each in stream], **common),
            BatchAttributeGroup(
                f"batch_{{part}}_{{n}}", attributes=[last(each) for each in batch], refresh_rate=timedelta(hours=6), **common
            ),
            ExternalBatchAttributeGroup(
                f"table_{{part}}_{{n}}", fields=[Field(name=each, type="double") for each in fields], batch_source=table,
                backfill_since_tstamp="2026-06-01T00:00:00Z", **common,
            ),
        ]
    Service(f"service_{{n}}", owner="d@example.com", attribute_groups=groups)
    RuleIntervention(f"reader_{{n}}", owner="m@example.com", criteria=groups[0]["s_a_value"] > {over})
    RuleIntervention(
        f"carrier_{{n}}", owner="m@example.com", criteria=groups[5]["t_b_value"] > 1, payload_attribute_groups=groups[1:3]
    )
"""


def program(*columns: str, description: str = "one", over: int = 75) -> str:
    """Return the program in which each group has these attributes or fields."""
    return _PROGRAM.format(sets=SETS, columns=columns, description=description, over=over)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator in which nothing that something read has gone down when the test is over."""
    with emptied(assume={"published-key": "accepts"}) as emulator:
        yield emulator
        assert emulator.broken_promises() == []


class Runs:
    """The runs of a project, each with the requests that it made."""

    def __init__(self, project: Engine, emulator: Emulator) -> None:
        self._project = project
        self._emulator = emulator
        self.operations: Counter[str] = Counter()
        self.objects: dict[str, int] = {}
        """The requests about objects, by method and kind."""
        self.lists: dict[str, int] = {}
        """The lists that were fetched, by kind."""
        self.seconds = 0.0

    def go(self, command: str, text: str | None = None) -> None:
        """Run a command that succeeds and warns of nothing but of what goes down."""
        if text is not None:
            self._project.write(text)
        mark, began = self._emulator.mark(), time.monotonic()
        outcome = self._project.run(command, environment={})
        self.seconds = time.monotonic() - began
        assert outcome.succeeded, outcome.text
        assert [each.text for each in outcome.of("warning") if "WITHDRAWN" not in each.text] == []
        self.operations = Counter(outcome.operations.values())
        requests = [_in_words(each) for each in self._emulator.requests(since=mark)]
        self.objects = Counter(each for each in requests if not each.endswith("/"))
        self.lists = Counter(each for each in requests if each.endswith("/"))

    def live(self) -> Counter[str]:
        """Count what is live by kind and number, but for the built-in keys."""
        return Counter(
            f"{kind} v{each['version']}" if kind in _NUMBERED else kind
            for kind in ("attribute_key", "attribute_group", "service", "intervention")
            for each in self._emulator.history(kind)["versions"]
            if each["exists"] and each["is_published"] and each["name"][-1].isdigit()
        )


_NUMBERED = ("attribute_group", "intervention")


def _in_words(request: Mapping[str, Any]) -> str:
    """Return a request without the name that it is about; a list ends with a slash."""
    kind, _, name = request["path"].partition("/registry/")[2].partition("/")
    return f"{request['method']} {kind}{'' if name or request['method'] != 'GET' else '/'}"


def test_many(project: Engine, emulator: Emulator) -> None:
    """Each object costs what docs/attribute-groups.md says, and lists are fetched once, and once more a second of what is withdrawn."""
    runs, groups, rules = Runs(project, emulator), 6 * SETS, 2 * SETS
    lists = dict.fromkeys(
        ("GET attribute_keys/", "GET attribute_groups/", "GET services/", "GET interventions/"), 1
    )
    live = {"attribute_key": SETS, "service": SETS}

    runs.go("up", program("value"))
    assert runs.operations == {"create": 10 * SETS}
    assert runs.live() == {**live, "attribute_group v1": groups, "intervention v1": rules}
    assert runs.lists == lists
    assert runs.objects == {
        "GET attribute_keys": SETS,
        "POST attribute_keys": SETS,
        "GET attribute_groups": groups,
        "POST attribute_groups": groups,
        "GET services": SETS,
        "POST services": SETS,
        "GET interventions": rules,
        "POST interventions": rules,
    }

    runs.go("up")
    assert (runs.operations, runs.objects, runs.lists) == ({}, {}, {})
    runs.go("refresh")
    assert (runs.operations, runs.objects, runs.lists) == ({}, {}, lists)

    # Every group becomes a new version; then the first definition comes back as the next one.
    for number, columns, words, over in ((2, ("value", "idle"), "two", 80), (3, ("value",), "one", 75)):
        runs.go("up", program(*columns, description=words, over=over))
        # A group and the child that retires its older version have one logical name.
        assert runs.operations == {"replace": groups, "update": 4 * SETS}
        assert runs.live() == {
            **live,
            f"attribute_group v{number}": groups,
            f"intervention v{number}": rules,
        }
        assert runs.objects == {
            "GET attribute_keys": SETS,
            "PUT attribute_keys": SETS,
            "GET attribute_groups": 2 * groups,
            "POST attribute_groups": groups,
            "PUT attribute_groups": groups,
            "GET services": SETS,
            "PUT services": SETS,
            "GET interventions": rules,
            "POST interventions": rules,
            "PUT interventions": rules,
        }
        assert_shared(runs)
        runs.go("up")
        assert (runs.operations, runs.objects) == ({}, {})
        assert runs.lists == {"GET attribute_groups/": 1}
        runs.go("preview")
        assert (runs.objects, runs.lists) == ({}, {})

    runs.go("destroy")
    assert runs.live() == {}
    assert runs.operations == {"delete": 10 * SETS}
    assert runs.objects == {
        "PUT attribute_keys": SETS,
        "PUT attribute_groups": groups,
        "PUT services": SETS,
        "PUT interventions": rules,
    }
    assert_shared(runs)


def assert_shared(runs: Runs) -> None:
    """Check that a list was fetched once for what is reviewed, and after that no more than once a second and kind of object."""
    most = 3 + int(runs.seconds)
    assert {kind: count for kind, count in runs.lists.items() if count > most} == {}
