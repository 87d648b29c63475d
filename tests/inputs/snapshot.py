"""What becomes of each value for each argument, as files that a reviewer reads. To write them anew:

.venv/bin/python tests/inputs/snapshot.py
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TypeAlias

HERE = Path(__file__).parent
FOLDER = HERE / "verdicts"

Verdicts: TypeAlias = dict[str, dict[str, dict[str, str]]]


def judged() -> Verdicts:
    """Return the verdicts on values as they are, `plain`, and on the same in secret outputs, `secret`."""
    done = subprocess.run(
        [sys.executable, str(HERE / "judge.py")], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr[-5000:]
    verdicts: Verdicts = json.loads(done.stdout)
    return verdicts


def text_of(verdicts: dict[str, str]) -> str:
    """Return the file about one argument."""
    lines = []
    for value, verdict in verdicts.items():
        first, *more = verdict.splitlines()
        lines += [f"{value}\n", f"    {first}\n", *(f"    {line}\n" for line in more)]
    return "".join(lines)


def files_of(verdicts: Verdicts) -> dict[str, str]:
    """Return all files by their names."""
    return {f"{place}.txt": text_of(told) for place, told in verdicts["plain"].items()}


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    files = files_of(judged())
    for name in {path.name for path in FOLDER.iterdir()} - files.keys():
        (FOLDER / name).unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
