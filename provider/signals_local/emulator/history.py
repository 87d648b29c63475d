"""Everything that was ever registered under a version, and the promises that a deployment must keep.

Each request of a deployment tool may be correct, and yet a visitor may be left without a rule, or a version that appears in reports
may get a different rule. Only the sequence of changes shows that. So the history is recorded in the same transactions as the
registry, and a test checks at its end whether a promise was broken:

- a released version of an intervention or an attribute group changed its definition;
- an intervention or a service was live, then was not, and is live again;
- two versions of an intervention are live at rest;
- a service was live without a group version that it pins (possible under the assumption `pinned-group=goes` only);
- an intervention went down in a cascade that nobody asked for.

A cascade takes an intervention down because a group version that it uses is withdrawn. It was asked for if the same request names the
intervention (`engines/unpublish` lists both), or if the caller of `broken_promises` says that it was meant to go down (`meant_down`).
Nothing else counts. Withdrawing or publishing the intervention later does not help visitors who had none in between. A tool that
intends to remove both withdraws the intervention first.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from signals_local.emulator.errors import Refusal
from signals_local.emulator.storage import Database
from signals_local.emulator.wire import Identity, Kind

Event = Literal["created", "replaced", "published", "unpublished", "deleted"]

_BLOCK = 1000


@dataclass(frozen=True)
class Cause:
    """The request behind a change.

    A test can order `publication_fault`, which makes the publication fail, and `missing_schemas`, the events whose schemas are not in
    production.
    """

    sequence: int
    method: str
    path: str
    publication_fault: Refusal | None = None
    missing_schemas: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Moment:
    """The versions of a name that were live after a request (or, for sequence 0, before the first)."""

    sequence: int
    request: str
    live: frozenset[int]


class History:
    """Records each change to an object, and answers questions about them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = database.row("get_reserved_sequence")
        self._sequence = self._reserved = int(row["reserved"]) if row else 0

    @property
    def sequence(self) -> int:
        """Return the number of the last request."""
        return self._sequence

    def next_sequence(self) -> int:
        """Return the number for a new request. Numbers only grow; after a restart they continue with a gap."""
        if self._sequence >= self._reserved:
            self._reserve()
        self._sequence += 1
        return self._sequence

    def _reserve(self) -> None:
        # If the disk is full, keep counting: nothing can be recorded under those numbers anyway.
        with contextlib.suppress(sqlite3.Error), self._database.transaction():
            self._database.run("reserve_sequence", count=_BLOCK)
            self._reserved += _BLOCK

    def record(
        self,
        cause: Cause,
        event: Event,
        identity: Identity,
        digest: str,
        *,
        is_published: bool,
    ) -> None:
        """Record a change, inside the transaction that makes it."""
        self._database.run(
            "insert_change",
            sequence=cause.sequence,
            method=cause.method,
            path=cause.path,
            **vars(identity),
            event=event,
            digest=digest,
            is_published=is_published,
        )

    def record_loss(self, cause: Cause, group: Identity, user: Identity) -> None:
        """Record that a request withdrew a group version from a user that it did not name."""
        self._database.run(
            "insert_loss",
            sequence=cause.sequence,
            method=cause.method,
            path=cause.path,
            group_name=group.name,
            group_version=group.version,
            **vars(user),
        )

    def forget(self) -> None:
        """Delete the history, for a reset. Request numbers continue, so that earlier marks stay valid."""
        self._database.run("delete_changes")
        self._database.run("delete_losses")

    def describe(self, kind: Kind = "intervention") -> dict[str, Any]:
        """Return what `GET /local/history` shows of a kind, as JSON values."""
        changes = self._database.rows("list_changes", kind=kind)
        return {
            "sequence": self._sequence,
            "versions": [_describe_version(list(group)) for group in _group_by(changes, "name", "version")],
            "names": {
                str(group[0]["name"]): [
                    {"sequence": moment.sequence, "request": moment.request, "live": sorted(moment.live)}
                    for moment in _list_moments(group)
                ]
                for group in _group_by(changes, "name")
            },
        }

    def broken_promises(self, *, since: int = 0, meant_down: Collection[str] = ()) -> list[str]:
        """Return one sentence for each promise broken after request number `since`.

        A version that was released before `since` counts as released. The names in `meant_down` were meant to be without a live
        version for a while, so neither a gap nor a cascade that takes them down is a fault.
        """
        return [
            *self._find_broken_rules(since, meant_down),
            *self._find_broken_groups(since),
            *self._find_broken_services(since, meant_down),
            *self._find_losses(since, meant_down),
        ]

    def _find_broken_rules(self, since: int, meant_down: Collection[str]) -> Iterator[str]:
        changes = self._database.rows("list_changes", kind="intervention")
        for group in _group_by(changes, "name", "version"):
            yield from _find_altered(group, since)
        for group in _group_by(changes, "name"):
            name, moments = str(group[0]["name"]), _list_moments(group)
            if name not in meant_down:
                yield from _find_gaps(name, moments, since, "had no live version")
            if len(moments[-1].live) > 1:
                versions = " and ".join(str(version) for version in sorted(moments[-1].live))
                yield f"{name}: versions {versions} are live at rest."

    def _find_broken_groups(self, since: int) -> Iterator[str]:
        for group in _group_by(
            self._database.rows("list_changes", kind="attribute_group"), "name", "version"
        ):
            yield from (f"Attribute group {text}" for text in _find_altered(group, since))

    def _find_broken_services(self, since: int, meant_down: Collection[str]) -> Iterator[str]:
        for group in _group_by(self._database.rows("list_changes", kind="service"), "name"):
            name = str(group[0]["name"])
            if name not in meant_down:
                yield from (
                    f"Service {text}"
                    for text in _find_gaps(name, _list_moments(group), since, "was withdrawn")
                )

    def _find_losses(self, since: int, meant_down: Collection[str]) -> Iterator[str]:
        for row in self._database.rows("list_losses", since=since):
            lost = f"request {row['sequence']} ({_describe_request(row)}) withdrew attribute group {row['group_name']} version {row['group_version']}"
            if row["kind"] == "service":
                yield f"Service {row['name']} was live without a version that it pins: {lost}."
            elif row["name"] not in meant_down:
                yield (
                    f"{row['name']} version {row['version']} was taken down by a cascade that nobody asked for: {lost}, "
                    "which it uses, and did not name it."
                )


