"""`Rollups` reads the totals that are stored for each hour, day, month and for all time; `Totals` is one of them."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..calendar_days import DAY, HOUR, Calendar
from ..calls.model import usd
from ..calls.store.totals import ALL_TIME, COLUMNS, SPAN_CODES
from ..database.bulk import placeholders
from ..database.interned_names import texts

_ALL_COLUMNS = f"key, {', '.join(COLUMNS)}, last_ms"
_SUMMED_COLUMNS = ", ".join(f"COALESCE(SUM({name}), 0)" for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of a number of calls. `cost_nanos` is over the calls with a known cost; `unconfirmed` of them were
    priced as requested, because no source says how they were served."""

    calls: int = 0
    unpriced: int = 0
    reported: int = 0
    errors: int = 0
    timeouts: int = 0
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost_nanos: int = 0
    unconfirmed: int = 0

    @property
    def cost_usd(self) -> float | None:
        """US dollars; None if there are calls and none has a known cost."""
        return None if self.calls and self.calls == self.unpriced else usd(self.cost_nanos)

    def tokens(self) -> dict[str, int]:
        """`{input, output, cache_read, cache_write}`, which do not overlap."""
        return {
            "input": self.input,
            "output": self.output,
            "cache_read": self.cache_read,
            "cache_write": self.cache_write,
        }


