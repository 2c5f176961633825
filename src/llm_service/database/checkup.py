"""Checks a database file without changing it, for `llm-service doctor`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..errors import HistoryUnavailable
from .migrations import MIGRATIONS

SQLITE_VERSION = sqlite3.sqlite_version
_CALLS_SCHEMA = 2


@dataclass(frozen=True, slots=True)
class Checkup:
    """What a database contains: number of calls, version of the schema. `damage` is the first error that SQLite
    reports, None if there is none."""

    calls: int
    schema: int
    damage: str | None

    @property
    def too_new(self) -> bool:
        """True if a later release wrote it, with a schema that this one does not know."""
        return self.schema > len(MIGRATIONS)


def check(path: str) -> Checkup:
    """Check the database in a file. Raises HistoryUnavailable if it cannot be read at all."""
    try:
        with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as connection:
            schema = connection.execute("PRAGMA user_version").fetchone()[0]
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            calls = connection.execute("SELECT COUNT(*) FROM calls").fetchone()[0] if schema >= _CALLS_SCHEMA else 0
    except sqlite3.Error as problem:
        raise HistoryUnavailable(f"{path} cannot be read: {problem}") from None
    return Checkup(calls, schema, None if verdict == "ok" else str(verdict))
