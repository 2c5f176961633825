"""The figures of finished runs in the database: what a later start need not read out of the logs again."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import msgspec

from ..database.database import Database
from ..errors import HistoryUnavailable
from ..processes.model import Run
from ..times import seconds_between
from .agent_work import AgentWork
from .assemble import Measured, durations
from .model import Job, PhaseTime
from .progress import RunProgress

_OPEN_S = 2.0
_MOST = 10_000
_SIMPLE = (
    "seq", "cost_usd", "todos_done", "todos_total", "current_todo", "last_output_at", "result_at", "rate_limit",
    "tests",
)  # fmt: skip


class RunHistory:
    """Without a database it remembers nothing."""

    def __init__(self, database: Database | None) -> None:
        self._database = database

    def record(self, run: Run, job: Job, measured: Measured, progress: RunProgress) -> None:
        """Store the figures of a run that has ended, in place of earlier ones."""
        if self._database is None:
            return
        row = (run.run_id, job.id, job.project, run.started_at, json.dumps(figures_json(run, job, measured, progress)))
        self._database.write_later(lambda connection: _insert(connection, row))

    def figures(self, run_id: str) -> dict[str, Any] | None:
        """Those of a run; None if there are none, or the database cannot be read."""
        found = self._select("SELECT figures FROM run_figures WHERE run = ?", (run_id,))
        return found[0] if found else None

    def of_project(self, project: str, limit: int = 20) -> list[dict[str, Any]]:
        """Those of the last runs of a project, the newest first."""
        query = "SELECT figures FROM run_figures WHERE project = ? ORDER BY started_at DESC LIMIT ?"
        return self._select(query, (project, limit))

    def _select(self, query: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
        if self._database is None or not self._database.wait_open(_OPEN_S):
            return []
        with suppress(HistoryUnavailable), self._database.read_transaction() as connection:
            return [json.loads(row[0]) for row in connection.execute(query, values)]
        return []


def figures_json(run: Run, job: Job, measured: Measured, progress: RunProgress) -> dict[str, Any]:
    """`{run, job, project, profile, status, exit, started_at, finished_at, duration_s, phases, phase_s, ...}`."""
    end = run.exit
    until = end.finished_at if end else progress.last_output_at or run.started_at
    return {
        "run": run.run_id,
        "job": job.id,
        "project": job.project,
        "profile": run.profile,
        "attempt": run.attempt,
        "status": run.status,
        "exit": asdict(end) if end else None,
        "started_at": run.started_at,
        "finished_at": end.finished_at if end else None,
        "duration_s": seconds_between(run.started_at, until),
        "phases": [asdict(phase) for phase in progress.phases],
        "phase_s": durations(progress.phases, until),
        "lines_written": measured.lines,
        "shared_lines": measured.shared,
        "cost_usd": measured.cost_usd if measured.cost_usd is not None else progress.cost_usd,
        "log_lines": progress.seq,
        "levels": dict(progress.levels),
        "work": progress.work.as_json(),
        "tests": progress.tests,
        "sessions": sorted(progress.sessions),
        "progress": {name: getattr(progress, name) for name in _SIMPLE},
    }


def progress_of(figures: Mapping[str, Any]) -> RunProgress:
    """What a run printed, as far as it was recorded. Raises ValueError, KeyError, TypeError for what is no record."""
    simple = {name: figures["progress"][name] for name in _SIMPLE}
    return RunProgress(
        run=figures["run"],
        started_at=figures["started_at"],
        phases=msgspec.convert(figures["phases"], list[PhaseTime]),
        levels=Counter(figures["levels"]),
        work=AgentWork.of_json(figures["work"]),
        sessions=set(figures["sessions"]),
        **simple,
    )


def _insert(connection: sqlite3.Connection, row: Sequence[Any]) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO run_figures (run, job, project, started_at, figures) VALUES (?, ?, ?, ?, ?)", row
    )
    connection.execute(
        "DELETE FROM run_figures WHERE run IN (SELECT run FROM run_figures ORDER BY started_at DESC LIMIT -1 OFFSET ?)",
        (_MOST,),
    )
