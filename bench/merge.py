"""Measures what stands before a merge: rules compared, a program validated, a preview summed up.

Usage: python bench/merge.py [--rounds N]

It prints the median of some rounds beside its limit. Nothing is asserted: on a busy machine run it again.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from pulumi_snowplow_signals.criteria.relation import Relation, compare
from pulumi_snowplow_signals.criteria.tree import tree_of

COMPARISONS = 1_000
COUNTS = (100, 1_000)
LIMITS = {
    ("validate", 100): 2.0,
    ("validate", 1_000): 5.0,
    ("summarize", 100): 1.0,
    ("summarize", 1_000): 2.5,
}
"""Seconds of processor time, with the start of the interpreters."""

_PROGRAM = """\
from pulumi_snowplow_signals import RuleIntervention, attribute
cart, visits = attribute("shopping:cart_value"), attribute("shopping:visits")
for number in range({count}):
    RuleIntervention(f"rule_{{number}}", owner="team@example.com", criteria=(cart > 75 + number) & (visits >= 3))
"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    _tell(
        f"{COMPARISONS:,} comparisons of two rules, seconds of processor time", _median(rounds, _compare), 0.5
    )
    with tempfile.TemporaryDirectory() as place:
        for count in COUNTS:
            project = Path(place) / str(count)
            project.mkdir()
            (project / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
            (project / "__main__.py").write_text(_PROGRAM.format(count=count))
            (project / "preview.json").write_text(_preview(count))
            for command, arguments in (
                ("validate", ["--cwd", str(project)]),
                ("summarize", [str(project / "preview.json")]),
            ):
                seconds = _median(rounds, lambda: _run(command, arguments))  # noqa: B023  # called at once
                _tell(
                    f"{command}, {count:,} rules, seconds of processor time", seconds, LIMITS[command, count]
                )
    return 0


def _criteria(number: int) -> dict[str, Any]:
    return {
        "all": [
            {"attribute": "shopping:cart_value", "operator": ">", "value": 75 + number},
            {"attribute": "shopping:visits", "operator": ">=", "value": 3},
            {"any": [
                {"attribute": "shopping:country", "operator": "in", "value": ["DE", "FR", "GB"]},
                {"attribute": "shopping:plan", "operator": "like", "value": "pro%"},
            ]},
        ]
    }  # fmt: skip


def _compare() -> None:
    rules = [tree_of(_criteria(number)) for number in range(COMPARISONS + 1)]
    for old, new in pairwise(rules):
        if compare(old, new).relation is not Relation.NARROWER:
            raise SystemExit("a higher threshold reaches fewer visitors")


def _preview(count: int) -> str:
    """Return a preview in which each rule gets a higher threshold."""
    kind = "pulumi-python:dynamic/signals:RuleIntervention"
    steps = []
    for number in range(count):
        states = [
            {"type": kind, "inputs": {
                "name": f"rule_{number}", "version": version, "published": True, "criteria": _criteria(number + version),
                "rule": f"shopping:cart_value > {75 + number + version}", "__signals": {"released": {"1": "d"}},
            }} for version in (1, 2)
        ]  # fmt: skip
        steps.append(
            {"op": "update", "urn": f"urn:pulumi:dev::bench::{kind}::rule_{number}", "oldState": states[0], "newState": states[1]}
        )  # fmt: skip
    return json.dumps({"steps": steps, "changeSummary": {"update": count}})


def _run(command: str, arguments: Sequence[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pulumi_snowplow_signals.cli.main", command, *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}")


def _median(rounds: int, measured: Callable[[], None]) -> float:
    taken = []
    for _ in range(rounds):
        started = _processor_time()
        measured()
        taken.append(_processor_time() - started)
    return statistics.median(taken)


def _processor_time() -> float:
    """Return the seconds of processor time that this process and those that it has waited for have had."""
    return sum(os.times()[:4])


def _tell(what: str, figure: float, limit: float) -> None:
    sys.stdout.write(f"{figure:8.2f}  limit {limit:5.2f} {'  ' if figure <= limit else '! '} {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
