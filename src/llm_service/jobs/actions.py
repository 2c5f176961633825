"""`JobActions`: what a person may do to jobs: ask for one, stop it, try it again."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from ..errors import BadRequest, ControlOff, Forbidden, NotFound
from ..processes.model import Profile
from ..processes.supervisor import Supervisor
from ..times import iso_time
from .assemble import is_active
from .ledger import Ledger
from .model import Job, JobFile, JobStatus, Request
from .needs import Caller
from .parameters import check_request
from .starter import CONTROL_IS_OFF, Places, Starter
from .store import JobStore
from .writer import write_job

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


class JobActions:
    """Thread-safe. Raises ControlOff for everything while control is off. `wrote(path)`: a new file is there, by its
    path in the folder of jobs; `wake()` the scheduler."""

    def __init__(
        self,
        supervisor: Supervisor,
        store: JobStore,
        ledger: Ledger,
        starter: Starter,
        places: Places,
        shown_folder: str,
        wrote: Callable[[str], None],
        wake: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._supervisor = supervisor
        self._store = store
        self._ledger = ledger
        self._starter = starter
        self._places = places
        self._shown_folder = shown_folder
        self._wrote = wrote
        self._wake = wake
        self._clock = clock

    def create(self, project: str, specification: str, profile: str | None, caller: Caller) -> Job:
        """Ask for a new job. Raises BadRequest, Forbidden, ControlOff, OSError."""
        self._require_control()
        check_request(self._places.workspace, project, specification)
        if not caller.may_use(project):
            raise Forbidden(f"The project {project} is not one of yours.")
        chosen = self._profile(profile)
        now = iso_time(self._clock())
        job_id = _new_id(project, now)
        file = JobFile(
            id=job_id,
            file=f"{self._shown_folder}/{job_id}.yaml",
            project=project,
            user=caller.name,
            specification=specification,
            profile=chosen.name,
            created_at=now,
        )
        with self._starter.lock:
            self._ledger.ask(self._request(file, chosen, caller, now))
            self._store.apply_file(job_id, file)
            self._explain(job_id)
            job = self.require(job_id, caller)
            try:
                write_job(self._places.jobs, job)
            except OSError:
                self._store.apply_file(job_id, None)
                raise
            self._wrote(f"{job_id}.yaml")
        self._wake()
        return job

    def stop(self, job_id: str, caller: Caller) -> Job:
        """Stop what runs, or take back what waits; returns at once. Raises NotFound, Forbidden, ControlOff."""
        job = self.require(job_id, caller)
        self._require_control()
        with self._starter.lock:
            request = self._ledger.withdraw(job_id)
            runs = self._store.runs_of(job_id)
            if runs and (is_active(runs[-1]) or runs[-1].survivors):
                self._supervisor.stop_run(runs[-1].run_id)
            elif job.status is JobStatus.PENDING:
                file = self._store.file(job_id)
                if file is not None and (request is not None or not runs):
                    cancelled = replace(file, status=JobStatus.CANCELLED, finished_at=iso_time(self._clock()))
                    self._store.apply_file(job_id, cancelled)
                    write_job(self._places.jobs, self.require(job_id, caller), file.more)
            else:
                raise BadRequest(f"The job {job_id} has ended already.")
        self._wake()
        return self._store.job(job_id) or job  # without its file it is gone as soon as it has ended

    def retry(self, job_id: str, caller: Caller) -> Job:
        """Run a job again that has ended, or run one that nobody asked for. Raises NotFound, Forbidden, BadRequest,
        ControlOff."""
        job = self.require(job_id, caller)
        self._require_control()
        if job.problem is not None:
            raise BadRequest(f"The file of {job_id} is no job: {job.problem}")
        check_request(self._places.workspace, job.project, job.specification)
        if not caller.may_use(job.project):
            raise Forbidden(f"The project {job.project} is not one of yours.")
        profile = self._profile(job.profile)
        with self._starter.lock:
            file = self._store.file(job_id)
            request, runs = self._ledger.request(job_id), self._store.runs_of(job_id)
            is_waiting = request is not None and request.run is None
            if file is None or is_waiting or (runs and is_active(runs[-1])):
                raise BadRequest(f"The job {job_id} runs or waits already.")
            if runs and runs[-1].survivors:
                raise BadRequest(f"Processes of the last run of {job_id} go on; stop it first.")
            self._ledger.ask(self._request(file, profile, caller, iso_time(self._clock())))
            self._explain(job_id)
            self._store.refresh(job_id)
        self._wake()
        return self.require(job_id, caller)

    def _explain(self, job_id: str) -> None:
        """That credits are used up is in the answer already; the scheduler comes to it only later."""
        request = self._ledger.request(job_id)
        self._store.explain(job_id, self._starter.credits(request.user).reason() if request is not None else None)

    def require(self, job_id: str, caller: Caller) -> Job:
        """A job that the caller may see. Raises NotFound: of others' jobs it is not said that they exist."""
        job = self._store.job(job_id)
        if job is None or not caller.may_see(job.project, job.user):
            raise NotFound(f"There is no job “{job_id[:120]}”.")
        return job

    def _request(self, file: JobFile, profile: Profile, caller: Caller, now: str) -> Request:
        return Request(
            job=file.id,
            project=file.project,
            specification=file.specification,
            profile=profile.name,
            user=caller.name,
            requested_at=now,
            retries_left=profile.retry_times,
        )

    def _require_control(self) -> None:
        if not self._supervisor.control:
            raise ControlOff(
                f"{CONTROL_IS_OFF} Set `control: true` in your own configuration, or LLM_SERVICE_CONTROL=1."
            )

    def _profile(self, name: str | None) -> Profile:
        found = self._starter.profile(name)
        if found is None:
            known = ", ".join(sorted(one.name for one in self._supervisor.profiles())) or "none"
            raise BadRequest(f"{f'There is no profile {name}' if name else 'Name a profile'}; known: {known}.")
        return found


def _new_id(project: str, now: str) -> str:
    """`20261130-053012-quayside-web-3f2a`: in order of creation, and unique."""
    stamp = now[:19].replace("-", "").replace(":", "").replace("T", "-")
    name = "".join(char if char in _SAFE else "-" for char in project.lower())[:60].strip("-")
    return "-".join(part for part in (stamp, name, secrets.token_hex(3)) if part)
