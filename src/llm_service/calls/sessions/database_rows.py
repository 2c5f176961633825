"""`DatabaseLog`: rows of an SQLite database that another program writes meanwhile, as the lines of a log.

Reading goes on after the last row number; a number that has another row now (the last rows were deleted, or `VACUUM`
gave new numbers) means that all rows are read again, whose calls are known by their ids.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from ...errors import FileUnreadable
from ...files import printable
from ...watch.tail import Part, Position
from .foreign_database import Columns, ForeignDatabase, Reading
from .line_reader import JSON_ERRORS

_MAX_ROWS = 2_000
"""In one query."""
_MAX_WAITING = 512
_SETTLED_MS = 3_600_000
"""A row that was not finished and not changed for so long will not be."""


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
        self._database, self._path, self._make_queries = ForeignDatabase(root, path), path, make_queries
        self.position = position

    def read(self, max_lines: int) -> Part:
        """See `LineSource`; bounded by rows. Raises FileUnreadable if SQLite cannot read it now, FileChanging."""
        with self._database.reading() as reading:
            return self._read(reading)

    def recognises(self) -> bool:
        """See `LineSource`."""
        with self._database.reading() as reading:
            cursors = _Cursors.load(self.position.fingerprint)
            queries = [query for query in self._make_queries(reading.columns()) if query.table in cursors.last]
            return bool(queries) and all(cursors.fits(reading, query) for query in queries)

    def _read(self, reading: Reading) -> Part:
        part = Part()
        cursors = _Cursors.load(self.position.fingerprint)
        columns = reading.columns()
        queries = self._make_queries(columns)
        if columns and not queries:
            raise FileUnreadable(f"{printable(self._path)} has none of the tables that are known.")
        settled_ms = time.time_ns() // 1_000_000 - _SETTLED_MS
        read = 0
        for query in queries:
            waiting = cursors.waiting.get(query.table, [])
            marks = ",".join("?" * len(waiting))
            rows = reading.rows(f"{query.sql} WHERE {query.id} IN ({marks})", *waiting) if waiting else []
            start = cursors.last[query.table][0] if cursors.fits(reading, query) else 0
            new = reading.rows(f"{query.sql} WHERE r.rowid > ? ORDER BY r.rowid LIMIT ?", start, _MAX_ROWS)
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
            status = self._database.status()
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

    def fits(self, reading: Reading, query: RowQuery) -> bool:
        """True if the last row read of a table is still where it was."""
        if query.table not in self.last:
            return False
        number, name = self.last[query.table]
        found = reading.rows(f"SELECT {query.id} FROM {query.table} r WHERE r.rowid = ?", number)  # noqa: S608
        return found == [(name,)]
