"""Goes through stored calls again: for other prices (`reprice_part`), for another time zone (`rebuild_totals`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...calendar_days import Calendar
from ...database.interned_names import texts
from ..model import Call
from .totals import PRICED, REPORTED, UNKNOWN, TotalsChange, clear_totals, figures_of

Price = Callable[[Call], int | None]
"""The cost of a call at its time in nano-dollars; None without a known price."""

_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class RepriceResult:
    """How many calls repricing examined and changed, and by how much, in total and by model."""

    examined: int
    changed: int
    before_nanos: int
    after_nanos: int
    newly_priced: int
    by_model: Mapping[str | None, tuple[int, int, int]]
    """model -> (changed calls, nano-dollars before, after)"""


def reprice_part(
    connection: sqlite3.Connection, after: int, price: Price, calendar: Calendar
) -> tuple[RepriceResult, int | None]:
    """Price again the next calls after this row; the result and the last row of them, None if there are no more.

    Reported costs stay, except those of 0 beside tokens, which earlier versions believed (`model.validate`).
    """
    rows = connection.execute(
        "SELECT id, timestamp_ms, model, agent, task, project, prompt_tokens, completion_tokens,"
        " cache_read_tokens, cache_write_tokens, cost_nanos, cost_source, latency_ms, status, unconfirmed,"
        " session, run, cache_write_1h_tokens, provider, web_searches, service_tier, inference_geo"
        " FROM calls WHERE id > ?"
        " AND (cost_source != ? OR cost_nanos = 0 AND prompt_tokens + completion_tokens > 0) ORDER BY id LIMIT ?",
        (after, REPORTED, _ROWS),
    ).fetchall()
    if not rows:
        return RepriceResult(0, 0, 0, 0, 0, {}), None
    names = texts(connection, {row[place] for row in rows for place in (2, 18, 20, 21)})
    totals, changes = TotalsChange(calendar), []
    by_model: dict[str | None, tuple[int, int, int]] = {}
    before_nanos = after_nanos = newly_priced = 0
    for row in rows:
        figures = figures_of(row[1:17])
        model = names[row[2]]
        cost = price(
            Call(
                "",
                row[1],
                model_name=model,
                provider=names[row[18]],
                prompt_tokens=row[6],
                completion_tokens=row[7],
                cache_read_tokens=row[8],
                cache_write_tokens=row[9],
                cache_write_1h_tokens=row[17],
                web_searches=row[19],
                service_tier=names[row[20]],
                inference_geo=names[row[21]],
            )
        )
        old = figures.cost_nanos
        if cost == old:
            continue
        source = PRICED if cost is not None else UNKNOWN
        changes.append((cost, source, row[0]))
        totals.add(figures, -1)
        totals.add(figures._replace(cost_nanos=cost, cost_source=source))
        newly_priced += old is None
        before_nanos += old or 0
        after_nanos += cost or 0
        calls, was, becomes = by_model.get(model, (0, 0, 0))
        by_model[model] = (calls + 1, was + (old or 0), becomes + (cost or 0))
    connection.executemany("UPDATE calls SET cost_nanos = ?, cost_source = ? WHERE id = ?", changes)
    totals.write(connection)
    return RepriceResult(len(rows), len(changes), before_nanos, after_nanos, newly_priced, by_model), rows[-1][0]


def merge(one: RepriceResult, other: RepriceResult) -> RepriceResult:
    """Both together."""
    models = dict(one.by_model)
    for model, (calls, before, after) in other.by_model.items():
        known = models.get(model, (0, 0, 0))
        models[model] = (known[0] + calls, known[1] + before, known[2] + after)
    return RepriceResult(
        one.examined + other.examined,
        one.changed + other.changed,
        one.before_nanos + other.before_nanos,
        one.after_nanos + other.after_nanos,
        one.newly_priced + other.newly_priced,
        models,
    )


def rebuild_totals(connection: sqlite3.Connection, zone_name: str, calendar: Calendar) -> bool:
    """Rebuild the totals if they are for another time zone; True if they were."""
    row = connection.execute("SELECT value FROM facts WHERE name = 'time zone'").fetchone()
    if row is not None and row[0] == zone_name:
        return False
    clear_totals(connection)
    after = 0
    while True:
        rows = connection.execute(
            "SELECT id, timestamp_ms, model, agent, task, project, prompt_tokens, completion_tokens,"
            " cache_read_tokens, cache_write_tokens, cost_nanos, cost_source, latency_ms, status, unconfirmed,"
            " session, run FROM calls WHERE id > ? ORDER BY id LIMIT ?",
            (after, _ROWS),
        ).fetchall()
        if not rows:
            break
        totals = TotalsChange(calendar)
        for row in rows:
            totals.add(figures_of(row[1:]))
        totals.write(connection)
        after = rows[-1][0]
    connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('time zone', ?)", (zone_name,))
    return True
