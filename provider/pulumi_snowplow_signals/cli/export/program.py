"""Writes the files of a program that takes over a registry."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Mapping, Sequence
from typing import Final

from ruff.__main__ import find_ruff_bin

from pulumi_snowplow_signals.cli.export.code import Style, write_literal
from pulumi_snowplow_signals.cli.export.declarations import Declarations
from pulumi_snowplow_signals.cli.export.selection import LeftOut, TakenOver
from pulumi_snowplow_signals.cli.export.variables import Variables
from pulumi_snowplow_signals.fields.text import printable
from pulumi_snowplow_signals.kinds.catalogue import KINDS, Kind, plural_of

_PACKAGE: Final = "pulumi_snowplow_signals"
_LINE: Final = 88
"""The default of ruff and black, so a team's own formatter changes nothing."""

_PROJECT: Final = """\
name: signals-registry
description: The Signals registry at the time of the export, taken over as it is.
runtime: python
"""

_MAIN: Final = '''\
"""The Signals registry at {registry}, as a Pulumi program."""

{imports}
'''

_DOCSTRING: Final = (
    "Each is taken over as it is: the first deployment writes nothing to the registry. Because of "
    '`on_destroy="retain"`, {one} that is removed from this program stays as it is. Change it to "unpublish" '
    "to withdraw it instead."
)


def build_program(
    registry: str, taken: Sequence[TakenOver], left_out: Sequence[LeftOut], style: Style
) -> dict[str, str]:
    """Return the text of each file of a program, by name.

    Args:
        registry: The address of the registry.
        taken: What the program declares, in this order.
        left_out: What it leaves out, which comments name.
        style: How criteria are written.
    """
    variables = Variables.of(taken, style)
    modules: dict[str, str] = {}
    for kind in KINDS:
        mine = [each for each in taken if isinstance(each.definition, kind)]
        others = [each for each in left_out if each.kind is kind]
        if mine or others:
            modules[plural_of(kind)] = _build_module(
                registry, kind, Declarations(style, variables, mine), others
            )
    imports = "\n".join(f"import {name}  # noqa: F401  # importing it declares them" for name in modules)
    return {
        "Pulumi.yaml": _PROJECT,
        "__main__.py": _MAIN.format(registry=registry, imports=imports),
        **{f"{name}.py": _format(text, name) for name, text in modules.items()},
    }


def _build_module(registry: str, kind: Kind, declared: Declarations, left_out: Sequence[LeftOut]) -> str:
    """Return the unformatted module that declares all objects of a kind."""
    declarations = [
        f"{parts}{_build_comment(taken)}{declaration}" for taken, parts, declaration in declared.write()
    ]
    owners = [f"{name} = {write_literal(owner)}" for owner, name in declared.constants.items()]
    head = ["\n".join(owners), "\n".join(declared.events())]
    parts = [_build_docstring(registry, kind), *_build_imports(declared), *head, *declarations]
    return "\n\n".join([*filter(None, parts), *_build_remarks(left_out)]) + "\n"


def _build_docstring(registry: str, kind: Kind) -> str:
    article = "an" if kind.label[0] in "ai" else "a"
    text = textwrap.fill(_DOCSTRING.format(one=f"{article} {kind.label}"), _LINE)
    return f'"""The {plural_of(kind).replace("_", " ")} of {registry}.\n\n{text}\n"""\n'


def _build_imports(declared: Declarations) -> list[str]:
    """Return the imports, one string per section."""
    modules: Mapping[str, set[str]] = {_PACKAGE: declared.uses, **declared.borrowed}
    lines = {
        name: f"from {name} import {', '.join(_sort_names(names))}"
        for name, names in modules.items()
        if names
    }
    ours = [line for name, line in sorted(lines.items()) if name != _PACKAGE]
    standard = "from datetime import timedelta" if declared.needs_timedelta else ""
    return [standard, lines.get(_PACKAGE, ""), "\n".join(ours)]


def _build_comment(taken: TakenOver) -> str:
    said = []
    if taken.newer:
        said.append(f"{_describe_versions(taken.newer)} not live: {_describe_fate(taken.newer)}")
    if taken.beside:
        said.append(f"{_describe_versions(taken.beside, newer=False)} also live, and left alone.")
    return _wrap_comment(" ".join(said))


def _describe_versions(numbers: Sequence[int], *, newer: bool = True) -> str:
    listed = ", ".join(map(str, numbers))
    adjective = " newer and" if newer else ""
    return f"Version {listed} is{adjective}" if len(numbers) == 1 else f"Versions {listed} are{adjective}"


def _describe_fate(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return "a draft, or withdrawn. It is left alone, and its number stays used."
    return "drafts, or withdrawn. They are left alone, and their numbers stay used."


def _build_remarks(left_out: Sequence[LeftOut]) -> list[str]:
    if not left_out:
        return []
    head = _wrap_comment("Left out, because a program cannot take them over unchanged:")
    return [head + "".join(_wrap_comment(f"- {_describe(each)}", "  ") for each in left_out)]


def describe_left_out(left_out: LeftOut) -> str:
    """Return what was left out, with its kind, and why, on one line."""
    return f"{left_out.kind.label if left_out.name else ''} {_describe(left_out)}".strip()


def _describe(left_out: LeftOut) -> str:
    name = left_out.name or f"all {plural_of(left_out.kind).replace('_', ' ')}"
    return printable(f"{name}: {left_out.reason}")


def _wrap_comment(text: str, indent: str = "") -> str:
    lines = textwrap.wrap(text, _LINE - 2, subsequent_indent=indent, break_on_hyphens=False)
    return "".join(f"# {line}\n" for line in lines)


def _sort_names(names: set[str]) -> list[str]:
    """Return names in the order of import sorters: classes before functions."""
    return sorted(names, key=lambda name: (name[:1].islower(), name))


def _format(code: str, name: str) -> str:
    """Format code with ruff's defaults, ignoring the user's configuration."""
    command = [find_ruff_bin(), "format", "--isolated", "--no-cache", "--stdin-filename", f"{name}.py", "-"]
    done = subprocess.run(command, input=code.encode(), capture_output=True, check=True)  # noqa: S603  # its own arguments
    return done.stdout.decode()
