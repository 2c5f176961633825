"""Starting: once for each owner, only what was approved, and never half."""

from __future__ import annotations

import dataclasses
import errno
import json
import threading
from collections import Counter
from pathlib import Path

import pytest
from kit.live import eventually
from kit.runs import Make, children_of_ours, let_start, marked, other_dashboard, program, started_by

from llm_service.errors import BadRequest, Busy, ControlOff, DiskFull, NotApproved, ServiceError, StartFailed
from llm_service.processes.events import RunFinished, RunStarted
from llm_service.processes.identity import identify
from llm_service.processes.model import Profile, RunStatus

SLEEP = "import time; print('there', flush=True); time.sleep(300)"


def test_nothing_is_started_without_control(control: Make) -> None:
    one = program(SLEEP)
    runs = control(one, control=False)
    with pytest.raises(ControlOff):
        runs.start(one)
    assert not (runs.workspace / "work").exists()
    assert runs.processes.profiles() == [one]
    assert runs.processes.runs() == []


def test_only_exactly_what_was_approved_is_started(control: Make) -> None:
    one = program(SLEEP)
    runs = control(one)
    others = [
        program(SLEEP, "more"),
        program(SLEEP, env={"X": "1"}),
        program(SLEEP, name="other"),
        Profile(name="program", argv=one.argv, origin="built-in", grace_s=0.2),
        Profile(name="mine", argv=one.argv, origin="workspace"),
    ]
    for other in others:
        with pytest.raises(NotApproved):
            runs.start(other)
    assert runs.processes.runs() == []


def test_of_one_owner_one_run_goes_on_at_a_time(control: Make) -> None:
    one = program(SLEEP)
    runs = control(one)
    first = runs.start(one)
    with pytest.raises(Busy):
        runs.start(one)
    other = runs.start(one, owner="plan:x")
    runs.processes.stop_run(first.run_id)
    runs.ended(first)
    again = runs.start(one, attempt=2)
    assert [run.run_id for run in runs.processes.runs("job:1")] == [first.run_id, again.run_id]
    assert (again.attempt, runs.processes.runs("plan:x")[0].run_id) == (2, other.run_id)


def test_a_hundred_starts_at_once_in_two_processes_give_one_run(place: Path, control: Make) -> None:
    others = [other_dashboard(place, SLEEP, threads=50) for _ in range(2)]
    for other in others:
        let_start(other)
    found = Counter(result for other in others for result in started_by(other))
    for other in others:
        other.communicate(timeout=60)
        assert other.returncode == 0
    runs = control()
    (run,) = runs.processes.runs()
    assert found == {"BUSY": 99, run.run_id: 1}
    assert run.status is RunStatus.RUNNING
    runs.processes.stop_run(run.run_id)
    assert runs.ended(run).reason == "stopped"


def test_starts_of_many_owners_at_once_are_all_made(control: Make) -> None:
    one = program("print('done')")
    runs = control(one)
    threads = [threading.Thread(target=runs.start, args=(one, f"job:{number}")) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run in runs.processes.runs():
        assert runs.ended(run).code == 0
    assert len(runs.processes.runs()) == 10
    eventually(lambda: len(runs.events) == 20)
    assert Counter(type(event) for event in runs.events) == {RunStarted: 10, RunFinished: 10}


@pytest.mark.parametrize("place_of_failure", ["write_record", "_make_root", "identify"])
def test_on_a_full_disk_nothing_is_started_half(
    control: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place_of_failure: str
) -> None:
    one = program("open(__import__('sys').argv[1], 'w')", str(tmp_path / "was-started"))
    runs = control(one)

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"llm_service.processes.launcher.{place_of_failure}", full)
    before = children_of_ours()
    with pytest.raises(DiskFull, match="nothing was started"):
        runs.start(one)
    assert runs.processes.runs() == []
    root = runs.workspace / "work/runs"
    assert not root.exists() or [path.name for path in root.iterdir()] == [".gitignore"]
    assert marked(str(tmp_path / "was-started")) == []
    assert not (tmp_path / "was-started").exists()
    assert children_of_ours() == before


