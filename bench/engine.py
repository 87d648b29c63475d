"""Times the local engine on cheap resources, beside the real engine where there is one, and prints ratios.

Usage: python bench/engine.py [--counts N,N] [--previews N]
The first count is taken through both engines, the others through the local one alone: the real one rewrites its state at
each step, and would need hours for 10,000. Memory is the peak of the engine's own process, and beside it that of the
processes which it starts for program and provider, added up.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import engines
from engines import Engine, Local, Pulumi, pulumi_is_there

PROGRAM = Path(engines.__file__).parent / "cheap"
_POLL_SECONDS = 0.02
# Looking for new processes takes longer than asking those that are known.
_POLLS_PER_SEARCH = 10


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    seconds: float
    megabytes: float | None
    others: float

    def __str__(self) -> str:
        if self.megabytes is None:
            return f"{self.seconds:.2f} s, memory unknown"
        return f"{self.seconds:.2f} s, {self.megabytes:.0f} MB (program and provider: {self.others:.0f} MB)"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="1000,10000", help="how many resources to create (1000,10000)")
    parser.add_argument(
        "--previews", type=int, default=5, help="previews of each engine, the best counts (5)"
    )
    options = parser.parse_args()
    first, *others = [int(text) for text in options.counts.split(",")]
    kinds = [Local, Pulumi] if pulumi_is_there() else [Local]
    if len(kinds) == 1:
        _say("bench: the real engine, `pulumi`, is not on PATH; these are the local engine's figures alone")
    with tempfile.TemporaryDirectory() as directory:
        workplace = Path(directory)
        _previews(workplace, kinds, options.previews)
        costs = [_creation(workplace, kind, first) for kind in kinds]
        if len(costs) > 1:
            _say(f"    {_ratio('local', costs[0], 'pulumi', costs[1])}")
        for count in others:
            more = _creation(workplace, Local, count)
            _say(f"    {_ratio(f'{count:,}', more, f'{first:,}', costs[0])}")
    return 0


def _previews(workplace: Path, kinds: Sequence[type[Engine]], times: int) -> None:
    found = [_engine(workplace / f"preview-{kind.name}", kind, 1) for kind in kinds]
    # In turns, so that whatever else the machine does meets both.
    rounds = [[_cost(engine, "preview") for engine in found] for _ in range(times)]
    best = [min(costs, key=lambda cost: cost.seconds) for costs in zip(*rounds, strict=True)]
    for engine, cost in zip(found, best, strict=True):
        _say(f"preview of one new resource, {engine.name}: {cost}")
    if len(best) > 1:
        _say(f"    {_ratio('local', best[0], 'pulumi', best[1])}")


def _creation(workplace: Path, kind: type[Engine], count: int) -> Cost:
    engine = _engine(workplace / f"{kind.name}-{count}", kind, count)
    cost = _cost(engine, "up", "--yes", "--skip-preview")
    _say(f"creation of {count:,} resources, {engine.name}: {cost}")
    shutil.rmtree(engine.directory)
    return cost


def _engine(directory: Path, kind: type[Engine], count: int) -> Engine:
    engine = kind(directory, program=PROGRAM, prefix=Path(sys.prefix))
    engine.environment["COUNT"] = str(count)
    return engine


def _cost(engine: Engine, *arguments: str) -> Cost:
    started = time.monotonic()
    with (engine.directory / "said").open("wb") as said:
        running = subprocess.Popen(
            [*engine.executable, *arguments],
            cwd=engine.project,
            env=engine.environment,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        peaks: dict[int, float] = {}
        family: list[int] = []
        polls = 0
        while running.poll() is None:
            if polls % _POLLS_PER_SEARCH == 0:
                family = _family(running.pid)
            peaks |= {process: peak for process in family if (peak := _peak(process))}
            polls += 1
            time.sleep(_POLL_SECONDS)
    seconds = time.monotonic() - started
    if running.returncode != 0:
        raise SystemExit((engine.directory / "said").read_text()[-3000:])
    own = peaks.pop(running.pid, None)
    return Cost(seconds, own, sum(peaks.values()))


def _family(process: int) -> list[int]:
    """Return a process and all that it and they have started, as far as the system tells."""
    found = [process]
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # It has ended in the meantime.
            for child in task.read_text().split():
                found += _family(int(child))
    return found


def _peak(process: int) -> float | None:
    """Return the most memory that a process has had so far, in megabytes; None where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) / 1024 if found else None


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _ratio(one: str, cost: Cost, other: str, base: Cost) -> str:
    text = f"{one} takes {cost.seconds / base.seconds:.2f} times the time of {other}"
    if cost.megabytes and base.megabytes:
        text += f", and {cost.megabytes / base.megabytes:.2f} times its memory"
    return text


if __name__ == "__main__":
    sys.exit(main())
