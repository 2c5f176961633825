"""`Imports`: which calls came with which import, so that an import can be taken back.

The calls of one batch have consecutive rows: an import is a few ranges of rows, and counting a call costs nothing more.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ...calendar_days import Calendar
from ...database.database import Database
from ...files import printable
from .removal import FIGURES, remove_calls
from .totals import TotalsChange, figures_of

_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class ImportedCalls:
    """An import: its number, when it began, what was imported, and its calls that are stored now."""

    number: int
    time_ms: int
    paths: tuple[str, ...]
    calls: int
    cost_nanos: int


class Imports:
    """The imports in a database. Every method raises HistoryUnavailable if it cannot be used."""

    def __init__(self, database: Database, calendar: Calendar) -> None:
        self._database = database
        self._calendar = calendar

    def begin(self, paths: Sequence[str]) -> int:
        """The number of a new import of these files and folders."""
        text = "\n".join(printable(os.path.abspath(path)) for path in paths)
        return self._database.write(
            lambda connection: _inserted_row(
                connection.execute(
                    "INSERT INTO imports (time_ms, paths) VALUES (?, ?)", (time.time_ns() // 1_000_000, text)
                )
            )
        )

    def every(self) -> list[ImportedCalls]:
        """All imports, the newest first."""
        with self._database.read_transaction() as connection:
            rows = connection.execute(
                "SELECT imports.id, time_ms, paths, COUNT(calls.id), COALESCE(SUM(calls.cost_nanos), 0)"
                " FROM imports LEFT JOIN imported_rows ON imported_rows.import = imports.id"
                " LEFT JOIN calls ON calls.id BETWEEN imported_rows.first AND imported_rows.last"
                " GROUP BY imports.id ORDER BY imports.id DESC"
            ).fetchall()
        return [ImportedCalls(row[0], row[1], tuple(row[2].split("\n")), row[3], row[4]) for row in rows]

    def forget(self, number: int) -> int | None:
        """Remove the calls of an import, in small transactions, and the import; how many. None: there is none.

        Logs among what was imported that are followed, too, are read again at the next start.
        """
        total = 0
        while True:
            removed = self._database.write(partial(_forget_part, number=number, calendar=self._calendar))
            if removed is None:
                return None
            total += removed
            if removed < _ROWS:
                return total


def record_import(connection: sqlite3.Connection, number: int, count: int) -> None:
    """The last `count` calls, which were inserted in this transaction, belong to an import."""
    if not count:
        return
    (last,) = connection.execute("SELECT MAX(id) FROM calls").fetchone()
    first = last - count + 1
    extended = connection.execute(
        "UPDATE imported_rows SET last = ? WHERE import = ? AND last = ?", (last, number, first - 1)
    )
    if not extended.rowcount:
        connection.execute("INSERT INTO imported_rows (first, last, import) VALUES (?, ?, ?)", (first, last, number))


def _forget_part(connection: sqlite3.Connection, number: int, calendar: Calendar) -> int | None:
    """Remove the first calls of an import; with the last of them also the import."""
    found = connection.execute("SELECT paths FROM imports WHERE id = ?", (number,)).fetchone()
    if found is None:
        return None
    rows = connection.execute(
        f"SELECT id, {FIGURES} FROM calls JOIN imported_rows ON id BETWEEN first AND last"  # noqa: S608 - constants
        " WHERE import = ? ORDER BY id LIMIT ?",
        (number, _ROWS),
    ).fetchall()
    totals = TotalsChange(calendar)
    remove_calls(connection, [(row[0], figures_of(row[1:])) for row in rows], totals)
    totals.write(connection)
    if len(rows) < _ROWS:
        connection.execute("DELETE FROM imported_rows WHERE import = ?", (number,))
        connection.execute("DELETE FROM imports WHERE id = ?", (number,))
        for path in found[0].split("\n"):
            below = path.rstrip(os.sep) + os.sep
            connection.execute(
                "DELETE FROM checkpoints WHERE path = ? OR substr(path, 1, ?) = ?", (path, len(below), below)
            )
    return len(rows)


def _inserted_row(cursor: sqlite3.Cursor) -> int:
    if cursor.lastrowid is None:
        raise ValueError("nothing was inserted")
    return cursor.lastrowid
