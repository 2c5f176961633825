"""Whatever happens to jobs, files and dashboards: a run that was alone in its project is charged for its lines."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from kit.jobs import PROFILE, PlainParser, PretendedProjects, PretendedRuns
from kit.model_runs import run_sequences

from llm_service.jobs.ledger import Ledger
from llm_service.jobs.model import JobFile, JobStatus, Request
from llm_service.jobs.restore import Restorer
from llm_service.jobs.run_history import RunHistory
from llm_service.jobs.settlement import Settlement
from llm_service.jobs.starter import Limits, Places, Starter
from llm_service.jobs.store import JobStore
from llm_service.processes.model import Profile, Run, RunStatus
from llm_service.times import unix_time

JOBS = st.sampled_from(["one", "two", "three"])
PROJECTS = st.sampled_from(["quay", "quay", "bank"])
USERS = {"one": "ada", "two": "bob", "three": "bob"}
NOW = unix_time("2026-11-20T10:00:00.000Z") or 0.0
OTHER_COUNTS = "What another job wrote into this project is being counted."


class KilledError(BaseException):
    """The dashboard was killed just after it had started a program."""


class Runs(PretendedRuns):
    """Runs that can be lost, and removed, and after whose start the dashboard can be killed."""

    is_deadly = False

    def start_run(self, owner: str, profile: Profile, parameters: Mapping[str, str], attempt: int = 1) -> Run:
        run = super().start_run(owner, profile, parameters, attempt)
        if self.is_deadly:
            raise KilledError
        return run

    def change(self, run_id: str, **fields: Any) -> None:
        self._runs[run_id] = replace(self._runs[run_id], **fields)
        self.on_change(self._runs[run_id])

    def remove(self, run_id: str) -> Run:
        return self._runs.pop(run_id)


class LaggingProjects(PretendedProjects):
    """What was written is counted when somebody waits for it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.written = Counter[str]()
        self.is_slow = False

    def settle(self, project: str, timeout_s: float) -> bool:
        if not self.is_slow:
            self.counted[project] = self.written[project]
        return not self.is_slow


