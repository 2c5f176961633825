"""`CallStore`: stores LLM calls in SQLite, each counted once, priced at its time and added to the totals."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from operator import attrgetter

from ...calendar_days import Calendar
from ...database.bulk import insert_rows, select_in
from ...database.database import Database
from ...database.interned_names import Names
from ..model import Call
from ..sessions.checkpoints import Checkpoint
from .duplicates import find_duplicates, id_hash, record_duplicate_ids
from .imports import record_import
from .recount import Price, RepriceResult, merge, rebuild_totals, reprice_part
from .removal import find_calls, remove_calls
from .totals import (
    ERROR,
    NO_NAME,
    PRICED,
    REPORTED,
    SUCCESS,
    TIMEOUT,
    UNKNOWN,
    CallFigures,
    TotalsChange,
    figures_of,
    unit_of,
)

STATUS_CODES = {"success": SUCCESS, "error": ERROR, "timeout": TIMEOUT}
SOURCE_CODES = {"priced": PRICED, "reported": REPORTED, "unknown": UNKNOWN}

_INSERT_CALLS = (
    "INTO calls (id_hash, invocation_id, timestamp_ms, agent, tool, model, provider, task, job, run, session, project,"
    " prompt_tokens, completion_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens,"
    " web_searches, service_tier, inference_geo, unconfirmed,"
    " cost_nanos, cost_source, latency_ms, status, error_message, privacy, flags)"
)
_SELECT_KNOWN = (
    "SELECT invocation_id, id, timestamp_ms, model, agent, task, project, prompt_tokens, completion_tokens,"
    " cache_read_tokens, cache_write_tokens, cost_nanos, cost_source, latency_ms, status, unconfirmed,"
    " session, run FROM calls WHERE id_hash IN"
)
_UPDATE = (
    "UPDATE calls SET prompt_tokens = ?, completion_tokens = ?, cache_read_tokens = ?, cache_write_tokens = ?,"
    " cache_write_1h_tokens = ?, web_searches = ?, service_tier = ?, inference_geo = ?, unconfirmed = ?,"
    " cost_nanos = ?, cost_source = ?, latency_ms = ?, status = ?, error_message = ?"
    " WHERE id = ?"
)
_INSERT_CHECKPOINTS = (
    "OR REPLACE INTO checkpoints (path, device, inode, offset, line, fingerprint, reader_state, refused)"
)
_CHECKPOINT_VALUES = attrgetter(*(field.name for field in fields(Checkpoint)))
"""Not `astuple`, which copies deeply and takes as long as storing five calls."""


@dataclass(frozen=True, slots=True)
class IngestResult:
    """How many calls of a batch were new, already known, or known and updated (streamed responses)."""

    accepted: int
    duplicates: int
    updated: int
    withdrawn: int = 0
    """Stored calls that were removed."""


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A committed batch: its newest new or updated call, how many of them there are, and their tasks."""

    newest: Call | None
    cost_nanos: int | None
    cost_source: int
    calls: int
    tasks: frozenset[str]


_PreparedCall = tuple[Call, int, int | None, int]
"""(call, hash of its id, cost in nano-dollars, cost source), computed before the transaction"""


