"""Takes one list of stages through both engines, and compares what they did after each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import Any

from engines import Engine, Local, Outcome, Pulumi


@dataclass(frozen=True)
class Stage:
    """A program and what is done with it. `drift` changes files of the world first: None deletes one."""

    program: dict[str, Any]
    command: str = "up"
    arguments: tuple[str, ...] = ()
    drift: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    # Whether the two need to do the same in the run itself: where a step fails, what else had begun is a matter of time.
    compare_run: bool = True


@dataclass
class Tally:
    """How much was compared."""

    programs: int = 0
    steps: int = 0


def compare(
    directory: Path, stages: Sequence[Stage], tally: Tally | None = None, *, until_failure: bool = False
) -> None:
    """Take the stages through both engines; raise AssertionError where they differ.

    Args:
        directory: Where the engines' worlds and states are made.
        stages: What to do.
        tally: Where to count what was compared.
        until_failure: End where a run fails in both: among several resources, what else was done by then is a matter of
            time, so that the two need not be in the same state any more.
    """
    tally = tally or Tally()
    engines = [Pulumi(directory / "pulumi"), Local(directory / "local")]
    for number, stage in enumerate(stages, start=1):
        where = f"stage {number} ({stage.command} {' '.join(stage.arguments)})"
        planned, done = zip(*(_take(engine, stage) for engine in engines), strict=True)
        _agree(f"{where}: plan", *planned)
        tally.programs += 1
        tally.steps += planned[0].get("count", 0)
        if until_failure and not any(found["succeeded"] for found in done):
            return
        if stage.compare_run:
            _agree(f"{where}: run", *done)


def _take(engine: Engine, stage: Stage) -> tuple[dict[str, Any], dict[str, Any]]:
    engine.write(stage.program)
    for name, content in stage.drift.items():
        file = engine.world / f"{name}.json"
        if content is None:
            file.unlink()
        else:
            file.write_text(json.dumps({**json.loads(file.read_text()), **content}))
    plan: dict[str, Any] = {}
    if stage.command == "up":
        outcome = engine.preview(*stage.arguments)
        calls = engine.calls()
        plan = {**_told(outcome), "calls": calls if outcome.code == 0 else None}
        if "--refresh" in stage.arguments:
            # The real engine counts some resources twice then.
            del plan["counts"]
    done = engine.run(stage.command, *stage.arguments)
    return plan, {
        "succeeded": done.code == 0,
        "calls": engine.calls(),
        "world": engine.things(),
        "state": engine.state(),
        "text": done.text,
    }


def _told(outcome: Outcome) -> dict[str, Any]:
    failed = outcome.code != 0
    return {
        "succeeded": not failed,
        # A plan that fails stops somewhere in the real engine, and goes on to find every fault in this one.
        "steps": None if failed else sorted(f"{op} {name}" for op, name in outcome.steps),
        "order": None if failed else _order(outcome),
        "inputs": None if failed else outcome.inputs(),
        "counts": None if failed else outcome.document.get("changeSummary"),
        "count": len(outcome.document["steps"]),
        "text": outcome.text,
    }


def _order(outcome: Outcome) -> dict[str, list[str]]:
    """The order of the steps of one resource; among resources there is no promise but dependencies, which calls show."""
    order: dict[str, list[str]] = {}
    for op, name in outcome.steps:
        order.setdefault(name, []).append(op)
    return order


def _agree(where: str, pulumi: dict[str, Any], local: dict[str, Any]) -> None:
    for key in pulumi.keys() - {"count", "text"}:
        if pulumi[key] != local[key]:
            told = [
                json.dumps(found[key], indent=1, default=str, sort_keys=True).splitlines()
                for found in (pulumi, local)
            ]
            difference = "\n".join(unified_diff(*told, "pulumi", "local", lineterm="", n=8))
            raise AssertionError(f"{where}: {key} differ\n{difference}\n{_ending(pulumi)}\n{_ending(local)}")


def _ending(found: dict[str, Any]) -> str:
    """The end of what an engine said, where it failed."""
    return "" if found["succeeded"] else found["text"][-1500:]
