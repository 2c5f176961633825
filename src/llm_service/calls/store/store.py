"""LLM calls in the history database: each counted once, priced at its time, summed as it arrives."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial

from ...calendar_days import Calendar
from ...database.bulk import insert_rows, select_in
from ...database.database import History
from ...database.interned_names import Names, texts
from ..model import Call
from ..sessions.checkpoints import Checkpoint
from .duplicates import counted_as_twins, id_hash, note_twins
from .totals import ERROR, NOBODY, PRICED, REPORTED, SUCCESS, TIMEOUT, UNKNOWN, Counted, Sums, clear

Price = Callable[[Call], int | None]
"""What a call costs at its time in nano-dollars; None when no price is known."""

STATUS_CODES = {"success": SUCCESS, "error": ERROR, "timeout": TIMEOUT}
_REPRICE_ROWS = 20_000

_CALLS = (
    "INTO calls (id_hash, invocation_id, timestamp_ms, agent, tool, model, provider, task, job, run, session, project,"
    " prompt_tokens, completion_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens,"
    " cost_nanos, cost_source, latency_ms, status, error_message, privacy, flags)"
)
_KNOWN = (
    "SELECT invocation_id, id, timestamp_ms, model, agent, task, project, prompt_tokens, completion_tokens,"
    " cache_read_tokens, cache_write_tokens, cost_nanos, cost_source, latency_ms, status FROM calls WHERE id_hash IN"
)
_REPLACE = (
    "UPDATE calls SET prompt_tokens = ?, completion_tokens = ?, cache_read_tokens = ?, cache_write_tokens = ?,"
    " cache_write_1h_tokens = ?, cost_nanos = ?, cost_source = ?, latency_ms = ?, status = ?, error_message = ?"
    " WHERE id = ?"
)
_CHECKPOINT = "OR REPLACE INTO checkpoints (path, device, inode, offset, line, fingerprint, reader_state, refused)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: new calls, calls that were known, known calls that grew (streamed duplicates)."""

    accepted: int
    duplicates: int
    updated: int


@dataclass(frozen=True, slots=True)
class Ingested:
    """A batch that was committed: the newest call in it that is new or grew, how many, and for which tasks."""

    newest: Call | None
    cost_nanos: int | None
    cost_source: int
    calls: int
    tasks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Repriced:
    """What re-pricing changed: how many calls were looked at, and per model how many changed and by how much."""

    looked_at: int
    changed: int
    before_nanos: int
    after_nanos: int
    newly_priced: int
    by_model: Mapping[str | None, tuple[int, int, int]]
    """model -> (calls that changed, nano-dollars before, after)"""


_Ready = tuple[Call, int, int | None, int]
"""A call with what can be worked out before the transaction: hash of its id, cost in nano-dollars, source of that"""


