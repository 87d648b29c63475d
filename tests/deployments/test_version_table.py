"""Every row of the version rule's table as a whole deployment: what the rule decides is what the engines show and carry out.

No program of today leads a stack to each of these states: some of them are what a refresh found, what an interrupted run
left, or what an older history made. So every row's resource is deployed as it is recorded, then the registry and the memory
of the stack are put as the row says, and then the program wants what the row wants. Rows stand in one stack, each with a
name of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from harness import ENGINES, ON_BOTH, Engine, Outsider, settings_of
from version_rows import (
    KINDS,
    Held,
    as_recorded,
    as_wanted,
    held_after,
    held_before,
    kind_of,
    memory_of,
    name_of,
    without_registry,
)
from version_table import BODIES, NAME, TABLE, Row, definition_of

from pulumi_snowplow_signals.kinds.intervention import Intervention
from signals_local.emulator import Emulator, serve

_HISTORY = "__signals"


class Stack:
    """A stack in a registry, with all rows of a kind.

    Args:
        rows: The rows, by the name of their interventions.
        project: What deploys them.
        emulator: The registry.
        outsider: Who puts the registry as the rows say.
    """

    def __init__(
        self, rows: Mapping[str, Row], project: Engine, emulator: Emulator, outsider: Outsider
    ) -> None:
        self.rows = rows
        self.project = project
        self._emulator = emulator
        self._outsider = outsider

    def set_up(self) -> None:
        """Deploy every resource as it is recorded, then put registry and memory as the rows say."""
        self._publish_group()
        self.deploy("".join(map(as_recorded, self.rows.values())))
        self._emulator.reset()
        self._publish_group()
        for name, row in self.rows.items():
            for number, (letter, live) in held_before(row).items():
                self._outsider.stores(name, number, live=live, **{**BODIES[letter], "name": name})
        state = self.project.exported()
        for name, resource in _resources(state):
            if memory := self.rows[name].recorded:
                for values in (resource["inputs"], resource["outputs"]):
                    values[_HISTORY].update(memory_of(memory, name))
        self.project.import_(state)

    def deploy(self, program: str) -> None:
        """Deploy a program, which must succeed."""
        self.project.write(program)
        outcome = self.project.run("up", environment={})
        assert outcome.succeeded, outcome.text

    def memories(self) -> dict[str, Any]:
        """Return what the stack keeps of each name's history."""
        found = dict(_resources(self.project.exported()))
        return {name: without_registry(resource["inputs"][_HISTORY]) for name, resource in found.items()}

    def held(self) -> dict[str, Held]:
        """Return what the registry holds of each name."""
        letters = {
            definition_of(letter, name).digest: letter
            for name in self.rows
            for letter in BODIES
            if letter != "a"
        }
        found: dict[str, dict[int, tuple[str, bool]]] = {name: {} for name in self.rows}
        for body in self._outsider.everything():
            letter = letters[Intervention.stored(body).digest]
            found[body["name"]][body["version"]] = (letter, body["is_published"])
        return dict(found)

    def _publish_group(self) -> None:
        self._emulator.publish_group("shopping", {"cart_value": "double", "idle": "int32"})


def _resources(state: Any) -> Iterator[tuple[str, Any]]:
    for resource in state["deployment"]["resources"]:
        if _HISTORY in resource.get("inputs", {}):
            yield resource["urn"].rpartition("::")[2], resource


@pytest.fixture(params=ON_BOTH)
def engine(request: pytest.FixtureRequest) -> type[Engine]:
    """Each of the engines."""
    return ENGINES[request.param]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_decided_is_carried_out(kind: str, engine: type[Engine], tmp_path: Path) -> None:
    """A preview refuses with the row's words, and a deployment leaves the row's numbers, live versions and memory."""
    of_kind = [row for row in TABLE if kind_of(row) == kind]
    rows = {name_of(row): row for row in of_kind}
    assert len(rows) == len(of_kind), "rows share a name"
    with serve() as emulator, closing(Outsider(emulator)) as outsider:
        stack = Stack(rows, engine(tmp_path, settings_of(emulator)), emulator, outsider)
        stack.set_up()
        stack.project.configure(KINDS[kind])
        faults = [*_not_refused(stack), *_not_carried_out(stack)]
    assert not faults, "\n".join(faults)


def _not_refused(stack: Stack) -> Iterator[str]:
    """Yield how previews of what the rows want do not refuse it with their words."""
    refused = [(name, row) for name, row in stack.rows.items() if row.refused]
    # The real engine stops at the first resource that is refused, so that it is asked about each of them alone.
    at_once = len(refused) if stack.project.name == "local" else 1
    for first in range(0, len(refused), at_once):
        asked = refused[first : first + at_once]
        stack.project.write("".join(as_wanted(row, row.wants) for _, row in asked))
        outcome = stack.project.run("preview", environment={})
        errors = [(error.name, error.text) for error in outcome.of("error")]
        for name, row in asked:
            expected = str(row.refused).replace(NAME, name)
            if not any(found == name and expected in text for found, text in errors):
                yield f"{row.promise}: no preview says {expected!r}: {errors or outcome.text}"


def _not_carried_out(stack: Stack) -> Iterator[str]:
    """Yield how a deployment of what the rows want does not end as they say."""
    stack.deploy(
        "".join(as_wanted(row, row.wants) if row.becomes else as_recorded(row) for row in stack.rows.values())
    )
    memories, held = stack.memories(), stack.held()
    for name, row in stack.rows.items():
        expected = held_after(row, row.becomes) if row.becomes else held_before(row)
        if held[name] != expected:
            yield f"{row.promise}: the registry holds {held[name]} instead of {expected}"
        # Where nothing changes, nothing is asked and nothing is learnt; what is refused is deployed as it was.
        remembered = row.becomes if row.becomes and row.becomes.move != "keep" else row.recorded
        if remembered and memories[name] != (memory := memory_of(remembered, name)):
            yield f"{row.promise}: the stack remembers {memories[name]} instead of {memory}"
