"""Make the virtual environment of this clone, and say meanwhile what is going on: it takes a minute, most of it downloads.

Runs on the Python that the environment is made with, so it imports nothing but the standard library.
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
    """Write a line at once; on a terminal, where it is only progress, over the one before."""
    sys.stdout.write(f"\r\x1b[K{text}" if sys.stdout.isatty() else f"{text}\n")
    sys.stdout.flush()


def make_environment() -> int:
    """Make the environment, unless one with pip is there."""
    probe = [PYTHON, "-m", "pip", "--version"]
    if PYTHON.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return 0
    version = ".".join(map(str, sys.version_info[:2]))
    sys.stdout.write(
        f"Making the virtual environment .venv with Python {version} (once; it takes about a minute)\n"
    )
    sys.stdout.flush()
    make = [sys.executable, "-m", "venv", "--clear", ENVIRONMENT]
    done = subprocess.run(make, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(f"{(done.stdout + done.stderr).strip()}\n")
        sys.stderr.write("error: Python cannot make a virtual environment. Name another: PYTHON=python3.12\n")
    return done.returncode


def progress(lines: Iterator[str]) -> Iterator[str]:
    """Yield what is worth saying of pip's lines."""
    count = 0
    for line in lines:
        if found := re.match(r"\s*Collecting ([A-Za-z0-9._-]+)", line):
            count += 1
            yield f"  {count:3} {found[1]}"
        elif line.startswith("Installing collected packages") and "," in line:
            yield f"  installing {line.count(',') + 1} packages"


def install(extras: str) -> int:
    """Install this project with extras; of a failure, show pip's last lines."""
    log: list[str] = []

    def noted(lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            log.append(line)
            yield line

    with subprocess.Popen(
        [*PIP, f".[{extras}]"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for text in progress(noted(iter(pip.stdout or ()))):
            show(text)
    if sys.stdout.isatty():
        show("")
    if pip.returncode:
        sys.stderr.write("".join(log[-LAST_LINES:]))
        sys.stderr.write(
            "error: pip failed; its last lines are above. Run the command again once that is solved\n"
        )
    return pip.returncode


if __name__ == "__main__":
    sys.exit(make_environment() or install(sys.argv[1]))
