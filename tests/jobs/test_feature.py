"""Jobs as users see them: asked for, run, stopped, tried again; with runs that are pretended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.jobs import AGAIN, PROFILE, PretendedRuns, ended, parsed, run_of
from kit.live import eventually

from llm_service.errors import ServiceError
from llm_service.jobs.needs import Caller
from llm_service.processes.model import RunStatus

Start = Callable[..., Any]
FILE = "project: quay\nspecification: Do it.\nprofile: script\nstatus: pending\n"


def test_a_job_is_asked_for_runs_and_is_completed(desk: Start) -> None:
    one = desk()
    listener = one.live.listen()
    one.projects.counted["quay"] = 40
    answer = one.ask(specification="# A board\n\nFor the office.")
    assert answer.status_code == 201, answer.text
    job = answer.json()["job"]
    assert (job["status"], job["project"], job["user"]) == ("pending", "quay", None)
    eventually(lambda: one.job(job["id"])["status"] == "in_progress")
    (started,) = one.runs.started
    owner, profile, parameters = started
    assert (owner, profile, parameters["job"], parameters["project"]) == (
        f"job:{job['id']}",
        PROFILE,
        job["id"],
        "quay",
    )
    assert Path(parameters["project_dir"]) == one.live.workspace / "work/generated_projects/quay"
    assert Path(parameters["specification"]).read_text() == "# A board\n\nFor the office.\n"
    one.jobs.on_lines(one.runs.run("run-1"), 1, parsed("hello", "phase: plan", "error: no", "phase: test"))
    one.projects.counted["quay"] = 100
    (one.live.workspace / "work/runs/run-1").mkdir(parents=True)
    (one.live.workspace / "work/runs/run-1/output.log").write_text("hello\nphase: plan\nerror: no\nphase: test\n")
    one.runs.end("run-1")
    done = eventually(lambda: (found := one.job(job["id"]))["output_ready"] and found)
    assert (done["status"], done["exit_code"], done["current_phase"]) == ("completed", 0, "test")
    assert (done["lines_written"], done["log_lines"], done["runs"]) == (60, 4, ["run-1"])
    assert [phase["phase"] for phase in done["phases"]] == ["plan", "test"]
    assert all(phase["finished_at"] for phase in done["phases"])
    assert one.projects.settled == 1
    listener.first("job.phase", phase="test", previous="plan", job=job["id"])
    listener.wait(lambda got: any(n == "job.updated" and b["job"]["output_ready"] for n, b in got))
    listener.wait(lambda got: any(n == "job.progress" and b["log_lines"] == 4 for n, b in got))
    credits = one.live.json(f"/api/jobs/{job['id']}")["credits"]
    assert credits["limit"] is None
    assert credits["used"] == 60
    assert "between its start and its end" in credits["rule"]


def test_a_phase_in_the_last_lines_ends_with_the_run_though_their_reader_does_not_know_of_its_end(desk: Start) -> None:
    one = desk()
    job_id = one.ask(specification="Do it.").json()["job"]["id"]
    eventually(lambda: one.job(job_id)["status"] == "in_progress")
    running = one.runs.run("run-1")
    one.runs.end("run-1")
    eventually(lambda: one.job(job_id)["exit_code"] == 0)
    one.jobs.on_lines(running, 1, parsed("phase: plan", "phase: review"))
    phases = eventually(
        lambda: (found := one.job(job_id)["phases"])[1:] and all(phase["finished_at"] for phase in found) and found
    )
    assert [phase["phase"] for phase in phases] == ["plan", "review"]


def test_the_file_of_a_job_says_what_became_of_it(desk: Start) -> None:
    one = desk()
    job = one.ask().json()["job"]
    path = one.live.workspace / job["file"]
    assert path == one.live.workspace / f"work/jobs/{job['id']}.yaml"
    eventually(lambda: 'status: "in_progress"' in path.read_text())
    one.runs.end("run-1", 3)
    eventually(lambda: 'status: "failed"' in path.read_text())
    text = path.read_text()
    assert 'error_message: "It ended with exit code 3."' in text
    one.live.sync()
    assert one.job(job["id"])["status"] == "failed"


def test_without_control_nothing_can_be_started_and_all_is_shown(desk: Start) -> None:
    one = desk(control=False)
    one.write("one.yaml", FILE)
    one.write("two.yaml", FILE.replace("pending", "in_progress"))
    one.live.sync()
    shown = one.live.json("/api/jobs")
    assert (shown["control"], len(shown["jobs"])) == (False, 2)
    assert one.job("two")["status"] == "in_progress"
    for answer in (
        one.ask(),
        one.post("/api/jobs/one/retry"),
        one.post("/jobs/one/retry"),
        one.post("/api/jobs/one/stop"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "CONTROL_OFF")
    eventually(lambda: one.job("one")["queue_reason"] == "Nothing is started, as the setting control is off.")
    assert one.runs.started == []
    assert (one.live.workspace / "work/jobs/one.yaml").read_text() == FILE  # the observer writes nothing


def test_a_file_that_was_put_there_starts_nothing(desk: Start) -> None:
    one = desk()
    one.write("one.yaml", FILE)
    one.live.sync()
    eventually(lambda: "nobody asked for it" in (one.job("one")["queue_reason"] or ""))
    assert one.runs.started == []
    assert one.post("/api/jobs/one/retry").status_code == 202
    eventually(lambda: one.job("one")["status"] == "in_progress")


def test_a_file_that_was_put_there_is_run_where_that_is_allowed(desk: Start) -> None:
    one = desk(jobs_drop_in=True)
    one.write("one.yaml", FILE + "user: root\n")
    one.write("broken.yaml", "project: quay\n")
    one.write("unknown.yaml", FILE.replace("script", "sh"))
    one.write("proposed.yaml", FILE.replace("script", "other"))
    eventually(lambda: one.live.sync() and one.job("one")["status"] == "in_progress")
    assert one.job("one")["user"] is None  # nobody is charged because a file names them
    eventually(lambda: one.job("unknown")["queue_reason"] == "There is no profile sh.")
    eventually(lambda: "is not approved" in (one.job("proposed")["queue_reason"] or ""))
    assert [owner for owner, *_ in one.runs.started] == ["job:one"]


def test_a_job_that_ended_does_not_start_again_by_its_file(desk: Start) -> None:
    one = desk(jobs_drop_in=True)
    path = one.write("one.yaml", FILE)
    eventually(lambda: one.live.sync() and one.job("one")["status"] == "in_progress")
    one.runs.end("run-1")
    eventually(lambda: one.job("one")["output_ready"])
    path.write_text(FILE)
    one.live.sync()
    eventually(lambda: "completed" in path.read_text())
    assert len(one.runs.started) == 1


def test_what_was_asked_for_is_run_whatever_the_file_says_later(desk: Start) -> None:
    one = desk(max_concurrent=1)
    one.ask()
    second = one.ask(specification="The second.").json()["job"]
    eventually(lambda: "at once; position 1" in (one.job(second["id"])["queue_reason"] or ""))
    one.write(f"{second['id']}.yaml", FILE.replace("Do it.", "Something else.").replace("quay", "other"))
    one.live.sync()
    one.runs.end("run-1")
    eventually(lambda: len(one.runs.started) == 2)
    _, profile, parameters = one.runs.started[1]
    assert (profile.name, parameters["project"]) == ("script", "quay")
    assert Path(parameters["specification"]).read_text() == "The second.\n"


def test_jobs_start_in_their_order(desk: Start) -> None:
    one = desk(max_concurrent=1)
    jobs = [one.ask(specification=f"Number {n}.").json()["job"]["id"] for n in range(3)]
    for n in range(3):
        eventually(lambda n=n: len(one.runs.started) == n + 1)
        one.runs.end(f"run-{n + 1}")
    assert [owner for owner, *_ in one.runs.started] == [f"job:{job}" for job in jobs]


def test_a_file_that_is_removed_takes_its_request_along(desk: Start) -> None:
    one = desk(max_concurrent=1)
    one.ask()
    second = one.ask().json()["job"]
    path = one.live.workspace / second["file"]
    eventually(lambda: "at once; position 1" in path.read_text())
    path.unlink()
    one.live.sync()
    assert one.live.get(f"/api/jobs/{second['id']}").status_code == 404
    one.runs.end("run-1")
    eventually(lambda: one.live.json("/api/jobs")["counts"]["completed"] == 1)
    assert len(one.runs.started) == 1


def test_a_job_that_runs_without_its_file_can_be_stopped(desk: Start) -> None:
    one = desk()
    job = one.ask().json()["job"]
    path = one.live.workspace / job["file"]
    eventually(lambda: "in_progress" in path.read_text())
    path.unlink()
    one.live.sync()
    assert one.job(job["id"])["problem"] == "Its file was removed while it runs."
    assert one.post(f"/api/jobs/{job['id']}/stop").status_code == 202
    assert one.runs.stopped == [("run-1", "stopped")]


def test_stop(desk: Start) -> None:
    one = desk()
    job = one.ask().json()["job"]["id"]
    eventually(lambda: one.job(job)["status"] == "in_progress")
    assert one.post(f"/jobs/{job}/stop").status_code == 202
    found = eventually(lambda: (found := one.job(job))["status"] == "cancelled" and found)
    assert (found["exit_reason"], found["error_message"]) == ("stopped", None)
    assert one.post(f"/jobs/{job}/stop").status_code == 400


def test_one_that_waits_is_taken_back(desk: Start) -> None:
    one = desk(max_concurrent=1)
    one.ask()
    job = one.ask().json()["job"]
    eventually(lambda: one.runs.started)
    assert one.post(f"/api/jobs/{job['id']}/stop").json()["job"]["status"] == "cancelled"
    one.live.sync()
    assert one.job(job["id"])["status"] == "cancelled"
    assert 'status: "cancelled"' in (one.live.workspace / job["file"]).read_text()
    one.runs.end("run-1")
    eventually(lambda: one.live.json("/api/jobs")["counts"]["completed"] == 1)
    assert len(one.runs.started) == 1


def test_one_that_failed_is_tried_again(desk: Start) -> None:
    one = desk()
    job = one.ask(profile="again").json()["job"]["id"]
    for n in range(3):
        eventually(lambda n=n: len(one.runs.started) == n + 1)
        one.runs.end(f"run-{n + 1}", 1)
    found = eventually(lambda: (found := one.job(job))["status"] == "failed" and len(found["runs"]) == 3 and found)
    assert found["error_message"] == "It ended with exit code 1."
    assert [one.runs.run(run).attempt for run in found["runs"]] == [1, 2, 3]
    assert one.post(f"/api/jobs/{job}/retry").status_code == 202
    eventually(lambda: len(one.runs.started) == 4)
    assert one.runs.run("run-4").attempt == 4


def test_one_that_cannot_be_started_says_why_as_long_as_it_waits(desk: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    one = desk()

    def refuse(*_: object) -> None:
        raise ServiceError("Only 20 MB of disk are left.")

    with monkeypatch.context() as patched:
        patched.setattr(one.runs, "start_run", refuse)
        job = one.ask().json()["job"]["id"]
        reason = eventually(lambda: (text := one.job(job)["queue_reason"] or "") and "tried again" in text and text)
        assert reason.startswith("Only 20 MB of disk are left. It is tried again at ")


@pytest.mark.parametrize("reason", ["stopped", "not found", "budget", "disk full"])
def test_what_would_fail_again_is_not_tried_again(desk: Start, reason: str) -> None:
    one = desk()
    job = one.ask(profile=AGAIN.name).json()["job"]["id"]
    eventually(lambda: one.runs.started)
    one.runs.end("run-1", None, reason)
    eventually(lambda: one.job(job)["status"] in ("failed", "cancelled"))
    eventually(lambda: one.post(f"/api/jobs/{job}/retry").status_code == 202)  # nothing waits any more


def test_one_hundred_retries_give_one_run(desk: Start) -> None:
    one = desk()
    one.write("one.yaml", FILE)
    one.live.sync()
    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda _: one.post("/api/jobs/one/retry").status_code, range(100)))
    assert codes.count(202) == 1
    eventually(lambda: one.job("one")["status"] == "in_progress")
    assert len(one.runs.started) == 1


def test_credits_that_are_used_up(desk: Start) -> None:
    one = desk(given={"credits_of": lambda user: 50}, caller=lambda: Caller("ada", False, ("quay",)))
    first = one.ask().json()["job"]["id"]
    eventually(lambda: one.job(first)["status"] == "in_progress")
    one.projects.counted["quay"] = 60
    one.runs.end("run-1")
    eventually(lambda: one.job(first)["output_ready"])
    answer = one.ask().json()["job"]
    second = answer["id"]
    assert answer["queue_reason"] == "The credits of ada are used up: 60 of 50 lines."
    eventually(lambda: one.job(second)["queue_reason"] == "The credits of ada are used up: 60 of 50 lines.")
    again = requests.post(f"{one.live.url}/api/jobs/{first}/retry", timeout=60).json()["job"]
    assert again["queue_reason"] == "The credits of ada are used up: 60 of 50 lines."
    assert len(one.runs.started) == 1


def test_lines_of_a_shared_project_are_charged_to_nobody(desk: Start) -> None:
    one = desk()
    jobs = [one.ask().json()["job"]["id"] for _ in range(2)]
    eventually(lambda: len(one.runs.started) == 2)
    one.projects.counted["quay"] = 10
    for run in ("run-1", "run-2"):
        one.runs.end(run)
    for job in jobs:
        found = eventually(lambda job=job: (found := one.job(job))["output_ready"] and found)
        assert (found["shared_lines"], found["lines_written"]) == (True, 10)
    assert one.live.json(f"/api/jobs/{jobs[0]}")["credits"]["used"] == 0


def test_a_budget_stops_what_runs_and_holds_what_waits(desk: Start) -> None:
    reached: list[str] = []
    one = desk(given={"budget_of": lambda project, profile: reached[0] if reached else None})
    job = one.ask().json()["job"]["id"]
    eventually(lambda: one.job(job)["status"] == "in_progress")
    reached.append("The budget “daily” is used up.")
    found = eventually(lambda: (found := one.job(job))["status"] == "failed" and found)
    assert (found["error_message"], one.runs.stopped) == (
        "It was stopped, as a budget is used up.",
        [("run-1", "budget")],
    )
    second = one.ask().json()["job"]["id"]
    eventually(lambda: one.job(second)["queue_reason"] == "The budget “daily” is used up.")


def test_others_jobs_cannot_be_seen(desk: Start) -> None:
    who = [Caller("ada", False, ("quay",))]
    one = desk(caller=lambda: who[0])
    job = one.ask().json()["job"]["id"]
    who[0] = Caller("bob", False, ("harbour",))
    assert one.live.json("/api/jobs")["jobs"] == []
    assert one.live.json("/api/jobs")["counts"]["in_progress"] == 0
    for answer in (
        one.live.get(f"/api/jobs/{job}"),
        one.post(f"/api/jobs/{job}/stop"),
        one.post(f"/api/jobs/{job}/retry"),
    ):
        assert answer.status_code == 404
    assert one.ask().status_code == 403
    who[0] = Caller("root", True)
    assert len(one.live.json("/api/jobs")["jobs"]) == 1


@pytest.mark.parametrize(
    ("project", "body"),
    [
        ("...", {}), ("-rf", {}), ("a%5Cb", {}), (".hidden", {}),
        ("quay", {"specification": ""}), ("quay", {"specification": "x" * 100_001}),
        ("quay", {"specification": "/etc/passwd.md"}), ("quay", {"specification": "../x.md"}),
        ("quay", {"specification": "gone.md"}), ("quay", {"specification": 3}),
        ("quay", {"profile": "sh"}), ("quay", {"profile": ["sh"]}), ("quay", {"argv": ["sh"]}), ("quay", {"env": {}}),
    ],
)  # fmt: skip
def test_what_cannot_be_a_job_is_refused(desk: Start, project: str, body: dict[str, Any]) -> None:
    one = desk()
    answer = one.ask(project, **{"specification": "Do it."} | body)
    assert answer.status_code in (400, 404), answer.text
    assert one.live.json("/api/jobs")["jobs"] == []
    assert one.runs.started == []


def test_a_specification_may_be_a_file_of_the_workspace(desk: Start) -> None:
    one = desk()
    (one.live.workspace / "docs").mkdir()
    (one.live.workspace / "docs/spec.md").write_text("# Spec\n")
    one.ask(specification="docs/spec.md")
    eventually(lambda: one.runs.started)
    assert Path(one.runs.started[0][2]["specification"]) == one.live.workspace / "docs/spec.md"


def test_a_project_that_leads_out_is_not_written_to(desk: Start, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    one = desk()
    (one.live.workspace / "work/generated_projects").mkdir(parents=True)
    (one.live.workspace / "work/generated_projects/quay").symlink_to(outside)
    job = one.ask().json()["job"]["id"]
    eventually(lambda: "link" in (one.job(job)["queue_reason"] or ""))
    assert one.runs.started == []


def test_without_a_profile_the_only_one_that_is_approved(desk: Start) -> None:
    one = desk(profiles=(PROFILE,))
    assert one.ask(profile="").json()["job"]["profile"] == "script"
    two = desk()
    assert two.ask(profile="").status_code == 400


def test_lists_are_filtered_and_paged(desk: Start) -> None:
    one = desk(control=False)
    for n in range(5):
        status = "completed" if n % 2 else "failed"
        text = f'project: p{n % 2}\nspecification: s\nstatus: {status}\ncreated_at: "2026-11-20T09:00:0{n}Z"\n'
        one.write(f"job-{n}.yaml", text)
    one.live.sync()
    assert [job["id"] for job in one.live.json("/api/jobs")["jobs"]] == [f"job-{n}" for n in (4, 3, 2, 1, 0)]
    found = one.live.json("/jobs?project=p1")
    assert ([job["id"] for job in found["jobs"]], found["counts"]["completed"]) == (["job-3", "job-1"], 2)
    found = one.live.json("/api/jobs?status=failed&limit=2")
    assert [job["id"] for job in found["jobs"]] == ["job-4", "job-2"]
    found = one.live.json(f"/api/jobs?status=failed&limit=2&cursor={found['next_cursor']}")
    assert ([job["id"] for job in found["jobs"]], found["next_cursor"]) == (["job-0"], None)
    assert one.live.get("/api/jobs?status=soon").status_code == 400


def test_runs_from_before_are_read_out_of_their_logs(desk: Start) -> None:
    one = desk()
    job = one.ask().json()["job"]["id"]
    eventually(lambda: one.runs.started)
    folder = one.live.workspace / "work/runs/run-1"
    folder.mkdir(parents=True)
    (folder / "output.log").write_text("a\nphase: plan\nb\nphase: test\nc")
    one.live.stop()
    one.runs.on_change = lambda run: None
    one.runs.end("run-1", 2)  # while no dashboard ran
    two = desk(runs=one.runs)
    found = eventually(lambda: (found := two.job(job))["log_lines"] == 5 and found)
    assert (found["status"], found["current_phase"], found["exit_code"]) == ("failed", "test", 2)
    assert [phase["phase"] for phase in found["phases"]] == ["plan", "test"]
    eventually(lambda: two.jobs.figures("run-1", Caller())["log_lines"] == 5)
    assert len(two.runs.started) == 1


def test_what_waits_is_started_by_the_next_dashboard(desk: Start) -> None:
    one = desk(max_concurrent=1)
    one.ask()
    second = one.ask().json()["job"]["id"]
    eventually(lambda: one.runs.started)
    one.live.stop()
    one.runs.on_change = lambda run: None
    one.runs.end("run-1")
    two = desk(runs=one.runs, max_concurrent=1)
    eventually(lambda: two.job(second)["status"] == "in_progress")
    assert len(two.runs.started) == 2


def test_a_run_that_was_started_just_before_we_ended_is_not_started_twice(desk: Start) -> None:
    one = desk(control=True, profiles=())
    job = one.live.workspace / "work/jobs"
    one.live.stop()
    runs = PretendedRuns()
    two = desk(runs=runs, max_concurrent=1)
    blocker = two.ask().json()["job"]["id"]
    waiting = two.ask().json()["job"]["id"]
    eventually(lambda: len(runs.started) == 1)
    two.live.stop()
    runs.on_change = lambda run: None
    runs.end("run-1")
    runs.add(run_of(waiting, "run-9", started_at="2999-01-01T00:00:00.000Z"))
    three = desk(runs=runs)
    eventually(lambda: three.job(waiting)["status"] == "in_progress")
    eventually(lambda: three.job(blocker)["status"] == "completed")
    assert len(runs.started) == 1
    assert job.is_dir()


def test_a_run_whose_end_is_not_known(desk: Start) -> None:
    runs = PretendedRuns()
    runs.add(run_of("one", "run-1", RunStatus.UNKNOWN))
    one = desk(runs=runs)
    one.write("one.yaml", FILE.replace("pending", "in_progress"))
    found = eventually(lambda: one.live.sync() and (found := one.job("one"))["status"] == "unknown" and found)
    assert "not known" in found["error_message"]
    eventually(lambda: 'status: "unknown"' in (one.live.workspace / "work/jobs/one.yaml").read_text())


def test_a_run_that_an_agent_wrote_does_not_hide_the_real_one(desk: Start) -> None:
    one = desk()
    job = one.ask().json()["job"]["id"]
    eventually(lambda: one.runs.started)
    forged = ended(run_of(job, "run-forged", started_at="2999-01-01T00:00:00.000Z", is_proven=False))
    one.runs.add(forged)
    one.jobs.on_run(forged)
    assert (one.job(job)["status"], one.job(job)["runs"]) == ("in_progress", ["run-forged", "run-1"])


def test_two_runs_are_compared(desk: Start) -> None:
    one = desk()
    job = one.ask().json()["job"]["id"]
    eventually(lambda: one.runs.started)
    one.jobs.on_lines(one.runs.run("run-1"), 1, parsed("a", "phase: plan"))
    one.runs.end("run-1", 1)
    eventually(lambda: one.post(f"/api/jobs/{job}/retry").status_code == 202)
    eventually(lambda: len(one.runs.started) == 2)
    one.jobs.on_lines(one.runs.run("run-2"), 1, parsed("a", "phase: plan", "b"))
    found = one.live.json("/api/jobs/compare?left=run-1&right=run-2")
    assert (found["left"]["log_lines"], found["right"]["log_lines"], found["difference"]["log_lines"]) == (2, 3, 1)
    assert found["difference"]["attempt"] == 1
    assert set(found["difference"]["phase_s"]) == {"plan"}
    assert one.live.get("/api/jobs/compare?left=run-1&right=gone").status_code == 404


def test_a_file_that_is_being_written_is_not_called_broken(desk: Start) -> None:
    one = desk(debounce_ms=2_000, max_wait_ms=60_000)
    listener = one.live.listen()
    for number in count():  # on a busy machine it may take several to write one in time
        since = time.monotonic()
        one.write(f"job-{number}.yaml", "project: [").write_text(FILE)
        if time.monotonic() - since < 1.5:
            break

    def problems(got: list[tuple[str, Any]]) -> list[Any]:
        jobs = [body["job"] for name, body in got if name == "job.updated"]
        return [[job["problem"]] for job in jobs if job["id"] == f"job-{number}"]

    listener.wait(problems)
    assert problems(listener.numbered())[0] == [None]


def test_two_files_of_one_name_are_one_job(desk: Start) -> None:
    one = desk(control=False)
    one.write("one.yaml", FILE)
    one.live.sync()
    one.write("one.yml", FILE.replace("quay", "other"))
    one.live.sync()
    assert [job["project"] for job in one.live.json("/api/jobs")["jobs"]] == ["quay"]
    (one.live.workspace / "work/jobs/one.yaml").unlink()
    one.live.sync()
    assert [job["project"] for job in one.live.json("/api/jobs")["jobs"]] == ["other"]


def test_health_metrics_and_doctor(desk: Start) -> None:
    one = desk(control=False)
    one.write("one.yaml", FILE)
    one.write("broken.yaml", "[")
    one.live.sync()
    assert one.live.json("/api/stats")["jobs"]["pending"] == 1
    assert 'llm_service_jobs{status="pending"} 1.0' in one.live.get("/metrics").text
    findings = [(finding.level, finding.text) for finding in one.jobs.examine()]
    assert ("ok", "1 files of jobs can be read") in findings
    assert ("problem", "1 files of jobs cannot be read") in findings
    assert json.loads(one.live.get("/api/snapshot?topics=jobs").text)["max_concurrent"] == 2


def test_a_run_is_needed_until_it_is_counted_and_noted_and_its_job_outlives_it(desk: Start) -> None:
    one = desk()
    job_id = one.ask().json()["job"]["id"]
    eventually(lambda: one.job(job_id)["status"] == "in_progress")
    run = one.runs.run("run-1")
    assert one.jobs.needs_run(run)
    (one.live.workspace / "work/runs/run-1").mkdir(parents=True)
    (one.live.workspace / "work/runs/run-1/output.log").write_text("hello\n")
    one.runs.end("run-1")
    assert one.jobs.needs_run(run), "its lines are not counted, and its file says that it runs"
    one.jobs.on_lines(run, 1, parsed("hello"))
    eventually(lambda: not one.jobs.needs_run(run))
    done = one.job(job_id)
    assert (done["status"], done["runs"], done["log_lines"]) == ("completed", ["run-1"], 1)
    listener = one.live.listen()
    one.jobs.on_run_removed(one.runs.run("run-1"))
    listener.wait(lambda got: any(n == "job.updated" and b["job"]["runs"] == [] for n, b in got))
    left = one.job(job_id)
    assert (left["status"], left["output_ready"], left["finished_at"]) == ("completed", True, done["finished_at"])
    assert not one.jobs.needs_run(run_of("nobody", "run-9"))


def test_where_nothing_is_written_a_run_that_the_file_of_its_job_does_not_tell_of_is_needed(desk: Start) -> None:
    runs = PretendedRuns(control=False)
    runs.add(ended(run_of("one", "run-1")))
    one = desk(control=False, runs=runs)
    one.write("one.yaml", FILE)
    one.live.sync()
    eventually(lambda: one.job("one")["status"] == "completed")
    assert one.jobs.needs_run(runs.run("run-1"))
