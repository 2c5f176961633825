"""`CostQueries`: costs, calls and tokens, read from the totals that the store maintains."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ..calendar_days import DAY, HOUR, MONTH, Calendar
from ..calls.model import usd
from ..calls.store.queries import CallQueries
from ..calls.store.totals import ALL_TIME, COLUMNS, DIMENSIONS, SPAN_CODES, percentile
from ..database.bulk import placeholders, select_in
from ..database.database import Database
from ..database.interned_names import find, texts
from ..errors import BadRequest
from ..times import iso_time

BUCKETS = (HOUR, DAY, MONTH)
MAX_BUCKETS = 1_500
_ALL_COLUMNS = f"key, {', '.join(COLUMNS)}, last_ms"
_SUMMED_COLUMNS = ", ".join(f"COALESCE(SUM({name}), 0)" for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of a number of calls. `cost_nanos` is over the calls with a known cost."""

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


class CostQueries:
    """Reads totals; `calls` reads single calls. Methods raise HistoryUnavailable if the database cannot be read."""

    def __init__(self, database: Database, calendar: Calendar) -> None:
        self.calls = CallQueries(database)
        self._database = database
        self.calendar = calendar

    def totals(self, now_s: int, dimension: str = "all", key: str | None = None) -> dict[str, Totals]:
        """`{today, month, total}` over all calls, or of one model, agent, task or project."""
        starts = self.calendar.starts(now_s)
        with self._database.read_transaction() as connection:
            number = 0 if key is None else find(connection, [key]).get(key)
            if number is None:
                return {"today": Totals(), "month": Totals(), "total": Totals()}
            wanted = {"today": (1, starts.day), "month": (2, starts.month), "total": (3, 0)}
            return {
                name: self._read_totals(connection, span, DIMENSIONS.index(dimension), start, number)
                for name, (span, start) in wanted.items()
            }

    def today_range(self, now_s: int) -> tuple[int, int]:
        """(start of today, start of tomorrow)."""
        start = self.calendar.start(DAY, now_s)
        return start, self.calendar.end(DAY, start)

    def by_name(
        self, dimension: str, first: int | None = None, end: int | None = None, limit: int = 500
    ) -> list[tuple[str | None, Totals, int]]:
        """`(name, totals, last call in ms)` in a range, most expensive first; over all time without a range."""
        with self._database.read_transaction() as connection:
            rows = self._ranked(connection, DIMENSIONS.index(dimension), first, end, limit)
            names = texts(connection, [row[0] for row in rows])
        return [(names[row[0]], Totals(*row[1:-1]), row[-1]) for row in rows]

    def by_task_id(self, task_ids: Collection[str]) -> dict[str, Totals]:
        """task id -> totals, for the tasks that have calls."""
        query = (
            f"SELECT names.text, {', '.join(COLUMNS)} FROM names JOIN rollups"  # noqa: S608 - constants
            " ON span = 3 AND dimension = 3 AND start = 0 AND key = names.id WHERE names.text IN"
        )
        with self._database.read_transaction() as connection:
            return {row[0]: Totals(*row[1:]) for row in select_in(connection, query, task_ids)}

    def trends(
        self, bucket: str, first: int | None, end: int, by: str | None = None, top: int = 8
    ) -> tuple[list[int], list[tuple[str | None, bool, list[Totals]]]]:
        """(starts of the buckets, series as `(name, is all others combined, totals)`), most expensive series first.

        Default of `first`: 48 hours or 30 days before `end`, or all months. Raises BadRequest for too many buckets.
        """
        span, dimension = SPAN_CODES[bucket], DIMENSIONS.index(by or "all")
        with self._database.read_transaction() as connection:
            begin = first if first is not None else self._default_start(connection, bucket, end)
            starts: list[int] = []
            for start in self.calendar.buckets(bucket, begin, end):
                if len(starts) >= MAX_BUCKETS:
                    raise BadRequest(f"More than {MAX_BUCKETS:,} buckets: take a shorter range or a larger bucket.")
                starts.append(start)
            if not starts:
                return [], []
            everything = self._series(connection, span, 0, starts, end, None)[0]
            if by is None:
                return starts, [(None, False, everything)]
            keys = [row[0] for row in self._ranked(connection, dimension, starts[0], end, top)]
            shown = self._series(connection, span, dimension, starts, end, keys)
            names = texts(connection, keys)
        series = [(names[key], False, shown.get(key) or [Totals()] * len(starts)) for key in keys]
        others = [
            _subtract(total, [totals[place] for _, _, totals in series]) for place, total in enumerate(everything)
        ]
        if any(total.calls for total in others):
            series.append((None, True, others))
        return starts, series

    def models(self, first: int | None = None, end: int | None = None) -> list[dict[str, Any]]:
        """One row for each model, most expensive first: totals, share of the known cost, p50 and p95 of the latency."""
        with self._database.read_transaction() as connection:
            rows = self._ranked(connection, DIMENSIONS.index("model"), first, end, 1_000)
            names = texts(connection, [row[0] for row in rows])
            bins = self._latency_bins(connection, first, end)
            providers = self._providers(connection, [row[0] for row in rows])
        whole = sum(row[COLUMNS.index("cost_nanos") + 1] for row in rows)
        found = []
        for row in rows:
            total, latencies = Totals(*row[1:-1]), bins.get(row[0], [])
            median, tail = percentile(latencies, 0.5), percentile(latencies, 0.95)
            cost = total.cost_usd
            found.append(
                {
                    "model": names[row[0]],
                    "provider": providers.get(row[0]),
                    "calls": total.calls,
                    "share": total.cost_nanos / whole if whole and cost is not None else None,
                    "cost_usd": cost,
                    "unpriced": total.unpriced,
                    "errors": total.errors,
                    "timeouts": total.timeouts,
                    "error_share": (total.errors + total.timeouts) / total.calls if total.calls else None,
                    "tokens": total.tokens(),
                    "latency_p50_ms": round(median) if median is not None else None,
                    "latency_p95_ms": round(tail) if tail is not None else None,
                    "last_at": iso_time(row[-1] / 1000),
                }
            )
        return found

    def unpriced_models(self) -> list[dict[str, Any]]:
        """`{model, provider, calls, tokens}` for each model with calls without a known cost, most calls first."""
        with self._database.read_transaction() as connection:
            rows = connection.execute(
                "SELECT key, unpriced, input + output + cache_read + cache_write FROM rollups"
                " WHERE span = 3 AND dimension = 1 AND unpriced > 0 ORDER BY unpriced DESC LIMIT 100"
            ).fetchall()
            names = texts(connection, [row[0] for row in rows])
            providers = self._providers(connection, [row[0] for row in rows])
        return [
            {"model": names[key], "provider": providers.get(key), "calls": calls, "tokens": tokens}
            for key, calls, tokens in rows
        ]

    def daily_costs(self, first: int, end: int) -> list[tuple[int, int]]:
        """`(start of the day, nano-dollars)` for every day of a range, including days without calls."""
        starts = list(self.calendar.buckets(DAY, first, end))
        if not starts:
            return []
        with self._database.read_transaction() as connection:
            totals = self._series(connection, SPAN_CODES[DAY], 0, starts, end, None)[0]
        return [(start, total.cost_nanos) for start, total in zip(starts, totals, strict=True)]

    def spending(self) -> list[tuple[str | None, str | None, int]]:
        """`(model, agent, nano-dollars)` over all time."""
        with self._database.read_transaction() as connection:
            rows = connection.execute("SELECT model, agent, cost_nanos FROM spending").fetchall()
            names = texts(connection, {row[0] for row in rows} | {row[1] for row in rows})
        return [(names[model], names[agent], cost) for model, agent, cost in rows]

    def _read_totals(self, connection: sqlite3.Connection, span: int, dimension: int, start: int, key: int) -> Totals:
        row = connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM rollups"  # noqa: S608 - constants
            " WHERE span = ? AND dimension = ? AND start = ? AND key = ?",
            (span, dimension, start, key),
        ).fetchone()
        return Totals(*row) if row else Totals()

    def _ranges(self, connection: sqlite3.Connection, first: int | None, end: int | None) -> list[tuple[int, int, int]]:
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

    def _ranked(
        self, connection: sqlite3.Connection, dimension: int, first: int | None, end: int | None, limit: int
    ) -> list[tuple[Any, ...]]:
        """`(key, *totals, last call)` of the most expensive keys: selected by two columns, then read in full."""
        ranges = self._ranges(connection, first, end)
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

    def _series(
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
            series[place] = _add(series[place], Totals(*columns))
        return found

    def _default_start(self, connection: sqlite3.Connection, bucket: str, end: int) -> int:
        if bucket == HOUR:
            return end - 48 * 3600
        if bucket == DAY:
            return end - 30 * 86_400
        row = connection.execute("SELECT MIN(start) FROM rollups WHERE span = 2 AND dimension = 0").fetchone()
        # A call from a clock that was not set must not make a chart of fifty years.
        return max(row[0] if row and row[0] is not None else end - 1, end - 10 * 366 * 86_400)

    def _latency_bins(
        self, connection: sqlite3.Connection, first: int | None, end: int | None
    ) -> dict[int, list[tuple[int, int]]]:
        if first is not None:
            first = self.calendar.start(DAY, first)
        if end is not None and self.calendar.start(DAY, end) != end:
            end = self.calendar.end(DAY, end)
        found: dict[int, list[tuple[int, int]]] = {}
        for span, begin, stop in self._ranges(connection, first, end):
            for model, number, calls in connection.execute(
                "SELECT model, bin, SUM(calls) FROM latencies WHERE span = ? AND start >= ? AND start < ?"
                " GROUP BY model, bin",
                (span, begin, stop),
            ):
                found.setdefault(model, []).append((number, calls))
        return found

    def _providers(self, connection: sqlite3.Connection, models: Sequence[int]) -> dict[int, str | None]:
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


def _add(one: Totals, other: Totals) -> Totals:
    return Totals(*(getattr(one, name) + getattr(other, name) for name in COLUMNS))


def _subtract(total: Totals, parts: Sequence[Totals]) -> Totals:
    return Totals(*(getattr(total, name) - sum(getattr(part, name) for part in parts) for name in COLUMNS))
