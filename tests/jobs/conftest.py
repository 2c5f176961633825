"""A dashboard with the jobs alone, whose runs are pretended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kit.jobs import AGAIN, OTHER, PROFILE, PlainParser, PretendedProjects, PretendedRuns
from kit.live import Live, running

from llm_service.feature import Feature, Kernel
from llm_service.jobs.feature import Jobs
from llm_service.jobs.needs import Caller
from llm_service.processes.model import Profile
from llm_service.tasks.feature import Tasks


@dataclass
class Desk:
    """A running dashboard, and what its jobs are given."""

    live: Live
    jobs: Jobs
    runs: PretendedRuns
    projects: PretendedProjects

    def ask(self, project: str = "quay", specification: str = "Do it.", **body: Any) -> Any:
        """Ask for a job; the answer."""
        import requests

        return requests.post(
            f"{self.live.url}/api/projects/{project}/jobs",
            json={"specification": specification, "profile": "script"} | body,
            timeout=60,
        )

    def post(self, path: str) -> Any:
        """A POST without a body."""
        import requests

        return requests.post(self.live.url + path, timeout=60)

    def job(self, job_id: str) -> Any:
        """The job, as clients see it."""
        return self.live.json(f"/api/jobs/{job_id}")["job"]

    def write(self, name: str, text: str) -> Path:
        """Put the file of a job there."""
        path = self.live.workspace / "work/jobs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def desk(workspace: Path) -> Iterator[Callable[..., Desk]]:
    """Start one: `desk(control=..., **settings)`."""
    started: list[Live] = []

    def begin(
        control: bool = True,
        runs: PretendedRuns | None = None,
        profiles: Sequence[Profile] = (PROFILE, AGAIN, OTHER),
        caller: Callable[[], Caller] = Caller,
        given: dict[str, Any] | None = None,
        **settings: object,
    ) -> Desk:
        pretended = runs or PretendedRuns(control, profiles)
        projects = PretendedProjects(workspace / "work/generated_projects")
        made: list[Jobs] = []

        def features(kernel: Kernel) -> list[Feature]:
            jobs = Jobs(kernel, pretended, projects, lambda run, state: PlainParser(), caller, **given or {})
            pretended.on_change = jobs.on_run
            made.append(jobs)
            return [Tasks(kernel), jobs]

        live = running(workspace, features=features, **settings)
        started.append(live)
        live.sync()
        return Desk(live, made[0], pretended, projects)

    yield begin
    for live in started:
        live.stop()
