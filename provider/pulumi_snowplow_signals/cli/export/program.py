"""The files of a program that takes a registry over."""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ruff.__main__ import find_ruff_bin

from pulumi_snowplow_signals.cli.export.code import CriteriaCode, Style, literal
from pulumi_snowplow_signals.cli.export.selection import LeftOut, TakenOver
from pulumi_snowplow_signals.fields.text import printable
from pulumi_snowplow_signals.kinds.definition import as_inputs
from pulumi_snowplow_signals.kinds.intervention import Intervention

_PACKAGE: Final = "pulumi_snowplow_signals"
_LINE: Final = 88
"""What ruff and black allow by default, so that a team's own formatter finds nothing to do."""

_PROJECT: Final = """\
name: signals-registry
description: What Signals had when this program was exported, taken over as it is.
runtime: python
"""

_MAIN: Final = '''\
"""The Signals registry at {registry}, as a Pulumi program."""

import interventions  # noqa: F401  # importing it declares them
'''

_DOCSTRING: Final = '''\
"""The interventions of {registry}.

Each is taken over as it is: the first deployment writes nothing to the registry. Because
of `on_destroy="retain"`, an intervention that is removed from this program stays as it
is; write "unpublish" in its place to have it withdrawn.
"""
'''


def program(
    registry: str, taken: Sequence[TakenOver], left_out: Sequence[LeftOut], style: Style
) -> dict[str, str]:
    """Return the text of each file of a program, by name.

    Args:
        registry: The address of the registry.
        taken: What the program declares, in this order.
        left_out: What it does not declare; a comment says so.
        style: How criteria are written.
    """
    module = _Module(style, _constants([each.definition.owner for each in taken]))
    return {
        "Pulumi.yaml": _PROJECT,
        "__main__.py": _MAIN.format(registry=registry),
        "interventions.py": _format(module.text(registry, taken, left_out)),
    }


@dataclass
class _Module:
    """The module that declares the interventions.

    Attributes:
        style: How criteria are written.
        constants: The names of the owners that stand more than once.
    """

    style: Style
    constants: Mapping[str, str]

    def text(self, registry: str, taken: Sequence[TakenOver], left_out: Sequence[LeftOut]) -> str:
        """Return the module, lines not yet laid out."""
        uses = {"RuleIntervention"} if taken else set()
        declarations = [self._declaration(each, uses) for each in taken]
        owners = [f"{name} = {literal(owner)}" for owner, name in self.constants.items()]
        imports = f"from {_PACKAGE} import {', '.join(_in_order(uses))}" if uses else ""
        parts = [_DOCSTRING.format(registry=registry), imports, "\n".join(owners), *declarations]
        return "\n\n".join([*filter(None, parts), *_remarks(left_out)]) + "\n"

    def _declaration(self, taken: TakenOver, uses: set[str]) -> str:
        definition = taken.definition
        criteria = CriteriaCode(self.style, definition.name, uses=uses)
        uses |= {"RuleIntervention"}
        code = {
            name: self._field(name, value, uses)
            for name, value in as_inputs(Intervention, definition.held).items()
        }
        code["criteria"] = criteria.write(definition.criteria)
        if taken.version is not None:
            code["version"] = str(taken.version)
        if not taken.published:
            code["published"] = "False"
        code["on_destroy"] = '"retain"'
        arguments = "".join(f"    {name}={text},\n" for name, text in code.items())
        parts = [f"{name} = {text}\n" for name, text in criteria.parts.items()]
        return f"{''.join(parts)}{_comment_on(taken)}RuleIntervention(\n{arguments})"

    def _field(self, name: str, value: object, uses: set[str]) -> str:
        if name == "owner":
            return self.constants.get(str(value)) or literal(value)
        links = _LINKS.get(name) if self.style == "classes" else None
        if links is None or not isinstance(value, list):
            return literal(value)
        uses.add(links)
        return f"[{', '.join([_link(links, item) for item in value])}]"


_LINKS: Final = {
    "target_attribute_keys": "LinkAttributeKey",
    "payload_attribute_groups": "VersionedLinkAttributeGroup",
}
"""The classes of the official client for the fields that name something."""


def _link(name: str, item: object) -> str:
    given = item if isinstance(item, Mapping) else {"name": item}
    return f"{name}({', '.join(f'{key}={literal(value)}' for key, value in given.items())})"


def _constants(owners: Sequence[str | None]) -> dict[str, str]:
    """Return a name for each owner that stands more than once."""
    names: dict[str, str] = {}
    for owner, count in sorted(Counter(filter(None, owners)).items()):
        if count > 1:
            names[owner] = next(name for name in _names_for(owner) if name not in names.values())
    return names


def _names_for(owner: str) -> Iterator[str]:
    """Yield names for an owner: `MARKETING` for marketing@company.com, and others where that is taken."""
    for text in (owner.partition("@")[0], owner):
        words = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")
        yield words if words[:1].isalpha() else f"OWNER_{words}".rstrip("_")
    number = 2
    while True:
        yield f"{words if words[:1].isalpha() else 'OWNER'}_{number}"
        number += 1


def _comment_on(taken: TakenOver) -> str:
    if not taken.newer:
        return ""
    numbers = ", ".join(map(str, taken.newer))
    are = "is newer and not live: a draft," if len(taken.newer) == 1 else "are newer and not live: drafts,"
    text = f"Version {numbers} {are} or withdrawn. It is left alone, and its number stays used."
    if len(taken.newer) > 1:
        text = f"Versions {numbers} {are} or withdrawn. They are left alone, and their numbers stay used."
    return _comment(text)


def _remarks(left_out: Sequence[LeftOut]) -> list[str]:
    if not left_out:
        return []
    head = _comment("Left out, since a program cannot take them over as they are:")
    return [head + "".join(_comment(f"- {remark(each)}", "  ") for each in left_out)]


def remark(left_out: LeftOut) -> str:
    """Return what was left out and why, on one line."""
    return printable(f"{left_out.name}: {left_out.reason}")


def _comment(text: str, indent: str = "") -> str:
    lines = textwrap.wrap(text, _LINE - 2, subsequent_indent=indent, break_on_hyphens=False)
    return "".join(f"# {line}\n" for line in lines)


def _in_order(names: set[str]) -> list[str]:
    """Return names as import sorters have them: classes before functions."""
    return sorted(names, key=lambda name: (name[:1].islower(), name))


def _format(code: str) -> str:
    """Lay code out by ruff, with its defaults and no configuration of whoever runs this."""
    command = [
        find_ruff_bin(),
        "format",
        "--isolated",
        "--no-cache",
        "--stdin-filename",
        "interventions.py",
        "-",
    ]
    done = subprocess.run(command, input=code.encode(), capture_output=True, check=True)  # noqa: S603  # its own arguments
    return done.stdout.decode()