def _group_by(changes: list[sqlite3.Row], *columns: str) -> Iterator[list[sqlite3.Row]]:
    """Yield changes grouped by columns, in order within each group."""

    def key(row: sqlite3.Row) -> tuple[Any, ...]:
        return tuple(row[column] for column in columns)

    for _, group in groupby(sorted(changes, key=key), key=key):
        yield list(group)


def _describe_request(row: sqlite3.Row) -> str:
    return f"{row['method']} {row['path']}".strip()


def _describe_version(changes: list[sqlite3.Row]) -> dict[str, Any]:
    first, last = changes[0], changes[-1]
    digests: dict[str, dict[str, Any]] = {}
    for row in changes:
        if row["event"] in ("created", "replaced"):
            found = {"digest": row["digest"], "sequence": row["sequence"], "request": _describe_request(row)}
            digests.setdefault(row["digest"], found)
    return {
        "name": first["name"],
        "version": first["version"],
        "definitions": list(digests.values()),
        "released": any(row["is_published"] for row in changes),
        "is_published": bool(last["is_published"]),
        "exists": last["event"] != "deleted",
        "events": [
            {
                "event": row["event"],
                "digest": row["digest"],
                "sequence": row["sequence"],
                "request": _describe_request(row),
            }
            for row in changes
        ],
    }


def _list_moments(changes: list[sqlite3.Row]) -> list[_Moment]:
    """Return the live versions of one name after each request that changed it."""
    live: set[int] = set()
    moments = []
    for sequence, group in groupby(changes, key=lambda row: int(row["sequence"])):
        request = ""
        for row in group:
            (live.add if row["is_published"] else live.discard)(int(row["version"]))
            request = _describe_request(row)
        moments.append(_Moment(sequence, request, frozenset(live)))
    return moments


def _find_altered(changes: list[sqlite3.Row], since: int) -> Iterator[str]:
    released: sqlite3.Row | None = None
    for row in changes:
        if released is None:
            released = row if row["is_published"] else None
        elif (
            row["digest"] != released["digest"]
            and row["sequence"] > since
            and row["event"] in ("created", "replaced")
        ):
            yield (
                f"{row['name']} version {row['version']} was released by request {released['sequence']} "
                f"({_describe_request(released)}) with definition {released['digest']}, and request {row['sequence']} "
                f"({_describe_request(row)}) gave it definition {row['digest']}."
            )


def _find_gaps(name: str, moments: list[_Moment], since: int, gap: str) -> Iterator[str]:
    before = [moment for moment in moments if moment.sequence <= since][-1:]
    was_live: _Moment | None = None
    gone: _Moment | None = None
    for moment in (*before, *(each for each in moments if each.sequence > since)):
        if moment.live and was_live and gone:
            yield (
                f"{name} was live, {gap} after request {gone.sequence} ({gone.request}), "
                f"and is live again since request {moment.sequence} ({moment.request})."
            )
        if moment.live:
            was_live, gone = moment, None
        elif was_live:
            gone = gone or moment
