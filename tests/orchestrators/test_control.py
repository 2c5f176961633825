"""Start and stop of plans: a real dashboard, real processes, our example as the orchestrator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from kit.live import eventually
from kit.orchestrators import (
    REGISTRY,
    Desk,
    by_hand,
    make_place,
    orchestrators_in,
    profile_of,
    read_instances,
    write_registry,
)

from llm_service.orchestrators import permission
from llm_service.orchestrators.control import OrchestratorControl
from llm_service.processes.model import Profile
from llm_service.web.people import PERSON, Person

Begin = Callable[..., Desk]
SLOW = ("--step-seconds", "60")
QUICK = ("--step-seconds", "0.05")


def started_at(pid: int) -> str:
    return datetime.fromtimestamp(psutil.Process(pid).create_time(), UTC).isoformat()


def test_a_start_is_answered_when_the_orchestrator_has_registered_itself(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*SLOW))
    answer = one.start()
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["success"] is True
    (process,) = orchestrators_in(place)
    assert body["orchestrator"]["pid"] == process.pid
    assert body["orchestrator"]["logFile"] == "orchestrator-tide-import.log"
    shown = one.one()
    assert (shown["status"], shown["is_alive"], shown["can_stop"], shown["why_not"]) == ("running", True, True, None)
    assert shown["run_id"] is not None and shown["id"] == body["orchestrator"]["id"]
    words = process.cmdline()
    assert words[words.index("--plan") + 1] == str(place / "docs/plans/tide-import.md")
    assert "--continuous" not in words and "--tasks" not in words


def test_mode_tasks_and_autonomy_become_arguments(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*SLOW))
    assert one.start(mode="continuous", tasks=["1.1", "2.1"], autonomous=True).status_code == 200
    (process,) = orchestrators_in(place)
    words = process.cmdline()
    assert words[words.index("--tasks") + 1] == "1.1,2.1"
    assert {"--continuous", "--autonomous"} <= set(words)
    assert one.one()["mode"] == "continuous"


def test_one_that_has_ended_and_what_it_left_behind_are_one(desk: Begin, place: Path) -> None:
    script = place / "scripts/plan_orchestrator.py"
    main = 'if __name__ == "__main__":'
    text = script.read_text()
    assert text.count(main) == 1
    leave = 'import subprocess\nsubprocess.Popen(["sleep", "600"], start_new_session=True)\n\n'
    script.write_text(text.replace(main, leave + main))
    one = desk(profile_of(*QUICK))
    registered = one.start().json()["orchestrator"]["id"]
    rows: list[list[dict[str, Any]]] = []

    def has_ended() -> bool:
        rows.append(one.all())
        return [(each["status"], each["said"]) for each in rows[-1]] == [("ending", "completed")]

    eventually(has_ended)
    assert {len(each) for each in rows} == {1}  # also while it ended
    (shown,) = rows[-1]
    assert (shown["id"], shown["is_alive"], shown["can_stop"]) == (registered, True, True)
    assert one.stop(force=True).status_code == 200
    eventually(lambda: [(each["id"], each["status"]) for each in one.all()] == [(registered, "completed")])


def test_a_plan_is_worked_through_to_its_end(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*QUICK))
    assert one.start().status_code == 200
    eventually(lambda: one.one()["status"] == "completed")
    status = one.status()
    assert [task["status"] for task in status["tasks"]] == ["completed"] * 3
    assert status["summary"]["completed"] == 3 and status["runs"][0]["tasksCompleted"] == 3
    assert (place / "docs/plan-outputs/tide-import/findings/2.1.md").exists()
    assert one.stop().status_code == 404
    assert one.stop().json()["code"] == "NOT_RUNNING"


def test_the_end_of_the_log_says_why_a_start_failed(desk: Begin, place: Path) -> None:
    code = "import sys; print('no credit left'); sys.exit('refused: ghp_' + 'a1B2c3D4e5' * 3 + 'f6G7h8')"
    one = desk(Profile(name="orchestrator", argv=(sys.executable, "-c", code, "{plan}"), origin="user"))
    answer = one.start()
    assert (answer.status_code, answer.json()["code"]) == (500, "START_FAILED")
    assert "no credit left" in answer.json()["details"]["log"]
    assert "refused: " in answer.json()["details"]["log"] and "a1B2c3D4" not in answer.json()["details"]["log"]
    assert answer.json()["details"]["exitCode"] == 1
    assert one.all() == []


def test_a_program_that_never_registers_is_known_to_run(desk: Begin, place: Path) -> None:
    argv = (sys.executable, "-c", "import time; time.sleep(60)", "{plan}")
    one = desk(Profile(name="orchestrator", argv=argv, origin="user"), orchestrator_start_timeout_s=0.3)
    answer = one.start()
    assert answer.status_code == 200
    assert "not registered itself" in answer.json()["message"]
    pid = answer.json()["orchestrator"]["pid"]
    eventually(lambda: psutil.Process(pid).cmdline()[1:3] == list(argv[1:3]))
    assert one.one()["status"] == "running"
    assert one.start().status_code == 409
    assert one.stop(timeout=60).status_code == 200
    eventually(lambda: not psutil.pid_exists(pid))


def test_what_a_program_without_a_log_prints_is_its_log(desk: Begin, place: Path) -> None:
    argv = (sys.executable, "-c", "import time; print('at work', flush=True); time.sleep(60)", "{plan}")
    one = desk(Profile(name="orchestrator", argv=argv, origin="user"), orchestrator_start_timeout_s=0.3)
    log_file = one.start().json()["orchestrator"]["logFile"]
    found = one.until(lambda: (log := one.live.json("/api/plans/tide-import/logs"))["logs"] and log)
    assert (found["logs"], found["logFile"]) == (["at work"], log_file)
    assert one.one()["log_file"] == log_file


def test_a_log_at_another_place_of_the_settings_is_found(desk: Begin, place: Path) -> None:
    script = "import os; os.makedirs('.claude', exist_ok=True); open('.claude/orchestrator-tide-import.log', 'a').write"
    argv = (sys.executable, "-c", f"{script}('no tables\\n'); raise SystemExit(3)", "{plan}")
    (place / ".claude").mkdir(exist_ok=True)
    (place / ".claude/orchestrator-tide-import.log").write_text("before\n")
    one = desk(Profile(name="orchestrator", argv=argv, origin="user"))
    answer = one.start()
    assert (answer.status_code, answer.json()["details"]["log"]) == (500, "no tables\n")


@pytest.mark.timeout(600)
def test_of_100_simultaneous_starts_one_is_done(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*SLOW))
    barrier = threading.Barrier(100)

    def go(_: int) -> requests.Response:
        barrier.wait()
        return one.start()

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(go, range(100)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 99}
    (process,) = orchestrators_in(place)
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {(body["code"], body["details"]["existingPid"]) for body in refused} == {("ALREADY_RUNNING", process.pid)}
    assert len(read_instances(place)) == 1


@pytest.mark.parametrize("code", [0, 3])
def test_of_20_simultaneous_starts_of_what_ends_at_once_one_is_done(
    desk: Begin, place: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    script = f"""
