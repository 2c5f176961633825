"""`Doctor`: the four stages of a job, as the running dashboard finds them; behind `GET /api/doctor`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import NotFound
from ...files import printable
from .file_stages import stages_of_files
from .job_files import JobFacts, job_in_question, read_jobs
from .log_stage import reading_stage
from .model import Diagnosis, Remark, Stage, stage
from .probe import Measured, Prober
from .stages import artifacts_stage

_PROBE_TIMEOUT_S = 2.5
_AGAIN_AFTER_S = 1.0
_SKEW_S = 2.0

PROJECT_FOLDERS = ("generated_projects", "work/generated_projects")
"""Where projects are by default, relative to the workspace."""

SeenFiles = Callable[[str], int | None]
"""How many files of a project the dashboard knows, None if it does not know the project."""

ReadBytes = Callable[[str], int | None]
"""How much of the log of a run the dashboard has read, None if it does not know the run."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the doctor needs of the dashboard besides files: `seen_files` is None where no artifacts are watched;
    `subscribers()` counts the clients by how they are connected; `watchers()` are the followers' states."""

    project_folders: Sequence[str]
    seen_files: SeenFiles | None = None
    subscribers: Callable[[], Mapping[str, int]] = dict
    watchers: Callable[[], Sequence[Mapping[str, Any]]] = list
    cors_origins: Sequence[str] = ()
    read_bytes: ReadBytes = lambda run: None


class Doctor:
    """Examines a workspace. Thread-safe: one examination at a time, and none more often than every second."""

    def __init__(
        self,
        workspace: str,
        prober: Prober,
        surroundings: Surroundings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._workspace, self._prober, self._around, self._clock = workspace, prober, surroundings, clock
        self._lock = threading.Lock()
        self._last: tuple[float, JobFacts | None, Diagnosis] | None = None

    def diagnose(
        self, job_id: str | None = None, may_see: Callable[[str | None], bool] = lambda project: True
    ) -> Diagnosis:
        """The stages of a job; without an id of the newest that runs, else the newest, of those in projects that the
        sender may see. Raises NotFound."""
        with self._lock:
            now = self._clock()
            jobs = [job for job in read_jobs(self._workspace) if may_see(job.project)]
            job = job_in_question(jobs, job_id)
            if job_id is not None and job is None:
                raise NotFound(f"There is no job “{printable(job_id)[:200]}” in work/jobs.")
            if self._last is not None and self._last[1] == job and 0 <= now - self._last[0] < _AGAIN_AFTER_S:
                return self._last[2]
            found = self._diagnose(job, now)
            self._last = (now, job, found)
            return found

    def _diagnose(self, job: JobFacts | None, now: float) -> Diagnosis:
        around = self._around
        found = stages_of_files(self._workspace, around.project_folders, job, now)
        seen = around.seen_files(job.project) if around.seen_files is not None and job is not None else None
        read = around.read_bytes(found.run.id) if found.run is not None else None
        third = reading_stage(found.run, read, now) or artifacts_stage(
            job, found.files, seen, around.seen_files is not None
        )
        fourth, remarks = self._streams()
        return Diagnosis(
            job=None if job is None else job.id,
            stages=(*found.stages, third, fourth),
            remarks=(*found.remarks, *remarks, *self._settings()),
        )

    def _streams(self) -> tuple[Stage, list[Remark]]:
        """(4) A file is written, and has to reach the hub."""
        try:
            measured = self._prober.measure(_PROBE_TIMEOUT_S)
        except OSError as problem:
            reason = f"The probe cannot be written: {problem.strerror or problem}."
            return stage(4, "problem", reason, "Check the rights of work/streams."), []
        subscribers = dict(self._around.subscribers())
        figures = {"hub_ms": _rounded(measured.latency_ms), "subscribers": subscribers}
        if measured.latency_ms is None:
            states = "; ".join(f"{one['root']} is {one['mode']}" for one in self._around.watchers())
            reason = (
                f"A file that was written was not reported within {_PROBE_TIMEOUT_S:g} s ({states or 'no watchers'})."
            )
            return stage(
                4,
                "problem",
                reason,
                "See `/health`, and the number of watches that the system allows.",
                figures=figures,
            ), []
        reason = f"A change on the disk is published after {measured.latency_ms:,.0f} ms"
        return stage(4, "ok", f"{reason}{_clients(subscribers)}.", figures=figures), _clock_remark(measured)

    def _settings(self) -> list[Remark]:
        polled = [one for one in self._around.watchers() if one.get("mode") == "polling"]
        remarks = [
            Remark("note", "polling", f"{printable(str(one['root']))} is polled: {one.get('error', 'as set')}")
            for one in polled
        ]
        origins = ", ".join(self._around.cors_origins)
        text = f"pages of {origins} may read, besides our own" if origins else "only our own pages may read"
        return [*remarks, Remark("ok", "cors", text)]


def _clock_remark(measured: Measured) -> list[Remark]:
    skew_s = measured.clock_skew_s
    if abs(skew_s) < _SKEW_S:
        return [Remark("ok", "clock", "the clock of the file system is right")]
    return [
        Remark("problem", "clock", f"the clock of the file system is {skew_s:+.1f} s off: ages and times are wrong")
    ]


def _clients(subscribers: Mapping[str, int]) -> str:
    known = [f"{count:,} {name}" for name, count in subscribers.items()]
    return f"; subscribers: {', '.join(known)}" if known else ""


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
