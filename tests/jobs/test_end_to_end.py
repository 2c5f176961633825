"""Jobs with all that a dashboard has: real programs, logs, files, calls; and that nothing else can be started."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from kit.live import Live, eventually

from llm_service.calls.model import NANOS
from llm_service.costs.settings import BudgetRule
from llm_service.jobs.demo.profile import SECONDS
from llm_service.processes.feature import Processes
from llm_service.processes.identity import identify
from llm_service.processes.model import Profile
from llm_service.users.model import User, hash_of

Start = Callable[..., Live]


@pytest.fixture
def begin(start: Start, workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Start]:
    """Start a dashboard whose demo takes a second; at the end nothing of it runs any more."""
    monkeypatch.setenv(SECONDS, "1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path.parent / f"{tmp_path.name}-own"))
    for folder in ("generated_projects", "telemetry"):
        (workspace / "work" / folder).mkdir()
    started: list[Live] = []

    def begin_one(**settings: object) -> Live:
        started.append(start(**{"control": True, **settings}))
        return started[-1]

    yield begin_one
    for live in started[-1:]:
        processes = live.feature(Processes)
        for run_id, _ in processes.board.running():
            processes.stop_run(run_id)
        eventually(lambda processes=processes: not processes.board.running())


def post(live: Live, path: str, body: Any = None) -> requests.Response:
    return requests.post(live.url + path, json=body or {}, timeout=60)


def job_of(live: Live, job_id: str) -> Any:
    return live.json(f"/api/jobs/{job_id}")["job"]


def ask(live: Live, project: str = "quay", **body: Any) -> str:
    answer = post(live, f"/api/projects/{project}/jobs", {"specification": "# A board\n", "profile": "demo"} | body)
    assert answer.status_code == 201, answer.text
    job_id: str = answer.json()["job"]["id"]
    return job_id


def test_a_demo_job_from_the_request_to_the_cost(begin: Start) -> None:
    live = begin()
    listener = live.listen()
    job_id = ask(live)
    done = eventually(lambda: (job := job_of(live, job_id))["output_ready"] and job, 60)
    assert (done["status"], done["exit_code"], done["error_message"]) == ("completed", 0, None)
    phases = [phase["phase"] for phase in done["phases"]]
    assert phases == ["specify", "plan", "implement", "test", "review"]
    assert all(phase["started_at"] <= phase["finished_at"] for phase in done["phases"])
    # Its lines.
    (run_id,) = done["runs"]
    log = (live.workspace / "work/runs" / run_id / "output.log").read_bytes()
    assert done["log_lines"] == log.count(b"\n")
    page = live.json(f"/api/jobs/{job_id}/logs?view=all&limit=500")
    assert page["lines_total"] == done["log_lines"]
    assert [start["phase"] for start in page["phases"]] == phases
    listener.wait(lambda got: {b["phase"] for n, b in got if n == "job.phase" and b["job"] == job_id} == set(phases))
    # Its files, and what they are charged with.
    project = live.workspace / "work/generated_projects/quay"
    assert (project / "spec.md").read_text().startswith("# A board\n")
    files = [path for path in project.rglob("*") if path.is_file()]
    assert done["lines_written"] == sum(path.read_bytes().count(b"\n") for path in files)
    assert live.json(f"/api/jobs/{job_id}")["credits"]["used"] == done["lines_written"]
    # Its calls.
    eventually(lambda: (job_of(live, job_id)["cost_usd"] or 0) > 0)
    spend(live, "quay", "another", 40.0)  # in the same project, and no call of this job

    def calls() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = live.json(f"/api/telemetry/calls?job={job_id}&limit=500")["calls"]
        return found

    # The last of them may come after the first cost is known.
    eventually(lambda: sum(call["cost_usd"] for call in calls()) == pytest.approx(job_of(live, job_id)["cost_usd"]))
    assert "another" not in {call["agent_name"] for call in calls()}
    # Its tasks, and its file.
    live.sync()
    assert live.json("/api/tasks?lane=done&agent=demo&limit=500")["counts"]["done"] == 6
    file = live.workspace / done["file"]
    eventually(lambda: 'status: "completed"' in file.read_text() and "output_ready: true" in file.read_text())
    # What it states, as a proposal.
    eventually(lambda: any("whole cents" in fact["text"] for fact in live.json("/api/knowledge")["facts"]))


def test_a_job_that_fails_says_why_and_can_be_tried_again_and_compared(begin: Start) -> None:
    live = begin()
    job_id = ask(live, specification="# A board\n\ndemo: fail\n")
    failed = eventually(lambda: (job := job_of(live, job_id))["status"] == "failed" and job, 60)
    assert (failed["exit_code"], failed["error_message"]) == (1, "It ended with exit code 1.")
    assert post(live, f"/api/jobs/{job_id}/retry").status_code == 202
    again = eventually(
        lambda: len((job := job_of(live, job_id))["runs"]) == 2 and job["status"] == "failed" and job, 60
    )
    left, right = again["runs"]
    found = live.json(f"/api/jobs/compare?left={left}&right={right}")
    assert found["difference"]["attempt"] == 1
    assert set(found["difference"]["phase_s"]) == {"specify", "plan", "implement", "test", "review"}


def test_what_a_job_has_written_is_listed(begin: Start) -> None:
    live = begin()
    project = live.workspace / "work/generated_projects/quay"
    project.mkdir()
    (project / "old.md").write_text("before\n")
    os.utime(project / "old.md", (1_000, 1_000))
    job_id = ask(live)
    done = eventually(lambda: (job := job_of(live, job_id))["output_ready"] and job, 60)
    written = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()} - {"old.md"}
    (project / "late.md").write_text("after\n")
    os.utime(project / "late.md", (time.time() + 60, time.time() + 60))
    live.sync()
    for path in ("/api/artifacts", "/artifacts"):
        page = live.json(f"{path}?job={job_id}&limit=500")
        assert {file["path"] for file in page["artifacts"]} == written
        assert sum(page["counts"].values()) == len(written)
    assert {file["project"] for file in page["artifacts"]} == {done["project"]}
    assert live.json(f"/api/artifacts?job={job_id}&q=spec.md")["counts"]["documentation"] == 1
    (live.workspace / "work/jobs/by-hand.yaml").write_text("project: quay\nspecification: x\n")
    (live.workspace / "work/jobs/elsewhere.yaml").write_text("project: nowhere\nspecification: x\n")
    live.sync()
    for waiting in ("by-hand", "elsewhere"):  # it has not begun
        assert live.json(f"/api/artifacts?job={waiting}")["artifacts"] == []
    assert requests.get(f"{live.url}/api/artifacts?job=none", timeout=60).status_code == 404
    assert requests.get(f"{live.url}/api/artifacts?job={job_id}&project=quay", timeout=60).status_code == 400


def test_jobs_that_follow_one_another_are_both_charged(begin: Start) -> None:
    write = "import sys; open(sys.argv[1], 'w').write('a line\\n' * 500)"
    argv = (sys.executable, "-c", write, "{project_dir}/{job}.md")
    live = begin(profiles=[Profile(name="ada", argv=argv, origin="user")])
    jobs = list[str]()
    for _ in range(3):
        jobs.append(ask(live, profile="ada"))
        eventually(lambda: job_of(live, jobs[-1])["status"] == "completed", 60)  # it may not be counted yet
    done = [eventually(lambda job=job: (found := job_of(live, job))["output_ready"] and found, 60) for job in jobs]
    assert [(job["lines_written"], job["shared_lines"]) for job in done] == [(500, False)] * 3
    assert live.json(f"/api/jobs/{jobs[0]}")["credits"]["used"] == 1_500


def test_a_job_is_stopped_whole(begin: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "600")
    live = begin()
    job_id = ask(live)
    eventually(lambda: job_of(live, job_id)["log_lines"] > 0)
    assert post(live, f"/api/jobs/{job_id}/stop").status_code == 202
    found = eventually(lambda: (job := job_of(live, job_id))["status"] == "cancelled" and job)
    assert found["exit_reason"] == "stopped"
    assert live.feature(Processes).board.running() == []


def test_a_job_outlives_the_dashboard(begin: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "4")
    one = begin()
    job_id = ask(one)
    eventually(lambda: "plan" in [phase["phase"] for phase in job_of(one, job_id)["phases"]])
    one.stop()
    two = begin()
    done = eventually(lambda: two.sync() and (job := job_of(two, job_id))["output_ready"] and job, 60)
    (run_id,) = done["runs"]
    log = (two.workspace / "work/runs" / run_id / "output.log").read_bytes()
    assert (done["status"], done["log_lines"]) == ("completed", log.count(b"\n"))
    assert [phase["phase"] for phase in done["phases"]] == ["specify", "plan", "implement", "test", "review"]
    assert done["lines_written"] is not None


def test_a_program_that_is_missing_fails_with_the_reason_on_its_card(begin: Start) -> None:
    profile = Profile(name="gone", argv=("no-such-program-here", "{project}"), origin="user")
    live = begin(profiles=[profile])
    job_id = ask(live, profile="gone")
    found = eventually(lambda: (job := job_of(live, job_id))["status"] == "failed" and job)
    assert "no-such-program-here" in found["error_message"]


def test_what_is_left_of_a_job_whose_shim_was_killed_is_shown_and_can_be_stopped(begin: Start) -> None:
    gate = "import os, time\nprint('one', flush=True)\nwhile not os.path.exists('more'): time.sleep(0.01)\n"
    live_on = gate + "print('two', flush=True)\ntime.sleep(600)\n"
    argv = (sys.executable, "-c", live_on)
    live = begin(profiles=[Profile(name="ada", argv=argv, origin="user", grace_s=1)])
    job_id = ask(live, profile="ada")
    running = eventually(lambda: (job := job_of(live, job_id))["log_lines"] and job)
    (run_id,) = running["runs"]
    run = live.json(f"/api/runs/{run_id}")
    (program,) = psutil.Process(run["pid"]).children()
    os.kill(run["pid"], signal.SIGKILL)
    lost = eventually(lambda: (job := job_of(live, job_id))["survivors"] and job)
    assert (lost["status"], lost["survivors"], lost["exit_reason"]) == ("unknown", 1, None)
    assert program.is_running()
    (Path(run["cwd"]) / "more").touch()
    eventually(lambda: job_of(live, job_id)["log_lines"] == 2)
    refused = post(live, f"/api/jobs/{job_id}/retry")
    assert (refused.status_code, "go on; stop it first" in refused.json()["error"]) == (400, True)
    assert post(live, f"/api/jobs/{job_id}/stop").status_code == 202
    stopped = eventually(lambda: (job := job_of(live, job_id))["survivors"] == 0 and job)
    assert (stopped["status"], identify(program.pid)) == ("unknown", None)
    assert post(live, f"/api/jobs/{job_id}/stop").status_code == 400
    assert post(live, f"/api/jobs/{job_id}/retry").status_code == 202
    eventually(lambda: job_of(live, job_id)["status"] == "in_progress")


def spend(live: Live, project: str, agent: str, cost_usd: float) -> None:
    """A call that is logged now; it is not one of any job."""
    call = {
        "invocation_id": f"{project}-{agent}-{cost_usd}",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "agent_name": agent,
        "model_name": "m1",
        "project": project,
        "prompt_tokens": 1,
        "completion_tokens": 1,
        "cost_usd": cost_usd,
    }
    with open(live.workspace / "work/telemetry/spent.jsonl", "a") as file:
        file.write(json.dumps(call) + "\n")


LONG = "import time\nprint('at work', flush=True)\ntime.sleep(600)\n"


def long_profile(name: str) -> Profile:
    """A program that goes on until it is stopped."""
    return Profile(name=name, argv=(sys.executable, "-c", LONG), origin="user", grace_s=1)


def test_a_budget_that_is_used_up_stops_the_runs_that_it_covers_and_no_others(begin: Start) -> None:
    rules = [
        BudgetRule("quay, a day", "day", 2 * NANOS, "project", "quay", stop_runs=True),
        BudgetRule("ada, a day", "day", 2 * NANOS, "agent", "ada", stop_runs=True),
        BudgetRule("harbour, a day", "day", NANOS, "project", "harbour"),
    ]
    live = begin(budgets=rules, profiles=[long_profile("ada"), long_profile("bob")], max_concurrent=4)
    quay, harbour = ask(live, "quay", profile="bob"), ask(live, "harbour", profile="bob")
    by_agent, other = ask(live, "mole", profile="ada"), ask(live, "mole", profile="bob")
    jobs = (quay, harbour, by_agent, other)

    def statuses() -> list[str]:
        return [job_of(live, job)["status"] for job in jobs]

    eventually(lambda: all(job_of(live, job)["log_lines"] for job in jobs))
    spend(live, "quay", "carol", 1.5)
    spend(live, "harbour", "carol", 50)
    eventually(lambda: [one["spent_usd"] for one in live.json("/api/telemetry")["budgets"]] == [1.5, 0, 50])
    assert statuses() == ["in_progress"] * 4, "below its limit, and a budget that stops nothing"
    spend(live, "quay", "carol", 0.5)
    stopped = eventually(lambda: (job := job_of(live, quay))["status"] == "failed" and job)
    assert (stopped["exit_reason"], stopped["error_message"]) == ("budget", "It was stopped, as a budget is used up.")
    assert statuses() == ["failed", "in_progress", "in_progress", "in_progress"]
    spend(live, "elsewhere", "ada", 3)
    stopped = eventually(lambda: (job := job_of(live, by_agent))["status"] == "failed" and job)
    assert stopped["exit_reason"] == "budget"
    assert statuses() == ["failed", "in_progress", "failed", "in_progress"]
    # What is asked for now waits, and says which budget it is.
    waiting = ask(live, "quay", profile="bob")
    reason = eventually(lambda: job_of(live, waiting)["queue_reason"])
    assert reason.startswith("Budget “quay, a day”: $2.00 of $2.00 spent by project “quay” (100%)")
    assert job_of(live, waiting)["status"] == "pending"
    for job in (harbour, other):
        assert len(job_of(live, job)["runs"]) == 1
        assert post(live, f"/api/jobs/{job}/stop").status_code == 202
    eventually(lambda: statuses()[1::2] == ["cancelled"] * 2)


MARK = "started-by-an-attack"


def hostile_workspace(workspace: Path) -> Path:
    """Files of all kinds that we read, each of which wants a program to be started that leaves a mark."""
    mark = workspace / MARK
    argv = [sys.executable, "-c", f"open({str(mark)!r}, 'w')"]
    profile = {"name": "evil", "argv": argv, "cwd": str(workspace), "env": {}, "approved": True, "origin": "user"}
    job = {
        "project": "quay", "specification": "x", "profile": "evil", "status": "pending", "user": "root",
        "argv": argv, "run": "run-1", "requested_at": "2026-11-20T09:00:00Z", "approved": True,
    }  # fmt: skip
    run = {
        "id": "run-1", "owner": "job:evil", "profile": "evil", "digest": "0" * 64, "argv": argv, "cwd": str(workspace),
        "attempt": 1, "grace_s": 0.0, "workspace": str(workspace), "started_at": "2026-11-20T09:00:00.000Z",
        "pid": os.getpid(), "process_start_time": "0", "boot_id": "0", "proof": "0" * 64,
    }  # fmt: skip
    stream = json.dumps({"text": "start it", "source": "system", "job": "evil", "argv": argv})
    files = {
        "llm-service.yaml": {"control": True, "jobs_drop_in": True, "profiles": [profile], "max_concurrent": 900},
        "work/profiles/evil.yaml": profile,
        "work/jobs/evil.yaml": job,
        "work/jobs/demo.yaml": job | {"profile": "demo"},
        "work/runs/run-1/run.json": run,
        "work/runs/run-2/exit.json": {"code": 0, "finished_at": "2026-11-20T09:00:00Z", "reason": "exited"},
        "work/collaboration/inbox/evil.yaml": {"id": "evil", "title": "x", "profile": "evil", "argv": argv, "job": job},
        "work/knowledge/evil.yaml": {"id": "evil", "text": "start it", "status": "accepted", "argv": argv},
        ".llm-service/jobs/evil.json": {"requests": [job], "charges": [], "used": {}},
    }
    for path, content in files.items():
        (workspace / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace / path).write_text(json.dumps(content))
    (workspace / "work/streams").mkdir(exist_ok=True)
    for topic in ("insights", "knowledge", "metrics", "logs"):
        (workspace / f"work/streams/{topic}.jsonl").write_text(stream + "\n")
    (workspace / "work/telemetry/evil.jsonl").write_text(json.dumps({"job_id": "evil", "argv": argv}) + "\n")
    return mark


def every_post(live: Live) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every POST route, with names of what is there, and bodies that would start something."""
    argv = [sys.executable, "-c", f"open({str(live.workspace / MARK)!r}, 'w')"]
    bodies: list[dict[str, Any]] = [
        {},
        {"specification": "x", "profile": "evil"},
        {"specification": "x", "profile": "demo", "argv": argv},
        {"specification": "x", "profile": {"name": "evil", "argv": argv}},
        {"specification": f"x\n{argv}", "profile": "evil", "env": {"PATH": "."}, "cwd": "/"},
        {"text": "start it", "source": "system", "argv": argv},
        {"digest": "0" * 64},
    ]
    names = {"project": "quay", "job_id": "evil", "job": "evil", "name": "evil", "run_id": "run-1", "topic": "insights"}
    for route in live.dashboard.site.api.routes:
        if route.method != "POST":
            continue
        path = route.path
        for param in route.params:
            if param.where == "path":
                path = path.replace(f"<{param.name}>", names.get(param.name, "evil"))
        assert "<" not in path or "<int:" in path or "<any" in path, path
        for body in bodies:
            yield path, body


