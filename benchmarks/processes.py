"""Runs of programs: what a shim costs, whether a tree that resists ends whole, and what a killed dashboard loses.

`python -m benchmarks processes`: 100 starts, 200 stops, 50 x kill -9.
"""

from __future__ import annotations

import contextlib
import os
import py_compile
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

_STARTS, _STOPS, _KILLS = 100, 200, 50
_GRACE_S = 0.5

# Ignores SIGTERM, forks twice, and what it forks leaves its session; each of the nine prints that it is there.
_TREE = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(2):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
os.write(1, b"there\\n")
time.sleep(3000)
"""
_MEMBERS = 9
_LINES = """
import os, sys, time
for number in range(2_000):
    os.write(1, b"line %d %s\\n" % (number, b"x" * 100))
    time.sleep(0.0005)
raise SystemExit(7)
"""


def main() -> None:
    """Print the tables."""
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
    for measure in (_starts, _stops, _kills):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CONFIG_HOME"] = f"{folder}/user"
            workspace = Path(folder, "ws")
            workspace.mkdir()
            measure(workspace)


def _wait(check: object, limit_s: float = 60.0) -> None:
    deadline = time.monotonic() + limit_s
    while not check():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError("it did not get there")
        time.sleep(0.001)


def _percentiles(values: list[float], unit: str = "ms") -> str:
    values = sorted(values)
    worst = values[-1]
    return f"{statistics.median(values):.1f} / {values[int(len(values) * 0.95)]:.1f} / {worst:.1f} {unit}"


def _memory_mb(pid: int) -> dict[str, float]:
    """Resident, proportional and private memory, and that of Python's own files, which all Pythons share."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    sizes = {name: int(size) / 1024 for name, size in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}
    return {
        "resident": sizes["Rss"],
        "proportional": sizes["Pss"],
        "private": sizes["Private_Clean"] + sizes["Private_Dirty"],
    }


def _starts(workspace: Path) -> None:
    from kit.runs import Control, program

    from llm_service.processes import shim

    shell = ("sh", "-c", "date +%s%N; exec sleep 3000")
    one = type(program(""))(name="one", argv=shell, origin="user", grace_s=_GRACE_S)
    runs = Control(workspace, one)
    py_compile.compile(shim.__file__)  # as an installation has it
    calls, until_output, computing, memory = [], [], [], []
    for number in range(_STARTS):
        begin_ns, begin = time.time_ns(), time.perf_counter()
        run = runs.start(one, owner=f"job:{number}")
        calls.append((time.perf_counter() - begin) * 1000)
        _wait(lambda run=run: runs.log(run))
        until_output.append((int(runs.log(run)) - begin_ns) / 1e6)
        memory.append(_memory_mb(run.pid or 0))
        computing.append(int(Path(f"/proc/{run.pid}/schedstat").read_text().split()[0]) / 1e6)
    alone = _memory_alone(workspace)
    bare = _bare_python()
    for run in runs.processes.runs():
        runs.processes.stop_run(run.run_id)
    _wait(lambda: not runs.processes.board.running())
    runs.close()
    middle = {name: statistics.median(one[name] for one in memory) for name in memory[0]}
    print("\n| a shim | measured |\n|---|---|")
    print(f"| call of `start_run`, median / p95 / worst of {_STARTS} | {_percentiles(calls)} |")
    print(f"| from that call to the program's first output | {_percentiles(until_output)} |")
    print(f"| computing time of the shim until then | {_percentiles(computing)} |")
    sizes = " / ".join(f"{middle[name]:.1f}" for name in ("private", "proportional", "resident"))
    print(f"| memory: private / proportional / resident | {sizes} MB |")
    print(f"| of that, a bare `python -I -S -c pass` is resident with | {bare:.1f} MB |")
    print(f"| idle: wake-ups a second | {alone:.1f} |")


def _memory_alone(workspace: Path) -> float:
    """Wake-ups a second of a shim that waits."""
    from kit.runs import Control, program

    one = program("import time; time.sleep(3000)")
    runs = Control(workspace, one)
    run = runs.start(one, owner="job:alone")
    status = Path(f"/proc/{run.pid}/status")

    def switches() -> int:
        return int(re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.MULTILINE)[0])

    time.sleep(1)
    before = switches()
    time.sleep(4)
    found = (switches() - before) / 4
    runs.processes.stop_run(run.run_id)
    runs.ended(run)
    runs.close()
    return found


def _bare_python() -> float:
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    size = _memory_mb(process.pid)["resident"]
    process.communicate(b"\n")
    return size


def _stops(workspace: Path) -> None:
    from kit.runs import Control, marked, program

    mark = str(workspace / "mark")
    tree = program(_TREE, mark, grace_s=_GRACE_S)
    runs = Control(workspace, tree)
    stranger = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(3000)"])
    took, survivors, zombies = [], 0, 0
    for _ in range(_STOPS):
        run = runs.start(tree)
        _wait(lambda run=run: runs.log(run).count("there") == _MEMBERS)
        begin = time.perf_counter()
        runs.processes.stop_run(run.run_id)
        _wait(lambda run=run: not runs.processes.board.is_alive(run.run_id) and runs.processes.run(run.run_id).exit)
        took.append((time.perf_counter() - begin) * 1000)
        left = marked(mark)
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                is_zombie = process.status() == psutil.STATUS_ZOMBIE
                zombies, survivors = zombies + is_zombie, survivors + (not is_zombie)
    strangers = int(stranger.poll() is not None)
    stranger.kill()
    stranger.wait()
    runs.close()
    print(f"\n| {_STOPS} stops of a tree of {_MEMBERS} that resists | measured |\n|---|---|")
    print(f"| survivors / zombies / strangers signalled | {survivors} / {zombies} / {strangers} |")
    print(f"| until all had ended, grace {_GRACE_S * 1000:.0f} ms, median / p95 / worst | {_percentiles(took)} |")


def _kills(workspace: Path) -> None:
    from kit.runs import Control, let_start, other_dashboard, started_by

    whole = b"".join(b"line %d %s\n" % (number, b"x" * 100) for number in range(2_000))
    found: Counter[str] = Counter()
    adopted = []
    for number in range(_KILLS):
        dashboard = other_dashboard(workspace, _LINES)
        let_start(dashboard)
        (run_id,) = started_by(dashboard)
        log = workspace / "work/runs" / run_id / "output.log"
        _wait(lambda log=log, number=number: log.stat().st_size > number * len(whole) // (2 * _KILLS))
        dashboard.send_signal(signal.SIGKILL)
        dashboard.communicate()
        begin = time.perf_counter()
        runs = Control(workspace)
        adopted.append((time.perf_counter() - begin) * 1000)
        run = runs.processes.run(run_id)
        found["went on"] += runs.processes.board.is_alive(run_id)
        exit_ = runs.ended(run)
        found["exit known"] += exit_.code == 7
        found["log equal"] += log.read_bytes() == whole
        found["status right"] += runs.processes.run(run_id).status == "finished"
        runs.close()
    print(f"\n| {_KILLS} x kill -9 of the dashboard while a run goes on | measured |\n|---|---|")
    for name in ("went on", "exit known", "log equal", "status right"):
        print(f"| {name} | {found[name]} of {_KILLS} |")
    print(f"| until the next dashboard knows all runs | {_percentiles(adopted)} |")
