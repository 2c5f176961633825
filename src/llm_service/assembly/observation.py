"""`Observer` gathers the figures of running jobs, from which insights are found."""

from __future__ import annotations

import time
from typing import Any

from ..artifacts.feature import Artifacts
from ..jobs.feature import Jobs
from ..jobs.model import Job, JobStatus, PhaseTime
from ..knowledge.figures import JobFigures, Observation, PhaseSpan
from ..knowledge.watches import RunWatches
from ..times import unix_time


class Observer:
    """Called by the thread of the insights."""

    def __init__(self, jobs: Jobs, artifacts: Artifacts, watches: RunWatches) -> None:
        self._jobs = jobs
        self._artifacts = artifacts
        self._watches = watches

    def look(self) -> Observation:
        """The running jobs, and how many lines each project and each job has written."""
        now = time.time()
        jobs = [job for job in self._jobs.store.jobs() if job.status is JobStatus.IN_PROGRESS and job.runs]
        tree = self._artifacts.tree
        projects = {} if tree is None or tree.loading else {one.name: one for one in tree.projects()}
        figures = []
        for job in jobs:
            project = projects.get(job.project)
            changed_at = unix_time(project.changed_at) if project is not None else None
            figures.append(self._figures(job, now, changed_at, project.lines_per_hour if project else None))
        return Observation(
            jobs=tuple(figures),
            project_lines={name: one.lines_written for name, one in projects.items()} or None,
            job_lines={job.id: job.lines_written for job in jobs if job.lines_written is not None},
        )

    def _figures(self, job: Job, now: float, files_changed_at: float | None, lines_per_hour: int | None) -> JobFigures:
        run_id = job.runs[-1]
        run = next((one for one in self._jobs.store.runs_of(job.id) if one.run_id == run_id), None)
        known: dict[str, Any] = {
            "job": job.id,
            "project": job.project,
            "run": run_id,
            "started_at": unix_time(job.started_at) or now,
            "log_bytes": run.log_bytes if run else None,
            "log_lines": job.log_lines,
            "last_output_at": unix_time(job.last_output_at),
            "files_changed_at": files_changed_at,
            "current_phase": job.current_phase if job.phases else None,
            "phases": tuple(_span(phase) for phase in job.phases),
            "earlier": self._earlier(job.project),
            "lines_written": job.lines_written,
            "lines_per_hour": lines_per_hour,
            "lines_per_hour_average": job.lines_per_hour,
        }
        if run is not None:
            self._watches.start(run)
        return self._watches.figures(run_id, now, **known) or JobFigures(**known)

    def _earlier(self, project: str) -> tuple[tuple[PhaseSpan, ...], ...]:
        """The phases of completed runs of the project, the latest last."""
        found = []
        for figures in reversed(self._jobs.earlier_runs(project)):
            end = figures.get("exit") or {}
            if end.get("code") == 0 and figures["phases"]:
                found.append(tuple(_span(PhaseTime(**phase)) for phase in figures["phases"]))
        return tuple(found)


def _span(phase: PhaseTime) -> PhaseSpan:
    return PhaseSpan(
        phase=phase.phase, started_at=unix_time(phase.started_at) or 0.0, finished_at=unix_time(phase.finished_at)
    )
