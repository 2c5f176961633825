"""`ForeignDatabase`: an SQLite database that another program writes meanwhile. It is only read.

With the write-ahead log where there is one, as `immutable` where there is none, since SQLite would otherwise create it;
a file that is opened to be read takes no lock that a writer waits for. Agents write these files, so a look may only
take so many steps, a value may only be so long, and only tables are queried, never views.
Source: sqlite.org/wal.html#read_only_databases, sqlite.org/security.html.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

from ... import files
from ...errors import FileChanging, FileUnreadable
from ...files import printable

_HEADER = b"SQLite format 3\0"
_MAX_STEPS = 10_000
"""Of 10,000 instructions each, for one reading: a second or two; 2,000 rows take a hundredth of it."""
_MAX_VALUE_BYTES = 64 << 20
_BUSY_S = 1.0

Columns = Mapping[str, frozenset[str]]
"""Table -> its columns."""


def starts_as_database(lines: Sequence[bytes]) -> bool:
    """True if these are the first lines of an SQLite database (sqlite.org/fileformat.html, section 1.3)."""
    return bool(lines) and lines[0].startswith(_HEADER)


class Reading:
    """One look at the database: all of it as it was at one moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row of a query; None if there is none, or if a value of it is too long."""
        try:
            found: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        except (sqlite3.DataError, sqlite3.OperationalError) as problem:
            if "too big" in str(problem):
                return None
            raise
        return found

    def columns(self) -> Columns:
        """The tables."""
        tables: Iterable[tuple[str]] = self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        known = [name for (name,) in tables if name.isidentifier()]
        return {name: frozenset(row[1] for row in self.rows(f'PRAGMA table_info("{name}")')) for name in known}

    def layout(self) -> int:
        """Another number after each change of the tables, and after `VACUUM`, which may give rows other numbers."""
        return int(self.rows("PRAGMA schema_version")[0][0])


class ForeignDatabase:
    """The database at a path below a folder."""

    def __init__(self, root: str, path: str) -> None:
        self._root, self._path = root, path

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Look at it. Raises FileUnreadable if SQLite cannot read it now, FileChanging, FileRefused, OSError."""
        before = self.status()
        path = os.path.join(self._root, self._path)
        is_live = os.path.exists(f"{path}-wal") and os.path.getsize(f"{path}-wal") > 0
        steps = iter(range(_MAX_STEPS))
        try:
            address = f"file:{quote(path)}?mode=ro" + ("" if is_live else "&immutable=1")
            with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S, isolation_level=None)) as connection:
                connection.set_progress_handler(lambda: next(steps, None) is None, 10_000)
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
                connection.text_factory = _text
                connection.execute("PRAGMA query_only = 1")
                connection.execute("PRAGMA trusted_schema = 0")
                connection.execute("BEGIN")
                yield Reading(connection)
        except sqlite3.Error as problem:
            raise FileUnreadable(f"{printable(self._path)} cannot be read by SQLite: {problem}.") from problem
        after = self.status()
        if not is_live and (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise FileChanging(f"{printable(self._path)} changed while it was read.")

    def status(self) -> os.stat_result:
        """The database's file. Raises FileRefused, OSError."""
        handle = files.open_file(self._root, self._path)
        try:
            return os.fstat(handle)
        finally:
            os.close(handle)

    def state(self) -> tuple[int, ...]:
        """Another value whenever something may have been written. Raises FileRefused, OSError."""
        own = self.status()
        try:
            log = os.stat(f"{os.path.join(self._root, self._path)}-wal", follow_symlinks=False)
        except OSError:
            log = None
        beside = (log.st_ino, log.st_size, log.st_mtime_ns) if log is not None else ()
        return own.st_dev, own.st_ino, own.st_size, own.st_mtime_ns, *beside


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
