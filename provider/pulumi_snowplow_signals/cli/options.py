"""Options that several subcommands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_KINDS: Final = ("attribute_key", "attribute_group", "service", "intervention")
"""The names of all kinds, as `kinds.catalogue` has them, which `--help` need not load."""


def stack_option(function: F) -> F:
    """Add the option `--stack` to a subcommand."""
    option: Callable[[F], F] = click.option(
        "--stack",
        metavar="NAME",
        help="Take settings from this stack of the project in the current directory, by `pulumi config`. Without it they "
        "come from the environment alone.",
    )
    return option(function)


def kind_option(function: F) -> F:
    """Give a subcommand the option `--kind`."""
    option: Callable[[F], F] = click.option(
        "--kind",
        "kinds",
        type=click.Choice(_KINDS),
        multiple=True,
        help="Only what is of this kind. Repeatable.",
    )
    return option(function)
