"""`JobCalls`: which calls are those of a job: with its id, or of its sessions. `job_cost_usd`: what they cost."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ...database.bulk import placeholders
from ...database.database import Database
from ...database.interned_names import find
from ..model import usd

_MOST_SESSIONS = 500


@dataclass(frozen=True, slots=True)
class JobCalls:
    """The calls with the id of this `job` or of one of its `sessions`, from `since_ms` on; each counts once."""

    job: str
    sessions: tuple[str, ...] = ()
    since_ms: int = 0

    def condition(self, connection: sqlite3.Connection) -> tuple[str, list[int]]:
        """The condition of a query over `calls`, and its values."""
        sessions = self.sessions[:_MOST_SESSIONS]
        known = find(connection, [self.job, *sessions])
        session_ids = [known[name] for name in sessions if name in known]
        condition = f"timestamp_ms >= ? AND (job = ? OR session IN ({placeholders(len(session_ids))}))"
        return condition, [self.since_ms, known.get(self.job, -1), *session_ids]


def job_cost_usd(database: Database, calls: JobCalls) -> float | None:
    """Dollars over those that have a known cost; None if there are none. Raises HistoryUnavailable."""
    with database.read_transaction() as connection:
        condition, values = calls.condition(connection)
        row = connection.execute(f"SELECT SUM(cost_nanos) FROM calls WHERE {condition}", values).fetchone()  # noqa: S608
    return None if row[0] is None else usd(row[0])
