"""The subcommand `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from pulumi_snowplow_signals.cli.options import stack_option

SOMETHING_FAILED: Final = 1


@click.command()
@click.option(
    "--write",
    is_flag=True,
    help="Also store a draft, which never goes live, test what a draft allows, and remove it.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("pulumi-signals-doctor.json"),
    show_default=True,
    help="The file to write for a bug report. It contains no secrets.",
)
@stack_option
def doctor(*, write: bool, report: Path, stack: str | None) -> int:
    """Test an account: address, credentials, permissions, clock, and the open questions about the service.

    Exit codes: 0; 1 if something failed; 2 for wrong input.
    """
    from pulumi_snowplow_signals.cli.doctor.examination import examine_account  # noqa: PLC0415  # --help needs none of it

    findings = examine_account(stack, write=write)
    click.echo("\n".join(findings.to_text()))
    try:
        report.write_text(findings.to_json(), encoding="utf-8")
    except OSError as failure:
        raise click.ClickException(f"{report} cannot be written: {failure.strerror}.") from None
    click.echo(f"\nFor a bug report: {report}")
    return SOMETHING_FAILED if findings.has_failed else 0
