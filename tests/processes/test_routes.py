"""REST, snapshot, health, doctor and `llm-service approve` of programs that may be started."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from click.testing import CliRunner
from kit.live import Live, eventually, running
from kit.runs import end_all, program

from llm_service.cli.main import cli
from llm_service.feature import Feature, Kernel
from llm_service.processes.feature import Processes
from llm_service.processes.model import Profile, RunStatus
from llm_service.tasks.feature import Tasks
from llm_service.users.feature import Users
from llm_service.users.model import User, hash_of

TOKEN = "0123456789abcdef"
LINE = "print('x')"


def features(kernel: Kernel) -> list[Feature]:
    return [Tasks(kernel), Processes(kernel), Users(kernel)]


@pytest.fixture
def begin(workspace: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("user")))
    (workspace / "work/profiles").mkdir(parents=True)
    (workspace / "work/profiles/build.yaml").write_text("argv: [make, '{project}']\nenv: {CC: gcc}\n")
    (workspace / "work/profiles/broken.yaml").write_text("argv: make\n")
    started: list[Live] = []

    def start(**settings: Any) -> Live:
        values = {"min_disk_space_mb": 0, "history": False, **settings}
        started.append(running(workspace, features=features, **values))
        return started[-1]

    yield start
    for live in started:
        live.stop()
    end_all(workspace)


def post(live: Live, path: str, body: Any = None, token: str | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.post(live.url + path, json=body, headers=headers, timeout=60)


def digest_of(live: Live, name: str, **options: Any) -> str:
    profiles = live.json("/api/profiles", **options)["profiles"]
    return next(str(profile["digest"]) for profile in profiles if profile["name"] == name)


def test_profiles_are_shown_whole(begin: Any) -> None:
    live = begin()
    found = live.json("/api/profiles")
    (profile,) = found.pop("profiles")
    assert re.fullmatch("[0-9a-f]{64}", profile.pop("digest"))
    assert profile == {
        "name": "build", "origin": "workspace", "approved": False, "argv": ["make", "{project}"], "cwd": None,
        "env": {"CC": "gcc"}, "env_allow": [], "pty": False, "timeout_s": None, "max_log_bytes": 1 << 30,
        "retry_times": 0, "retry_delay_s": 10.0, "grace_s": 5.0, "phases": {}, "placeholders": ["project"],
    }  # fmt: skip
    (problem,) = found.pop("problems")
    assert problem["where"] == "work/profiles/broken.yaml"
    assert "argv has to be a list of texts" in problem["reason"]
    assert found == {"control": False, "can_approve": False}


def test_of_an_environment_only_the_names_are_shown_but_to_an_admin_who_has_to_approve_it(begin: Any) -> None:
    own = Profile(name="own", argv=("make",), origin="user", env={"API_KEY": "s3cret-of-mine"})
    people = [User("ada", hash_of("ada" * 8), projects=("quay",)), User("root", hash_of("root" * 8), role="admin")]
    shown = {}
    for name, live in (("local", begin(profiles=[own])), ("users", begin(profiles=[own], users=people))):
        tokens = [None] if name == "local" else ["ada" * 8, "root" * 8]
        for token in tokens:
            answer = live.get("/api/profiles", headers={"Authorization": f"Bearer {token}"} if token else {})
            assert "s3cret" not in answer.text
            shown[token] = {profile["name"]: profile["env"] for profile in answer.json()["profiles"]}
    whole, hidden = (
        {"own": {"API_KEY": None}, "build": {"CC": "gcc"}},
        {"own": {"API_KEY": None}, "build": {"CC": None}},
    )
    assert shown == {None: whole, "root" * 8: whole, "ada" * 8: hidden}


def test_nothing_is_approved_without_control(begin: Any) -> None:
    live = begin(token=TOKEN)
    headers = {"headers": {"Authorization": f"Bearer {TOKEN}"}}
    digest = digest_of(live, "build", **headers)
    for path, body in (("approve", {"digest": digest}), ("revoke", None)):
        answer = post(live, f"/api/profiles/build/{path}", body, TOKEN)
        assert (answer.status_code, answer.json()["code"]) == (403, "CONTROL_OFF")


def test_an_agent_on_this_machine_cannot_approve_what_it_proposes(begin: Any) -> None:
    live = begin(control=True)
    answer = post(live, "/api/profiles/build/approve", {"digest": digest_of(live, "build")})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert "llm-service approve" in answer.json()["error"]
    assert not live.json("/api/profiles")["profiles"][0]["approved"]


def test_with_a_token_what_was_shown_is_approved_and_revoked(begin: Any) -> None:
    live = begin(control=True, token=TOKEN)
    headers = {"headers": {"Authorization": f"Bearer {TOKEN}"}}
    digest = digest_of(live, "build", **headers)
    path = "/api/profiles/build"
    assert post(live, f"{path}/approve", {"digest": digest}).status_code == 401
    for body, status in (({"digest": "0" * 64}, 403), ({"digest": 5}, 400), ([], 400), (None, 415)):
        assert post(live, f"{path}/approve", body, TOKEN).status_code == status
    assert post(live, "/api/profiles/none/approve", {"digest": digest}, TOKEN).status_code == 404
    assert post(live, f"{path}/approve", {"digest": digest}, TOKEN).json()["approved"] is True
    processes = live.feature(Processes)
    assert processes.is_approved(processes.book.get("build"))
    assert post(live, f"{path}/revoke", None, TOKEN).json()["approved"] is False
    assert not processes.is_approved(processes.book.get("build"))


def test_runs_are_listed_announced_and_in_the_snapshot(begin: Any) -> None:
    one = program(LINE)
    live = begin(control=True, profiles=[one])
    listener = live.listen(topics=["jobs"])
    assert listener.first("snapshot")["runs"] == []
    processes = live.feature(Processes)
    run = processes.start_run("job:1", one, {})
    other = processes.start_run("plan:p", one, {})
    assert listener.first("run.started")["run"]["run_id"] in (run.run_id, other.run_id)
    eventually(lambda: {one.status for one in processes.runs()} == {RunStatus.FINISHED})
    live.sync()
    (listed,) = live.json("/api/runs?owner=job:1")["runs"]
    assert listed == live.json(f"/api/runs/{run.run_id}")
    assert (listed["status"], listed["exit"]["code"], listed["log_bytes"]) == ("finished", 0, 2)
    assert [one["run_id"] for one in live.json("/api/runs")["runs"]] == [run.run_id, other.run_id]
    assert live.json("/api/snapshot?topics=jobs")["runs"] == live.json("/api/runs")["runs"]
    assert live.get("/api/runs/..%2f..%2fetc").status_code == 404
    assert live.get("/api/runs/none").json()["code"] == "NOT_FOUND"
    assert (live.json("/health")["control"], live.json("/health")["runs"]) == (True, 0)
    assert 'llm_service_runs{status="finished"} 2.0' in live.get("/metrics").text


def test_no_request_starts_anything(begin: Any) -> None:
    """There is no route here that starts a program, whatever it is sent."""
    one = program(LINE)
    live = begin(control=True, profiles=[one])
    for path in ("/api/runs", "/api/profiles", "/api/profiles/program/start", "/api/runs/x/stop"):
        assert post(live, path, {"argv": ["touch", "x"], "profile": "program"}).status_code in (404, 405)
    assert live.feature(Processes).runs() == []


def test_doctor_says_what_may_be_started(begin: Any, workspace: Path) -> None:
    live = begin()
    found = [(one.level, one.what, one.text) for one in live.feature(Processes).examine()]
    assert found[0] == ("ok", "control", "off: programs are only shown; `control: true` in your own configuration")
    assert ("note", "profiles", "build is not approved; `llm-service approve` shows it whole") in found
    assert [one[2] for one in found if one[0] == "problem"] == [
        "work/profiles/broken.yaml: argv has to be a list of texts: the program and its arguments, not make."
    ]
    missing = program(LINE, name="gone")
    gone = begin(control=True, profiles=[type(missing)(name="gone", argv=("no-such-program",), origin="user")])
    texts = [one.text for one in gone.feature(Processes).examine()]
    assert "gone: there is no program no-such-program in PATH" in texts
    unsure = begin(control=True)
    one = program("import time; print('x', flush=True); time.sleep(300)", name="one")
    unsure.feature(Processes).add_built_in(replace(one, origin="built-in"))
    run = unsure.feature(Processes).start_run("job:1", replace(one, origin="built-in"), {})
    left = eventually(lambda: psutil.Process(run.pid).children())
    os.kill(run.pid or 0, signal.SIGKILL)
    for child in left:
        child.kill()
    eventually(lambda: unsure.feature(Processes).run(run.run_id).status is RunStatus.UNKNOWN)
    said = f"{run.folder}: how it ended is not known, as its shim was killed"
    eventually(lambda: said in [finding.text for finding in unsure.feature(Processes).examine()])
    full = begin(control=True, min_disk_space_mb=1_000_000_000)
    assert any("fewer than min_disk_space_mb" in one.text for one in full.feature(Processes).examine())


def test_approve_shows_proposed_profiles_whole_and_approves_exactly_them(
    begin: Any, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = begin(control=True)
    processes = live.feature(Processes)

    def approve(*arguments: str, code: int = 0) -> list[str]:
        result = CliRunner().invoke(cli, ["approve", "--workspace", str(workspace), *arguments])
        assert result.exit_code == code, result.output
        return result.output.splitlines()

    assert approve("--show") == [
        "work/profiles/build.yaml: a profile, which would let this program be started:",
        '  build: ["make", "{project}"]',
        "    cwd: null",
        '    env: {"CC": "gcc"}',
        "    env_allow: []",
        "    pty: false",
        "    timeout_s: null",
        "    max_log_bytes: 1073741824",
        "    retry_times: 0",
        "    retry_delay_s: 10.0",
        "    grace_s: 5.0",
        "    phases: {}",
        "work/profiles/broken.yaml: no profile: argv has to be a list of texts: the program and its "
        "arguments, not make.",
        "This is not approved.",
    ]
    assert not processes.is_approved(processes.book.get("build"))
    approve(code=1)
    assert not processes.is_approved(processes.book.get("build"))
    assert approve("--yes")[-1].endswith(": build.")
    assert processes.is_approved(processes.book.get("build")), "also in the dashboard that runs"
    assert approve("--show")[-1] == "This is approved."
    (workspace / "work/profiles/build.yaml").write_text(json.dumps({"argv": ["make", "evil\u202e\x1b[2K"]}))
    lines = approve("--show")
    assert lines[-2:] == ["Something else was approved before: this is new.", "This is not approved."]
    assert not any("\u202e" in line or "\x1b" in line for line in lines)
    assert not processes.is_approved(processes.book.get("build"))
    approve("--yes")
    approve("--revoke")
    assert not processes.is_approved(processes.book.get("build"))


def test_approve_does_not_read_profiles_through_a_link(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.yaml").write_text("argv: [SECRET]\n")
    (workspace / "work/profiles").symlink_to(outside)
    result = CliRunner().invoke(cli, ["approve", "--workspace", str(workspace), "--show"])
    assert result.exit_code == 0 and "SECRET" not in result.output
    assert "asks for nothing beyond itself" in result.output
