"""The options of `pulumi-signals`, by click."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from pulumi_snowplow_signals.cli.change import KINDS
from pulumi_snowplow_signals.cli.doctor.command import doctor
from pulumi_snowplow_signals.cli.export.command import export
from pulumi_snowplow_signals.cli.listing.command import list_
from pulumi_snowplow_signals.cli.main import BAD_INPUT
from pulumi_snowplow_signals.cli.program import SECONDS
from pulumi_snowplow_signals.errors import SignalsError
from pulumi_snowplow_signals.fields.faults import suggestion

GATE_MET = 1
FAULTS_FOUND = 1

_KINDS = "\n".join(f"  {kind:<13} {meaning}" for kind, meaning in KINDS.items())


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="pulumi-snowplow-signals")
def commands() -> None:
    """Check and review Signals resources before they are merged, and work with a registry in use."""


for _command in (doctor, export, list_):
    commands.add_command(_command)


def _parse_kinds(_context: click.Context, _option: click.Parameter, given: Sequence[str]) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for listed in given for kind in listed.split(",") if kind.strip())
    for kind in kinds:
        if kind not in KINDS:
            near = suggestion(kind, KINDS)
            raise click.BadParameter(f'"{kind}" is not one of {", ".join(KINDS)}.{near}')
    return kinds


@commands.command(
    epilog=f"\b\nKinds of --fail-on:\n{_KINDS}\n\n\b\nExit codes: 0, 1 if --fail-on is met, 2 for wrong input."
)
@click.argument("file", type=click.File("rb"), default="-")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "text", "json"]),
    help="Default: text on a terminal, otherwise markdown.",
)
@click.option(
    "--fail-on",
    metavar="KIND,…",
    multiple=True,
    callback=_parse_kinds,
    help="Exit with 1 if the preview does one of these.",
)
def summarize(file: Any, form: str | None, fail_on: tuple[str, ...]) -> int:
    """Summarize the output of `pulumi preview --json`, from FILE or standard input.

    What visitors will lose comes first, then a table of what changes. The same preview always gives the same text.
    """
    from pulumi_snowplow_signals.cli.preview import PreviewError, read_preview  # noqa: PLC0415  # --help needs none of it
    from pulumi_snowplow_signals.cli.summary import build_summary  # noqa: PLC0415

    try:
        summary = build_summary(read_preview(file.read()))
    except RecursionError:
        raise click.ClickException(
            f"{getattr(file, 'name', 'standard input')}: this is nested too deeply for a preview"
        ) from None
    except PreviewError as why:
        raise click.ClickException(f"{getattr(file, 'name', 'standard input')}: {why}") from None
    is_terminal = sys.stdout.isatty()
    form = form or ("text" if is_terminal else "markdown")
    if form == "json":
        from pulumi_snowplow_signals.cli.document import to_json  # noqa: PLC0415

        told = to_json(summary)
    elif form == "markdown":
        from pulumi_snowplow_signals.cli.markdown import to_markdown  # noqa: PLC0415

        told = to_markdown(summary)
    else:
        from pulumi_snowplow_signals.cli.text import to_text  # noqa: PLC0415

        told = to_text(
            summary, width=shutil.get_terminal_size().columns if is_terminal else None, colour=is_terminal
        )
    click.echo(told, nl=False)
    met = summary.hits(fail_on)
    for kind, names in met.items():
        click.echo(f"--fail-on {kind}: {_join_names(names)}", err=True)
    return GATE_MET if met else 0


@commands.command()
@click.option(
    "-C",
    "--cwd",
    "directory",
    default=".",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project's directory.",
)
@click.option(
    "-s", "--stack", metavar="NAME", help="Use this stack's configuration. Default: the project's defaults."
)
@click.option(
    "--base",
    metavar="REV",
    help="Compare with this commit: a changed definition needs another version number.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=SECONDS,
    show_default=True,
    help="How long the program may take.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "github", "json"]), default="text", show_default=True
)
def validate(directory: Path, stack: str | None, base: str | None, timeout: int, form: str) -> int:
    """Find every fault of a program with its line, without an engine, network, credentials or state.

    Exits with 1 if there are faults, and with 2 if the project cannot be run. What only a deployment can tell is
    listed as not checked, and is not a fault.
    """
    from pulumi_snowplow_signals.cli import findings, validation  # noqa: PLC0415  # --help needs none of it
    from pulumi_snowplow_signals.cli.project import ProjectError  # noqa: PLC0415

    try:
        found = validation.validate(directory, stack, base, seconds=timeout)
    except ProjectError as why:
        raise click.ClickException(str(why)) from None
    tell = {"text": findings.to_text, "github": findings.to_github, "json": findings.to_json}[form]
    click.echo(tell(found), nl=False)
    return FAULTS_FOUND if found.faults else 0


_MOST_NAMED = 5


def _join_names(names: Sequence[str]) -> str:
    from pulumi_snowplow_signals.fields.text import printable  # noqa: PLC0415

    rest = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return printable(", ".join(names[:_MOST_NAMED])) + rest


def run(arguments: Sequence[str] | None) -> int:
    """Run the command and return its exit code."""
    try:
        code = commands.main(arguments, prog_name="pulumi-signals", standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        return BAD_INPUT
    except SignalsError as failure:
        click.echo(f"Error: {failure}", err=True)
        return BAD_INPUT
    except click.Abort:
        return 130
    except BrokenPipeError:
        raise
    except OSError as why:  # a full disk, or a standard output that is closed
        click.echo(f"Error: {why}", err=True)
        return BAD_INPUT
    return code if isinstance(code, int) else 0