class CallStore:
    """Stores calls. Thread-safe. `CallQueries` reads them."""

    def __init__(
        self,
        database: Database,
        price: Price,
        calendar: Calendar,
        on_stored: Callable[[StoredBatch], None] = lambda batch: None,
    ) -> None:
        self.database = database
        self.calendar = calendar
        self.on_stored = on_stored
        self._price = price
        self._names = Names()
        self._pricing = threading.Lock()
        database.after_rollback(self._names.forget)

    def ingest(
        self,
        calls: Sequence[Call],
        checkpoints: Sequence[Checkpoint] = (),
        withdrawn: Collection[str] = (),
        import_id: int | None = None,
    ) -> IngestResult:
        """Count new calls and store checkpoints, all or nothing; they are on disk on return.

        A call whose id is known is not counted again, but one that `supersedes` it and has more completion tokens
        replaces it. `withdrawn`: ids of stored calls to remove, as far as there are any. `import_id`: the import that
        the new calls belong to. Raises HistoryUnavailable; the same batch may then be passed again.
        """
        prepared, repeated = self._prepare(calls)
        result, batch = self.database.write(
            lambda connection: self._ingest(connection, prepared, checkpoints, withdrawn, import_id)
        )
        if batch.calls or result.withdrawn:
            self.on_stored(batch)
        return replace(result, duplicates=result.duplicates + repeated)

    def checkpoints(self) -> dict[str, Checkpoint]:
        """How far each file has been read, by path. Raises HistoryUnavailable."""
        with self.database.read_transaction() as connection:
            rows = connection.execute(
                "SELECT path, device, inode, offset, line, fingerprint, reader_state, refused FROM checkpoints"
            ).fetchall()
        return {row[0]: Checkpoint(*row) for row in rows}

    def ensure_zone(self, zone_name: str) -> bool:
        """Rebuild the totals if they are for another time zone; True if they were. Raises HistoryUnavailable."""
        return self.database.write(partial(rebuild_totals, zone_name=zone_name, calendar=self.calendar), timeout_s=3600)

    def reprice(self, on_progress: Callable[[int], None] = lambda examined: None) -> RepriceResult:
        """Price again every call without a reported cost, in small transactions. Raises HistoryUnavailable."""
        after, total = 0, RepriceResult(0, 0, 0, 0, 0, {})
        while True:
            part, last = self.database.write(
                partial(reprice_part, after=after, price=self._price, calendar=self.calendar)
            )
            total = merge(total, part)
            if last is None:
                return total
            after = last
            on_progress(total.examined)

    def _prepare(self, calls: Sequence[Call]) -> tuple[list[_PreparedCall], int]:
        """Each id once (of streamed calls the one with most output), hashed and priced; and how many repeated."""
        chosen: dict[str, Call] = {}
        for call in calls:
            known = chosen.setdefault(call.invocation_id, call)
            if call.supersedes and call.completion_tokens > known.completion_tokens:
                chosen[call.invocation_id] = _updated(known, call)
        prepared: list[_PreparedCall] = []
        with self._pricing:
            for invocation_id, call in chosen.items():
                cost, source = call.cost_nanos, REPORTED
                if call.cost_source is not None:
                    source = SOURCE_CODES[call.cost_source]
                elif cost is None:
                    cost = self._price(call)
                    source = PRICED if cost is not None else UNKNOWN
                prepared.append((call, id_hash(invocation_id), cost, source))
        return prepared, len(calls) - len(chosen)

    def _ingest(
        self,
        connection: sqlite3.Connection,
        prepared: Sequence[_PreparedCall],
        checkpoints: Sequence[Checkpoint],
        withdrawn: Collection[str],
        import_id: int | None,
    ) -> tuple[IngestResult, StoredBatch]:
        totals = TotalsChange(self.calendar)
        removed = find_calls(connection, withdrawn)
        removed_tasks = remove_calls(connection, removed, totals)
        known = _find_known(connection, prepared)
        duplicate_ids = find_duplicates(
            connection, [item[:2] for item in prepared if item[0].invocation_id not in known]
        )
        number = self._names.use(connection)
        rows, tasks, updated, duplicates = [], set(), 0, 0
        with_duplicate_id: list[Call] = []
        newest: _PreparedCall | None = None
        newest_ms = -1
        for item in prepared:
            call, hashed, cost, source = item
            # Unpacked in one step, and a plain tuple for `add`, for speed: this runs for every call.
            (
                invocation_id, time_ms, agent_name, tool_name, model_name, provider_name, task_id, job_id, run_id,
                session_id, project_name, prompt, completion, read, write, write_1h, searches, tier, geo, unconfirmed,
                _, latency, status, message, privacy, flags, supersedes, duplicate_id, _,
            ) = call  # fmt: skip
            old = known.get(invocation_id)
            if old is not None:
                if not (supersedes and completion > old[1].completion_tokens):
                    duplicates += 1
                    continue
                updated += 1
                self._update(connection, totals, old, item, number)
            elif invocation_id in duplicate_ids:
                duplicates += 1
                continue
            else:
                if duplicate_id is not None:
                    with_duplicate_id.append(call)
                agent, model, task, project, run, session = (
                    number[agent_name], number[model_name], number[task_id], number[project_name], number[run_id],
                    number[session_id],
                )  # fmt: skip
                code = STATUS_CODES[status]
                rows.append(
                    (
                        hashed, invocation_id, time_ms, agent, number[tool_name], model, number[provider_name], task,
                        number[job_id], run, session, project,
                        prompt, completion, read, write, write_1h,
                        searches, number[tier], number[geo], unconfirmed,
                        cost, source, latency, code, message, number[privacy], flags,
                    )
                )  # fmt: skip
                totals.add(
                    (
                        time_ms, model or NO_NAME, agent or NO_NAME, task or NO_NAME, project or NO_NAME,
                        prompt, completion, read, write, cost, source, latency, code, unconfirmed,
                        unit_of(session, run),
                    )
                )  # fmt: skip
            if task_id is not None:
                tasks.add(task_id)
            if time_ms >= newest_ms:
                newest, newest_ms = item, time_ms
        insert_rows(connection, _INSERT_CALLS, rows)
        if import_id is not None:
            record_import(connection, import_id, len(rows))
        record_duplicate_ids(connection, with_duplicate_id)
        totals.write(connection)
        insert_rows(connection, _INSERT_CHECKPOINTS, [_CHECKPOINT_VALUES(checkpoint) for checkpoint in checkpoints])
        newest_call, _, cost, source = newest or (None, 0, None, UNKNOWN)
        batch = StoredBatch(newest_call, cost, source, len(rows) + updated, frozenset(tasks | removed_tasks))
        return IngestResult(len(rows), duplicates, updated, len(removed)), batch

    def _update(
        self,
        connection: sqlite3.Connection,
        totals: TotalsChange,
        old: tuple[int, CallFigures],
        item: _PreparedCall,
        number: Names,
    ) -> None:
        """Update the tokens, cost and status of a known call; time, agent, task and project stay as first seen."""
        row_id, before = old
        call, _, cost, source = item
        status = STATUS_CODES[call.status]
        connection.execute(
            _UPDATE,
            (
                call.prompt_tokens, call.completion_tokens, call.cache_read_tokens, call.cache_write_tokens,
                call.cache_write_1h_tokens, call.web_searches, number[call.service_tier], number[call.inference_geo],
                call.unconfirmed, cost, source, call.latency_ms, status,
                call.error_message, row_id,
            ),
        )  # fmt: skip
        totals.add(before, -1)
        totals.add(
            before._replace(
                prompt_tokens=call.prompt_tokens,
                completion_tokens=call.completion_tokens,
                cache_read_tokens=call.cache_read_tokens,
                cache_write_tokens=call.cache_write_tokens,
                cost_nanos=cost,
                cost_source=source,
                latency_ms=call.latency_ms,
                status=status,
                unconfirmed=call.unconfirmed,
            )
        )


def _find_known(
    connection: sqlite3.Connection, prepared: Sequence[_PreparedCall]
) -> dict[str, tuple[int, CallFigures]]:
    """The calls of the batch that are in the database: id -> (row id, figures)."""
    rows = select_in(connection, _SELECT_KNOWN, [item[1] for item in prepared])
    return {row[0]: (row[1], figures_of(row[2:])) for row in rows}


def _updated(first: Call, later: Call) -> Call:
    """`first` with the tokens, cost and status of `later`."""
    return first._replace(
        prompt_tokens=later.prompt_tokens,
        completion_tokens=later.completion_tokens,
        cache_read_tokens=later.cache_read_tokens,
        cache_write_tokens=later.cache_write_tokens,
        cache_write_1h_tokens=later.cache_write_1h_tokens,
        web_searches=later.web_searches,
        service_tier=later.service_tier,
        inference_geo=later.inference_geo,
        unconfirmed=later.unconfirmed,
        cost_nanos=later.cost_nanos,
        latency_ms=later.latency_ms,
        status=later.status,
        error_message=later.error_message,
        supersedes=True,
        cost_source=later.cost_source,
    )
