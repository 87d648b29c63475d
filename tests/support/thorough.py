"""Whether tests are quick, as for whoever works on the code, or thorough, as `make soak` has them: read here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

SOAK: Final = os.environ.get("SOAK", "") not in ("", "0")
"""Whether every enumeration is to be tried in full, with processes started from nothing."""


def examples(usual: int) -> int:
    """Return how many examples of a property are tried that asks for so many: a quarter, and in a soak ten times as many."""
    return usual * 10 if SOAK else -(-usual // 4)


def chosen(everything: Sequence[T], quick: Sequence[T]) -> Sequence[T]:
    """Return what is tried: everything in a soak, else a chosen part of it."""
    return everything if SOAK else quick
