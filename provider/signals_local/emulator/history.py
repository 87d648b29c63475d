"""What was ever registered under a number, and three promises that a deployment must keep.

A deployment tool may do nothing wrong in any single request and still leave a visitor without a rule, or another rule
under a number that is out in reports already. Only the order of changes tells; so it is kept beside the registry, in the
same transactions, and a test asks at its end: did a released number change its definition, was there a moment without a
live version, are two versions live at rest.
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
    """The request behind a change. `publication_fault` is what a test ordered to go wrong when it publishes."""

    sequence: int
    method: str
    path: str
    publication_fault: Refusal | None = None


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
        """The number of the last request."""
        return self._sequence

    def next_sequence(self) -> int:
        """The number of a new request. Numbers only grow; after a restart they go on with a gap."""
        if self._sequence >= self._reserved:
            self._reserve()
        self._sequence += 1
        return self._sequence

    def _reserve(self) -> None:
        # Where the disk is full, counting goes on without: nothing can be recorded under those numbers anyhow.
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
        """Remember a change; inside the transaction that makes it."""
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

    def forget(self) -> None:
        """For a reset: a new world has no history. Request numbers go on, so that a mark taken before stays one."""
        self._database.run("delete_changes")

    def describe(self, kind: Kind = "intervention") -> dict[str, Any]:
        """All that `GET /local/history` shows of a kind, as JSON values."""
        changes = self._database.rows("list_changes", kind=kind)
        return {
            "sequence": self._sequence,
            "versions": [_version(list(group)) for group in _by(changes, "name", "version")],
            "names": {
                str(group[0]["name"]): [
                    {"sequence": moment.sequence, "request": moment.request, "live": sorted(moment.live)}
                    for moment in _moments(group)
                ]
                for group in _by(changes, "name")
            },
        }

    def broken_promises(self, *, since: int = 0, meant_down: Collection[str] = ()) -> list[str]:
        """What went wrong with interventions in the requests after number `since`, a sentence each; empty if nothing.

        A number that was released before `since` counts as released. A name of `meant_down` was meant to be without a
        live version for a while, so that this is no fault of it.
        """
        changes = self._database.rows("list_changes", kind="intervention")
        broken = [text for group in _by(changes, "name", "version") for text in _altered(group, since)]
        for group in _by(changes, "name"):
            name, moments = str(group[0]["name"]), _moments(group)
            if name not in meant_down:
                broken += _gaps(name, moments, since)
            if len(moments[-1].live) > 1:
                versions = " and ".join(str(version) for version in sorted(moments[-1].live))
                broken.append(f"{name}: versions {versions} are live at rest.")
        return broken


def _by(changes: list[sqlite3.Row], *columns: str) -> Iterator[list[sqlite3.Row]]:
    """Changes grouped by columns, in order within each group."""

    def key(row: sqlite3.Row) -> tuple[Any, ...]:
        return tuple(row[column] for column in columns)

    for _, group in groupby(sorted(changes, key=key), key=key):
        yield list(group)


def _request(row: sqlite3.Row) -> str:
    return f"{row['method']} {row['path']}".strip()


def _version(changes: list[sqlite3.Row]) -> dict[str, Any]:
    first, last = changes[0], changes[-1]
    digests: dict[str, dict[str, Any]] = {}
    for row in changes:
        if row["event"] in ("created", "replaced"):
            found = {"digest": row["digest"], "sequence": row["sequence"], "request": _request(row)}
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
                "request": _request(row),
            }
            for row in changes
        ],
    }


def _moments(changes: list[sqlite3.Row]) -> list[_Moment]:
    """The live versions of one name after each request that changed it."""
    live: set[int] = set()
    moments = []
    for sequence, group in groupby(changes, key=lambda row: int(row["sequence"])):
        request = ""
        for row in group:
            (live.add if row["is_published"] else live.discard)(int(row["version"]))
            request = _request(row)
        moments.append(_Moment(sequence, request, frozenset(live)))
    return moments


def _altered(changes: list[sqlite3.Row], since: int) -> Iterator[str]:
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
                f"({_request(released)}) with definition {released['digest']}, and request {row['sequence']} "
                f"({_request(row)}) gave it definition {row['digest']}."
            )


def _gaps(name: str, moments: list[_Moment], since: int) -> Iterator[str]:
    before = [moment for moment in moments if moment.sequence <= since][-1:]
    was_live: _Moment | None = None
    gone: _Moment | None = None
    for moment in (*before, *(each for each in moments if each.sequence > since)):
        if moment.live and was_live and gone:
            yield (
                f"{name} was live, had no live version after request {gone.sequence} ({gone.request}), "
                f"and is live again since request {moment.sequence} ({moment.request})."
            )
        if moment.live:
            was_live, gone = moment, None
        elif was_live:
            gone = gone or moment
