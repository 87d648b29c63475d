"""What of a registry a program can take over as it is, and why the rest cannot be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pulumi_snowplow_signals.cli.connection import read_all
from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.fields.comparison import SAME_DOMAIN
from pulumi_snowplow_signals.fields.text import quoted
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER
from pulumi_snowplow_signals.kinds.definition import as_inputs
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.review import missing_references
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.versions.history import Registered, live_of
from pulumi_snowplow_signals.versions.plan import Move, Plan, Proposal
from pulumi_snowplow_signals.wording.wording import UNREADABLE, Wording


@dataclass(frozen=True)
class TakenOver:
    """A version that a program takes over as it is.

    Attributes:
        definition: What it is.
        version: The number that the program has to give, or None where it is the newest.
        published: Whether it is live.
        newer: Versions that are newer, none of them live.
    """

    definition: Intervention
    version: int | None
    published: bool
    newer: tuple[int, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A name that no program can take over as it is, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Wanted:
    """What is asked for: names, and e-mail addresses of owners; all where none are given."""

    names: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


def select_all(run: Run, wanted: Wanted) -> tuple[list[TakenOver], list[LeftOut]]:
    """Return what a program takes over, and what it cannot, in the order of their names.

    Raises:
        ApiError: The registry could not be asked.
        UserFault: There is nothing of what is wanted.
    """
    # A list need not show every name, and one that is asked for is looked up.
    names = sorted(set(wanted.names)) or run.registry(Intervention).names()
    registered = [*read_all(run, names)]
    for found in registered:
        if not found.versions and not found.fault:
            raise UserFault(f"The registry has no intervention {quoted(found.name)}.")
    matching = [found for found in registered if found.fault or _is_of(found.versions, wanted.owners)]
    if not matching:
        raise UserFault("The registry has no such intervention, so nothing was written.")
    selected = [
        LeftOut(found.name, found.fault) if found.fault else _select(run, found.name, found.versions)
        for found in matching
    ]
    taken = [each for each in selected if isinstance(each, TakenOver)]
    left_out = [each for each in selected if isinstance(each, LeftOut)]
    return taken, left_out


def _select(run: Run, name: str, found: Registered) -> TakenOver | LeftOut:
    """Return how a program takes over a name, or why it cannot. Raise ApiError.

    The live version is taken over; where none is live, the newest. The planner of the provider has the last word: only
    what it plans without a write is exported.
    """
    live = sorted(live_of(found))
    if len(live) > 1:
        numbers = f"{', '.join(map(str, live[:-1]))} and {live[-1]}"
        return LeftOut(
            name,
            f"versions {numbers} are live at once. A resource keeps one version live, so its first deployment would "
            "withdraw the others. Withdraw what is not needed, and export again",
        )
    number = live[0] if live else max(found)
    definition = found[number].definition
    if not isinstance(definition, Intervention):
        return LeftOut(name, f"version {number}: {UNREADABLE}")
    definition = _with_each_once(definition)
    newer = tuple(sorted(other for other in found if other > number))
    taken = TakenOver(definition, number if newer else None, bool(live), newer)
    stored = run.registry(Intervention).find(name, number)
    if stored is not None and _loses_digits(stored.body.get("criteria")):
        return LeftOut(
            name, f"version {number}: it holds a whole number beyond 2^53, which loses digits on its way"
        )
    reason = _fault_of(definition) or _missing(run, taken) or _refusal(run, taken, found)
    return LeftOut(name, f"version {number}: {reason}") if reason else taken


def _is_of(versions: Registered, owners: Collection[str]) -> bool:
    """Return whether one of the owners has the name: its live version or, where none is live, the newest."""
    current = max(versions, key=lambda number: (versions[number].live, number), default=None)
    if current is None or not owners:
        return current is not None
    definition = versions[current].definition
    owner = definition.owner if isinstance(definition, Intervention) else None
    return owner is not None and SAME_DOMAIN.form(owner) in map(SAME_DOMAIN.form, owners)


def _fault_of(definition: Intervention) -> str:
    """Return what would be wrong with the definition in a program."""
    faults = Intervention.parse(as_inputs(Intervention, definition.held)).faults
    return "; ".join(map(str, faults))


def _with_each_once(definition: Intervention) -> Intervention:
    """Return an equal definition that names no key and no group twice, as a registry may and a program should not."""
    lists = {name: value for name, value in definition.held.items() if isinstance(value, list)}
    return definition.model_copy(update={name: [*dict.fromkeys(value)] for name, value in lists.items()})


def _loses_digits(value: Any) -> bool:
    """Return whether criteria, as they came, hold a number that reading them has rounded."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            left.extend(each.values())
        elif isinstance(each, list):
            left.extend(each)
        elif isinstance(each, int) and abs(each) > LARGEST_EXACT_INTEGER:
            return True
    return False


def _missing(run: Run, taken: TakenOver) -> str:
    """Return what a live definition refers to that is not there: a preview refuses it."""
    return "; ".join(map(str, missing_references(run, taken.definition))) if taken.published else ""


def _refusal(run: Run, taken: TakenOver, found: Registered) -> str:
    proposal = Proposal(taken.definition, taken.version, taken.published)
    verdict = INTERVENTIONS.planner.plan(run.settings.registry, None, proposal, found)
    if not isinstance(verdict, Plan):
        return Wording().refusal(verdict)
    is_quiet = verdict.move is Move.TAKE_OVER and not verdict.writes
    return "" if is_quiet else "its first deployment would write to the registry"
