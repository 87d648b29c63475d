"""The subcommand `export`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pulumi_snowplow_signals.cli.options import kind_option, stack_option

if TYPE_CHECKING:
    from pulumi_snowplow_signals.cli.export.code import Style
    from pulumi_snowplow_signals.kinds.definition import Definition

INCOMPLETE: Final = 1


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("signals-registry"),
    show_default=True,
    help="The directory to write. If it exists, it must be empty.",
)
@kind_option
@click.option("--name", "names", multiple=True, help="Only objects with this name. Repeatable.")
@click.option(
    "--owner",
    "owners",
    multiple=True,
    help="Only objects of this owner, usually an e-mail address. Repeatable.",
)
@click.option(
    "--style",
    type=click.Choice(["expressions", "classes"]),
    default="expressions",
    show_default=True,
    help='Write criteria as attribute("shop:cart") > 75, or as the classes of the official client.',
)
@stack_option
def export(  # noqa: PLR0913  # the options of the command
    *,
    output: Path,
    kinds: tuple[str, ...],
    names: tuple[str, ...],
    owners: tuple[str, ...],
    style: Style,
    stack: str | None,
) -> int:
    """Write what the registry holds as a Pulumi program that takes it over.

    The program's first preview only takes over. Its `up` writes nothing to the registry, and a destroy leaves everything as
    it is.

    Exit codes: 0; 1 if something was left out, with its name and the reason; 2 if nothing could be written.
    """
    from pulumi_snowplow_signals.cli.connection import connect  # noqa: PLC0415  # --help needs none of it
    from pulumi_snowplow_signals.cli.export.program import build_program, describe_left_out  # noqa: PLC0415
    from pulumi_snowplow_signals.cli.export.selection import Wanted, select_all  # noqa: PLC0415
    from pulumi_snowplow_signals.cli.export.writing import demand_empty, write  # noqa: PLC0415
    from pulumi_snowplow_signals.kinds.catalogue import kinds_named  # noqa: PLC0415

    demand_empty(output)
    with connect(stack) as run:
        wanted = Wanted(names, owners, kinds_named(*kinds))
        taken, left_out = select_all(run, wanted)
        address = run.settings.api_url
    if taken:
        write(output, build_program(address, taken, left_out, style))
        _say_what_is_next(output, address, [each.definition for each in taken])
    if not left_out:
        return 0
    click.echo(f"Left out, because a program cannot take them over unchanged: {len(left_out)}", err=True)
    for each in left_out:
        click.echo(f"  {describe_left_out(each)}", err=True)
    return INCOMPLETE


def _say_what_is_next(directory: Path, address: str, written: Sequence[Definition]) -> None:
    counts = Counter(each.label for each in written)
    *others, last = [f"{count} {label}{'' if count == 1 else 's'}" for label, count in counts.items()]
    what = f"{', '.join(others)} and {last}" if others else last
    click.echo(f"Wrote {what} to {directory}. To take over what is there:\n")
    click.echo(f"  cd {directory}")
    click.echo("  pulumi stack init prod")
    click.echo(f"  pulumi config set signals:apiUrl {address}")
    click.echo("  pulumi preview")
