"""Chooses the variables and constants of an exported program."""

from __future__ import annotations

import builtins
import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count

import pulumi_snowplow_signals
from pulumi_snowplow_signals.kinds.catalogue import KINDS, plural_of
from pulumi_snowplow_signals.kinds.definition import Definition

_TAKEN = frozenset(
    {
        *pulumi_snowplow_signals.__all__,
        *dir(builtins),
        *keyword.kwlist,
        *keyword.softkwlist,
        *map(plural_of, KINDS),
        "timedelta",
    }
)
"""The names that a variable must not hide."""

_PART = re.compile(r".*_part_[0-9]+")
"""The names of parts of criteria."""


def name_owners(definitions: Sequence[Definition]) -> dict[str, str]:
    """Return the name of a constant for each owner of several definitions in one module."""
    owners = [getattr(each, "owner", None) for each in definitions]
    names: dict[str, str] = {}
    for owner, times in sorted(Counter(filter(None, owners)).items()):
        if times > 1:
            names[owner] = next(name for name in _propose_names(owner) if name not in names.values())
    return names


def _propose_names(owner: str) -> Iterator[str]:
    """Yield names for an owner: `MARKETING` for marketing@company.com, and others in case that is taken."""
    for text in (owner.partition("@")[0], owner):
        words = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")
        yield words if words[:1].isalpha() else f"OWNER_{words}".rstrip("_")
    number = 2
    while True:
        yield f"{words if words[:1].isalpha() else 'OWNER'}_{number}"
        number += 1


def choose_variable(name: str, sort: str, taken: Collection[str]) -> str:
    """Return a variable for an object: its name, or a similar one if that is invalid or taken.

    Args:
        name: The object's name.
        sort: What it is, in one word.
        taken: The existing variables.
    """
    candidates = (name, f"{name}_{sort}", *(f"{sort}_{name}{tail}" for tail in ("", "_")))
    numbered = (f"{sort}_{name}_{number}" for number in count(2))
    return next(each for many in (candidates, numbered) for each in many if _is_free(each, taken))


def _is_free(name: str, taken: Collection[str]) -> bool:
    is_variable = name.isidentifier() and not name.startswith("_") and not _PART.fullmatch(name)
    return is_variable and name not in _TAKEN and name not in taken
