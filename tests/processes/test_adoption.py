"""The dashboard may end at any time: runs go on, and the next one knows all of them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
from kit.live import eventually
from kit.runs import Control, Make, let_start, other_dashboard, program, started_by

from llm_service.processes.events import RunFinished
from llm_service.processes.identity import identify
from llm_service.processes.model import RunStatus

LINES = """
import os, sys, time
number = 0
while not os.path.exists(sys.argv[1]):
    print("line", number, flush=True)
    number += 1
    time.sleep(0.01)
print("end", number)
raise SystemExit(6)
"""


def start_and_kill(place: Path, code: str, gate: Path) -> str:
    """Another process starts a run and is killed once that has printed something; the id of the run."""
    dashboard = other_dashboard(place, code, str(gate))
    let_start(dashboard)
    (run_id,) = started_by(dashboard)
    eventually(lambda: (place / "work/runs" / run_id / "output.log").stat().st_size)
    dashboard.send_signal(signal.SIGKILL)
    dashboard.communicate(timeout=60)
    return run_id


def test_a_run_outlives_a_dashboard_that_is_killed_and_its_exit_is_known(
    place: Path, control: Make, tmp_path: Path
) -> None:
    run_id = start_and_kill(place, LINES, tmp_path / "gate")
    runs = control()
    run = runs.processes.run(run_id)
    assert (run.status, run.owner, run.is_proven) == (RunStatus.RUNNING, "job:1", True)
    eventually(lambda: [change.run_id for change in runs.changes] == [run_id])
    assert runs.events == [], "it was not started now"
    (tmp_path / "gate").touch()
    found = runs.ended(run)
    assert (found.code, found.reason) == (6, "exited")
    lines = runs.log(run).splitlines()
    assert lines == [*(f"line {number}" for number in range(len(lines) - 1)), f"end {len(lines) - 1}"]
    eventually(lambda: [type(event) for event in runs.events] == [RunFinished])


def test_an_adopted_run_is_stopped_whole(place: Path, control: Make, tmp_path: Path) -> None:
    run_id = start_and_kill(place, "import signal\nsignal.signal(15, signal.SIG_IGN)\n" + LINES, tmp_path / "gate")
    runs = control()
    run = runs.processes.run(run_id)
    members = psutil.Process(run.pid).children(recursive=True)
    runs.processes.stop_run(run_id)
    found = runs.ended(run)
    assert (found.signal, found.reason) == (9, "stopped")
    assert members and not any(member.is_running() for member in members)


def test_what_ended_while_there_was_no_dashboard_is_known(place: Path, control: Make, tmp_path: Path) -> None:
    run_id = start_and_kill(place, LINES, tmp_path / "gate")
    (tmp_path / "gate").touch()
    eventually((place / "work/runs" / run_id / "exit.json").exists)
    runs = control()
    run = runs.until(runs.processes.run(run_id), RunStatus.FINISHED)
    assert run.exit is not None and run.exit.code == 6
    assert run.log_bytes == len(runs.log(run))


def test_a_run_whose_shim_was_killed_meanwhile_is_unknown(place: Path, control: Make, tmp_path: Path) -> None:
    run_id = start_and_kill(place, LINES, tmp_path / "gate")
    first = control()
    shim = first.processes.run(run_id).pid
    first.close()
    os.kill(shim or 0, signal.SIGKILL)
    (tmp_path / "gate").touch()
    eventually(lambda: identify(shim or 0) is None)
    run = control().processes.run(run_id)
    assert (run.status, run.exit, run.is_proven) == (RunStatus.UNKNOWN, None, True)


def test_a_run_of_another_process_appears_when_everything_is_applied(place: Path, control: Make) -> None:
    one = program("print('x')")
    runs = control(one)
    other = Control(place, one)
    run = other.start(one, owner="job:other")
    other.ended(run)
    runs.dashboard.sync(60)
    assert runs.processes.run(run.run_id).status is RunStatus.FINISHED
    other.close()


def test_a_folder_that_is_removed_is_removed_here(control: Make) -> None:
    one = program("print('x')")
    runs = control(one)
    run = runs.start(one)
    runs.ended(run)
    for path in runs.file(run, ".").iterdir():
        path.unlink()
    runs.file(run, ".").rmdir()
    runs.dashboard.sync(60)
    eventually(lambda: runs.events[-1].type == "run.removed")
    assert runs.processes.runs() == []


def test_a_run_whose_folder_is_removed_can_be_stopped(control: Make) -> None:
    one = program("import time; print('x', flush=True); time.sleep(300)")
    runs = control(one)
    run = runs.start(one)
    runs.until_logged(run, "x")
    moved = runs.workspace / "moved"
    runs.file(run, ".").rename(moved)
    runs.dashboard.sync(60)
    assert runs.processes.run(run.run_id).status is RunStatus.RUNNING
    runs.processes.stop_run(run.run_id)
    runs.until(run, RunStatus.UNKNOWN)
    assert '"reason": "stopped"' in (moved / "exit.json").read_text()
    moved.rename(runs.file(run, "."))
    runs.dashboard.sync(60)
    assert runs.ended(run).reason == "stopped"
    eventually(lambda: [event.type for event in runs.events] == ["run.started", "run.finished", "run.finished"])
