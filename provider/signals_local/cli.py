"""The `signals-local` command. `api` runs the emulator and `fire` acts as a visitor; `preview`, `up`, `refresh`, `destroy` … run the engine.

Only the options are declared here. The dependencies of a part are imported when it runs, so the command can say what to install if
the extra `local` is missing.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

from signals_local.emulator import command as emulator_command
from signals_local.emulator import fire_command
from signals_local.engine import command as engine_command

_INSTALL = "pip install 'pulumi-snowplow-signals[local]'"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signals-local",
        description="A local Snowplow Signals API, and a local engine for Pulumi programs of dynamic resources.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    emulator_command.add_to(commands)
    fire_command.add_to(commands)
    engine_command.add_to(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 for success, 1 for a reported failure, 2 for wrong usage."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal cannot show must not end the run.
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("signals_local"):
            raise
        sys.stderr.write(
            f"signals-local needs the package {missing.name!r}, which is not installed. Run: {_INSTALL}\n"
        )
        return 1


if __name__ == "__main__":
    sys.exit(main())
