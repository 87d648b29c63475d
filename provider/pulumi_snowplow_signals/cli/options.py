"""Options that several subcommands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_KINDS: Final = ("attribute_key", "attribute_group", "service", "intervention")
"""The names of all kinds, as in `kinds.catalogue`. Repeated here so that `--help` need not load it."""


def stack_option(function: F) -> F:
    """Add the option `--stack` to a subcommand."""
    option: Callable[[F], F] = click.option(
        "--stack",
        metavar="NAME",
        help="Read settings from this stack of the project in the current directory, with `pulumi config`. Default: read "
        "them only from the environment.",
    )
    return option(function)


def kind_option(function: F) -> F:
    """Add the option `--kind` to a subcommand."""
    option: Callable[[F], F] = click.option(
        "--kind",
        "kinds",
        type=click.Choice(_KINDS),
        multiple=True,
        help="Only this kind. Repeatable.",
    )
    return option(function)
