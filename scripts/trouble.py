"""The messages of the Makefile's targets."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

DEFAULTS = {"EXAMPLE": ".", "ENGINE": "", "PORT": "8642"}


class TroubleError(Exception):
    """A problem that the user can solve: what is wrong, and what to do about it."""


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def again(command: str, changed: Mapping[str, str] | None = None) -> str:
    """Return the command line of this run, with some of its variables changed."""
    given = {name: os.environ.get(name, "") for name in DEFAULTS} | dict(changed or {})
    named = [f"{name}={value}" for name, value in given.items() if value not in ("", DEFAULTS[name])]
    return " ".join(["make", command, *named])