class CallStore:
    """Counts calls. Reading is in `telemetry_queries`."""

    def __init__(
        self,
        history: History,
        price: Price,
        calendar: Calendar,
        on_ingested: Callable[[Ingested], None] = lambda ingested: None,
    ) -> None:
        self.history = history
        self.calendar = calendar
        self.on_ingested = on_ingested
        self._price = price
        self._names = Names()
        self._pricing = threading.Lock()
        history.after_rollback(self._names.forget)

    def ingest(self, calls: Sequence[Call], checkpoints: Sequence[Checkpoint] = ()) -> Outcome:
        """Count the calls that are new and note how far files were read, all or nothing, on the disk on return.

        A call whose id is known is not counted again, but one that `supersedes` it and has more completion tokens
        takes its place. Raises HistoryUnavailable; the same batch may then be given again.
        """
        ready, repeated = self._prepare(calls)
        outcome, ingested = self.history.write(lambda connection: self._ingest(connection, ready, checkpoints))
        if ingested.calls:
            self.on_ingested(ingested)
        return Outcome(outcome.accepted, outcome.duplicates + repeated, outcome.updated)

    def checkpoints(self) -> dict[str, Checkpoint]:
        """How far each file has been read, by path. Raises HistoryUnavailable."""
        with self.history.reading() as connection:
            rows = connection.execute(
                "SELECT path, device, inode, offset, line, fingerprint, reader_state, refused FROM checkpoints"
            ).fetchall()
        return {row[0]: Checkpoint(*row) for row in rows}

    def adjust(self, zone_name: str) -> bool:
        """Rebuild the sums if they were made for another time zone; True if that was due. Raises HistoryUnavailable."""
        return self.history.write(lambda connection: self._adjust(connection, zone_name), timeout_s=3600)

    def reprice(self, on_progress: Callable[[int], None] = lambda looked_at: None) -> Repriced:
        """Price every call anew that was not reported with a cost, in small transactions. Raises HistoryUnavailable."""
        after, total = 0, Repriced(0, 0, 0, 0, 0, {})
        while True:
            part, last = self.history.write(partial(self._reprice, after=after))
            total = _merged(total, part)
            if last is None:
                return total
            after = last
            on_progress(total.looked_at)

    def _prepare(self, calls: Sequence[Call]) -> tuple[list[_Ready], int]:
        """Each id once (of streamed duplicates the one that says most), hashed and priced; and how many repeated."""
        chosen: dict[str, Call] = {}
        for call in calls:
            known = chosen.setdefault(call.invocation_id, call)
            if call.supersedes and call.completion_tokens > known.completion_tokens:
                chosen[call.invocation_id] = _grown(known, call)
        ready: list[_Ready] = []
        with self._pricing:
            for invocation_id, call in chosen.items():
                cost, source = call.cost_nanos, REPORTED
                if cost is None:
                    cost = self._price(call)
                    source = PRICED if cost is not None else UNKNOWN
                ready.append((call, id_hash(invocation_id), cost, source))
        return ready, len(calls) - len(chosen)

    def _ingest(
        self, connection: sqlite3.Connection, ready: Sequence[_Ready], checkpoints: Sequence[Checkpoint]
    ) -> tuple[Outcome, Ingested]:
        known = _known(connection, ready)
        twins = counted_as_twins(connection, [item[:2] for item in ready if item[0].invocation_id not in known])
        sums = Sums(self.calendar)
        number = self._names.use(connection)
        rows, tasks, updated, duplicates = [], set(), 0, 0
        paired: list[Call] = []
        newest: _Ready | None = None
        newest_ms = -1
        for item in ready:
            call, hashed, cost, source = item
            # Unpacked at once, and a plain tuple to `add`: this runs for every call there ever was.
            (
                invocation_id, time_ms, agent_name, tool_name, model_name, provider_name, task_id, job_id, run_id,
                session_id, project_name, prompt, completion, read, write, write_1h, _, latency, status,
                message, privacy, flags, supersedes, twin,
            ) = call  # fmt: skip
            old = known.get(invocation_id)
            if old is not None:
                if not (supersedes and completion > old[1].completion_tokens):
                    duplicates += 1
                    continue
                updated += 1
                self._grow(connection, sums, old, item)
            elif invocation_id in twins:
                duplicates += 1
                continue
            else:
                if twin is not None:
                    paired.append(call)
                agent, model, task, project = (
                    number[agent_name], number[model_name], number[task_id], number[project_name],
                )  # fmt: skip
                code = STATUS_CODES[status]
                rows.append(
                    (
                        hashed, invocation_id, time_ms, agent, number[tool_name], model, number[provider_name], task,
                        number[job_id], number[run_id], number[session_id], project,
                        prompt, completion, read, write, write_1h,
                        cost, source, latency, code, message, number[privacy], flags,
                    )
                )  # fmt: skip
                sums.add(
                    (
                        time_ms, model or NOBODY, agent or NOBODY, task or NOBODY, project or NOBODY,
                        prompt, completion, read, write, cost, source, latency, code,
                    )
                )  # fmt: skip
            if task_id is not None:
                tasks.add(task_id)
            if time_ms >= newest_ms:
                newest, newest_ms = item, time_ms
        insert_rows(connection, _CALLS, rows)
        note_twins(connection, paired)
        sums.write(connection)
        insert_rows(connection, _CHECKPOINT, [astuple(checkpoint) for checkpoint in checkpoints])
        newest_call, _, cost, source = newest or (None, 0, None, UNKNOWN)
        ingested = Ingested(newest_call, cost, source, len(rows) + updated, frozenset(tasks))
        return Outcome(len(rows), duplicates, updated), ingested

    def _grow(self, connection: sqlite3.Connection, sums: Sums, old: tuple[int, Counted], item: _Ready) -> None:
        """Put a fuller sighting of a known call in its place; when, who and for what stay as first seen."""
        row_id, before = old
        call, _, cost, source = item
        status = STATUS_CODES[call.status]
        connection.execute(
            _REPLACE,
            (
                call.prompt_tokens, call.completion_tokens, call.cache_read_tokens, call.cache_write_tokens,
                call.cache_write_1h_tokens, cost, source, call.latency_ms, status,
                call.error_message, row_id,
            ),
        )  # fmt: skip
        sums.add(before, -1)
        sums.add(
            before._replace(
                prompt_tokens=call.prompt_tokens,
                completion_tokens=call.completion_tokens,
                cache_read_tokens=call.cache_read_tokens,
                cache_write_tokens=call.cache_write_tokens,
                cost_nanos=cost,
                cost_source=source,
                latency_ms=call.latency_ms,
                status=status,
            )
        )

    def _adjust(self, connection: sqlite3.Connection, zone_name: str) -> bool:
        row = connection.execute("SELECT value FROM facts WHERE name = 'time zone'").fetchone()
        if row is not None and row[0] == zone_name:
            return False
        clear(connection)
        after = 0
        while True:
            rows = connection.execute(
                "SELECT id, timestamp_ms, model, agent, task, project, prompt_tokens, completion_tokens,"
                " cache_read_tokens, cache_write_tokens, cost_nanos, cost_source, latency_ms, status"
                " FROM calls WHERE id > ? ORDER BY id LIMIT ?",
                (after, _REPRICE_ROWS),
            ).fetchall()
            if not rows:
                break
            sums = Sums(self.calendar)
            for row in rows:
                sums.add(_counted(row[1:]))
            sums.write(connection)
            after = rows[-1][0]
        connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('time zone', ?)", (zone_name,))
        return True

    def _reprice(self, connection: sqlite3.Connection, after: int) -> tuple[Repriced, int | None]:
        rows = connection.execute(
            "SELECT id, timestamp_ms, model, agent, task, project, prompt_tokens, completion_tokens,"
            " cache_read_tokens, cache_write_tokens, cost_nanos, cost_source, latency_ms, status,"
            " cache_write_1h_tokens, provider FROM calls WHERE id > ? AND cost_source != ? ORDER BY id LIMIT ?",
            (after, REPORTED, _REPRICE_ROWS),
        ).fetchall()
        if not rows:
            return Repriced(0, 0, 0, 0, 0, {}), None
        names = texts(connection, {row[2] for row in rows} | {row[15] for row in rows})
        sums, changes = Sums(self.calendar), []
        by_model: dict[str | None, tuple[int, int, int]] = {}
        before_nanos = after_nanos = newly = 0
        for row in rows:
            counted = _counted(row[1:14])
            model = names[row[2]]
            cost = self._price(
                Call(
                    "",
                    row[1],
                    model_name=model,
                    provider=names[row[15]],
                    prompt_tokens=row[6],
                    completion_tokens=row[7],
                    cache_read_tokens=row[8],
                    cache_write_tokens=row[9],
                    cache_write_1h_tokens=row[14],
                )
            )
            old = counted.cost_nanos
            if cost == old:
                continue
            source = PRICED if cost is not None else UNKNOWN
            changes.append((cost, source, row[0]))
            sums.add(counted, -1)
            sums.add(counted._replace(cost_nanos=cost, cost_source=source))
            newly += old is None
            before_nanos += old or 0
            after_nanos += cost or 0
            calls, was, becomes = by_model.get(model, (0, 0, 0))
            by_model[model] = (calls + 1, was + (old or 0), becomes + (cost or 0))
        connection.executemany("UPDATE calls SET cost_nanos = ?, cost_source = ? WHERE id = ?", changes)
        sums.write(connection)
        return Repriced(len(rows), len(changes), before_nanos, after_nanos, newly, by_model), rows[-1][0]