import json, pathlib, time
pathlib.Path("starts").open("a").write("x")
while not pathlib.Path("go").exists(): time.sleep(0.01)
own = {{"id": "o", "plan": "tide-import", "status": "completed", "started_at": "2999-01-01T00:00:00Z"}}
path = pathlib.Path(".claude/orchestrator-registry.json")
path.parent.mkdir(exist_ok=True)
if {code} == 0: path.write_text(json.dumps({{"instances": [own]}}))
raise SystemExit({code})
"""
    profile = Profile(name="orchestrator", argv=(sys.executable, "-c", script, "{plan}"), origin="user")
    one = desk(profile, orchestrator_start_timeout_s=60)
    waiting = threading.Semaphore(0)
    real = OrchestratorControl._lock_of

    def lock_of(control: OrchestratorControl, plan: str) -> threading.Lock:
        waiting.release()
        return real(control, plan)

    monkeypatch.setattr(OrchestratorControl, "_lock_of", lock_of)
    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(one.start) for _ in range(20)]
        for _ in answers:
            assert waiting.acquire(timeout=60)
        (place / "go").touch()
        found = {(answer.result().status_code, answer.result().text) for answer in answers}
    assert [status for status, _ in found] == [200 if code == 0 else 500]
    assert (place / "starts").read_text() == "x"
    one.start()  # which is asked for anew
    one.start(mode="continuous")
    assert (place / "starts").read_text() == "xxx"


def test_sigterm_lets_the_task_end_and_the_answer_waits_for_it(desk: Begin, place: Path) -> None:
    one = desk(profile_of("--step-seconds", "3"))
    one.start()
    eventually(lambda: "in_progress" in [task["status"] for task in one.status()["tasks"]])
    answer = one.stop(timeout=60)
    assert answer.status_code == 200 and answer.json()["success"] is True
    assert orchestrators_in(place) == []
    states = [task["status"] for task in one.status()["tasks"]]
    assert states[0] == "completed" and "in_progress" not in states and "pending" in states
    assert one.one()["status"] == "stopped"
    assert one.start().status_code == 200


def test_one_that_ignores_sigterm_is_killed_after_the_timeout(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*SLOW, "--ignore-term"))
    one.start()
    began = time.monotonic()
    answer = one.stop(timeout=0.5)
    assert answer.status_code == 200 and "killed" in answer.json()["message"]
    assert time.monotonic() - began >= 0.5
    assert orchestrators_in(place) == []
    assert read_instances(place)[0]["status"] == "stopped"
    assert one.one()["status"] == "stopped"


def test_force_kills_at_once_with_all_that_descends_from_it(desk: Begin, place: Path) -> None:
    code = (
        "import os, signal, subprocess, sys, time; signal.signal(15, signal.SIG_IGN); "
        "child = subprocess.Popen([sys.executable, '-c', 'import signal, time; signal.signal(15, signal.SIG_IGN); "
        "time.sleep(99)'], start_new_session=True); print(child.pid, flush=True); time.sleep(99)"
    )
    one = desk(
        Profile(name="orchestrator", argv=(sys.executable, "-c", code, "{plan}"), origin="user"),
        orchestrator_start_timeout_s=0.3,
    )
    answer = one.start().json()
    log = place / answer["orchestrator"]["logFile"]
    eventually(lambda: log.read_text().strip())
    child = int(log.read_text())
    assert one.stop(force=True).json()["success"] is True
    eventually(lambda: not psutil.pid_exists(child))


def test_nothing_is_started_or_stopped_without_control(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*SLOW), control=False)
    assert (one.start().status_code, one.start().json()["code"]) == (403, "CONTROL_OFF")
    with by_hand(place, "--plan", "docs/plans/tide-import.md", *SLOW) as process:
        eventually(lambda: any(each["is_alive"] for each in one.all()))
        assert one.stop().json()["code"] == "CONTROL_OFF"
        assert one.one()["can_stop"] is False and "control" in one.one()["why_not"]
        assert process.poll() is None
    assert orchestrators_in(place) == []
    start = one.live.json("/api/orchestrators")["start"]
    assert start["allowed"] is False and "control" in start["reason"]


def test_the_program_of_a_workspace_needs_an_approval_of_its_profile(desk: Begin, place: Path) -> None:
    one = desk()
    (profile,) = one.processes.profiles()
    assert (profile.name, profile.origin, profile.argv[:2]) == (
        "orchestrator", "workspace", ("python3", "scripts/plan_orchestrator.py"),
    )  # fmt: skip
    assert (one.start().status_code, one.start().json()["code"]) == (403, "NOT_APPROVED")
    assert orchestrators_in(place) == []
    one.processes.approve("orchestrator", profile.digest())
    assert one.start().status_code == 200
    assert one.stop(force=True).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "fast"}, {"mode": 1}, {"tasks": "1.1"}, {"tasks": [1]}, {"tasks": ["--plan"]}, {"tasks": ["a,b"]},
        {"tasks": ["../x"]}, {"tasks": [""]}, {"autonomous": "yes"}, {"pid": 1}, {"tasks": ["1"] * 1_001},
    ],
)  # fmt: skip
def test_what_no_start_can_be_made_of_is_refused(desk: Begin, place: Path, body: dict[str, Any]) -> None:
    one = desk(profile_of(*SLOW))
    assert (one.start(**body).status_code, one.start(**body).json()["code"]) == (400, "BAD_REQUEST")
    assert orchestrators_in(place) == []


@pytest.mark.parametrize(
    "body",
    [
        {"timeout": -1},
        {"timeout": "5"},
        {"timeout": 301},
        {"timeout": True},
        {"timeout": 10**400},
        {"force": 1},
        {"signal": 9},
    ],
    ids=lambda body: str(body)[:30],
)  # fmt: skip
def test_what_no_stop_can_be_made_of_is_refused(desk: Begin, body: dict[str, Any]) -> None:
    assert desk(profile_of(*SLOW)).stop(**body).status_code == 400


@pytest.mark.parametrize("plan", ["no-such", "..", "..%2F..%2Fetc%2Fpasswd", "tide-import.md", "%00", "archive%2Fold"])
def test_a_plan_is_a_name_out_of_the_listing(desk: Begin, place: Path, plan: str) -> None:
    (place / "docs/plans/archive").mkdir()
    (place / "docs/plans/archive/old.md").write_text("- [ ] 1.1 x")
    one = desk(profile_of(*SLOW))
    for answer in (one.start(plan), one.stop(plan)):
        assert answer.status_code in (404, 405)  # 405: one with a slash is no route of this method
    assert orchestrators_in(place) == []


def test_a_plan_that_is_a_link_is_none(desk: Begin, place: Path) -> None:
    (place / "docs/plans/evil.md").symlink_to("/etc/passwd")
    assert desk(profile_of(*SLOW)).start("evil").json()["code"] == "PLAN_NOT_FOUND"


def test_a_strangers_pid_is_never_signalled_and_blocks_nothing(desk: Begin, place: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)", "docs/plans/tide-import.md"])
    try:
        write_registry(
            place,
            {"id": "a", "plan": "tide-import", "status": "running", "pid": stranger.pid,
             "started_at": started_at(stranger.pid), "mode": "batch"},
            {"id": "b", "plan": "tide-import", "status": "running", "pid": os.getpid(),
             "started_at": started_at(os.getpid())},
        )  # fmt: skip
        one = desk(profile_of(*SLOW))
        shown = {each["id"]: each for each in one.all()}
        assert shown["a"]["is_alive"] and not shown["a"]["can_stop"]
        assert "not signalled" in shown["a"]["why_not"]
        answer = one.stop(force=True)
        assert answer.status_code == 403 and "not signalled" in answer.json()["error"]
        assert stranger.poll() is None
        assert one.start().status_code == 200
        assert one.stop(force=True).status_code == 200
        assert stranger.poll() is None
        kept = {each["id"]: each["status"] for each in read_instances(place)}
        assert (kept["a"], kept["b"]) == ("running", "running")
    finally:
        stranger.kill()
        stranger.wait()


def test_one_process_that_is_named_very_often_is_asked_about_once(
    desk: Begin, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, asked = started_at(os.getpid()), list[int]()
    write_registry(
        place,
        *({"id": f"o{number}", "plan": "tide-import", "status": "running", "pid": os.getpid(), "started_at": at}
          for number in range(500)),
    )  # fmt: skip
    one = desk(profile_of(*SLOW))
    eventually(lambda: len(one.all()) == 500)
    command_of = permission.command_of
    monkeypatch.setattr(
        "llm_service.orchestrators.permission.command_of",
        lambda identity: asked.append(identity.pid) or command_of(identity),
    )
    looks = 3
    with one.orchestrators.board._lock:
        asked.clear()
        for _ in range(looks):
            one.orchestrators.board.refresh()
        assert asked == [os.getpid()] * looks
    assert one.start().status_code == 200


def test_an_instance_of_the_same_id_hides_none_that_runs(desk: Begin, place: Path) -> None:
    one = desk(profile_of("--step-seconds", "60"))
    with by_hand(place, "--plan", "docs/plans/tide-import.md", "--daemon", "--step-seconds", "60"):
        (entry,) = eventually(lambda: read_instances(place) if (place / REGISTRY).exists() else None)
        write_registry(place, entry, entry | {"pid": None, "status": "stopped"})
        eventually(lambda: one.live.sync() and one.one()["is_alive"])
        assert one.start().json()["code"] == "ALREADY_RUNNING"


def test_a_dead_pid_is_crashed_and_blocks_nothing(desk: Begin, place: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    write_registry(
        place,
        {"id": "a", "plan": "tide-import", "status": "running", "pid": gone.pid, "started_at": "2026-01-01T00:00:00Z"},
    )
    one = desk(profile_of(*SLOW))
    assert one.one()["status"] == "crashed"
    assert one.stop().json()["code"] == "NOT_RUNNING"
    assert one.start().status_code == 200


def test_one_started_by_hand_runs_the_approved_profile_and_may_be_stopped(desk: Begin, place: Path) -> None:
    profile = profile_of("--step-seconds", "0.2")
    one = desk(profile)
    with by_hand(place, "--plan", "docs/plans/tide-import.md", "--daemon", "--continuous", "--step-seconds", "0.2"):
        eventually(lambda: any(each["is_alive"] for each in one.all()))
        shown = one.one()
        assert (shown["can_stop"], shown["run_id"]) == (True, None)
        assert one.start().json()["details"]["existingPid"] == shown["pid"]
        assert one.stop(timeout=60).json()["success"] is True
        assert orchestrators_in(place) == []


def test_one_started_in_another_way_is_not_signalled(desk: Begin, place: Path) -> None:
    one = desk(profile_of("--step-seconds", "60"))
    with by_hand(place, "--plan", "docs/plans/tide-import.md", "--step-seconds", "61") as process:
        eventually(lambda: any(each["is_alive"] for each in one.all()))
        assert one.stop(force=True).status_code == 403
        assert process.poll() is None


def test_events_tell_start_and_stop_once(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*SLOW))
    listener = one.live.listen()
    changes: list[Any] = []
    one.orchestrators.subscribe(
        lambda plans: changes.append((set(plans), one.orchestrators.orchestrator_of("tide-import")))
    )
    one.start()
    eventually(lambda: changes and changes[-1][1]["pid"] == orchestrators_in(place)[0].pid)
    assert changes[-1] == ({"tide-import"}, {"running": True, "pid": orchestrators_in(place)[0].pid})
    began = listener.first("plan.started")
    assert (began["plan"], began["reason"]) == ("tide-import", "started")
    assert began["orchestrator"]["status"] == "running" and began["orchestrator"]["pid"]
    one.stop(force=True)
    ended = listener.first("plan.stopped")
    assert (ended["plan"], ended["reason"], ended["orchestrator"]["is_alive"]) == ("tide-import", "killed", False)
    listener.upto(one.live.sync())
    names = [name for name, _ in listener.numbered() if name in ("plan.started", "plan.stopped")]
    assert Counter(names) == {"plan.started": 1, "plan.stopped": 1}
    eventually(lambda: changes[-1] == ({"tide-import"}, {"running": False, "pid": None}))  # told after the event
    assert one.orchestrators.orchestrator_of("none") is None


def test_one_that_dies_is_told_as_crashed(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*SLOW))
    listener = one.live.listen()
    one.start()
    (process,) = orchestrators_in(place)
    process.send_signal(signal.SIGKILL)
    assert listener.first("plan.stopped")["reason"] == "crashed"
    assert one.one()["status"] == "crashed"


def test_a_restarted_dashboard_knows_what_it_started_before(desk: Begin, place: Path) -> None:
    first = desk(profile_of(*SLOW))
    first.start()
    first.close()
    second = desk(profile_of(*SLOW))
    listener = second.live.listen()
    shown = eventually(lambda: next((each for each in second.all() if each["run_id"]), None))
    assert shown["can_stop"] is True
    assert second.start().status_code == 409
    assert second.stop(force=True).json()["success"] is True
    listener.first("plan.stopped")
    assert [name for name, _ in listener.numbered() if name in ("plan.started", "plan.stopped")] == ["plan.stopped"]


def test_details_have_usage_runs_and_the_log(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*SLOW))
    orchestrator_id = one.start().json()["orchestrator"]["id"]
    found = one.live.json(f"/api/orchestrators/{orchestrator_id}")
    assert found["usage"]["memory_bytes"] > 1_000_000 and found["usage"]["processes"] == 1
    assert found["orchestrator"]["last_heartbeat"] and found["runs"][0]["owner"] == "plan:tide-import"
    assert one.live.get("/api/orchestrators/none").status_code == 404
    one.stop(force=True)
    assert one.live.json(f"/api/orchestrators/{orchestrator_id}")["usage"] is None


def test_another_plan_starts_beside_it(desk: Begin, place: Path) -> None:
    make_place(place, "second")
    one = desk(profile_of(*SLOW))
    assert [one.start(plan).status_code for plan in ("tide-import", "second")] == [200, 200]
    assert len(orchestrators_in(place)) == 2
    assert one.stop("second", force=True).status_code == 200
    assert one.one()["is_alive"] is True
    assert one.live.json("/api/resources")["orchestrators"]["running"] == 1


def test_unknown_keys_and_other_entries_of_the_registry_stay(desk: Begin, place: Path) -> None:
    other = {
        "id": "x",
        "plan_path": "docs/plans/other.md",
        "pid": None,
        "status": "idle",
        "socket_path": "/tmp/s",
        "port": 4,
        "mood": {"a": 1},
    }
    write_registry(place, other, "no instance", 7, version=3)
    one = desk(profile_of(*SLOW, "--ignore-term"))
    one.start()
    one.stop(force=True)
    document = json.loads((place / ".claude/orchestrator-registry.json").read_text())
    assert document["version"] == 3
    assert document["instances"][:3] == [other, "no instance", 7]
    assert document["instances"][3]["status"] == "stopped"


def test_numbers_that_python_cannot_write_hinder_no_start_and_stay(desk: Begin, place: Path) -> None:
    other = f'{{"id": "x", "plan": "other", "status": "idle", "usd": 1e400, "n": [{"9" * 5_000}, 1.10]}}'
    path = place / ".claude/orchestrator-registry.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'{{"instances": [{other}]}}')
    one = desk(profile_of(*SLOW, "--ignore-term"))
    assert one.start().status_code == 200
    assert one.stop(force=True).status_code == 200
    document = json.loads(path.read_text(), parse_int=str, parse_float=str, parse_constant=pytest.fail)
    assert document["instances"][0] == json.loads(other, parse_int=str, parse_float=str)
    assert document["instances"][1]["status"] == "stopped"


def test_who_sees_some_projects_only_sees_and_stops_nothing_of_the_repository(desk: Begin, place: Path) -> None:
    one = desk(profile_of(*SLOW))
    orchestrator_id = one.start().json()["orchestrator"]["id"]
    client = one.live.dashboard.site.flask.test_client()

    def ask(method: str, path: str, *projects: str) -> int:
        person = Person("ada", is_admin=False, projects=frozenset(projects))
        return client.open(path, method=method, environ_overrides={PERSON: person}).status_code

    for path in ("/api/resources", "/api/worktrees"):
        assert ask("GET", path, "harbour") == 403
    assert ask("GET", f"/api/orchestrators/{orchestrator_id}", "harbour") == 404
    assert ask("POST", "/api/plans/tide-import/stop", "harbour") == 404
    assert ask("POST", "/api/plans/tide-import/start", "harbour") == 404
    person = Person("ada", is_admin=False, projects=frozenset({"harbour"}))
    shown = client.get("/api/orchestrators", environ_overrides={PERSON: person}).json
    assert shown["orchestrators"] == []
    assert len(one.all()) == 1 and one.one()["is_alive"]
    assert one.orchestrators.snapshot_of(frozenset({"harbour"})) == {"orchestrators": []}
    assert len(one.orchestrators.snapshot()["orchestrators"]) == 1
