"""Runs all tests in several processes beside each other: `python scripts/run_tests.py [PYTEST OPTION ...]`.

There is one process more than cores (or `TEST_PROCESSES`): together they compute all the time, and a test is not kept
waiting by others (on two cores 3 took 966 s where 5 took 1,015). Each takes the next part when it is free, the largest
first; every other one takes those with a browser first, the rest those without: a Chromium computes on several cores.
What a part prints is shown when it has ended. But for those with a browser and those in `REPEATING`, parts run with
coverage, whose data `coverage_page.py` combines. Exits 1 if a part failed. Why not pytest-xdist: tests that fork and
kill end its workers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
BROWSER = "tests/browser"
PARTS = {"browser": 7, "measured": 4, "repeating": 5}
"""How many parts there are of each kind. Starting another one costs four seconds of computing for imports, with
coverage eight."""
SLOW = ("tests/cli", "tests/web", "tests/artifacts")
"""Their tests start services: a line of theirs takes longer than one of others."""
REPEATING = (
    "tests/artifacts/test_follow_model.py",
    "tests/artifacts/test_ignore.py",
    "tests/artifacts/test_live.py",
    "tests/artifacts/test_match_budget.py",
    "tests/artifacts/test_routes.py",
    "tests/artifacts/test_written_lines.py",
    "tests/calls/otlp/",
    "tests/calls/prices/test_book.py",
    "tests/calls/sessions/test_follow_model.py",
    "tests/calls/store/test_store.py",
    "tests/calls/test_kill.py",
    "tests/calls/test_round_trip.py",
    "tests/cli/",
    "tests/costs/test_day_buckets.py",
    "tests/costs/test_forecast.py",
    "tests/costs/test_routes.py",
    "tests/database/test_degraded.py",
    "tests/evidence/test_flood.py",
    "tests/evidence/test_model.py",
    "tests/files/test_fuzz.py",
    "tests/files/test_hidden_characters.py",
    "tests/hooks/test_append_line.py",
    "tests/jobs/test_end_to_end.py",
    "tests/jobs/test_own_profiles.py",
    "tests/logs/test_follow.py",
    "tests/logs/test_follow_model.py",
    "tests/logs/test_redaction_rules.py",
    "tests/logs/test_whole_blocks.py",
    "tests/mcp/test_at_once.py",
    "tests/mcp/test_injection.py",
    "tests/mcp/test_npm_client.py",
    "tests/mcp/test_servers.py",
    "tests/mcp/test_untrusted.py",
    "tests/needs_you/test_followed.py",
    "tests/orchestrators/test_registry.py",
    "tests/overview/test_agent_rows.py",
    "tests/pipelines/test_concurrency.py",
    "tests/pipelines/test_model.py",
    "tests/pipelines/test_reader.py",
    "tests/plans/test_follow_model.py",
    "tests/plans/test_real_files.py",
    "tests/plans/test_routes.py",
    "tests/plans/test_status_file.py",
    "tests/processes/test_adoption.py",
    "tests/processes/test_shim.py",
    "tests/server/test_bad_requests.py",
    "tests/server/test_gunicorn_server.py",
    "tests/tasks/test_follow_model.py",
    "tests/tasks/test_hostile.py",
    "tests/tasks/test_names.py",
    "tests/tasks/test_shared_id_model.py",
    "tests/tasks/test_unreadable.py",
    "tests/tasks/test_writers.py",
    "tests/test_benchmarks.py",
    "tests/test_calendar_days.py",
    "tests/test_deploy.py",
    "tests/test_docs.py",
    "tests/test_examples.py",
    "tests/test_readme.py",
    "tests/test_run_tests.py",
    "tests/users/test_feature.py",
    "tests/watch/test_limits.py",
    "tests/web/test_boundary.py",
    "tests/web/test_cursor.py",
    "tests/web/test_hostile_requests.py",
    "tests/web/test_json_text.py",
    "tests/web/test_openapi.py",
    "tests/web/test_rest.py",
    "tests/web/test_served_limits.py",
    "tests/web/test_session_limits.py",
    "tests/web/test_snapshots.py",
    "tests/web/test_socketio.py",
    "tests/web/test_streams.py",
)
"""Without coverage, which doubles their computing: they run the same lines thousands of times, or start the whole
service dozens of times. What they reach is reached by others too; `make coverage` measures them as well."""
TIMEOUT_S = 240
"""Of one test. Coverage costs computing tests up to 1.8 times their time, so the usual limit is doubled."""


def parts(tests: Path) -> list[list[str]]:
    """The test files below a folder in groups of about the same weight, each of one kind, to run one after the other;
    those with a browser first."""
    alike: dict[str, list[Path]] = {kind: [] for kind in PARTS}
    for file in sorted(tests.rglob("test_*.py")):
        alike[_kind([_name(file, tests)])].append(file)
    groups = [group for kind, files in alike.items() for group in _packed(files, PARTS[kind], tests)]
    return [[_name(file, tests) for file in files] for files in groups]


def _packed(files: Iterable[Path], count: int, tests: Path) -> list[list[Path]]:
    """At most `count` groups: each file, the heaviest first, is put into the group that is the lightest so far."""
    groups: list[list[Path]] = [[] for _ in range(count)]
    weights = [0] * count
    for file in sorted(files, key=lambda file: -_weight(file, tests)):
        lightest = weights.index(min(weights))
        groups[lightest].append(file)
        weights[lightest] += _weight(file, tests)
    return [sorted(group) for group in groups if group]


def _weight(file: Path, tests: Path) -> int:
    """The size of a file says roughly how long its tests take."""
    return (file.stat().st_size + 1) * (3 if _name(file, tests).startswith(SLOW) else 1)


def _kind(files: Sequence[str]) -> str:
    if has_browser(files):
        return "browser"
    return "measured" if is_measured(files) else "repeating"


def _name(file: Path, tests: Path) -> str:
    return file.relative_to(tests.parent).as_posix()


def has_browser(files: Sequence[str]) -> bool:
    """True for the files of a part whose tests drive a browser."""
    return files[0].startswith(f"{BROWSER}/")


def is_measured(files: Sequence[str]) -> bool:
    """True for the files of a part that runs with coverage."""
    return not has_browser(files) and not files[0].startswith(REPEATING)


def command(files: Sequence[str], options: Iterable[str]) -> list[str]:
    """What runs one part."""
    runner = ["-m", "coverage", "run", "-m", "pytest"] if is_measured(files) else ["-m", "pytest"]
    return [sys.executable, *runner, "-p", "no:cacheprovider", "-o", f"timeout={TIMEOUT_S}", *options, *files]


class Ran(NamedTuple):
    """What became of one part; `computed_s`: seconds of processor time, those of its processes included."""

    code: int
    seconds: float
    computed_s: float
    printed: str


def run(files: Sequence[str], options: Iterable[str]) -> Ran:
    """Run one part to its end."""
    since = time.monotonic()
    with subprocess.Popen(
        command(files, options), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read().decode(errors="replace")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Ran(process.returncode, time.monotonic() - since, used.ru_utime + used.ru_stime, printed)


class Queue:
    """The parts that nobody has taken yet. Thread-safe."""

    def __init__(self, groups: Iterable[list[str]]) -> None:
        self._waiting: dict[bool, deque[list[str]]] = {True: deque(), False: deque()}
        for files in groups:
            self._waiting[has_browser(files)].append(files)
        self._lock = threading.Lock()

    def take(self, with_browser: bool) -> list[str] | None:
        """The next part of that kind, else of the other; None if there is none."""
        with self._lock:
            for kind in (with_browser, not with_browser):
                if self._waiting[kind]:
                    return self._waiting[kind].popleft()
        return None


def main() -> None:
    """Run all parts; print each as it ends."""
    groups = parts(ROOT / "tests")
    processes = int(os.environ.get("TEST_PROCESSES") or (os.cpu_count() or 1) + 1)
    queue, since = Queue(groups), time.monotonic()
    done: list[tuple[str, int]] = []

    def work(with_browser: bool) -> None:
        while (files := queue.take(with_browser)) is not None:
            ran = run(files, sys.argv[1:])
            name = " ".join(files)
            done.append((name, ran.code))
            title = f"{len(done)}/{len(groups)}, {ran.seconds:.0f} s, computed {ran.computed_s:.0f} s: {name}"
            print(f"\n== {title}\n{ran.printed.rstrip()}", flush=True)

    with ThreadPoolExecutor(processes) as pool:
        for running in [pool.submit(work, number % 2 == 0) for number in range(processes)]:
            running.result()
    print(f"\n{len(groups)} parts in {time.monotonic() - since:.0f} s, {processes} at a time")
    failed = [name for name, code in done if code]
    if failed:
        sys.exit("Failed:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
