"""Profiles that the user adds to their own configuration, changes and removes while a dashboard runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import Live, eventually
from kit.runs import end_all

from llm_service.cli.sections import SECTIONS
from llm_service.processes.settings import ProcessSettings
from llm_service.settings.load import load


def python(code: str, name: str = "script", **fields: Any) -> dict[str, Any]:
    return {"name": name, "argv": [sys.executable, "-I", "-S", "-c", code], "grace_s": 0.2, **fields}


class Own:
    """The user's own configuration, and a dashboard that is started with it."""

    def __init__(self, workspace: Path, path: Path, start: Callable[..., Live]) -> None:
        self.workspace = workspace
        self.path = path
        self._start = start

    def write(self, *profiles: dict[str, Any]) -> None:
        self.path.with_suffix(".new").write_text(json.dumps({"control": True, "profiles": profiles}))
        self.path.with_suffix(".new").replace(self.path)

    def start(self, **settings: Any) -> Live:
        profiles = load(SECTIONS, str(self.workspace)).of(ProcessSettings).profiles
        return self._start(control=True, profiles=profiles, **settings)


@pytest.fixture
def own(
    start: Callable[..., Live], workspace: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any
) -> Iterator[Own]:
    folder = tmp_path_factory.mktemp("own")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    (folder / "llm-service").mkdir()
    (workspace / "work/generated_projects").mkdir(exist_ok=True)
    yield Own(workspace, folder / "llm-service/config.yaml", start)
    end_all(workspace)


def names(live: Live) -> list[str]:
    return [one["name"] for one in live.json("/api/profiles")["profiles"]]


def ask(live: Live, profile: str) -> requests.Response:
    body = {"specification": "# A board\n", "profile": profile}
    return requests.post(f"{live.url}/api/projects/quay/jobs", json=body, timeout=60)


def job_of(live: Live, answer: requests.Response) -> Any:
    assert answer.status_code == 201, answer.text
    return live.json(f"/api/jobs/{answer.json()['job']['id']}")["job"]


def printed(live: Live, job: Any) -> str:
    return (live.workspace / "work/runs" / job["runs"][-1] / "output.log").read_text()


def test_a_profile_that_is_added_while_it_runs_starts_a_job(own: Own) -> None:
    live = own.start()
    before = names(live)
    assert "script" not in before and ask(live, "script").status_code >= 400
    own.write(python("print('from the first one')"))
    eventually(lambda: "script" in names(live))
    answer = ask(live, "script")
    done = eventually(lambda: (job := job_of(live, answer))["status"] == "completed" and job)
    assert "from the first one" in printed(live, done)
    digest = next(one["digest"] for one in live.json("/api/profiles")["profiles"] if one["name"] == "script")
    own.write(python("print('from the second one')"))
    eventually(lambda: [one for one in live.json("/api/profiles")["profiles"] if one["digest"] != digest])
    eventually(
        lambda: (
            digest not in [one["digest"] for one in live.json("/api/profiles")["profiles"]] and "script" in names(live)
        )
    )
    again = ask(live, "script")
    done = eventually(lambda: (job := job_of(live, again))["status"] == "completed" and job)
    assert "from the second one" in printed(live, done)
    own.path.unlink()
    eventually(lambda: names(live) == before)


def test_what_runs_stays_as_it_is_when_its_profile_is_changed_or_removed(own: Own, tmp_path: Path) -> None:
    own.write(
        python(
            "import os, time\nprint('up', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.02)\nprint('end')"
        )
    )
    live = own.start()
    first, second = ask(live, "script"), ask(live, "script")
    for answer in (first, second):
        eventually(lambda answer=answer: (job := job_of(live, answer))["runs"] and "up" in printed(live, job))
    own.write(python("raise SystemExit(3)", name="another"))
    eventually(lambda: "another" in names(live) and "script" not in names(live))
    assert {job_of(live, answer)["status"] for answer in (first, second)} == {"in_progress"}
    stop = requests.post(f"{live.url}/api/jobs/{first.json()['job']['id']}/stop", timeout=60)
    assert stop.status_code == 202, stop.text
    eventually(lambda: job_of(live, first)["status"] == "cancelled")
    runs = [one for one in live.json("/api/runs")["runs"] if one["owner"] == f"job:{second.json()['job']['id']}"]
    Path(runs[0]["cwd"], "go").touch()
    done = eventually(lambda: (job := job_of(live, second))["status"] == "completed" and job)
    assert printed(live, done).split() == ["up", "end"]


def test_a_job_whose_profile_is_gone_waits_until_it_is_there_again(own: Own) -> None:
    hold = python("import os, time\nwhile not os.path.exists('go'): time.sleep(0.02)", name="hold")
    own.write(hold, python("print('late')", name="late"))
    live = own.start(max_concurrent=1)
    first = ask(live, "hold")
    eventually(lambda: job_of(live, first)["status"] == "in_progress")
    waiting = ask(live, "late")
    own.write(hold)
    eventually(lambda: "late" not in names(live))
    runs = live.json("/api/runs")["runs"]
    Path(runs[0]["cwd"], "go").touch()
    eventually(lambda: job_of(live, waiting)["queue_reason"] == "There is no profile late.")
    assert job_of(live, waiting)["status"] == "pending"
    own.write(hold, python("print('late')", name="late"))
    done = eventually(lambda: (job := job_of(live, waiting))["status"] == "completed" and job)
    assert printed(live, done).split() == ["late"]


def test_a_configuration_that_the_workspace_holds_adds_nothing(own: Own) -> None:
    live = own.start()
    before = names(live)
    theirs = own.workspace / "config.yaml"
    theirs.write_text(json.dumps({"control": True, "profiles": [python("print('evil')", name="evil")]}))
    own.path.symlink_to(theirs)
    eventually(lambda: live.dashboard.kernel.user_file._used is not None)  # it was looked at
    assert names(live) == before and ask(live, "evil").status_code >= 400
    os.unlink(own.path)
    own.write(python("print('mine')"))
    eventually(lambda: "script" in names(live))
    assert "evil" not in names(live)
