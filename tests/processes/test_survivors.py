"""A run whose shim was killed: what is left of it is found, counted and stopped, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import psutil
import pytest
from kit.live import eventually
from kit.runs import Control, Make, alive, program

from llm_service.errors import Busy, ControlOff
from llm_service.processes.events import RunSurvivors
from llm_service.processes.identity import Identity, identify
from llm_service.processes.model import Run, RunStatus
from llm_service.processes.run_mark import MARK_NAME, find_marked, mark_of
from llm_service.processes.survivors import CHECK_S, Survivors

# One that obeys, one that does not and has left the session, one whose environment is empty, below the first.
TREE = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
elif os.fork() == 0:
    sleep = "import os; os.write(1, b'there\\\\n'); import time; time.sleep(300)"
    os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", sleep, *sys.argv[1:]], {})
os.write(1, b"there\\n")
while True:
    time.sleep(300)
"""
MEMBERS = 3
SLEEP = "import time; print('there', flush=True); time.sleep(300)"


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[str]:
    """An argument by which the processes of a test are known to it; at its end they are killed."""
    text = str(tmp_path / "known-by")
    yield text
    for process in alive(text):
        process.kill()


def lose_shim(runs: Control, run: Run) -> Run:
    """Kill the shim of a run; the run then."""
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    return runs.until(run, RunStatus.UNKNOWN)


def counted(runs: Control, run: Run, count: int) -> None:
    eventually(lambda: runs.processes.run(run.run_id).survivors == count)


def test_what_is_left_is_counted_and_stopped_whole(control: Make, mark: str) -> None:
    tree = program(TREE, mark)
    runs = control(tree)
    run = runs.start(tree)
    eventually(lambda: runs.log(run).count("there") == MEMBERS)
    lose_shim(runs, run)
    counted(runs, run, MEMBERS)
    assert len(alive(mark)) == MEMBERS
    told = [finding.text for finding in runs.processes.examine() if finding.what == "runs"]
    assert told == [f"{run.folder}: its shim was killed, and {MEMBERS} processes go on"]
    with pytest.raises(Busy):
        runs.start(tree)
    runs.processes.stop_run(run.run_id)
    counted(runs, run, 0)
    assert alive(mark) == []
    found = runs.processes.run(run.run_id)
    assert (found.status, found.exit) == (RunStatus.UNKNOWN, None)
    types = [event.type for event in runs.events]
    assert types[:3] == ["run.started", "run.finished", "run.survivors"]
    assert set(types[3:]) == {"run.survivors"}
    runs.processes.stop_run(run.run_id)  # nothing is left: nothing happens
    again = runs.start(tree, attempt=2)
    runs.processes.stop_run(again.run_id)
    runs.ended(again)


def test_it_is_found_by_the_next_dashboard(control: Make, mark: str) -> None:
    sleeper = program(SLEEP, mark)
    first = control(sleeper)
    run = first.start(sleeper)
    first.until_logged(run, "there")
    first.close()
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    os.waitpid(run.pid, 0)
    second = control(sleeper)
    counted(second, run, 1)
    second.processes.control = False
    with pytest.raises(ControlOff):
        second.processes.stop_run(run.run_id)
    second.processes.control = True
    second.processes.stop_run(run.run_id)
    counted(second, run, 0)
    assert alive(mark) == []


def test_it_is_stopped_at_once_where_that_was_begun(control: Make, mark: str) -> None:
    stubborn = program("import signal; signal.signal(15, signal.SIG_IGN)\n" + SLEEP, mark, grace_s=3)
    runs = control(stubborn)
    run = runs.start(stubborn)
    runs.until_logged(run, "there")
    runs.processes.stop_run(run.run_id)
    lose_shim(runs, run)

    def left() -> list[int]:
        return [event.run.survivors for event in runs.events if isinstance(event, RunSurvivors)]

    eventually(lambda: left() == [1, 0])
    assert alive(mark) == []


