"""Writes a program to a directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pulumi_snowplow_signals.errors import UserFault


def demand_empty(directory: Path) -> None:
    """Raise UserFault if the directory is not empty."""
    try:
        is_taken = directory.exists() and any(directory.iterdir())
    except OSError as failure:
        raise _explain_unusable(directory, failure) from None
    if is_taken:
        raise UserFault(f"{directory} is not empty. Name another directory with --output.")


def write(directory: Path, files: Mapping[str, str]) -> None:
    """Write files, given by name. Raise UserFault if they cannot be written."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (directory / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as failure:
        raise _explain_unusable(directory, failure) from None


def _explain_unusable(directory: Path, failure: OSError) -> UserFault:
    return UserFault(f"{directory} cannot be used: {failure.strerror}. Name another directory with --output.")