def _known(connection: sqlite3.Connection, ready: Sequence[_Ready]) -> dict[str, tuple[int, Counted]]:
    """The calls of the batch that are in the database: id -> (row, as counted)."""
    rows = select_in(connection, _KNOWN, [item[1] for item in ready])
    return {row[0]: (row[1], _counted(row[2:])) for row in rows}


def _counted(row: Iterable[int | None]) -> Counted:
    """The columns from timestamp_ms to status, in the order of `_KNOWN`."""
    time_ms, model, agent, task, project, *rest = row
    return Counted(time_ms, model or 0, agent or 0, task or 0, project or 0, *rest)  # type: ignore[arg-type]


def _grown(first: Call, later: Call) -> Call:
    """A fuller sighting of a call, with when, who and for what as first seen."""
    return first._replace(
        prompt_tokens=later.prompt_tokens,
        completion_tokens=later.completion_tokens,
        cache_read_tokens=later.cache_read_tokens,
        cache_write_tokens=later.cache_write_tokens,
        cache_write_1h_tokens=later.cache_write_1h_tokens,
        cost_nanos=later.cost_nanos,
        latency_ms=later.latency_ms,
        status=later.status,
        error_message=later.error_message,
        supersedes=True,
    )


def _merged(one: Repriced, other: Repriced) -> Repriced:
    models = dict(one.by_model)
    for model, (calls, before, after) in other.by_model.items():
        known = models.get(model, (0, 0, 0))
        models[model] = (known[0] + calls, known[1] + before, known[2] + after)
    return Repriced(
        one.looked_at + other.looked_at,
        one.changed + other.changed,
        one.before_nanos + other.before_nanos,
        one.after_nanos + other.after_nanos,
        one.newly_priced + other.newly_priced,
        models,
    )