def test_what_a_start_that_was_killed_left_is_removed(control: Make, place: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").touch()
    (place / "work/runs/.new-1").mkdir(parents=True)
    (place / "work/runs/.new-1/link").symlink_to(tmp_path / "outside")
    (place / "work/runs/.new-2").symlink_to(tmp_path / "outside")
    one = program("print('x')")
    runs = control(one)
    assert runs.processes.runs() == []
    runs.ended(runs.start(one))
    assert not (place / "work/runs/.new-1").exists()
    assert (tmp_path / "outside/file").exists()


def test_a_shim_that_ends_before_it_is_told_to_go_is_no_run(
    control: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "shim.py").write_text("raise SystemExit(9)")
    monkeypatch.setattr("llm_service.processes.launcher.shim_file", lambda: str(tmp_path / "shim.py"))
    real = identify

    def once_it_has_ended(pid: int) -> object:
        found = real(pid)
        eventually(lambda: real(pid) is None)
        return found

    monkeypatch.setattr("llm_service.processes.launcher.identify", once_it_has_ended)
    one = program(SLEEP)
    runs = control(one)
    with pytest.raises(StartFailed):
        runs.start(one)
    assert runs.processes.runs() == []
    assert [path.name for path in (runs.workspace / "work/runs").iterdir()] == [".gitignore"]


def test_a_built_in_profile_needs_no_approval(control: Make) -> None:
    runs = control()
    built_in = dataclasses.replace(program("print('demo')", name="demo"), origin="built-in")
    runs.processes.add_built_in(built_in)
    assert runs.processes.profiles() == [built_in]
    assert runs.outcome(built_in)[1] == "demo\n"


def test_a_proposed_profile_is_started_once_it_is_approved(control: Make, place: Path) -> None:
    (place / "work/profiles").mkdir(parents=True)
    (place / "work/profiles/hello.yaml").write_text("argv: [echo, hello]\n")
    runs = control()
    (hello,) = runs.processes.profiles()
    with pytest.raises(NotApproved):
        runs.start(hello)
    runs.processes.approve("hello", hello.digest())
    assert runs.outcome(hello)[1] == "hello\n"
    (place / "work/profiles/hello.yaml").write_text("argv: [echo, evil]\n")
    with pytest.raises(NotApproved):
        runs.start(runs.processes.profiles()[0])
    runs.processes.revoke("hello")
    with pytest.raises(NotApproved):
        runs.start(hello)


def test_a_failure_while_watching_is_met_again_and_loses_nothing(
    control: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one = program("print('x')")
    runs = control(one)
    with monkeypatch.context() as patch:
        patch.setattr("llm_service.processes.watcher.open_process", lambda identity: 1 / 0)
        run = runs.start(one)
        eventually(lambda: "watching runs failed" in caplog.text)
    assert runs.ended(run).code == 0


def test_with_too_little_space_nothing_is_started(control: Make) -> None:
    one = program(SLEEP)
    runs = control(one, min_disk_space_mb=1_000_000_000)
    with pytest.raises(DiskFull, match="min_disk_space_mb"):
        runs.start(one)
    assert runs.processes.runs() == []


def test_what_the_system_refuses_to_start_is_said(control: Make) -> None:
    one = program(SLEEP, *["x" * 100_000] * 30)
    runs = control(one)
    with pytest.raises(StartFailed, match="Argument list too long"):
        runs.start(one)
    assert runs.processes.runs() == []


def test_nothing_is_written_where_a_link_leads_out(control: Make, place: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (place / "work").symlink_to(tmp_path / "outside")
    one = program(SLEEP)
    runs = control(one)
    runs.dashboard.settings.set_fence()
    with pytest.raises(StartFailed, match="leads out of the workspace"):
        runs.start(one)
    assert list((tmp_path / "outside").iterdir()) == []


def test_parameters_get_into_their_placeholders_only(control: Make, place: Path) -> None:
    code = "import json, os, sys; print(json.dumps([sys.argv[1:], os.getcwd()]))"
    one = program(code, "{project}", "--spec={specification}", "{job}{job}", "{other} $(x) `y`", cwd="{project_dir}")
    (place / "out/Café 1").mkdir(parents=True)
    runs = control(one)
    _, text = runs.outcome(
        one, project="Café 1; $(rm)", specification="specs/a b.md", job="j-1", project_dir=str(place / "out/Café 1")
    )
    folder = f"{place}/out/Café 1"
    arguments = ["Café 1; $(rm)", f"--spec={place}/specs/a b.md", "j-1j-1", "{other} $(x) `y`"]
    assert json.loads(text) == [arguments, folder]
    with pytest.raises(BadRequest, match="needs specification"):
        runs.start(one, project="p", job="j")
    with pytest.raises(BadRequest, match="no parameter"):
        runs.start(one, argv="x")


def test_each_start_and_end_is_reported_once_in_order(control: Make) -> None:
    one = program("print('x')")
    runs = control(one)
    run = runs.start(one)
    ended = runs.until(run, RunStatus.FINISHED)
    eventually(lambda: len(runs.events) == 2)
    assert [event.type for event in runs.events] == ["run.started", "run.finished"]
    eventually(lambda: len(runs.changes) == 2)  # each is told after its event
    assert [change.status for change in runs.changes] == [RunStatus.RUNNING, RunStatus.FINISHED]
    assert runs.changes[-1] == ended


def test_a_subscriber_that_fails_or_starts_another_run_holds_up_nothing(control: Make) -> None:
    one = program("print('x')")
    runs = control(one)

    def start_next(run: object) -> None:
        if len(runs.processes.runs()) < 3:
            try:
                runs.start(one)
            except ServiceError:
                raise RuntimeError("busy") from None

    runs.processes.subscribe(start_next)
    runs.start(one)
    eventually(lambda: [run.status for run in runs.processes.runs()] == [RunStatus.FINISHED] * 3)
