"""What a row of the version rule's table is as a program, as what a registry holds, and as what a stack remembers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness import Code, declaration
from version_table import BODIES, Becomes, Remembered, Row, Wants, history_of, versions

Held = Mapping[int, tuple[str, bool]]
"""The versions of a name: the letter of each definition, and whether it is live."""

KINDS = {
    "looked at": {},
    "nobody looked": {"review": "local"},
    "numbers are written": {"numbering": "explicit"},
    "numbers are written, and nobody looked": {"numbering": "explicit", "review": "local"},
}


def kind_of(row: Row) -> str:
    """Return the settings of the stack that a row needs."""
    settings = {
        **({"numbering": "explicit"} if row.wants.explicit else {}),
        **({"review": "local"} if row.registry is None else {}),
    }
    return next(kind for kind, needed in KINDS.items() if needed == settings)


def name_of(row: Row) -> str:
    """Return the name of a row's intervention, which tells its promise."""
    return re.sub("[^a-z0-9]+", "_", row.promise.lower()).strip("_")


def held_before(row: Row) -> Held:
    """Return what the registry holds: where nobody looks, what the stack remembers to be there."""
    if row.registry is not None:
        return versions(row.registry)
    if row.recorded is None:
        return {}
    also_live = row.recorded.also_live
    remembered = {
        number: (letter, number in also_live)
        for number, (letter, _) in versions(row.recorded.released).items()
    }
    return {**remembered, **versions(row.recorded.version)}


def held_after(row: Row, becomes: Becomes) -> Held:
    """Return what the registry holds once the row's decision is carried out."""
    held = dict(held_before(row))
    if becomes.move in (
        "create",
        "new version",
        "adopt",
        "revive",
        "draft beside",
        "edit draft",
        "store again",
    ):
        held[becomes.version] = (row.wants.definition, row.wants.published)
    elif becomes.move != "keep" and row.wants.published:
        # What was deleted elsewhere is stored again under its number.
        held[becomes.version] = (held.get(becomes.version, (row.wants.definition,))[0], True)
    for number in becomes.withdrawn:
        held[number] = (held[number][0], False)
    if becomes.deleted is not None:
        del held[becomes.deleted]
    return {number: (letter.upper(), live) for number, (letter, live) in held.items()}


def as_wanted(row: Row, wants: Wants) -> str:
    """Return the line that declares a row's resource."""
    given: dict[str, Any] = {
        **BODIES[wants.definition],
        "name": name_of(row),
        "version": wants.version,
        "published": wants.published,
        "adopt": wants.adopt or None,
    }
    for secret in wants.secret:
        given[secret] = Code(f"pulumi.Output.secret({given[secret]!r})")
    return declaration(name_of(row), given)


def as_recorded(row: Row) -> str:
    """Return the line that leaves a row's resource as it is recorded; none where it is new."""
    if row.recorded is None:
        return ""
    ((number, (letter, live)),) = versions(row.recorded.version).items()
    wants = Wants(definition=letter, version=number, published=live, secret=row.recorded.secret)
    return as_wanted(row, wants)


def memory_of(remembered: Remembered, name: str) -> dict[str, Any]:
    """Return what the stack keeps of a name's history, but for the address of the registry."""
    return without_registry(history_of(remembered, name=name).to_wire())


def without_registry(memory: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a stack keeps of a history, but for the address of the registry."""
    return {key: value for key, value in memory.items() if key != "registry"}
