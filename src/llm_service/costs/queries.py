"""`CostQueries`: costs, calls and tokens, read from the totals that the store maintains."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any

from ..calendar_days import DAY, HOUR, MONTH, Calendar
from ..calls.store.queries import CallQueries
from ..calls.store.task_costs import TaskCost, task_costs
from ..calls.store.totals import COLUMNS, DIMENSIONS, SPAN_CODES, percentile
from ..calls.store.week_hours import hour_of_week
from ..database.bulk import select_in
from ..database.database import Database
from ..database.interned_names import find, texts
from ..errors import BadRequest
from ..times import iso_time
from .cache_use import CachePrices, CacheTable, CacheUse, cache_use
from .rollups import Rollups, Totals, subtract

BUCKETS = (HOUR, DAY, MONTH)
MAX_BUCKETS = 1_500
_CACHE_MODELS = 200
"""Of more models, whose names agents may make up, the rest has little cost."""


class CostQueries:
    """Reads totals; `calls` reads single calls. Methods raise HistoryUnavailable if the database cannot be read."""

    def __init__(self, database: Database, calendar: Calendar) -> None:
        self.calls = CallQueries(database)
        self._database = database
        self.calendar = calendar
        self._rollups = Rollups(calendar)

    def totals(self, now_s: int, dimension: str = "all", key: str | None = None) -> dict[str, Totals]:
        """`{today, month, total}` over all calls, or of one model, agent, task or project."""
        starts = self.calendar.starts(now_s)
        with self._database.read_transaction() as connection:
            number = 0 if key is None else find(connection, [key]).get(key)
            if number is None:
                return {"today": Totals(), "month": Totals(), "total": Totals()}
            wanted = {"today": (1, starts.day), "month": (2, starts.month), "total": (3, 0)}
            return {
                name: self._rollups.read_totals(connection, span, DIMENSIONS.index(dimension), start, number)
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
            rows = self._rollups.ranked(connection, DIMENSIONS.index(dimension), first, end, limit)
            names = texts(connection, [row[0] for row in rows])
        return [(names[row[0]], Totals(*row[1:-1]), row[-1]) for row in rows]

    def by_task_id(self, task_ids: Collection[str]) -> dict[str, tuple[Totals, int]]:
        """task id -> (totals, last call in ms), for the tasks that have calls."""
        query = (
            f"SELECT names.text, {', '.join(COLUMNS)}, last_ms FROM names JOIN rollups"  # noqa: S608 - constants
            " ON span = 3 AND dimension = 3 AND start = 0 AND key = names.id WHERE names.text IN"
        )
        with self._database.read_transaction() as connection:
            return {row[0]: (Totals(*row[1:-1]), row[-1]) for row in select_in(connection, query, task_ids)}

    def trends(
        self, bucket: str, first: int | None, end: int, by: str | None = None, top: int = 8
    ) -> tuple[list[int], list[tuple[str | None, bool, list[Totals]]]]:
        """(starts of the buckets, series as `(name, is all others combined, totals)`), most expensive series first.

        Default of `first`: 48 hours or 30 days before `end`, or all months. Raises BadRequest for too many buckets.
        """
        span, dimension = SPAN_CODES[bucket], DIMENSIONS.index(by or "all")
        with self._database.read_transaction() as connection:
            begin = first if first is not None else self._rollups.default_start(connection, bucket, end)
            starts = self._buckets(bucket, begin, end)
            if not starts:
                return [], []
            everything = self._rollups.series(connection, span, 0, starts, end, None)[0]
            if by is None:
                return starts, [(None, False, everything)]
            keys = [row[0] for row in self._rollups.ranked(connection, dimension, starts[0], end, top)]
            shown = self._rollups.series(connection, span, dimension, starts, end, keys)
            names = texts(connection, keys)
        series = [(names[key], False, shown.get(key) or [Totals()] * len(starts)) for key in keys]
        others = [subtract(total, [totals[place] for _, _, totals in series]) for place, total in enumerate(everything)]
        if any(total.calls for total in others):
            series.append((None, True, others))
        return starts, series

    def models(self, first: int | None = None, end: int | None = None) -> list[dict[str, Any]]:
        """One row for each model, most expensive first: totals, share of the known cost, p50 and p95 of the latency."""
        with self._database.read_transaction() as connection:
            rows = self._rollups.ranked(connection, DIMENSIONS.index("model"), first, end, 1_000)
            names = texts(connection, [row[0] for row in rows])
            bins = self._rollups.latency_bins(connection, first, end)
            providers = self._rollups.providers(connection, [row[0] for row in rows])
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
                    "unconfirmed": total.unconfirmed,
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
            providers = self._rollups.providers(connection, [row[0] for row in rows])
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
            totals = self._rollups.series(connection, SPAN_CODES[DAY], 0, starts, end, None)[0]
        return [(start, total.cost_nanos) for start, total in zip(starts, totals, strict=True)]

    def range_totals(self, first: int | None, end: int | None) -> Totals:
        """The totals of all calls in a range."""
        with self._database.read_transaction() as connection:
            return self._rollups.of_keys(connection, 0, [0], first, end).get(0, Totals())

    def named_totals(
        self, dimension: str, names: Collection[str | None], first: int, end: int
    ) -> dict[str | None, Totals]:
        """name -> its totals in a range, for those of the names that have calls in it."""
        with self._database.read_transaction() as connection:
            numbers: dict[int, str | None] = {
                number: name for name, number in find(connection, [name for name in names if name is not None]).items()
            }
            if None in names:
                numbers[0] = None
            found = self._rollups.of_keys(connection, DIMENSIONS.index(dimension), [*numbers], first, end)
        return {numbers[key]: total for key, total in found.items()}

    def series_before(self, bucket: str, first: int, end: int) -> tuple[list[int], list[Totals]]:
        """(starts of the buckets, totals of all calls in each) of a range."""
        starts = list(islice(self.calendar.buckets(bucket, first, end), MAX_BUCKETS + 1))
        if not starts:
            return [], []
        with self._database.read_transaction() as connection:
            found = self._rollups.series(connection, SPAN_CODES[bucket], 0, starts, end, None)
        return starts, found[0]

    def week(self, first: int | None, end: int | None) -> dict[int, Totals]:
        """Hour of the week (0: Monday 00:00 to 01:00 in the time zone) -> totals of the calls in it."""
        with self._database.read_transaction() as connection:
            low, high = connection.execute(
                "SELECT MIN(start), MAX(start) FROM rollups WHERE span = 0 AND dimension = 0"
            ).fetchone()
            if low is None:
                return {}
            begin = max(low, self.calendar.start(HOUR, first)) if first is not None else low
            stop = min(high + 1, end) if end is not None else high + 1
            slot = hour_of_week(self.calendar, "start", begin, stop)
            rows = connection.execute(
                f"SELECT {slot} AS slot, {', '.join(f'SUM({name})' for name in COLUMNS)} FROM rollups"  # noqa: S608
                " WHERE span = 0 AND dimension = 0 AND start >= ? AND start < ? GROUP BY slot",
                (begin, stop),
            ).fetchall()
        return {row[0]: Totals(*row[1:]) for row in rows}

    def cache(
        self, bucket: str, first: int | None, end: int, prices: CachePrices
    ) -> tuple[list[int], CacheTable, list[tuple[str | None, str | None, CacheUse]]]:
        """(starts of the buckets, the use of caches, `(model, provider, use)` of each model: those with most cost).

        Raises BadRequest for too many buckets.
        """
        with self._database.read_transaction() as connection:
            begin = first if first is not None else self._rollups.default_start(connection, bucket, end)
            starts = self._buckets(bucket, begin, end)
            if not starts:
                return [], CacheTable([]), []
            dimension = DIMENSIONS.index("model")
            keys = [row[0] for row in self._rollups.ranked(connection, dimension, starts[0], end, _CACHE_MODELS)]
            names, providers = texts(connection, keys), self._rollups.providers(connection, keys)
            models = {key: (names[key], providers.get(key)) for key in keys}
            found = cache_use(connection, bucket, starts, end, models, json.dumps(keys), prices)
        return starts, found, [(*models[key], found.models[key]) for key in keys if key in found.models]

    def done_costs(self, task_ids: Sequence[str]) -> dict[str, TaskCost]:
        """task id -> what all its calls cost, for the tasks that have calls."""
        with self._database.read_transaction() as connection:
            return task_costs(connection, task_ids)

    def _buckets(self, bucket: str, begin: int, end: int) -> list[int]:
        starts = list(islice(self.calendar.buckets(bucket, begin, end), MAX_BUCKETS + 1))
        if len(starts) > MAX_BUCKETS:
            raise BadRequest(f"More than {MAX_BUCKETS:,} buckets: take a shorter range or a larger bucket.")
        return starts

    def spending(self) -> list[tuple[str | None, str | None, int]]:
        """`(model, agent, nano-dollars)` over all time."""
        with self._database.read_transaction() as connection:
            rows = connection.execute("SELECT model, agent, cost_nanos FROM spending").fetchall()
            names = texts(connection, {row[0] for row in rows} | {row[1] for row in rows})
        return [(names[model], names[agent], cost) for model, agent, cost in rows]
