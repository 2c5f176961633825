"""Stopping: all that descends from a run ends, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kit.live import eventually
from kit.runs import Make, alive, children_of_ours, marked, program

from llm_service.errors import ControlOff, NotFound
from llm_service.processes.identity import Identity, identify, signal_process
from llm_service.processes.model import RunStatus
from llm_service.processes.stopping import Stopper

# Ignores SIGTERM, forks twice, and its grandchildren leave the session; each of the four prints when it is there.
TREE = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(2):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
os.write(1, b"there\\n")
while True:
    time.sleep(300)
"""
MEMBERS = 9
SLEEP = "import time; print('there', flush=True); time.sleep(300)"


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of ours."""
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(300)"])
    yield process
    process.kill()
    process.wait()


def test_a_tree_that_resists_is_killed_whole(control: Make, tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    tree = program(TREE, mark)
    runs = control(tree)
    run = runs.start(tree)
    eventually(lambda: runs.log(run).count("there") == MEMBERS)
    assert len(marked(mark)) == MEMBERS + 1, "with the shim"
    runs.processes.stop_run(run.run_id)
    found = runs.ended(run)
    assert (found.code, found.signal, found.reason) == (None, signal.SIGKILL, "stopped")
    assert marked(mark) == []
    assert run.pid not in children_of_ours(), "no zombie"


def test_a_program_that_flees_from_process_to_process_is_caught(control: Make, tmp_path: Path) -> None:
    """Each process forks, leaves its session and ends at once: none is there for longer than that takes."""
    mark = str(tmp_path / "mark")
    code = (
        "import os, signal, time\nsignal.signal(15, signal.SIG_IGN)\nos.write(1, b'there')\n"
        "end = time.monotonic() + 60\n"
        "while time.monotonic() < end:\n    if os.fork():\n        os._exit(0)\n    os.setsid()\n"
    )
    one = program(code, mark)
    runs = control(one)
    run = runs.start(one)
    runs.until_logged(run, "there")
    runs.processes.stop_run(run.run_id)
    found = runs.ended(run)
    assert (found.reason, found.message) == ("stopped", None)
    assert marked(mark) == []


def test_a_program_that_obeys_has_its_own_end(control: Make) -> None:
    code = "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n" + SLEEP
    polite = program(code, grace_s=60)
    runs = control(polite)
    run = runs.start(polite)
    runs.until_logged(run, "there")
    runs.processes.stop_run(run.run_id)
    runs.processes.stop_run(run.run_id)
    found = runs.ended(run)
    assert (found.code, found.signal, found.reason) == (7, None, "stopped")
    runs.processes.stop_run(run.run_id)
    assert runs.processes.run(run.run_id).exit == found


def test_what_was_halted_gets_to_know_that_it_has_to_end(control: Make) -> None:
    one = program("import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n" + SLEEP, grace_s=60)
    runs = control(one)
    run = runs.start(one)
    runs.until_logged(run, "there")
    for process in psutil.Process(run.pid).children():
        process.suspend()
    psutil.Process(run.pid).suspend()
    runs.processes.stop_run(run.run_id)
    assert runs.ended(run).code == 7


def test_a_stop_right_after_the_start_is_not_lost(control: Make) -> None:
    one = program(SLEEP)
    runs = control(one)
    for _ in range(5):
        run = runs.start(one)
        runs.processes.stop_run(run.run_id)
        assert runs.ended(run).reason == "stopped"


def test_a_budget_is_named_as_the_reason(control: Make) -> None:
    one = program(SLEEP)
    runs = control(one)
    run = runs.start(one)
    runs.processes.stop_run(run.run_id, "budget")
    assert runs.ended(run).reason == "budget"


def test_a_run_whose_shim_was_killed_is_unknown_and_not_failed(control: Make) -> None:
    one = program(SLEEP)
    runs = control(one)
    run = runs.start(one)
    runs.until_logged(run, "there")
    (child,) = psutil.Process(run.pid).children()
    os.kill(run.pid or 0, signal.SIGKILL)
    found = runs.until(run, RunStatus.UNKNOWN)
    assert found.exit is None
    runs.processes.stop_run(run.run_id)
    child.kill()


def test_nothing_is_stopped_that_is_not_there(control: Make) -> None:
    runs = control()
    with pytest.raises(NotFound):
        runs.processes.stop_run("../../etc")
    runs.processes.control = False
    with pytest.raises(ControlOff):
        runs.processes.stop_run("any")


def test_a_process_is_only_signalled_while_it_is_the_same(stranger: subprocess.Popen[bytes]) -> None:
    identity = identify(stranger.pid)
    assert identity is not None and identity.is_alive
    for other in (
        Identity(identity.pid, identity.started + "1", identity.boot),
        Identity(identity.pid, identity.started, "another boot"),
        Identity(identity.pid, "", ""),
        Identity(0, identity.started, identity.boot),
        Identity(-1, identity.started, identity.boot),
    ):
        assert not other.is_alive
        assert not signal_process(other, signal.SIGKILL)
    assert stranger.poll() is None
    assert signal_process(identity, signal.SIGKILL)
    assert stranger.wait(60) == -signal.SIGKILL
    assert identify(stranger.pid) is None
    assert not signal_process(identity, signal.SIGKILL)


def test_without_pidfds_the_identity_is_checked_too(
    stranger: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    identity = identify(stranger.pid)
    assert identity is not None
    assert not signal_process(Identity(identity.pid, "1", identity.boot), signal.SIGKILL)
    assert stranger.poll() is None
    assert signal_process(identity, signal.SIGKILL)
    stranger.wait(60)
    assert not signal_process(identity, signal.SIGKILL)


def test_runs_end_without_pidfds(control: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    one = program("raise SystemExit(5)")
    assert control(one).outcome(one)[0].code == 5


def test_where_there_is_no_subreaper_those_that_left_are_remembered(tmp_path: Path) -> None:
    """A leader that ends on SIGTERM and loses a child that has left its session."""
    mark = str(tmp_path / "mark")
    code = (
        "import os, signal, time\n"
        "if os.fork() == 0:\n    os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "os.write(1, b't')\ntime.sleep(300)\n"
    )
    leader = subprocess.Popen([sys.executable, "-I", "-S", "-c", code, mark], stdout=subprocess.PIPE)
    assert leader.stdout is not None
    with leader.stdout:
        assert leader.stdout.read(1) + leader.stdout.read(1) == b"tt"
    identity = identify(leader.pid)
    assert identity is not None
    now = time.monotonic()
    stopper = Stopper(clock=lambda: now, has_subreaper=False)
    assert stopper.stop("run", identity, 1.0, "stopped")
    assert leader.wait(60) == -signal.SIGTERM
    stopper.ended("run")
    stopper.turn()
    assert len(alive(mark)) == 1, "the grace is not over"
    due = stopper.next_due()
    assert due is not None
    now = due
    stopper.turn()
    eventually(lambda: not alive(mark))
    now += 1
    stopper.turn()
    assert stopper.next_due() is None


def test_a_shim_that_does_not_answer_is_killed_with_its_tree(stranger: subprocess.Popen[bytes]) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(300)"
    deaf = subprocess.Popen([sys.executable, "-I", "-S", "-c", code], stdout=subprocess.PIPE)
    assert deaf.stdout is not None
    with deaf.stdout:
        deaf.stdout.read(1)
    identity = identify(deaf.pid)
    assert identity is not None
    now = time.monotonic()
    stopper = Stopper(clock=lambda: now)
    assert stopper.stop("run", identity, 0.0, "stopped")
    now += 2
    stopper.turn()
    assert deaf.poll() is None
    now += 2
    stopper.turn()
    assert deaf.wait(60) == -signal.SIGKILL
    assert stranger.poll() is None
