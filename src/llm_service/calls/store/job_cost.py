"""What the calls of a job cost: those with its id, and those of its sessions, each once."""

from __future__ import annotations

from collections.abc import Sequence

from ...database.bulk import placeholders
from ...database.database import Database
from ...database.interned_names import find
from ..model import usd

_MOST_SESSIONS = 500


def job_cost_usd(database: Database, job: str, sessions: Sequence[str], since_ms: int) -> float | None:
    """Dollars over the calls from `since_ms` on that have a known cost; None if there are none.

    Raises HistoryUnavailable.
    """
    with database.read_transaction() as connection:
        known = find(connection, [job, *sessions[:_MOST_SESSIONS]])
        job_id = known.get(job, -1)
        session_ids = [known[name] for name in sessions[:_MOST_SESSIONS] if name in known]
        row = connection.execute(
            "SELECT SUM(cost_nanos) FROM calls WHERE timestamp_ms >= ?"  # noqa: S608 - placeholders
            f" AND (job = ? OR session IN ({placeholders(len(session_ids))}))",
            (since_ms, job_id, *session_ids),
        ).fetchone()
    return None if row[0] is None else usd(row[0])
