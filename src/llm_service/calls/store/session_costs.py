"""What the calls of sessions cost."""

from __future__ import annotations

from collections.abc import Sequence

from ...database.bulk import placeholders
from ...database.database import Database
from ...database.interned_names import find
from ..model import usd

_MOST_SESSIONS = 500


def session_costs(database: Database, sessions: Sequence[str]) -> dict[str, tuple[int, float | None, int]]:
    """Session -> (calls, dollars of those with a known cost, None if there are none, calls without one).

    Those without calls are left out. Raises HistoryUnavailable.
    """
    with database.read_transaction() as connection:
        names = {number: name for name, number in find(connection, sessions[:_MOST_SESSIONS]).items()}
        rows = connection.execute(
            "SELECT session, COUNT(*), SUM(cost_nanos), SUM(cost_nanos IS NULL) FROM calls"  # noqa: S608 - placeholders
            f" WHERE session IN ({placeholders(len(names))}) GROUP BY session",
            [*names],
        ).fetchall()
    return {names[row[0]]: (row[1], None if row[2] is None else usd(row[2]), row[3]) for row in rows}
