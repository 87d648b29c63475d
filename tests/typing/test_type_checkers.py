"""mypy and basedpyright accept the programs that are right, and refuse each wrong line of the others.

One run of each checker over all programs beside this file. A line that has to be refused ends with `# refused`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PROGRAMS = [HERE / "accepted.py", HERE / "refused.py"]

Lines = set[tuple[str, int]]


def marked() -> Lines:
    """Return the lines that have to be refused."""
    return {
        (program.name, number)
        for program in PROGRAMS
        for number, line in enumerate(program.read_text().splitlines(), start=1)
        if line.endswith("# refused")
    }


def run(*command: str) -> str:
    checked = subprocess.run(
        [sys.executable, "-m", *command, *map(str, PROGRAMS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    # Both answer 1 where they find errors; anything above is a failure of their own.
    assert checked.returncode <= 1, checked.stdout + checked.stderr
    return checked.stdout


def refused_by_mypy() -> Lines:
    errors = re.finditer(
        r"^(.+?):(\d+): error: ", run("mypy", "--no-pretty", "--no-error-summary"), re.MULTILINE
    )
    return {(Path(error[1]).name, int(error[2])) for error in errors}


def refused_by_basedpyright() -> Lines:
    report = json.loads(
        run("basedpyright", "--outputjson", "--level", "error", "--pythonpath", sys.executable)
    )
    return {
        (Path(error["file"]).name, error["range"]["start"]["line"] + 1)
        for error in report["generalDiagnostics"]
    }


@pytest.mark.parametrize(
    "refused",
    [refused_by_mypy, refused_by_basedpyright],
    ids=lambda checker: checker.__name__.removeprefix("refused_by_"),
)
def test_refuses_the_marked_lines_and_no_others(refused: Callable[[], Lines]) -> None:
    """The type hints are exact: no right program is refused, no wrong one accepted."""
    assert marked()
    assert refused() == marked()
