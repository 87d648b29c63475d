"""The version rule as data, read from `cases/version_rule.yaml`: what is recorded, wanted and held, and what becomes of it.

Whatever tries the rule out with programs and an engine can take its cases from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple, TypeVar

import yaml
from samples import CART, IDLE, NAME, all_, definition_body, is_

from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.succession import OneLive
from pulumi_snowplow_signals.versions import history, versioning
from pulumi_snowplow_signals.versions.history import Registered, Stored
from pulumi_snowplow_signals.versions.plan import Prior, Proposal, Refusal
from pulumi_snowplow_signals.wording.wording import Wording

REGISTRY: Final = "https://signals.example.com"


def _above(threshold: float, **fields: Any) -> dict[str, Any]:
    return definition_body(all_(is_(CART, ">", threshold), is_(IDLE, ">=", 15)), **fields)


BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "A": _above(75),
    "B": _above(80),
    "C": _above(90),
    "a": definition_body(all_(is_(IDLE, ">=", 15.0), all_(is_(CART, ">", 75.0)))),
    "O": _above(75, owner="sales@company.com"),
    "K": _above(75, target_attribute_keys=[{"name": "domain_userid"}]),
}
DEFINITIONS: Final = {letter: Intervention.stored(body) for letter, body in BODIES.items()}


def definition_of(letter: str, name: str) -> Intervention:
    """Return a definition of the table under another name."""
    return Intervention.stored({**BODIES[letter], "name": name})


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What a stack remembers: each number that it released, those that it made or took over, and the rest."""

    released: str = ""
    made: Sequence[int] = ()
    highest: int = 0
    taken_over: bool = False
    also_live: Sequence[int] = ()
    retired: Sequence[int] = ()
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Recorded(Remembered):
    """What the stack recorded, `version` being such as `3B*`."""

    version: str
    secret: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Wants:
    """What the program declares."""

    definition: str
    version: int | None = None
    published: bool = True
    adopt: bool = False
    explicit: bool = False
    secret: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Becomes(Remembered):
    """What is decided, and what the stack remembers afterwards."""

    version: int
    move: str
    withdrawn: Sequence[int] = ()
    deleted: int | None = None
    newer: int | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case. `registry` is what the registry holds, such as `1A 2B*`; None where nobody looked.

    Either `becomes` or `refused` says what is decided, the second with its text.
    """

    promise: str
    wants: Wants
    recorded: Recorded | None = None
    registry: str | None = None
    becomes: Becomes | None = None
    refused: str | None = None


class Rule(NamedTuple):
    """The modules that make up the rule: the real ones or, for mutants, copies."""

    versioning: ModuleType = versioning
    history: ModuleType = history


REAL: Final = Rule()

_Part = TypeVar("_Part")


def _part(kind: type[_Part], raw: Mapping[str, Any] | None) -> _Part | None:
    return None if raw is None else kind(**raw)


def _row(section: str, raw: Mapping[str, Any]) -> Row:
    return Row(
        promise=f"{section}: {raw['promise']}",
        wants=Wants(**raw["wants"]),
        recorded=_part(Recorded, raw.get("recorded")),
        registry=raw.get("registry"),
        becomes=_part(Becomes, raw.get("becomes")),
        refused=raw.get("refused"),
    )


_SECTIONS: Mapping[str, Any] = yaml.safe_load(
    (Path(__file__).with_name("version_rule.yaml")).read_text(encoding="utf-8")
)
TABLE: Final = [_row(section, raw) for section, rows in _SECTIONS.items() for raw in rows]


def versions(text: str) -> dict[int, tuple[str, bool]]:
    """Read `1A 2B*`: for each number the letter of its definition, and whether it is live."""
    return {
        int(word[:-1]): (word[-1], "*" in entry) for entry in text.split() for word in [entry.rstrip("*")]
    }


def registered(row: Row) -> Registered | None:
    """Return what the registry of a row holds."""
    if row.registry is None:
        return None
    held = versions(row.registry)
    return {number: Stored(DEFINITIONS[letter], live) for number, (letter, live) in held.items()}


def history_of(of: Remembered, rule: Rule = REAL, name: str = NAME) -> history.History:
    """Return a history as the stack keeps it of a name."""
    released = versions(of.released)
    kept: history.History = rule.history.History(
        registry=REGISTRY,
        released={number: definition_of(letter, name).digest for number, (letter, _) in released.items()},
        highest=of.highest or max([*released, *of.made], default=0),
        recorded=frozenset(of.made),
        taken_over=of.taken_over,
        also_live=frozenset(of.also_live),
        retired=frozenset(of.retired),
        gone=of.gone,
    )
    return kept


def prior_of(row: Row, rule: Rule = REAL) -> Prior[Intervention] | None:
    """Return what is recorded."""
    if row.recorded is None:
        return None
    ((number, (letter, live)),) = versions(row.recorded.version).items()
    kept = history_of(row.recorded, rule)
    return Prior(DEFINITIONS[letter], number, live, kept)


def proposal_of(row: Row) -> Proposal[Intervention]:
    """Return what the program declares."""
    wants = row.wants
    return Proposal(
        DEFINITIONS[wants.definition], wants.version, wants.published, wants.adopt, wants.explicit
    )


def verdict_on(row: Row, rule: Rule = REAL) -> dict[str, Any]:
    """Return what becomes of a row, in plain values."""
    planner = rule.versioning.Numbered(OneLive())
    verdict = planner.plan(REGISTRY, prior_of(row, rule), proposal_of(row), registered(row))
    if isinstance(verdict, Refusal):
        wording = Wording.of(row.wants.secret, row.recorded.secret if row.recorded else ())
        return {"refused": wording.refusal(verdict)}
    return {
        "version": verdict.version,
        "move": verdict.move.value,
        "withdrawn": verdict.withdrawn,
        "deleted": verdict.deleted,
        "newer": verdict.newer,
        "history": verdict.history.to_wire(),
    }


def expected_of(row: Row) -> dict[str, Any]:
    """Return what the table says becomes of a row, in plain values."""
    if row.becomes is None:
        return {"refused": row.refused}
    return {
        "version": row.becomes.version,
        "move": row.becomes.move,
        "withdrawn": tuple(row.becomes.withdrawn),
        "deleted": row.becomes.deleted,
        "newer": row.becomes.newer,
        "history": history_of(row.becomes).to_wire(),
    }
