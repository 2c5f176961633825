"""A database looked at from outside, without changing it: for `llm-service doctor`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..errors import HistoryUnavailable
from .migrations import MIGRATIONS

SQLITE_VERSION = sqlite3.sqlite_version
_CALLS_SINCE = 2


@dataclass(frozen=True, slots=True)
class Checkup:
    """What a database holds. `damage` is SQLite's own first finding, None if it is sound."""

    calls: int
    schema: int
    damage: str | None

    @property
    def too_new(self) -> bool:
        """Written by a later release, with a schema that this one does not know."""
        return self.schema > len(MIGRATIONS)


def check(path: str) -> Checkup:
    """Look at the database in a file. Raises HistoryUnavailable if it cannot be read at all."""
    try:
        with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as connection:
            schema = connection.execute("PRAGMA user_version").fetchone()[0]
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            calls = connection.execute("SELECT COUNT(*) FROM calls").fetchone()[0] if schema >= _CALLS_SINCE else 0
    except sqlite3.Error as problem:
        raise HistoryUnavailable(f"{path} cannot be read: {problem}") from None
    return Checkup(calls, schema, None if verdict == "ok" else str(verdict))
