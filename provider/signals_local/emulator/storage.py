"""One SQLite file, and the promise that a killed process loses nothing that it answered.

The file is in WAL mode with `synchronous = NORMAL`: a commit hands its pages to the operating system before the request
is answered, so they outlive the process, however it ends; only a power cut may lose the last ones (and even then the
file stays whole). `FULL` would buy that too, for a disk flush in every POST; a stand-in on a laptop does not need it.

The file is locked for as long as it is open. Two emulators on one file would each keep to their own subscribers, faults
and request numbers, and confuse whoever looks at both.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any

from signals_local.emulator.errors import StartError

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x5169_6E61  # tells an emulator's file from any other SQLite file

_STATEMENT = re.compile(r"^-- name: (?P<name>\w+)\n(?:--.*\n)*(?P<sql>(?:.*\n)*?.*;)\s*$", re.MULTILINE)


@cache
def _sql(file: str) -> str:
    """A file of `sql/` with the one of the same name of `live/`, which keeps its tables and statements beside its code."""
    emulator = resources.files("signals_local.emulator")
    files = [emulator.joinpath(folder).joinpath(file) for folder in ("sql", "live")]
    return "\n".join(each.read_text(encoding="utf-8") for each in files if each.is_file())


@cache
def statements() -> dict[str, str]:
    """Each statement of the `queries.sql` files by its name."""
    return {match["name"]: match["sql"] for match in _STATEMENT.finditer(_sql("queries.sql"))}


class Database:
    """The emulator's file, or memory for `:memory:`. Used by one thread at a time.

    Raises:
        StartError: the file can't be opened, is in use, is not an emulator's, or has another schema.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._statements = statements()
        try:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=0.5
            )
        except sqlite3.Error as error:
            raise StartError(f"cannot open the database file {path}: {error}") from error
        try:
            self._connection.row_factory = sqlite3.Row
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise StartError(self._why(error)) from error
        except StartError:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA foreign_keys = ON")
        found = self._pragma("user_version")
        if found == 0 and self._pragma("schema_version") == 0:
            self._create()
        elif self._pragma("application_id") != _APPLICATION_ID:
            raise StartError(f"{self._path} is a database, but not one of this emulator. Give another --db.")
        elif found != SCHEMA_VERSION:
            raise StartError(
                f"{self._path} has schema {found}; this release reads schema {SCHEMA_VERSION} only. "
                "Give another --db, or delete the file: it is registered anew by the next deployment."
            )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self.transaction():
            pass  # takes the lock now, so that a file in use is found at start and not by the first request

    def _create(self) -> None:
        # One transaction: a process killed here leaves an empty file, which the next one fills.
        self._connection.executescript(
            f"BEGIN IMMEDIATE;\n{_sql('schema.sql')}\nPRAGMA application_id = {_APPLICATION_ID};\n"
            f"PRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;"
        )

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _why(self, error: sqlite3.Error) -> str:
        if "locked" in str(error):
            return f"{self._path} is in use by another emulator. Stop that one, or give another --db."
        if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
            return f"{self._path} is not a database. Give another --db."
        return f"cannot use the database file {self._path}: {error}"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what happens inside."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # A full disk may have rolled back already.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def run(self, statement: str, **values: Any) -> None:
        """Carry out a statement that gives nothing back."""
        self._connection.execute(self._statements[statement], values)

    def rows(self, statement: str, **values: Any) -> list[sqlite3.Row]:
        """All rows that a statement gives."""
        return self._connection.execute(self._statements[statement], values).fetchall()

    def row(self, statement: str, **values: Any) -> sqlite3.Row | None:
        """The first row that a statement gives, or None."""
        row: sqlite3.Row | None = self._connection.execute(self._statements[statement], values).fetchone()
        return row

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
