"""Runs the whole table and many made-up programs through both engines, and prints how many agreed.

Usage: python tests/local/engine/run_parity.py [--programs N] [--seed N] [--jobs N] [PART OF A NAME ...]
Without the real engine it fails: nothing was compared then.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from engines import pulumi_is_there
from hypothesis import HealthCheck, Phase, given, seed, settings
from made_up import histories
from parity import Stage, Tally, compare
from table import TABLE


def main() -> int:
    """Compare, print, and return 0 only if all agreed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="comparisons at once (2)")
    parser.add_argument(
        "--programs", type=int, default=20, metavar="N", help="histories made up beside the table (20)"
    )
    parser.add_argument("--seed", type=int, default=0, help="for other histories (0)")
    parser.add_argument("names", nargs="*", help="only lifecycles whose name contains one of these")
    options = parser.parse_args()
    if not pulumi_is_there():
        sys.stdout.write("parity: the real engine, `pulumi`, is not on PATH; nothing was compared\n")
        return 1
    chosen = {
        name: stages
        for name, stages in TABLE.items()
        if not options.names or any(part in name for part in options.names)
    }
    if not options.names:
        made = _made_up(options.programs, options.seed)
        chosen |= {f"made up, number {number}": stages for number, stages in enumerate(made, start=1)}
    started = time.monotonic()
    tally, disagreed = Tally(), 0
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        running = {
            pool.submit(_one, stages, tally, made_up=name.startswith("made up")): name
            for name, stages in chosen.items()
        }
        for done in as_completed(running):
            fault = done.exception()
            sys.stdout.write(f"{'differ' if fault else 'agree '}  {running[done]}\n")
            if fault:
                disagreed += 1
                sys.stdout.write(f"{fault}\n")
                if running[done].startswith("made up"):
                    for stage in chosen[running[done]]:
                        sys.stdout.write(f"    {stage.command} {json.dumps(stage.program)}\n")
            sys.stdout.flush()
    sys.stdout.write(
        f"parity: {len(chosen) - disagreed} of {len(chosen)} lifecycles agree: {tally.programs} programs,"
        f" {tally.steps} planned steps compared in {time.monotonic() - started:.0f} s\n"
    )
    return 1 if disagreed else 0


def _made_up(count: int, number: int) -> list[list[Stage]]:
    found: list[list[Stage]] = []

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(histories())
    def collect(stages: list[Stage]) -> None:
        found.append(stages)

    if count:
        collect()
    return found


def _one(stages: list[Stage], tally: Tally, *, made_up: bool) -> None:
    with tempfile.TemporaryDirectory() as directory:
        compare(Path(directory), stages, tally, until_failure=made_up)


if __name__ == "__main__":
    sys.exit(main())
