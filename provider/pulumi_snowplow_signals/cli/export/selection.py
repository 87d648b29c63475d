"""Selects what a program can take over from a registry unchanged, and explains what it cannot."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError

from pulumi_snowplow_signals.cli.connection import Found, has_no_list, names_in_list, read_all
from pulumi_snowplow_signals.errors import ApiError, UserFault
from pulumi_snowplow_signals.fields.comparison import SAME_DOMAIN
from pulumi_snowplow_signals.fields.faults import path_of
from pulumi_snowplow_signals.fields.text import quoted
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER
from pulumi_snowplow_signals.fields.vocabulary import DISTINCT, STORED
from pulumi_snowplow_signals.kinds.attribute_group import ADDED_BY_SERVICE
from pulumi_snowplow_signals.kinds.attribute_key import BUILT_IN_KEYS, AttributeKey
from pulumi_snowplow_signals.kinds.catalogue import KINDS, Kind
from pulumi_snowplow_signals.kinds.definition import Definition, Numbered, as_inputs
from pulumi_snowplow_signals.lifecycle.review import missing_references
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.versions import versioning
from pulumi_snowplow_signals.versions.history import Registered, live_of
from pulumi_snowplow_signals.versions.in_place import InPlace
from pulumi_snowplow_signals.versions.plan import Move, Plan, Planner, Proposal
from pulumi_snowplow_signals.wording.wording import UNREADABLE, Wording

_NOT_DEFINED: Final = ADDED_BY_SERVICE | {"version", "is_published", "online", "offline"}
"""The fields of a response that are not part of a definition of any kind."""


@dataclass(frozen=True)
class TakenOver:
    """A version that a program takes over as it is.

    Attributes:
        definition: Its definition.
        number: Its number; 1 for a kind without versions.
        version: The number that the program must set; None if it is the newest.
        published: Whether it is live.
        newer: Newer versions, none of them live.
        beside: Lower versions that are also live.
    """

    definition: Definition
    number: int
    version: int | None
    published: bool
    newer: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """An object that a program cannot take over unchanged.

    Attributes:
        kind: Its kind.
        name: Its name; empty for all objects of the kind.
        reason: Why it is left out.
    """

    kind: Kind
    name: str
    reason: str


@dataclass(frozen=True)
class Wanted:
    """The requested names, owners and kinds; all, if none are given."""

    names: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = KINDS


def select_all(run: Run, wanted: Wanted) -> tuple[list[TakenOver], list[LeftOut]]:
    """Return what a program takes over, and what it cannot, by kind and in the order of their names.

    Raises:
        ApiError: The registry could not be asked.
        UserFault: There is nothing of what is wanted.
    """
    found = [(kind, each) for kind in KINDS if kind in wanted.kinds for each in _read(run, kind, wanted)]
    _demand_names(wanted, {each.name for _, each in found})
    selected = [
        LeftOut(kind, each.name, each.fault) if each.fault else _select(run, kind, each.name, each.versions)
        for kind, each in found
        if each.fault or _has_owner(each.versions, wanted.owners)
    ]
    if not selected:
        raise UserFault(f"The registry has no such {_join_kinds(wanted.kinds)}, so nothing was written.")
    taken = [each for each in selected if isinstance(each, TakenOver)]
    left_out = [each for each in selected if isinstance(each, LeftOut)]
    return taken, left_out


def _read(run: Run, kind: Kind, wanted: Wanted) -> Iterator[Found]:
    """Yield the wanted objects of a kind. Built-in keys are left out, because programs cannot declare them."""
    built_in = BUILT_IN_KEYS if kind is AttributeKey else ()
    try:
        # A list need not show every name, so requested names are looked up one by one.
        names = sorted({*wanted.names} or names_in_list(run, kind))
        found = [*read_all(run, kind, [name for name in names if name not in built_in])]
    except ApiError as failure:
        if not has_no_list(failure, kind):
            raise
        found = [Found("", {}, f"the service does not list them ({failure.status})")]
    yield from (each for each in found if each.versions or each.fault)


def _demand_names(wanted: Wanted, found: Collection[str]) -> None:
    for name in sorted({*wanted.names} - {*found}):
        if name in BUILT_IN_KEYS and AttributeKey in wanted.kinds:
            raise UserFault(f"{quoted(name)} is a built-in attribute key. Programs cannot declare it.")
        raise UserFault(f"The registry has no {_join_kinds(wanted.kinds)} {quoted(name)}.")


def _join_kinds(kinds: Sequence[Kind]) -> str:
    """Return the wanted kinds in words, such as `service or intervention`."""
    *others, last = [kind.label for kind in kinds]
    return f"{', '.join(others)} or {last}" if others else last


def _select(run: Run, kind: Kind, name: str, found: Registered) -> TakenOver | LeftOut:
    """Return how a program takes over a name, or why it cannot. Raise ApiError.

    The live version is taken over, or the highest if a kind allows several. If none is live, it is the newest.
    """
    live = live_of(found)
    number = max(live or found)
    retired = sorted(kind.succession.retires(live, number)) if issubclass(kind, Numbered) else []
    if retired:
        numbers = f"{', '.join(map(str, retired))} and {number}"
        return LeftOut(
            kind,
            name,
            f"versions {numbers} are live at once. A resource keeps one version live, so its first deployment would "
            "withdraw the others. Withdraw those you do not need, and export again",
        )
    which = f"version {number}: " if issubclass(kind, Numbered) else ""
    definition = found[number].definition
    if definition is None:
        return LeftOut(kind, name, f"{which}{UNREADABLE}")
    newer = tuple(sorted(other for other in found if other > number))
    taken = TakenOver(
        _deduplicate(definition),
        number,
        number if newer else None,
        bool(live),
        newer,
        tuple(sorted(live - {number})),
    )
    reason = _find_obstacle(run, kind, taken, found)
    return LeftOut(kind, name, f"{which}{reason}") if reason else taken


def _find_obstacle(run: Run, kind: Kind, taken: TakenOver, found: Registered) -> str:
    """Return why a program cannot take over a version; empty if it can. Raise ApiError.

    The provider's planner decides last: only what it plans without a write is exported.
    """
    definition = taken.definition
    stored = run.registry(kind).find(definition.name, taken.number)
    body = stored.body if stored else {}
    if _loses_digits([body.get(name) for name in type(definition).model_fields]):
        return "it holds a whole number beyond 2^53, which would lose digits"
    return (
        _find_later_fields(type(definition), body)
        or _find_faults(definition)
        or _find_missing(run, taken)
        or _plan_refusal(run, taken, found)
    )


def _has_owner(versions: Registered, owners: Collection[str]) -> bool:
    """Return whether one of the owners has the live version or, if none is live, the newest."""
    if not owners:
        return True
    current = max(versions, key=lambda number: (versions[number].live, number))
    owner = getattr(versions[current].definition, "owner", None)
    return owner is not None and SAME_DOMAIN.form(owner) in map(SAME_DOMAIN.form, owners)


def _find_faults(definition: Definition) -> str:
    """Return the faults that the definition would have in a program."""
    faults = type(definition).parse(as_inputs(type(definition), definition.held)).faults
    return "; ".join(map(str, faults))


def _deduplicate(definition: Definition) -> Definition:
    """Return an equal definition that names no key or group twice. A registry may do so, but a program must not."""
    fields = type(definition).model_fields.items()
    lists = {name: getattr(definition, name) for name, field in fields if DISTINCT in field.metadata}
    return definition.model_copy(update={name: [*dict.fromkeys(value)] for name, value in lists.items()})


def _loses_digits(value: Any) -> bool:
    """Return whether a value holds a number that was rounded when it was read."""
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


def _find_later_fields(kind: Kind, body: Mapping[str, Any]) -> str:
    """Return which fields this release does not know, and would lose with the next version; empty if there are none."""
    held = {
        name: value
        for name, value in kind.writable(body).items()
        if name not in _NOT_DEFINED and value not in (None, "", [])
    }
    try:
        kind.model_validate(held, context=STORED)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        later = [path_of(each["loc"]) for each in details if each["type"] == "extra_forbidden"]
        return f"it has {', '.join(later)}, which this release does not know" if later else ""
    return ""


def _find_missing(run: Run, taken: TakenOver) -> str:
    """Return the missing objects to which a live definition refers, for which a preview would refuse it."""
    if not taken.published:
        return ""
    try:
        return "; ".join(map(str, missing_references(run, taken.definition)))
    except ApiError as failure:
        if not any(has_no_list(failure, kind) for kind in KINDS):
            raise
        return ""  # a preview only warns of what cannot be listed


def _plan_refusal(run: Run, taken: TakenOver, found: Registered) -> str:
    kind = type(taken.definition)
    # A resource for one type of group cannot read a version of another type.
    seen = {
        number: each if isinstance(each.definition, kind) else replace(each, definition=None)
        for number, each in found.items()
    }
    planner: Planner = versioning.Numbered(kind.succession) if issubclass(kind, Numbered) else InPlace()
    proposal = Proposal(taken.definition, taken.version, taken.published)
    verdict = planner.plan(run.settings.registry, None, proposal, seen)
    if not isinstance(verdict, Plan):
        return Wording().refusal(verdict)
    is_quiet = verdict.move is Move.TAKE_OVER and not verdict.writes
    return "" if is_quiet else "its first deployment would write to the registry"
