"""A job that prints 100,000 lines of 200 bytes a second, and twenty that print 1,000 each.

`python -m benchmarks log_flood`, or `python -m benchmarks.log_flood SECONDS`. Measured from outside: the dashboard is a
process of its own with logs only, the programs are another, which writes the logs itself, and lines are counted by a
client of `/streams/logs`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from kit.paths import ROOT
from kit.tables import spread, table

from .log_samples import mixed_lines

FLOOD_LINES_S, WIDTH, JOBS, JOB_LINES_S = 100_000, 199, 20, 1_000
TICK_S = 0.01


def serve(workspace: Path) -> None:
    """The dashboard: the runs are the folders below `work/runs`, and end when there is `exit.json`."""
    from kit.live import running
    from kit.run_logs import FakeRuns

    from llm_service.logs.feature import Logs

    runs = FakeRuns(workspace)

    def features(kernel: Any) -> list[Any]:
        kernel.hub.progress.complete()
        return [Logs(kernel, runs)]

    live = running(workspace, features=features)
    (workspace / "port").write_text(str(live.port))
    ended: set[str] = set()
    known: set[str] = set()
    while not (workspace / "stop").exists():
        for name in os.listdir(workspace / "work/runs"):
            if name not in known:
                known.add(name)
                runs.add(name, f"job:{name}")
            elif name not in ended and (workspace / "work/runs" / name / "exit.json").exists():
                ended.add(name)
                runs.end(name)
        time.sleep(0.02)
    live.stop()


def write(workspace: Path, names: list[str], lines_s: int, seconds: float) -> None:
    """Print so many lines a second to each of these logs, evenly; then all have ended."""
    samples = mixed_lines(5_000, width=WIDTH - 22)
    logs = []
    for name in names:
        folder = workspace / "work/runs" / name
        folder.mkdir(parents=True, exist_ok=True)
        logs.append(open(folder / "output.log", "wb", buffering=0))  # noqa: SIM115
    written, began = 0, time.monotonic()
    while (now := time.monotonic() - began) < seconds:
        wanted = int(min(now, seconds) * lines_s)
        stamp = b" %013d" % (time.time() * 1000)
        block = b"".join(
            b"%s%s %06d\n" % (samples[number % len(samples)], stamp, number % 1_000_000)
            for number in range(written, wanted)
        )
        for log in logs:
            log.write(block)
        written = wanted
        time.sleep(TICK_S)
    for name, log in zip(names, logs, strict=True):
        log.write(b"TheVeryLastLine\n")
        log.close()
        (workspace / "work/runs" / name / "exit.json").write_text("{}")
    print(written + 1)


class Listener:
    """Counts what `/streams/logs` sends: lines shown and skipped by job, and how late the first line of a batch is."""

    def __init__(self, url: str) -> None:
        self.shown: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.late_ms: dict[str, list[float]] = {}
        self._answer = urllib.request.urlopen(f"{url}/streams/logs", timeout=120)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._answer:
            if not line.startswith(b"data: "):
                continue
            event = json.loads(line[6:])
            if event.get("type") != "run.output":
                continue
            job = event["job"]
            self.shown[job] += len(event["lines"])
            self.skipped[job] += event["skipped"]
            words = event["lines"][-1]["message"].rsplit(" ", 2)
            if len(words) == 3 and len(words[1]) == 13:
                self.late_ms.setdefault(job, []).append(time.time() * 1000 - int(words[1]))


def ask(url: str, path: str) -> Any:
    """The JSON of a GET."""
    with urllib.request.urlopen(url + path, timeout=120) as answer:
        return json.load(answer)


def main(seconds: float = 60.0) -> None:
    """Print the tables."""
    workspace = Path(tempfile.mkdtemp(prefix="llm-service-bench-"))
    command = [sys.executable, "-m", "benchmarks.log_flood"]
    try:
        server = subprocess.Popen([*command, "serve", str(workspace)], cwd=ROOT)
        while not (workspace / "port").exists():
            time.sleep(0.05)
        url = f"http://127.0.0.1:{(workspace / 'port').read_text()}"
        process = psutil.Process(server.pid)
        flood(workspace, command, url, process, seconds)
        many(workspace, command, url, process, min(seconds, 20.0))
    finally:
        (workspace / "stop").touch()
        server.wait(60)
        shutil.rmtree(workspace, ignore_errors=True)


def flood(workspace: Path, command: list[str], url: str, process: psutil.Process, seconds: float) -> None:
    """One job in a flood, and a quiet one beside it, which prints 20 lines a second."""
    listener = Listener(url)
    warm = subprocess.run([*command, "write", str(workspace), "2000", "2", "warm"], cwd=ROOT, stdout=subprocess.DEVNULL)
    assert warm.returncode == 0
    before = process.memory_info().rss
    quiet = subprocess.Popen(
        [*command, "write", str(workspace), "20", str(seconds), "quiet"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    writer = subprocess.Popen(
        [*command, "write", str(workspace), str(FLOOD_LINES_S), str(seconds), "flood"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    peak, cpu = before, sum(process.cpu_times()[:2])
    while writer.poll() is None:
        peak = max(peak, process.memory_info().rss)
        time.sleep(0.1)
    cpu = sum(process.cpu_times()[:2]) - cpu
    ended = time.monotonic()
    assert writer.stdout is not None
    written = int(writer.stdout.read())
    found_s = None
    while found_s is None and time.monotonic() - ended < 120:
        if ask(url, "/api/jobs/flood/logs?view=all&q=TheVeryLastLine")["matches"]:
            found_s = time.monotonic() - ended
        peak = max(peak, process.memory_info().rss)
    quiet.wait()
    while not ask(url, "/api/jobs/flood/logs?limit=0&view=all")["is_complete"]:
        time.sleep(0.05)
    count = ask(url, "/api/jobs/flood/logs?limit=0&view=all")["lines_total"]
    time.sleep(1.0)
    rows = [
        ["lines written, indexed", f"{written:,}, {count:,}"],
        ["shown + skipped", f"{listener.shown['flood']:,} + {listener.skipped['flood']:,} = "
         f"{listener.shown['flood'] + listener.skipped['flood']:,}"],
        ["last line found by search after the end, s", f"{found_s:.2f}" if found_s is not None else "not within 120"],
        ["growth of memory, MB", f"{(peak - before) / 1e6:.0f}"],
        ["cores used while it wrote", f"{cpu / seconds:.2f}"],
        ["newest line of the flood late, ms (median, p95, p99)", _spread(listener.late_ms.get("flood"))],
        ["line of the quiet job late, ms (median, p95, p99)", _spread(listener.late_ms.get("quiet"))],
    ]  # fmt: skip
    table(f"A flood of {FLOOD_LINES_S:,} lines a second for {seconds:g} s", ["what", "measured"], rows)


def many(workspace: Path, command: list[str], url: str, process: psutil.Process, seconds: float) -> None:
    """Twenty jobs at once."""
    listener = Listener(url)
    names = [f"many-{number}" for number in range(JOBS)]
    writer = subprocess.Popen(
        [*command, "write", str(workspace), str(JOB_LINES_S), str(seconds), *names],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    writer.wait()
    cpu, took_s = sum(process.cpu_times()[:2]) - before, time.monotonic() - began
    assert writer.stdout is not None
    written = int(writer.stdout.read())
    for name in names:
        while not ask(url, f"/api/jobs/{name}/logs?limit=0")["is_complete"]:
            time.sleep(0.05)
    time.sleep(1.0)
    sums = {listener.shown[name] + listener.skipped[name] for name in names}
    late = [each for name in names for each in listener.late_ms.get(name, [])]
    rows = [
        ["lines written by each, shown + skipped", f"{written:,}, {', '.join(f'{each:,}' for each in sorted(sums))}"],
        ["cores used", f"{cpu / took_s:.2f}"],
        ["newest line of a batch late, ms (median, p95, p99)", _spread(late)],
    ]
    table(f"{JOBS} jobs, {JOB_LINES_S:,} lines a second each, for {seconds:g} s", ["what", "measured"], rows)


def _spread(values: list[float] | None) -> str:
    return ", ".join(f"{each:.0f}" for each in spread(values)) if values else "nothing"


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["serve"]:
        serve(Path(arguments[1]))
    elif arguments[:1] == ["write"]:
        write(Path(arguments[1]), arguments[4:], int(arguments[2]), float(arguments[3]))
    else:
        main(*map(float, arguments))
