"""Who called models lately, and in which session: `recent_calls(database, ...)`."""

from __future__ import annotations

from dataclasses import dataclass

from ...database.database import Database
from ...database.interned_names import texts
from ..model import usd

_MOST = 5_000
_SELECT = (
    "SELECT agent, session, task, job, project, MIN(timestamp_ms), MAX(timestamp_ms), SUM(timestamp_ms >= :today),"
    " SUM(CASE WHEN timestamp_ms >= :today THEN cost_nanos END), SUM(timestamp_ms >= :today AND cost_nanos IS NULL)"
    " FROM calls WHERE timestamp_ms >= :since AND timestamp_ms < :end"
    " GROUP BY agent, session, task, job, project ORDER BY MAX(timestamp_ms) DESC LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class RecentCalls:
    """The calls that have these names in common. `first` and `last` are Unix times of the range that was asked for;
    `calls`, `cost_usd` (None: none has a known cost) and `unpriced` are of today alone."""

    agent: str | None
    session: str | None
    task: str | None
    job: str | None
    project: str | None
    first: float
    last: float
    calls: int
    cost_usd: float | None
    unpriced: int


def recent_calls(database: Database, since_s: float, today_s: float, end_s: float) -> list[RecentCalls]:
    """Those from `since_s` on and before `end_s`, who called last first; "today" is from `today_s` on.

    Raises HistoryUnavailable.
    """
    values = {"since": int(since_s * 1000), "today": int(today_s * 1000), "end": int(end_s * 1000), "most": _MOST}
    with database.read_transaction() as connection:
        rows = connection.execute(_SELECT, values).fetchall()
        names = texts(connection, {number for row in rows for number in row[:5]})
    return [
        RecentCalls(
            names[row[0]], names[row[1]], names[row[2]], names[row[3]], names[row[4]],
            row[5] / 1000, row[6] / 1000, row[7],
            usd(row[8]) if row[8] is not None else None if row[7] else 0.0, row[9],
        )
        for row in rows
    ]  # fmt: skip
