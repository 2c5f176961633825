"""`RunningPipelines`: what the files of those that run say, brought up to date by the events of the watcher.

What derives from running pipelines, five hundred of five thousand, asks after each report: it must not read their
folders each time.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ..hub.deadlines import Deadlines
from .board import PipelineBoard
from .model import PipelineFile, PipelineRow, RunningStep
from .rows import LogTimes, last_activity, next_activity
from .store import PipelineStore


@dataclass(frozen=True, slots=True)
class _Running:
    steps: tuple[RunningStep, ...]
    logs: LogTimes


_NONE = _Running((), {})


class RunningPipelines:
    """`put` and `touch` are called by the follower's thread, before the board has the change; the others by any."""

    def __init__(self, store: PipelineStore) -> None:
        self._store = store
        self._of: dict[str, _Running] = {}

    def put(self, pipeline_id: str, file: PipelineFile | None) -> None:
        """What its file says now; None: it is gone."""
        pipeline = None if file is None else file.pipeline
        if pipeline is None or pipeline.status != "running":
            self._of.pop(pipeline_id, None)
            return
        title = " ".join(filter(None, (pipeline.pipeline_type or "pipeline", pipeline.ticket_id or pipeline.sprint_id)))
        steps = tuple(
            RunningStep(
                pipeline=pipeline_id, title=title, step=job.step, job=job.id, name=job.name, agent=job.agent_type,
                session=job.session_id, project=pipeline.project, started_at=job.started_at,
                active_at=pipeline.updated_at,
            )
            for job in pipeline.jobs if job.status == "running"
        )  # fmt: skip
        self._of[pipeline_id] = _Running(steps, self._store.log_times(pipeline_id))

    def touch(self, pipeline_id: str) -> None:
        """One of its logs changed."""
        known = self._of.get(pipeline_id)
        if known is not None:
            self._of[pipeline_id] = _Running(known.steps, self._store.log_times(pipeline_id))

    def logs(self, pipeline_id: str) -> LogTimes:
        """The log pages of one that runs, as of the last event; {} of any other."""
        return self._of.get(pipeline_id, _NONE).logs

    def steps(self, pipeline_id: str) -> tuple[RunningStep, ...]:
        """Its jobs that run, as its file says; () if the pipeline does not run."""
        return self._of.get(pipeline_id, _NONE).steps


class RunningSteps:
    """All jobs that agents have reported as running, of running pipelines; the newest pipeline first."""

    def __init__(self, board: PipelineBoard, running: RunningPipelines) -> None:
        self._board, self._running = board, running
        self._lock = threading.Lock()
        self._version = 0
        self._of: dict[str, tuple[tuple[float, str], tuple[RunningStep, ...]]] = {}
        self._deadlines = Deadlines()
        self._all: tuple[RunningStep, ...] = ()

    def all(self, now: float) -> tuple[RunningStep, ...]:
        """As of a moment; the same object as long as they are the same. Costs what changed since the last time."""
        with self._lock:
            self._version, changed = self._board.changed_since(self._version)
            due = self._deadlines.pop_due(now)
            if changed is None:
                self._of.clear()
                self._deadlines.clear()
                changed = {row.id: row for row in self._board.rows()}
            else:
                changed |= {key: self._board.get(key) for key in due}
            different = [self._put(key, row, now) for key, row in changed.items()]
            if any(different):
                found = sorted(self._of.values(), key=lambda one: one[0], reverse=True)
                self._all = tuple(step for _, steps in found for step in steps)
            return self._all

    def _put(self, key: str, row: PipelineRow | None, now: float) -> bool:
        before = self._of.pop(key, None)
        steps = () if row is None or row.status != "running" else self._running.steps(key)
        if row is None or not steps:
            self._deadlines.set(key, None)
            return before is not None
        logs = self._running.logs(key)
        active_at = last_activity(row.updated_at, now, logs)
        self._deadlines.set(key, next_activity(now, logs))
        self._of[key] = after = self._board.sort_key(key), tuple(step.at(active_at) for step in steps)
        return before != after
