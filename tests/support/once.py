"""What takes long to build and is the same for every worker of a run: built by whichever needs it first."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from filelock import FileLock


def once_a_run(directories: pytest.TempPathFactory, name: str, build: Callable[[], str]) -> str:
    """Return a text, which the first worker to ask for it builds while the others wait.

    Args:
        directories: Pytest's own; those of the workers of one run have the same parent.
        name: What the text goes by.
        build: Returns it.
    """
    own = directories.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    built = shared / f"{name}.txt"
    with FileLock(shared / f"{name}.lock"):
        if not built.exists():
            built.write_text(build(), encoding="utf-8")
    return built.read_text(encoding="utf-8")
