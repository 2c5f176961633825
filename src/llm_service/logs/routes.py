"""REST routes about logs: rows of a view, search, a place by time or error, the whole log to be saved, streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response

from ..errors import BadRequest, NotFound
from ..files.search_pattern import pattern_of
from ..json_values import schema_of
from ..processes.model import Run
from ..web.api import Api
from ..web.file_responses import SANDBOX
from ..web.params import (
    MAX_PAGE,
    Choice,
    Flag,
    InPath,
    Integer,
    OptionalChoice,
    OptionalInteger,
    OptionalText,
    Texts,
)
from .model import LEVELS, PHASES
from .parsing import time_ms
from .queries import LogQueries
from .rows import LogRows, RowFilter
from .search import MAX_CONTEXT, LogSearch, MatchCount, SearchPage
from .search_all import LogMatches, search_runs
from .tally import NOTHING, VIEWS, by_level

JOB = InPath("job", "id of the job")
_RUN = OptionalText("run", "one of its runs; without it the latest")
_VIEW = Choice("view", "`user`: what is shown to users, `all`: every line", VIEWS, "user")
_LEVEL = Texts("level", "only these levels (comma-separated)", LEVELS)
_PHASE = OptionalChoice("phase", "only lines of this phase", PHASES)
_ROW = OptionalInteger("row", "first row, from 0; without it the last rows")
_AFTER = OptionalInteger("after", "in place of `row`: rows whose line has a higher number than this")
_LIMIT = Integer("limit", f"how many rows or matches at most, 0 to {MAX_PAGE}", 100, 0, MAX_PAGE)
_QUERY = OptionalText("q", "search: a text that lines contain, whatever its case")
_REGEX = Flag("regex", "1: `q` is a regular expression in RE2's syntax")
_CASE = Flag("case", "1: upper and lower case differ")
_CONTEXT = Integer("context", f"rows before and after each match, 0 to {MAX_CONTEXT}", 0, 0, MAX_CONTEXT)
_BEFORE = OptionalInteger("before", "matches in lines with a lower number: the `next_before` of the page before", 1)
_AT = OptionalText("at", "answer with a `row`: of a time (ISO 8601), `end`, or `error` (the next one after `row`)")
_FILTERED = Flag("filtered", "1: only what is shown to users")
_CURSOR = OptionalText("cursor", "the `next_cursor` of the page before")


@dataclass(frozen=True, slots=True)
class LogRoutes:
    """What the routes need. `runs_of(job)`: its runs, the latest last; `check(owner)` raises NotFound for a job that
    the sender of the request may not see; `may_see(owner)` says it."""

    queries: LogQueries
    search: LogSearch
    runs_of: Callable[[str], list[Run]]
    all_runs: Callable[[], list[Run]]
    check: Callable[[str], None]
    may_see: Callable[[str], bool]
    text_blocks: Callable[[Run, RowFilter], Iterator[bytes]]


def log_routes(api: Api, parts: LogRoutes) -> None:
    """Declare the routes."""
    queries = parts.queries

    def run_of(job: str) -> Run | None:
        """The run that is asked for; None if the job has none yet."""
        parts.check(f"job:{job}")
        runs, wanted = parts.runs_of(job), _RUN.value()
        if wanted is None:
            return runs[-1] if runs else None
        found = next((run for run in runs if run.run_id == wanted), None)
        if found is None:
            raise NotFound("This job has no such run.")
        return found

    @api.get(
        "/api/jobs/<job>/logs",
        JOB, _RUN, _VIEW, _LEVEL, _PHASE, _ROW, _AFTER, _LIMIT, _QUERY, _REGEX, _CASE, _CONTEXT, _BEFORE, _AT,
        answer={"anyOf": [schema_of(LogRows), schema_of(SearchPage), {"properties": {"row": {"type": "integer"}}}]},
    )  # fmt: skip
    def show_log(job: str) -> Any:
        """Rows of a job's log; with `q` the lines that match, the newest first; with `at` the row of a place."""
        run, rows, limit, before, context = run_of(job), _rows(), _LIMIT.value(), _BEFORE.value(), _CONTEXT.value()
        if run is None:
            return _nothing(rows)
        if _AT.value() is not None:
            return {"run": run.run_id, "row": _row_at(queries, run, rows)}
        query = _QUERY.value()
        if query is None:
            after = _AFTER.value()
            start = _ROW.value() if after is None else queries.rows_before(run, rows, after + 1)
            return queries.lines(run, rows, start, limit)
        pattern = pattern_of(query, _REGEX.value(), _CASE.value())
        page = parts.search.page(run, pattern, rows, max(1, limit), before, context)
        return {"run": run.run_id, "view": rows.view} | {
            name: getattr(page, name) for name in SearchPage.__dataclass_fields__
        }

    @api.get(
        "/api/jobs/<job>/logs/count",
        JOB, _RUN, _VIEW, _LEVEL, _PHASE, _QUERY, _REGEX, _CASE,
        answer=schema_of(MatchCount),
    )  # fmt: skip
    def count_matches(job: str) -> MatchCount:
        """How many rows of a job's log match `q`; `is_exact` is false if that took longer than two seconds."""
        run, rows, query = run_of(job), _rows(), _QUERY.value()
        if query is None:
            raise BadRequest("`q` says what to count.")
        pattern = pattern_of(query, _REGEX.value(), _CASE.value())
        return MatchCount(0, True, 0) if run is None else parts.search.count(run, pattern, rows)

    @api.get("/api/jobs/<job>/logs/download", JOB, _RUN, _FILTERED, _LEVEL, _PHASE)
    def download_log(job: str) -> Response:
        """The log as text to be saved, or the part that is asked for, without secrets and codes of terminals."""
        run = run_of(job)
        if run is None:
            raise NotFound("This job has no run yet.")
        rows = RowFilter("user" if _FILTERED.value() else "all", _LEVEL.value(), _PHASE.value())
        name = "".join(each if each.isalnum() and each.isascii() else "-" for each in f"{job}-{run.run_id}")[:150]
        headers = {
            "Content-Disposition": f'attachment; filename="{name}.log"',
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return Response(parts.text_blocks(run, rows), mimetype="text/plain", headers=headers)

    @api.get("/api/logs/search", _VIEW, _LEVEL, _QUERY, _REGEX, _CASE, _LIMIT, _CURSOR, answer=schema_of(LogMatches))
    def search_logs() -> LogMatches:
        """Lines of all logs that match `q`: the latest run first, and of each the newest line first."""
        query = _QUERY.value()
        if query is None:
            raise BadRequest("`q` says what to search for.")
        pattern = pattern_of(query, _REGEX.value(), _CASE.value())
        runs = [run for run in parts.all_runs() if parts.may_see(run.owner)]
        return search_runs(parts.search, runs, pattern, _rows(), max(1, _LIMIT.value()), _CURSOR.value())

    api.stream("/jobs/<job>/logs/stream", "logs:{job}", "The lines that a job prints, as Server-Sent Events.")


def _rows() -> RowFilter:
    return RowFilter(_VIEW.value(), _LEVEL.value(), _PHASE.value())


def _nothing(rows: RowFilter) -> LogRows:
    return LogRows(None, rows.view, 0, 0, 0, by_level(NOTHING), (), 0, (), False)


def _row_at(queries: LogQueries, run: Run, rows: RowFilter) -> int | None:
    place = _AT.value() or ""
    if place == "end":
        return queries.at_end(run, rows)
    if place == "error":
        row = _ROW.value()
        return queries.next_error(run, rows, -1 if row is None else row)
    if not time_ms(place):
        raise BadRequest("`at` has to be `end`, `error` or a time such as 2030-01-31T12:00:00Z.")
    return queries.at_time(run, rows, place)