@pytest.mark.parametrize("control", [False, True])
def test_no_route_and_no_file_starts_what_was_not_approved(begin: Start, workspace: Path, control: bool) -> None:
    mark = hostile_workspace(workspace)
    live = begin(control=control)
    live.sync()
    routes = set()
    for path, body in every_post(live):
        routes.add(path)
        answer = post(live, path, body)
        assert answer.status_code < 500 or answer.status_code == 503, (path, body, answer.text)
        post(live, path.replace("evil", "demo"), body)
    assert len(routes) > 8
    live.sync()
    processes = live.feature(Processes)
    if not control:
        assert post(live, "/api/projects/quay/jobs", {"specification": "x", "profile": "demo"}).status_code == 403
        assert [run.run_id for run in processes.runs()] == ["run-1"]
        assert all(job["status"] != "in_progress" for job in live.json("/api/jobs")["jobs"])
    eventually(lambda: all(run.exit for run in processes.runs() if run.is_proven), 60)
    assert {run.profile for run in processes.runs() if run.is_proven} <= {"demo"}
    assert not mark.exists()
    assert not (workspace / "work/generated_projects/quay" / MARK).exists()


def test_the_observer_shows_everything_without_control(begin: Start) -> None:
    one = begin()
    job_id = ask(one)
    eventually(lambda: job_of(one, job_id)["output_ready"], 60)
    one.stop()
    two = begin(control=False)
    before = {path: path.read_bytes() for path in (two.workspace / "work/jobs").iterdir()}
    done = eventually(lambda: two.sync() and (job := job_of(two, job_id))["log_lines"] and job)
    assert (done["status"], len(done["phases"])) == ("completed", 5)
    assert two.json(f"/api/jobs/{job_id}/logs")["lines_total"] > 20
    assert two.json("/api/jobs")["control"] is False
    for action in ("stop", "retry"):
        assert post(two, f"/api/jobs/{job_id}/{action}").json()["code"] == "CONTROL_OFF"
    assert {path: path.read_bytes() for path in (two.workspace / "work/jobs").iterdir()} == before


