"""Create this clone's virtual environment, and show progress: it takes a minute, mostly for downloads.

Runs on the Python that creates the environment, so it imports only the standard library.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
PIP = (
    *(PYTHON, "-u", "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"),
    *("--constraint", "constraints.txt", "--editable"),
)
LAST_LINES = 15


def show(text: str) -> None:
    """Write a line at once; on a terminal, over the previous line."""
    sys.stdout.write(f"\r\x1b[K{text}" if sys.stdout.isatty() else f"{text}\n")
    sys.stdout.flush()


def make_environment() -> int:
    """Create the environment, unless one with pip exists; return the exit code."""
    probe = [PYTHON, "-m", "pip", "--version"]
    if PYTHON.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return 0
    version = ".".join(map(str, sys.version_info[:2]))
    sys.stdout.write(
        f"Creating the virtual environment .venv with Python {version} (once; takes about a minute)\n"
    )
    sys.stdout.flush()
    make = [sys.executable, "-m", "venv", "--clear", ENVIRONMENT]
    done = subprocess.run(make, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(f"{(done.stdout + done.stderr).strip()}\n")
        sys.stderr.write(
            "error: Python cannot create a virtual environment. Choose another: PYTHON=python3.12\n"
        )
    return done.returncode


def report_progress(lines: Iterator[str]) -> Iterator[str]:
    """Yield a progress line for each of pip's lines that is worth one."""
    count = 0
    for line in lines:
        if found := re.match(r"\s*Collecting ([A-Za-z0-9._-]+)", line):
            count += 1
            yield f"  {count:3} {found[1]}"
        elif line.startswith("Installing collected packages") and "," in line:
            yield f"  installing {line.count(',') + 1} packages"


def install(extras: str) -> int:
    """Install this project with extras; if pip fails, show its last lines. Return pip's exit code."""
    log: list[str] = []

    def record(lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            log.append(line)
            yield line

    with subprocess.Popen(
        [*PIP, f".[{extras}]"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for text in report_progress(record(iter(pip.stdout or ()))):
            show(text)
    if sys.stdout.isatty():
        show("")
    if pip.returncode:
        sys.stderr.write("".join(log[-LAST_LINES:]))
        sys.stderr.write(
            "error: pip failed; its last lines are above. Fix the problem, then run the command again\n"
        )
    return pip.returncode


if __name__ == "__main__":
    sys.exit(make_environment() or install(sys.argv[1]))
