"""The options of `signals-local api`. Nothing else is imported here, since the engine's commands share the process."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from signals_local.emulator.assumptions import Assumptions, switches
from signals_local.emulator.defaults import (
    API_KEY,
    API_KEY_ID,
    DEFAULT_PORT,
    DEFAULT_TOKEN,
    DEFAULT_TOKEN_LIFETIME,
    ORGANIZATION_ID,
)
from signals_local.emulator.errors import StartError

_DESCRIPTION = "A Signals API on 127.0.0.1. Prints its address once it answers; stop it with Ctrl-C."


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this part's subcommands; each sets `run`, a function from the parsed options to an exit code."""
    api = commands.add_parser(
        "api",
        help="run a local Signals API",
        description=_DESCRIPTION,
        epilog=_describe_assumptions(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    api.add_argument("--port", type=int, default=DEFAULT_PORT, help="default %(default)s; 0 picks a free one")
    api.add_argument("--db", default=":memory:", metavar="FILE", help="keep everything in this SQLite file")
    api.add_argument("--token", default=DEFAULT_TOKEN, help="the bearer token to accept; default %(default)s")
    api.add_argument(
        "--seed", metavar="FILE", help="YAML file of attribute keys, groups and services to publish at start"
    )
    api.add_argument(
        "--assume",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="answer an open question; see below",
    )
    exchange = api.add_argument_group("Console credentials, exchanged for a token at the same address")
    exchange.add_argument("--org-id", default=ORGANIZATION_ID, help="default %(default)s")
    exchange.add_argument("--api-key-id", default=API_KEY_ID, help="default %(default)s")
    exchange.add_argument("--api-key", default=API_KEY, help="default %(default)s")
    exchange.add_argument(
        "--token-lifetime",
        type=int,
        default=DEFAULT_TOKEN_LIFETIME,
        metavar="SECONDS",
        help="default %(default)s",
    )
    api.set_defaults(run=_run)


def _describe_assumptions() -> str:
    lines = ["what is not known of the service, and can be assumed (the first value is the default):"]
    for switch in switches():
        lines += [f"  {switch.name}={'|'.join(switch.values)}", f"      {switch.question}"]
    return "\n".join(lines)


def _run(options: argparse.Namespace) -> int:
    try:
        assume = _parse_pairs(options.assume)
        Assumptions.parse(assume)  # reports a wrong word at once, before the slow import of a web framework
        return _serve(options, assume)
    except StartError as error:
        sys.stderr.write(f"signals-local api: {error}\n")
        return 1


def _serve(options: argparse.Namespace, assume: dict[str, str]) -> int:
    from signals_local.emulator.serving import (  # noqa: PLC0415 - a web framework, needed only when it runs
        ConsoleCredentials,
        serve,
    )

    with serve(
        db=options.db,
        port=options.port,
        token=options.token,
        console=ConsoleCredentials(options.org_id, options.api_key_id, options.api_key),
        token_lifetime=options.token_lifetime,
        assume=assume,
        seed=options.seed,
    ) as emulator:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        token = f"token {options.token}" if options.token == DEFAULT_TOKEN else "the token given"
        sys.stdout.write(f"Signals API emulator at {emulator.url} ({token}, {_describe_place(options.db)})\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _describe_place(database: str) -> str:
    return "in memory" if database == ":memory:" else f"database {database}"


def _parse_pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise StartError(f"--assume takes NAME=VALUE, not {each!r}")
        if name in pairs:
            raise StartError(f"--assume gives {name!r} twice")
        pairs[name] = value
    return pairs