def test_a_user_sees_and_controls_the_own_projects_only(begin: Start) -> None:
    tokens = {name: f"{name}-" + "x" * 30 for name in ("ada", "bob", "root")}
    people = [
        User("ada", hash_of(tokens["ada"]), projects=("quay",), credits=100_000),
        User("bob", hash_of(tokens["bob"]), projects=("harbour",)),
        User("root", hash_of(tokens["root"]), role="admin"),
    ]
    live = begin(users=people)

    def call(name: str, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {tokens[name]}"}
        return requests.request(method, live.url + path, json=body, headers=headers, timeout=60)

    order = {"specification": "# A board\n", "profile": "demo"}
    assert requests.post(f"{live.url}/api/projects/quay/jobs", json=order, timeout=60).status_code == 401
    assert call("bob", "POST", "/api/projects/quay/jobs", order).status_code == 404
    job_id = call("ada", "POST", "/api/projects/quay/jobs", order).json()["job"]["id"]
    done = eventually(
        lambda: (job := call("root", "GET", f"/api/jobs/{job_id}").json()["job"])["output_ready"] and job, 60
    )
    (run_id,) = done["runs"]
    assert done["user"] == "ada"
    paths = [
        f"/api/jobs/{job_id}", f"/jobs/{job_id}", f"/api/jobs/{job_id}/logs", f"/api/jobs/{job_id}/logs/download",
        f"/api/runs/{run_id}", f"/api/jobs/compare?left={run_id}&right={run_id}",
    ]  # fmt: skip
    for path in paths:
        assert [call(name, "GET", path).status_code for name in ("ada", "root", "bob")] == [200, 200, 404], path
    for action in ("stop", "retry"):
        assert call("bob", "POST", f"/api/jobs/{job_id}/{action}").status_code == 404
    for path, key in (("/api/jobs", "jobs"), ("/api/runs", "runs"), ("/api/snapshot?topics=jobs", "jobs")):
        assert [len(call(name, "GET", path).json()[key]) for name in ("ada", "root", "bob")] == [1, 1, 0], path
    assert call("bob", "GET", "/api/logs/search?q=demo").json()["matches"] == []
    credits = call("ada", "GET", f"/api/jobs/{job_id}").json()["credits"]
    assert (credits["user"], credits["limit"], credits["used"]) == ("ada", 100_000, done["lines_written"])
