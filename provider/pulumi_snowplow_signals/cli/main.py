"""The entry point of `pulumi-signals`. It loads nothing from the extra `cli`, so it can report that the extra is missing."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import Final

_INSTALL: Final = "pip install 'pulumi-snowplow-signals[cli]'"
_PACKAGES: Final = {"click": "click", "rich": "rich", "yaml": "pyyaml", "ruff": "ruff"}
BAD_INPUT: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the terminal cannot show must not crash the command.
            stream.reconfigure(errors="backslashreplace")
    try:
        from pulumi_snowplow_signals.cli.command import run  # noqa: PLC0415  # see above

        return run(arguments)
    except ModuleNotFoundError as missing:
        if missing.name not in _PACKAGES:
            raise
        sys.stderr.write(
            f"pulumi-signals needs the package {_PACKAGES[missing.name]!r}, which is not installed. Run: {_INSTALL}\n"
        )
        return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
