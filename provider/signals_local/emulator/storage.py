"""Storage in one SQLite file. A killed process loses nothing that it has confirmed.

The file is in WAL mode with `synchronous = NORMAL`: a commit passes its pages to the operating system before the response is sent, so
they survive the process, however it ends. Only a power failure may lose the latest ones, and even then the file stays intact. `FULL`
would prevent that as well, at the cost of a disk flush in every POST, which a stand-in on a laptop does not need.

The file is locked while it is open. Two emulators on one file would each have their own subscribers, faults and request numbers, and
confuse anyone who uses both.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from importlib import resources
from typing import Any

from signals_local.emulator.errors import StartError
from signals_local.emulator.wire import digest_of

SCHEMA_VERSION = 2
_APPLICATION_ID = 0x5169_6E61  # distinguishes an emulator's file from other SQLite files

_TYPES: dict[str, type] = {"TEXT": str, "INTEGER": int}

_STATEMENT = re.compile(r"^-- name: (?P<name>\w+)\n(?:--.*\n)*(?P<sql>(?:.*\n)*?.*;)\s*$", re.MULTILINE)


@cache
def _read_sql(file: str) -> str:
    """Return a file of `sql/` together with the file of that name in `live/`, which has its own tables and statements."""
    emulator = resources.files("signals_local.emulator")
    files = [emulator.joinpath(folder).joinpath(file) for folder in ("sql", "live")]
    return "\n".join(each.read_text(encoding="utf-8") for each in files if each.is_file())


@cache
def statements() -> dict[str, str]:
    """Return each statement of the `queries.sql` files by name."""
    return {match["name"]: match["sql"] for match in _STATEMENT.finditer(_read_sql("queries.sql"))}


def _is_sound(row: dict[str, Any]) -> bool:
    """Return whether the JSON in a row is valid, and whether a definition matches its digest and its version."""
    try:
        if "definition" in row:
            definition = json.loads(row["definition"])
            version = definition.get("version", row["version"])
            return bool(digest_of(definition) == row["digest"] and version == row["version"])
        if "value" in row:
            json.loads(row["value"])
    except (ValueError, AttributeError, RecursionError):
        return False
    return True


@cache
def _build_expected_schema(version: int) -> frozenset[tuple[str, str]]:
    """Return the tables and indexes of a schema version, as pairs of name and SQL."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in range(1, version + 1):
            connection.executescript(_read_sql(f"schema_{step}.sql"))
        return _read_schema(connection)


def _read_schema(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    return frozenset(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


class Database:
    """The emulator's file, or memory for `:memory:`. Only one thread at a time may use it.

    Raises:
        StartError: The file cannot be opened, is in use, does not belong to an emulator, has a newer schema, or is damaged.
            Nothing in it was changed then.
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
            self._prepare()
        except (sqlite3.Error, UnicodeDecodeError, MemoryError) as error:
            # Python raises the last two for a damaged length or string.
            self._connection.close()
            raise StartError(self._explain(error)) from error
        except StartError:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA foreign_keys = ON")
        found = self._read_pragma("user_version")
        if found or self._read_pragma("schema_version"):
            self._check(found)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._upgrade(found)
        with self.transaction():
            pass  # takes the lock now, so that a file in use is detected at start and not by the first request

    def _upgrade(self, found: int) -> None:
        # One transaction for each step: a killed process leaves a file with a valid schema, from which the next one continues.
        for step in range(found + 1, SCHEMA_VERSION + 1):
            self._connection.executescript(
                f"BEGIN IMMEDIATE;\n{_read_sql(f'schema_{step}.sql')}\nPRAGMA application_id = {_APPLICATION_ID};\n"
                f"PRAGMA user_version = {step};\nCOMMIT;"
            )

    def _check(self, version: int) -> None:
        if self._read_pragma("application_id") != _APPLICATION_ID:
            raise StartError(f"{self._path} is a database, but not one of this emulator. Give another --db.")
        if not 1 <= version <= SCHEMA_VERSION:
            raise StartError(
                f"{self._path} has schema {version}; this release reads up to schema {SCHEMA_VERSION}. "
                "Give another --db, or delete the file: the next deployment registers everything again."
            )
        damage = next(self._find_damage(version), None)
        if damage is not None:
            raise StartError(self._describe_damage(damage))

    def _find_damage(self, version: int) -> Iterator[str]:
        """Yield the faults of the file, so that no request runs into them later."""
        for (verdict,) in self._connection.execute("PRAGMA integrity_check(1)"):
            if verdict != "ok":
                yield str(verdict).splitlines()[-1]
        if _read_schema(self._connection) != _build_expected_schema(version):
            yield "its tables are not those of its schema"
        for name, _ in sorted(_build_expected_schema(version)):
            columns = self._connection.execute(f"PRAGMA table_info({name})").fetchall()
            if columns:
                yield from (
                    f"a row of the table {name} cannot be read" for _ in self._find_odd_rows(name, columns)
                )

    def _find_odd_rows(self, table: str, columns: list[Any]) -> Iterator[dict[str, Any]]:
        types = {name: _TYPES.get(declared) for _, name, declared, *_ in columns}
        for values in self._connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - a table of our schema
            row = dict(zip(types, values, strict=True))
            fits = all(
                value is None or isinstance(value, types[name] or object) for name, value in row.items()
            )
            if not (fits and _is_sound(row)):
                yield row

    def _read_pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _explain(self, error: Exception) -> str:
        if "locked" in str(error):
            return f"{self._path} is in use by another emulator. Stop that one, or give another --db."
        if "not a database" in str(error):
            return f"{self._path} is not a database. Give another --db."
        if type(error) in (sqlite3.DatabaseError, UnicodeDecodeError, MemoryError) or "decode" in str(error):
            return self._describe_damage(str(error))
        return f"cannot use the database file {self._path}: {error}"

    def _describe_damage(self, how: str) -> str:
        return (
            f"{self._path} is damaged ({' '.join(how.split())[:200]}). Nothing in it was changed. "
            "Restore a copy, or delete the file: the next deployment registers everything again."
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything that happens in the context, or nothing."""
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
        """Execute a statement that returns nothing."""
        self._connection.execute(self._statements[statement], values)

    def rows(self, statement: str, **values: Any) -> list[sqlite3.Row]:
        """Return all rows of a statement."""
        return self._connection.execute(self._statements[statement], values).fetchall()

    def row(self, statement: str, **values: Any) -> sqlite3.Row | None:
        """Return the first row of a statement, or None."""
        row: sqlite3.Row | None = self._connection.execute(self._statements[statement], values).fetchone()
        return row

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
