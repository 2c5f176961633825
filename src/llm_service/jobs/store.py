"""`JobStore`: all jobs in memory, and the events about what changes. It is given files, runs and lines as they come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..hub.event import Event
from ..logs.lines import Lines
from ..logs.model import ParsedLine
from ..processes.model import Run
from ..times import iso_time
from .assemble import NOTHING, Measured, assemble, is_active
from .events import JobPhase, JobRemoved, JobUpdated
from .ledger import Ledger
from .model import Job, JobFile
from .progress import RunProgress
from .shown import progress_event, run_order, steady, without_file
from .state_manager import DashboardStateManager, EventKind

_OWNER = "job:"


def job_of(owner: str) -> str | None:
    """The id of the job that owns a run; None if something else does."""
    return owner.removeprefix(_OWNER) if owner.startswith(_OWNER) else None


def owner_of(job: str) -> str:
    """The owner of the runs of a job."""
    return _OWNER + job


class JobStore:
    """Thread-safe: one lock, under which events are published too, so that their order is that of the changes."""

    def __init__(
        self,
        ledger: Ledger,
        publish: Callable[[Event], object],
        clock: Callable[[], float] = time.time,
        manager: DashboardStateManager | None = None,
    ) -> None:
        self._ledger = ledger
        self._publish = publish
        self._clock = clock
        self._manager = manager or DashboardStateManager()
        self._lock = threading.RLock()
        self._files: dict[str, JobFile] = {}
        self._runs: dict[str, list[Run]] = {}
        self._progress: dict[str, RunProgress] = {}
        self._reasons: dict[str, str | None] = {}
        self._measured: dict[str, Measured] = {}
        self._jobs: dict[str, Job] = {}

    # What others ask for.

    def jobs(self) -> list[Job]:
        """All jobs, the newest first."""
        with self._lock:
            found = list(self._jobs.values())
        return sorted(found, key=lambda job: (job.created_at or job.started_at or "", job.id), reverse=True)

    def job(self, job_id: str) -> Job | None:
        """A job; None if there is none."""
        return self._jobs.get(job_id)

    def project_of(self, job_id: str) -> str | None:
        """Its project; None if it is not known."""
        job = self._jobs.get(job_id)
        return job.project if job is not None else None

    def file(self, job_id: str) -> JobFile | None:
        """What its file says; None if it has none."""
        return self._files.get(job_id)

    def runs_of(self, job_id: str) -> list[Run]:
        """Its runs, the latest last."""
        with self._lock:
            return list(self._runs.get(job_id, ()))

    def run(self, job_id: str, run_id: str) -> Run | None:
        """One of its runs; None if its files are gone. The file of the job may be gone too."""
        return next((run for run in self.runs_of(job_id) if run.run_id == run_id), None)

    def measured(self, job_id: str) -> Measured:
        """What was measured of it."""
        return self._measured.get(job_id, NOTHING)

    def agent_work_of(self, job_id: str) -> dict[str, Any] | None:
        """What the agent of its last run reported, as `AgentWork.as_json`; None without an agent."""
        with self._lock:
            runs = self._runs.get(job_id)
            progress = self._progress.get(runs[-1].run_id) if runs else None
            return progress.work.as_json() if progress is not None and progress.work.agent is not None else None

    def progress_of(self, run_id: str) -> RunProgress | None:
        """What a run printed; read only."""
        return self._progress.get(run_id)

    def sessions_of(self, run: Run) -> list[str]:
        """The sessions of agents that a run named in its log."""
        progress = self.progress_of(run.run_id)
        return sorted(progress.sessions) if progress else []

    # What happens.

    def apply_file(self, job_id: str, file: JobFile | None) -> None:
        """The file of a job was read, or is gone; then nothing is to be run any more."""
        with self._lock:
            if file is None:
                self._files.pop(job_id, None)
                self._ledger.withdraw(job_id)
            else:
                self._files[job_id] = file
            self.refresh(job_id)

    def apply_run(self, run: Run) -> None:
        """A run started, ended, or is known from before."""
        job_id = job_of(run.owner)
        if job_id is None:
            return
        with self._lock:
            known = self._runs.get(job_id, ())
            if any(one.run_id == run.run_id and not is_active(one) for one in known) and is_active(run):
                return  # it ended before its start was noted
            others = [one for one in known if one.run_id != run.run_id]
            self._runs[job_id] = sorted([*others, run], key=run_order)
            progress = self._progress_for(run)
            self._end_phases(job_id, run, progress)
            self.refresh(job_id)
            if self._runs[job_id][-1].run_id == run.run_id:
                self._tell(job_id, "progress" if is_active(run) else "end")

    def remove_run(self, run: Run) -> None:
        """The files of a run are gone."""
        job_id = job_of(run.owner)
        if job_id is None:
            return
        with self._lock:
            left = [one for one in self._runs.pop(job_id, ()) if one.run_id != run.run_id]
            if left:
                self._runs[job_id] = left
            self._progress.pop(run.run_id, None)
            self.refresh(job_id)

    def apply_progress(self, run: Run, progress: RunProgress) -> None:
        """What a run printed, read again as a whole."""
        job_id = job_of(run.owner)
        with self._lock:
            known = self._progress.get(run.run_id)
            if job_id is None or (known is not None and known.seq > progress.seq):
                return
            self._progress[run.run_id] = progress
            self._end_phases(job_id, run, progress)
            self.refresh(job_id)

    def apply_lines(self, run: Run, first_seq: int, lines: Sequence[ParsedLine]) -> bool:
        """Lines of a run, from number `first_seq` on; False if lines before them are missing."""
        job_id = job_of(run.owner)
        if job_id is None:
            return True
        now = iso_time(self._clock())
        with self._lock:
            progress = self._progress_for(run)
            if first_seq > progress.seq + 1:
                return False
            before = progress.waiting_for_input, progress.rate_limit
            new = Lines.of(lines)[max(0, progress.seq + 1 - first_seq) :]
            first, at = first_seq + len(lines) - len(new), 0
            for place in new.notable():
                progress.add_plain(first + at, new[at:place], now)
                previous, at = progress.current_phase, place + 1
                phase = progress.add(first + place, new.read[place], now)
                if phase is not None:
                    self._begin_phase(job_id, phase, previous, progress.phases[-1].started_at)
            progress.add_plain(first + at, new[at:], now)
            if self._end_phases(job_id, run, progress) or (progress.waiting_for_input, progress.rate_limit) != before:
                self.refresh(job_id)
            self._tell(job_id, "line")
        return True

    def _end_phases(self, job_id: str, run: Run, progress: RunProgress) -> bool:
        """If the run has ended (True): who reads its log may not know that yet, and give the last lines as those of one
        that goes on."""
        known = next((one for one in self._runs.get(job_id, ()) if one.run_id == run.run_id), run)
        ended = known if known.exit is not None else run
        if ended.exit is not None:
            progress.end(ended.exit.finished_at)
        return ended.exit is not None

    def explain(self, job_id: str, reason: str | None) -> None:
        """Why it waits."""
        with self._lock:
            if self._reasons.get(job_id) != reason:
                self._reasons[job_id] = reason
                self.refresh(job_id)

    def measure(self, job_id: str, **changed: Any) -> None:
        """Fields of `Measured` that have another value now."""
        with self._lock:
            before = self._measured.get(job_id, NOTHING)
            after = replace(before, **changed)
            if after != before:
                self._measured[job_id] = after
                self.refresh(job_id)
                self._tell(job_id, "progress")

    def tick(self) -> None:
        """Publish what waited for the end of its window."""
        with self._lock:
            for job_id in self._manager.waiting():
                self._tell(job_id, None)

    def refresh(self, job_id: str) -> None:
        """Make the job anew, and publish it if it differs in more than its figures."""
        with self._lock:
            file, runs = self._files.get(job_id), self._runs.get(job_id, [])
            if file is None and runs and is_active(runs[-1]):
                file = without_file(job_id, self._jobs.get(job_id))
            before = self._jobs.get(job_id)
            if file is None:
                self._forget(job_id, before)
                return
            job = assemble(
                file,
                runs,
                self._progress.get(runs[-1].run_id) if runs else None,
                self._ledger.request(job_id),
                self._reasons.get(job_id),
                self._measured.get(job_id, NOTHING),
                iso_time(self._clock()),
            )
            self._jobs[job_id] = job
            if before is None or steady(before) != steady(job):
                self._publish(JobUpdated(job=job))

    def _forget(self, job_id: str, before: Job | None) -> None:
        for known in (self._jobs, self._reasons, self._measured):
            known.pop(job_id, None)
        self._manager.forget(job_id)
        if before is not None:
            self._publish(JobRemoved(id=job_id, project=before.project))

    def _progress_for(self, run: Run) -> RunProgress:
        if run.run_id not in self._progress:
            self._progress[run.run_id] = RunProgress(run.run_id, run.started_at)
        return self._progress[run.run_id]

    def _begin_phase(self, job_id: str, phase: str, previous: str, at: str) -> None:
        if self._manager.calculate_updates(job_id, "phase")["phase_indicator"]:
            project = self.project_of(job_id) or ""
            self._publish(JobPhase(job=job_id, project=project, phase=phase, previous=previous, time=at))
        self.refresh(job_id)

    def _tell(self, job_id: str, event: EventKind | None) -> None:
        if self._manager.calculate_updates(job_id, event)["job_progress"] and job_id in self._jobs:
            self.refresh(job_id)
            self._publish(progress_event(self._jobs[job_id]))
