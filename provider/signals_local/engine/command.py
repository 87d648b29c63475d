"""Command line options of the engine: preview, up, refresh, destroy, export and import."""

from __future__ import annotations

import argparse
import re
from pathlib import Path


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this part's subcommands; each sets `run`, a function from the parsed options to an exit code."""
    preview = _command(commands, "preview", "Show what `up` would do.")
    up = _command(
        commands, "up", "Create, update, replace and delete until the stack is what the program says."
    )
    refresh = _command(commands, "refresh", "Bring the state up to what is really there.")
    destroy = _command(commands, "destroy", "Delete everything in the stack.")
    for command in (up, refresh, destroy):
        command.add_argument("-y", "--yes", action="store_true", help="do it without asking")
        command.add_argument(
            "-f", "--skip-preview", action="store_true", help="do it without planning it first"
        )
    for command in (preview, up, destroy):
        command.add_argument("-r", "--refresh", action="store_true", help="refresh the state first")
    for command in (preview, up, refresh, destroy):
        command.add_argument(
            "-t", "--target", action="append", default=[], metavar="URN", help="touch only this resource"
        )
        command.add_argument(
            "-p", "--parallel", type=_parse_positive, default=16, metavar="N", help="steps at once (16)"
        )
        command.add_argument(
            "-j", "--json", action="store_true", help="print one JSON document instead of text"
        )
    export = _command(commands, "export", "Print the state as `pulumi stack import` takes it.", run=_export)
    export.add_argument("--file", type=Path, metavar="FILE", help="write to this file instead")
    export.add_argument("--show-secrets", action="store_true", help="with secrets in plain text")
    import_ = _command(commands, "import", "Take in what `pulumi stack export` printed.", run=_import)
    import_.add_argument("file", type=Path, metavar="FILE", help="the exported deployment")


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    description: str,
    run: object = None,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=description, description=description)
    command.add_argument(
        "-C", "--cwd", type=Path, default=Path(), metavar="DIR", help="the project's directory"
    )
    command.add_argument("-s", "--stack", default="dev", metavar="NAME", help="the stack (dev)")
    command.add_argument(
        "--state", type=Path, metavar="DIR", help="where stacks are kept (PROJECT/.signals/state)"
    )
    command.set_defaults(run=run or _run, command=name)
    return command


def _parse_positive(text: str) -> int:
    # Each step has its own thread, so the system sets the limit. This is well below it.
    if not re.fullmatch("0*[1-9][0-9]{0,2}", text):
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a whole number from 1 to 999")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from signals_local.engine.run import run  # noqa: PLC0415 -- the main of the command reports a missing extra

    return run(options)


def _export(options: argparse.Namespace) -> int:
    from signals_local.engine.transfer import export_state  # noqa: PLC0415

    return export_state(options)


def _import(options: argparse.Namespace) -> int:
    from signals_local.engine.transfer import import_state  # noqa: PLC0415

    return import_state(options)
