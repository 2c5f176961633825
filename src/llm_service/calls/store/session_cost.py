"""What the calls of a session cost, and how that grew: `session_cost`, `session_points`.

There is an index by time alone, so only the calls between the first and the last line of the session are read.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...database.database import Database
from ...database.interned_names import find, texts
from ..model import NANOS, usd

_MOST_GROUPS = 500
_STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCost:
    """What the calls of a session cost: those of its sub-agents that are logged under its id too. `cost_usd` is None if
    no call has a known price."""

    cost_usd: float | None = None
    calls: int = 0
    unpriced: int = 0
    tokens: int = 0
    tasks: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()


def session_cost(database: Database, session: str, first_ms: int, end_ms: int) -> SessionCost:
    """The calls of a session in [first, end). Raises HistoryUnavailable."""
    with database.read_transaction() as connection:
        number = find(connection, [session]).get(session)
        if number is None:
            return SessionCost()
        rows = connection.execute(
            "SELECT task, job, run, COUNT(*), SUM(cost_nanos), SUM(cost_nanos IS NULL),"
            " SUM(prompt_tokens + completion_tokens) FROM calls"
            " WHERE timestamp_ms >= ? AND timestamp_ms < ? AND session = ? GROUP BY task, job, run"
            " ORDER BY MAX(timestamp_ms) DESC LIMIT ?",
            (first_ms, end_ms, number, _MOST_GROUPS),
        ).fetchall()
        names = texts(connection, {each for row in rows for each in row[:3]})
    known = [row[4] for row in rows if row[4] is not None]

    def named(place: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for row in rows if (name := names[row[place]]) is not None))

    return SessionCost(
        cost_usd=usd(sum(known)) if known else None,
        calls=sum(row[3] for row in rows),
        unpriced=sum(row[5] for row in rows),
        tokens=sum(row[6] for row in rows),
        tasks=named(0),
        jobs=named(1),
        runs=named(2),
    )


def session_points(database: Database, session: str, first_ms: int, end_ms: int) -> list[tuple[int, float, int]]:
    """(time in ms, dollars until then, tokens until then) in at most 60 steps. Raises HistoryUnavailable."""
    step = max(1, (end_ms - first_ms + _STEPS - 1) // _STEPS)
    with database.read_transaction() as connection:
        number = find(connection, [session]).get(session)
        if number is None:
            return []
        rows = connection.execute(
            "SELECT (timestamp_ms - ?) / ? AS step, MAX(timestamp_ms), SUM(cost_nanos),"
            " SUM(prompt_tokens + completion_tokens) FROM calls"
            " WHERE timestamp_ms >= ? AND timestamp_ms < ? AND session = ? GROUP BY step ORDER BY step",
            (first_ms, step, first_ms, end_ms, number),
        ).fetchall()
    points, nanos, tokens = list[tuple[int, float, int]](), 0, 0
    for _, time_ms, cost, count in rows:
        nanos, tokens = nanos + (cost or 0), tokens + count
        points.append((time_ms, nanos / NANOS, tokens))
    return points
