"""`DatabaseLog`: rows of an SQLite database that another program writes meanwhile, as the lines of a log.

The database is only read: with the write-ahead log where there is one, as `immutable` where there is none, since SQLite
would otherwise create it. Reading goes on after the last row number; a number that has another row now (the last rows
were deleted, or `VACUUM` gave new numbers) means that all rows are read again, whose calls are known by their ids.
Agents write these files, so a query may only take so many steps, and only tables are queried, never views.
Source: sqlite.org/wal.html#read_only_databases, sqlite.org/security.html.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from ... import files
from ...errors import FileChanging, FileUnreadable
from ...files import printable
from ...watch.tail import Part, Position
from .line_reader import JSON_ERRORS

_HEADER = b"SQLite format 3\0"
_MAX_ROWS = 2_000
"""In one query."""
_MAX_STEPS = 10_000
"""Of 10,000 instructions each, for one read: a second or two; 2,000 rows take a hundredth of it."""
_MAX_WAITING = 512
_SETTLED_MS = 3_600_000
"""A row that was not finished and not changed for so long will not be."""
_BUSY_S = 1.0

Columns = Mapping[str, frozenset[str]]
"""Table -> its columns."""


def starts_as_database(lines: Sequence[bytes]) -> bool:
    """True if these are the first lines of an SQLite database (sqlite.org/fileformat.html, section 1.3)."""
    return bool(lines) and lines[0].startswith(_HEADER)


@dataclass(frozen=True, slots=True)
class RowQuery:
    """A query over one table, called `r`: row number, id, is it finished (1, 0, NULL: not a call), time of the last
    change in ms, JSON text. `sql` ends where `WHERE` would follow; `id` is the expression for the second column."""

    table: str
    sql: str
    id: str = "r.id"


MakeQueries = Callable[[Columns], Sequence[RowQuery]]


class DatabaseLog:
    """A `LineSource`. `Position.offset` counts rows, `Position.fingerprint` is JSON: where each table goes on."""

    def __init__(self, root: str, path: str, position: Position, make_queries: MakeQueries) -> None:
        self._root, self._path, self._make_queries = root, path, make_queries
        self.position = position

    def read(self, max_lines: int) -> Part:
        """See `LineSource`; bounded by rows. Raises FileUnreadable if SQLite cannot read it now, FileChanging."""
        with self._connect() as connection:
            return self._read(connection)

    def recognises(self) -> bool:
        """See `LineSource`."""
        with self._connect() as connection:
            cursors = _Cursors.load(self.position.fingerprint)
            queries = [query for query in self._make_queries(_columns(connection)) if query.table in cursors.last]
            return bool(queries) and all(cursors.fits(connection, query) for query in queries)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        before = self._status()
        path = os.path.join(self._root, self._path)
        is_live = os.path.exists(f"{path}-wal") and os.path.getsize(f"{path}-wal") > 0
        steps = iter(range(_MAX_STEPS))
        try:
            address = f"file:{quote(path)}?mode=ro" + ("" if is_live else "&immutable=1")
            with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S, isolation_level=None)) as connection:
                connection.set_progress_handler(lambda: next(steps, None) is None, 10_000)
                connection.execute("PRAGMA query_only = 1")
                connection.execute("PRAGMA trusted_schema = 0")
                connection.execute("BEGIN")
                yield connection
        except sqlite3.Error as problem:
            raise FileUnreadable(f"{printable(self._path)} cannot be read by SQLite: {problem}.") from problem
        after = self._status()
        if not is_live and (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise FileChanging(f"{printable(self._path)} changed while it was read.")

    def _status(self) -> os.stat_result:
        handle = files.open_file(self._root, self._path)
        try:
            return os.fstat(handle)
        finally:
            os.close(handle)

    def _read(self, connection: sqlite3.Connection) -> Part:
        part = Part()
        cursors = _Cursors.load(self.position.fingerprint)
        columns = _columns(connection)
        queries = self._make_queries(columns)
        if columns and not queries:
            raise FileUnreadable(f"{printable(self._path)} has none of the tables that are known.")
        settled_ms = time.time_ns() // 1_000_000 - _SETTLED_MS
        read = 0
        for query in queries:
            waiting = cursors.waiting.get(query.table, [])
            marks = ",".join("?" * len(waiting))
            rows = list(connection.execute(f"{query.sql} WHERE {query.id} IN ({marks})", waiting)) if waiting else []
            start = cursors.last[query.table][0] if cursors.fits(connection, query) else 0
            new = list(
                connection.execute(f"{query.sql} WHERE r.rowid > ? ORDER BY r.rowid LIMIT ?", (start, _MAX_ROWS))
            )
            read += len(new)
            part.more = part.more or len(new) == _MAX_ROWS
            if new:
                cursors.last[query.table] = (new[-1][0], new[-1][1])
            unfinished = []
            for number, name, is_finished, changed_ms, text in [*rows, *new]:
                if is_finished or (is_finished is not None and (changed_ms or 0) < settled_ms):
                    part.lines.append((number, str(text).encode("utf-8", "replace")))
                elif is_finished is not None:
                    unfinished.append(name)
            cursors.waiting[query.table] = unfinished[-_MAX_WAITING:]
        fingerprint = cursors.dump()
        if fingerprint != self.position.fingerprint:
            status = self._status()
            rows_read = self.position.offset + read
            self.position = Position(status.st_dev, status.st_ino, max(1, rows_read), rows_read, fingerprint)
        return part


class _Cursors(msgspec.Struct):
    """Where each table goes on: the last row's number and id, and the ids of rows that were not finished."""

    last: dict[str, tuple[int, str]] = {}
    waiting: dict[str, list[str]] = {}

    @classmethod
    def load(cls, data: bytes) -> _Cursors:
        try:
            return msgspec.json.decode(data, type=cls)
        except JSON_ERRORS:
            return cls()

    def dump(self) -> bytes:
        return msgspec.json.encode(self) if self.last else b""

    def fits(self, connection: sqlite3.Connection, query: RowQuery) -> bool:
        """True if the last row read of a table is still where it was."""
        if query.table not in self.last:
            return False
        number, name = self.last[query.table]
        found = connection.execute(f"SELECT {query.id} FROM {query.table} r WHERE r.rowid = ?", (number,))  # noqa: S608
        return found.fetchall() == [(name,)]


def _columns(connection: sqlite3.Connection) -> Columns:
    tables: Iterable[tuple[str]] = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    known = [name for (name,) in tables if name.isidentifier()]
    return {name: frozenset(row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')) for name in known}
