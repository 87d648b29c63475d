"""Options that several subcommands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def stack_option(function: F) -> F:
    """Add the option `--stack` to a subcommand."""
    option: Callable[[F], F] = click.option(
        "--stack",
        metavar="NAME",
        help="Take settings from this stack of the project in the current directory, by `pulumi config`. Without it they "
        "come from the environment alone.",
    )
    return option(function)