def test_that_it_ends_by_itself_is_seen(control: Make, mark: str, tmp_path: Path) -> None:
    waiting = program(
        "import os, sys, time\nprint('there', flush=True)\nwhile not os.path.exists(sys.argv[2]): time.sleep(0.01)",
        mark,
        str(tmp_path / "gate"),
    )
    runs = control(waiting)
    run = runs.start(waiting)
    runs.until_logged(run, "there")
    lose_shim(runs, run)
    counted(runs, run, 1)
    (tmp_path / "gate").touch()
    counted(runs, run, 0)


def sleeper(mark: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process that is none of a run's, with this environment."""
    code = "print('there', flush=True); import time; time.sleep(300)"
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code, mark], env=environment, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None and process.stdout.readline() == b"there\n"
    return process


def test_a_stranger_is_never_found(mark: str) -> None:
    key = b"k" * 32
    ours = mark_of(key, "/ws", "20261130T120000-0a0a0a0a")
    others = (
        mark_of(b"x" * 32, "/ws", "20261130T120000-0a0a0a0a"),
        mark_of(key, "/other", "20261130T120000-0a0a0a0a"),
        "20261130T120000-0a0a0a0a",
        "20261130T120000-0a0a0a0a:" + "0" * 32,
    )
    one = sleeper(mark, {MARK_NAME: ours})
    strangers = [sleeper(mark, {MARK_NAME: text}) for text in others] + [sleeper(mark, {})]
    try:
        assert find_marked({ours}) == {ours: [identify(one.pid)]}
        assert find_marked(()) == {}
    finally:
        for process in (one, *strangers):
            process.kill()
            process.communicate()
    assert find_marked({ours, *others}) == {}


def test_below_a_run_another_run_is_not_of_it(mark: str) -> None:
    outer, inner = mark_of(b"k", "/ws", "outer"), mark_of(b"k", "/ws", "inner")
    code = (
        "import os, sys, time\n"
        "sleep = \"print('there', flush=True); import time; time.sleep(300)\"\n"
        "if os.fork() == 0:\n"
        f"    os.execve(sys.executable, [sys.executable, '-c', sleep, sys.argv[1]], {{{MARK_NAME!r}: {inner!r}}})\n"
        "time.sleep(300)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code, mark], env={MARK_NAME: outer}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdout.readline() == b"there\n"
    (child,) = psutil.Process(process.pid).children()
    found = find_marked({outer})
    assert found == {outer: [identify(process.pid)]}
    assert find_marked({outer, inner}) == found | {inner: [identify(child.pid)]}
    child.kill()
    process.kill()
    process.communicate()


def test_we_ourselves_are_never_found(mark: str) -> None:
    code = "import sys\nfrom llm_service.processes.run_mark import find_marked\nprint(find_marked({sys.argv[2]}))\n"
    environment = os.environ | {MARK_NAME: "mine:" + "0" * 32}
    command = [sys.executable, "-c", code, mark, environment[MARK_NAME]]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout == "{}\n"


def test_it_is_looked_for_every_two_seconds_while_something_is_left() -> None:
    now, left, asked, seen = 100.0, {"m": [Identity(0, "0", "none")]}, list[Collection[str]](), list[tuple[str, int]]()

    def find(marks: Collection[str]) -> dict[str, list[Identity]]:
        asked.append(set(marks))
        return left

    survivors = Survivors(lambda run_id, count: seen.append((run_id, count)), lambda: now, find)
    assert (survivors.next_due(), survivors.stop("one", 1)) == (None, False)
    survivors.watch("one", "m")
    survivors.watch("two", "n")
    survivors.turn()
    assert (asked, seen, survivors.next_due()) == ([{"m", "n"}], [("one", 1)], now + CHECK_S)
    survivors.turn()
    assert (len(asked), survivors.stop("two", 1)) == (1, False)
    now += CHECK_S
    left = {}
    survivors.turn()
    assert (asked[1:], seen[1:], survivors.next_due()) == ([{"m"}], [("one", 0)], None)