class Rollups:
    """Reads totals within a transaction. The spans that cover a range are those of the calendar."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def read_totals(self, connection: sqlite3.Connection, span: int, dimension: int, start: int, key: int) -> Totals:
        """The totals of one key in the span that begins at `start`."""
        row = connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM rollups"  # noqa: S608 - constants
            " WHERE span = ? AND dimension = ? AND start = ? AND key = ?",
            (span, dimension, start, key),
        ).fetchone()
        return Totals(*row) if row else Totals()

    def ranges(self, connection: sqlite3.Connection, first: int | None, end: int | None) -> list[tuple[int, int, int]]:
        """`(span, first, end)` of the totals that cover a range; those of all time if it contains every call."""
        ever = [(SPAN_CODES[ALL_TIME], 0, 1)]
        if first is None and end is None:
            return ever
        row = connection.execute(
            "SELECT (SELECT MIN(start) FROM rollups WHERE span = 2 AND dimension = 0), last_ms FROM rollups"
            " WHERE span = 3 AND dimension = 0 AND start = 0 AND key = 0"
        ).fetchone()
        if row and (first is None or first <= row[0]) and (end is None or end * 1000 > row[1]):
            return ever
        # A range without an end includes calls with future dates; one without a start, those of 1970.
        covered = self.calendar.cover(first or 0, end if end is not None else 4_102_444_800)
        return [(SPAN_CODES[span], begin, stop) for span, begin, stop in covered]

    def ranked(
        self, connection: sqlite3.Connection, dimension: int, first: int | None, end: int | None, limit: int
    ) -> list[tuple[Any, ...]]:
        """`(key, *totals, last call)` of the most expensive keys: selected by two columns, then read in full."""
        ranges = self.ranges(connection, first, end)
        if not ranges:
            return []
        values = [value for span, begin, stop in ranges for value in (span, dimension, begin, stop)]

        def parts(columns: str, more: str = "") -> str:
            part = (
                f"SELECT {columns} FROM rollups"  # noqa: S608 - constants
                f" WHERE span = ? AND dimension = ? AND start >= ? AND start < ?{more}"
            )
            return " UNION ALL ".join([part] * len(ranges))

        grouped = "key, SUM(cost_nanos) AS cost, SUM(calls) AS number"
        each = "key, cost_nanos AS cost, calls AS number"
        found = f"SELECT {grouped} FROM ({parts('key, cost_nanos, calls')}) GROUP BY key"  # noqa: S608 - constants
        if ranges[0][0] == SPAN_CODES[ALL_TIME]:
            found = parts(each)  # one row for each key already
        keys = connection.execute(
            f"SELECT key FROM ({found}) WHERE number > 0 ORDER BY cost DESC, number DESC, key LIMIT ?",  # noqa: S608
            (*values, limit),
        ).fetchall()
        order = {key: place for place, (key,) in enumerate(keys)}
        chosen = " AND key IN (SELECT value FROM json_each(?))"
        rows = connection.execute(
            f"SELECT key, {_SUMMED_COLUMNS}, MAX(last_ms)"  # noqa: S608 - constants
            f" FROM ({parts(_ALL_COLUMNS, chosen)}) GROUP BY key",
            [
                part
                for place in range(len(ranges))
                for part in (*values[4 * place : 4 * place + 4], json.dumps([*order]))
            ],
        ).fetchall()
        return sorted(rows, key=lambda row: order[row[0]])

    def of_keys(
        self,
        connection: sqlite3.Connection,
        dimension: int,
        keys: Sequence[int],
        first: int | None,
        end: int | None,
    ) -> dict[int, Totals]:
        """key -> its totals in a range, for those of the keys that have calls in it."""
        found: dict[int, Totals] = {}
        query = (
            f"SELECT key, {_SUMMED_COLUMNS} FROM rollups WHERE span = ? AND dimension = ? AND start >= ?"  # noqa: S608
            " AND start < ? AND key IN (SELECT value FROM json_each(?)) GROUP BY key"
        )
        for span, begin, stop in self.ranges(connection, first, end):
            for key, *columns in connection.execute(query, (span, dimension, begin, stop, json.dumps([*keys]))):
                found[key] = add(found[key], Totals(*columns)) if key in found else Totals(*columns)
        return found

    def series(
        self,
        connection: sqlite3.Connection,
        span: int,
        dimension: int,
        starts: Sequence[int],
        end: int,
        keys: Sequence[int] | None,
    ) -> dict[int, list[Totals]]:
        """key -> totals for each of `starts`."""
        query = (
            f"SELECT key, start, {', '.join(COLUMNS)} FROM rollups"  # noqa: S608 - constants
            " WHERE span = ? AND dimension = ? AND start >= ? AND start < ?"
        )
        values: list[int] = [span, dimension, starts[0], end]
        if keys is not None:
            query += f" AND key IN ({placeholders(len(keys))})"
            values += keys
        found: dict[int, list[Totals]] = {} if keys is not None else {0: [Totals()] * len(starts)}
        for key, start, *columns in connection.execute(query, values):
            series = found.setdefault(key, [Totals()] * len(starts))
            place = bisect_right(starts, start) - 1
            series[place] = add(series[place], Totals(*columns))
        return found

    def default_start(self, connection: sqlite3.Connection, bucket: str, end: int) -> int:
        """Where a chart begins that has no start: 48 hours or 30 days before `end`, or with the first month."""
        if bucket == HOUR:
            return end - 48 * 3600
        if bucket == DAY:
            return end - 30 * 86_400
        row = connection.execute("SELECT MIN(start) FROM rollups WHERE span = 2 AND dimension = 0").fetchone()
        # A call from a clock that was not set must not make a chart of fifty years.
        return max(row[0] if row and row[0] is not None else end - 1, end - 10 * 366 * 86_400)

    def latency_bins(
        self, connection: sqlite3.Connection, first: int | None, end: int | None
    ) -> dict[int, list[tuple[int, int]]]:
        """model -> (bin, calls) for each bin of latencies in a range of days."""
        if first is not None:
            first = self.calendar.start(DAY, first)
        if end is not None and self.calendar.start(DAY, end) != end:
            end = self.calendar.end(DAY, end)
        found: dict[int, list[tuple[int, int]]] = {}
        for span, begin, stop in self.ranges(connection, first, end):
            for model, number, calls in connection.execute(
                "SELECT model, bin, SUM(calls) FROM latencies WHERE span = ? AND start >= ? AND start < ?"
                " GROUP BY model, bin",
                (span, begin, stop),
            ):
                found.setdefault(model, []).append((number, calls))
        return found

    def providers(self, connection: sqlite3.Connection, models: Sequence[int]) -> dict[int, str | None]:
        """The provider of the latest call of each model."""
        latest = {}
        for model in models:
            row = connection.execute(
                "SELECT provider FROM calls WHERE model IS ? AND timestamp_ms = (SELECT last_ms FROM rollups"
                " WHERE span = 3 AND dimension = 1 AND start = 0 AND key = ?)",
                (model or None, model),
            ).fetchone()
            latest[model] = row[0] if row else None
        names = texts(connection, latest.values())
        return {model: names[provider] for model, provider in latest.items()}


def add(one: Totals, other: Totals) -> Totals:
    """The sum of two totals."""
    return Totals(*(getattr(one, name) + getattr(other, name) for name in COLUMNS))


def subtract(total: Totals, parts: Sequence[Totals]) -> Totals:
    """What remains of a total without these parts of it."""
    return Totals(*(getattr(total, name) - sum(getattr(part, name) for part in parts) for name in COLUMNS))