class Charging(RuleBasedStateMachine):
    """Jobs of two users in two projects."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        (self.folder / "work/jobs").mkdir(parents=True)
        self.runs = Runs()
        self.projects = LaggingProjects(self.folder / "work/generated_projects")
        self.files: dict[str, JobFile] = {}
        self.project_of: dict[str, str] = {}
        self.alive: dict[str, str] = {}
        """Run -> job."""
        self.lines = Counter[str]()
        self.shared = set[str]()
        self.seen = 0
        self._begin()

    def _begin(self) -> None:
        """A dashboard starts."""
        workspace = str(self.folder)
        self.ledger = Ledger(f"{workspace}-own", workspace)
        self.store = JobStore(self.ledger, lambda event: None)
        self.runs.on_change = self.store.apply_run
        limits = Limits(2, False, lambda user: None, lambda project, profile: None)
        places = Places(workspace, f"{workspace}/work/jobs")
        self.starter = Starter(self.runs, self.store, self.ledger, self.projects, places, limits, lambda: NOW)
        self.settlement = Settlement(
            self.store, self.ledger, self.projects, lambda sessions, job, since: None, RunHistory(None), workspace,
            self.starter.profile, lambda: NOW,
        )  # fmt: skip
        for job, file in self.files.items():
            self.store.apply_file(job, file)
        for run in self.runs.runs():
            self.store.apply_run(run)
        Restorer(self.store, RunHistory(None), workspace, lambda run, state: PlainParser()).restore(self.runs.runs())

    def teardown(self) -> None:
        try:
            self.projects.is_slow = False
            for run in list(self.alive):
                self._end(run)
            for _ in range(10):
                self._turn()
                for run in list(self.alive):
                    self._end(run)
            assert (self.ledger.requests(), self.ledger.charges()) == ([], [])
            due = Counter[str]()
            for run, lines in self.lines.items():
                if run not in self.shared:
                    due[USERS[self.job_of[run]]] += lines
            assert {user: self.ledger.used(user) for user in ("ada", "bob")} == {
                user: due[user] for user in ("ada", "bob")
            }
        finally:
            shutil.rmtree(self.folder)
            shutil.rmtree(f"{self.folder}-own", ignore_errors=True)

    @property
    def job_of(self) -> dict[str, str]:
        started = enumerate(self.runs.started, 1)
        return {f"run-{number}": owner.removeprefix("job:") for number, (owner, *_) in started}

    def _notice_starts(self) -> None:
        for run, job in list(self.job_of.items())[self.seen :]:
            mates = [one for one, other in self.alive.items() if self.project_of[other] == self.project_of[job]]
            if mates:
                self.shared.update(mates, [run])
            self.alive[run] = job
        self.seen = len(self.runs.started)

    def _turn(self) -> None:
        self.settlement.turn()
        try:
            self.starter.turn()
        finally:
            self._notice_starts()

    def _end(self, run: str) -> None:
        if self.runs.run(run).status is RunStatus.UNKNOWN:
            self.runs.change(run, survivors=0)
        else:
            self.runs.end(run)
        del self.alive[run]

    def _one(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.alive)))

    @rule(job=JOBS, project=PROJECTS)
    def ask(self, job: str, project: str) -> None:
        if job in self.alive.values() or self.ledger.request(job) is not None or len(self.runs.started) > 40:
            return
        if any(charge.job == job for charge in self.ledger.charges()) and self.project_of[job] != project:
            return  # a job does not move
        self.project_of[job] = project
        file = JobFile(id=job, file=f"work/jobs/{job}.yaml", project=project, status=JobStatus.PENDING)
        at = f"2026-11-20T09:00:{len(self.runs.started):02}.500Z"
        asked = Request(
            job=job, project=project, specification="Do it.", profile=PROFILE.name, user=USERS[job], requested_at=at
        )
        self.files[job] = file
        self.ledger.ask(asked)
        self.store.apply_file(job, file)
        self._turn()

    @rule(is_slow=st.booleans())
    def turn(self, is_slow: bool) -> None:
        self.projects.is_slow = is_slow
        self._turn()

    @precondition(lambda self: self.alive)
    @rule(data=st.data(), lines=st.integers(1, 100))
    def write(self, data: st.DataObject, lines: int) -> None:
        run = self._one(data)
        self.lines[run] += lines
        self.projects.written[self.project_of[self.alive[run]]] += lines

    @precondition(lambda self: self.alive)
    @rule(data=st.data(), is_slow=st.booleans())
    def end(self, data: st.DataObject, is_slow: bool) -> None:
        self.projects.is_slow = is_slow
        self._end(self._one(data))

    @precondition(lambda self: self.alive)
    @rule(data=st.data(), survivors=st.integers(0, 1))
    def lose_the_shim(self, data: st.DataObject, survivors: int) -> None:
        run = self._one(data)
        self.runs.change(run, status=RunStatus.UNKNOWN, survivors=survivors)
        if not survivors:
            del self.alive[run]

    @rule(job=JOBS)
    def remove_the_file(self, job: str) -> None:
        if self.files.pop(job, None) is not None:
            self.store.apply_file(job, None)

    @rule()
    def remove_an_ended_run(self) -> None:
        ended = [run.run_id for run in self.runs.runs() if run.run_id not in self.alive]
        if ended:
            self.store.remove_run(self.runs.remove(ended[-1]))

    @rule()
    def start_again(self) -> None:
        self._begin()

    @rule()
    def kill_after_a_start(self) -> None:
        self.runs.is_deadly = True
        try:
            self._turn()
        except KilledError:
            self.runs.is_deadly = False
            self._begin()
            self._turn()
        self.runs.is_deadly = False


def test_what_runs_alone_is_charged(request: pytest.FixtureRequest) -> None:
    run_sequences(Charging, request, 40)


def test_one_that_starts_after_another_waits_until_that_is_counted(desk: Callable[..., Any]) -> None:
    from kit.live import eventually

    one = desk()
    first = one.ask().json()["job"]["id"]
    eventually(lambda: one.job(first)["status"] == "in_progress")
    one.projects.counting.add("quay")
    one.runs.end("run-1")
    eventually(lambda: one.job(first)["status"] == "completed")
    second = one.ask().json()["job"]["id"]
    elsewhere = one.ask("bank").json()["job"]["id"]
    eventually(lambda: one.job(second)["queue_reason"] == OTHER_COUNTS)
    eventually(lambda: one.job(elsewhere)["status"] == "in_progress")
    one.projects.counted["quay"] = 60
    one.projects.counting.clear()
    eventually(lambda: one.job(second)["status"] == "in_progress")
    done = one.job(first)
    assert (done["lines_written"], done["shared_lines"]) == (60, False)
    assert one.live.json(f"/api/jobs/{first}")["credits"]["used"] == 60
    one.projects.counted["quay"] = 100
    one.runs.end("run-3" if one.runs.started[2][0].endswith(second) else "run-2")
    eventually(lambda: one.job(second)["output_ready"])
    assert one.live.json(f"/api/jobs/{first}")["credits"]["used"] == 100


def test_a_job_is_charged_though_its_file_and_its_run_are_removed(desk: Callable[..., Any]) -> None:
    from kit.live import eventually

    one = desk()
    job = one.ask().json()["job"]
    eventually(lambda: one.job(job["id"])["status"] == "in_progress")
    run = one.runs.run("run-1")
    one.projects.counted["quay"] = 60
    (one.live.workspace / job["file"]).unlink()
    eventually(lambda: one.live.sync() and (one.job(job["id"])["problem"] or "").startswith("Its file was removed"))
    assert one.jobs.needs_run(run)
    one.runs.end("run-1")
    one.jobs.on_run_removed(one.runs.run("run-1"))
    again = one.ask().json()["job"]["id"]
    eventually(lambda: one.job(again)["status"] == "in_progress")
    assert one.live.json(f"/api/jobs/{again}")["credits"]["used"] == 60


def test_the_files_that_were_there_before_it_are_not_charged(desk: Callable[..., Any]) -> None:
    from kit.live import eventually

    one = desk()
    one.projects.counting.add("quay")
    job = one.ask().json()["job"]["id"]
    eventually(lambda: one.job(job)["queue_reason"] == "The files of its project are being counted.")
    one.projects.counted["quay"] = 1_000
    one.projects.counting.clear()
    eventually(lambda: one.job(job)["status"] == "in_progress")
    one.projects.counted["quay"] = 1_010
    one.runs.end("run-1")
    eventually(lambda: one.job(job)["output_ready"])
    assert one.live.json(f"/api/jobs/{job}")["credits"]["used"] == 10
