"""The subcommand `list`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from pulumi_snowplow_signals.cli.options import kind_option, stack_option


@click.command("list")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON array, an object for each live version."
)
@click.option(
    "--stack-file",
    "stack_files",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="A file written by `pulumi stack export`, to show which stack manages what. Repeatable.",
)
@kind_option
@stack_option
def list_(*, as_json: bool, stack_files: tuple[Path, ...], kinds: tuple[str, ...], stack: str | None) -> int:
    """List what is live: kind, name, version, owner, content and attribute keys. Built-in keys are left out.

    On a terminal, each version is a paragraph, and long content is cut. Elsewhere, each is one tab-separated line, and
    nothing is cut.
    """
    from pulumi_snowplow_signals.cli.connection import connect  # noqa: PLC0415  # --help needs none of it
    from pulumi_snowplow_signals.cli.listing.live import find_live, to_json  # noqa: PLC0415
    from pulumi_snowplow_signals.cli.listing.stacks import read_stack, summarize_stacks  # noqa: PLC0415
    from pulumi_snowplow_signals.cli.listing.text import to_lines, to_paragraphs  # noqa: PLC0415
    from pulumi_snowplow_signals.kinds.catalogue import kinds_named  # noqa: PLC0415

    stacks = [read_stack(file) for file in stack_files]
    with connect(stack) as run:
        live = find_live(run, kinds_named(*kinds), stacks if stack_files else None)
        registry = run.settings.registry
    if as_json:
        click.echo(to_json(live))
    elif sys.stdout.isatty():
        click.echo("\n".join(to_paragraphs(live, shutil.get_terminal_size().columns)))
    else:
        click.echo("\n".join(to_lines(live, with_stacks=bool(stack_files))))
    if stack_files:
        for line in summarize_stacks(live, stacks, registry):
            click.echo(line, err=True)
    return 0
