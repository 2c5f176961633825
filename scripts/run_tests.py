"""Runs all tests in several processes beside each other: `python scripts/run_tests.py [PYTEST OPTION ...]`.

A test waits more than it computes: for a service that starts, for a socket, for a browser. So there are twice as many
processes as cores (or `TEST_PROCESSES`); each takes the next part when it is free, the largest first. Half of them take
those with a browser first, the others those without: a Chromium computes on several cores. What a part prints is shown
when it has ended. But for those with a browser and those in `REPEATING`, parts run with coverage, whose data
`coverage_page.py` combines. Exits 1 if a part failed. Why not pytest-xdist: tests that fork and kill end its workers.
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

ROOT = Path(__file__).parents[1]
BROWSER = "tests/browser"
MAX_FILES = 8
"""In one part. Starting another part costs two to four seconds of computing."""
SLOW = ("tests/cli", "tests/web", "tests/artifacts")
"""Their tests start services and wait for them: these begin first."""
REPEATING = (
    "tests/cli/",
    "tests/artifacts/test_follow_model.py",
    "tests/artifacts/test_ignore.py",
    "tests/artifacts/test_written_lines.py",
    "tests/tasks/test_follow_model.py",
    "tests/tasks/test_hostile.py",
    "tests/tasks/test_names.py",
    "tests/tasks/test_shared_id_model.py",
    "tests/web/test_hostile_requests.py",
)
"""Without coverage, which doubles their computing: they run the same lines thousands of times, or start the whole
service dozens of times. What they reach is reached by others too; `make coverage` measures them as well."""
TIMEOUT_S = 240
"""Of one test. Coverage costs computing tests up to 1.8 times their time, so the usual limit is doubled."""


def parts(tests: Path) -> list[list[str]]:
    """The test files below a folder in groups that run one after the other, the largest first; those with a browser,
    each of which takes as long as many others, alone."""
    alike: dict[tuple[Path, bool], list[Path]] = {}
    for file in sorted(tests.rglob("test_*.py")):
        alike.setdefault((file.parent, is_measured([_name(file, tests)])), []).append(file)
    groups = []
    for files in alike.values():
        size = 1 if _is_browser(files[0], tests) else MAX_FILES
        count = -(-len(files) // size)
        groups += [files[number::count] for number in range(count)]
    groups.sort(key=lambda files: (not _is_browser(files[0], tests), -_weight(files, tests)))
    return [[_name(file, tests) for file in files] for files in groups]


def _weight(files: Sequence[Path], tests: Path) -> int:
    is_slow = _name(files[0], tests).startswith(SLOW)
    return sum(file.stat().st_size for file in files) * (3 if is_slow else 1)


def _is_browser(file: Path, tests: Path) -> bool:
    return has_browser([_name(file, tests)])


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


def run(files: Sequence[str], options: Iterable[str]) -> tuple[int, float, str]:
    """(exit code, seconds, what it printed) of one part."""
    since = time.monotonic()
    done = subprocess.run(
        command(files, options), cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.returncode, time.monotonic() - since, done.stdout.decode(errors="replace")


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
    processes = int(os.environ.get("TEST_PROCESSES") or 2 * (os.cpu_count() or 1))
    queue, since = Queue(groups), time.monotonic()
    done: list[tuple[str, int]] = []

    def work(with_browser: bool) -> None:
        while (files := queue.take(with_browser)) is not None:
            code, seconds, printed = run(files, sys.argv[1:])
            name = " ".join(files)
            done.append((name, code))
            print(f"\n== {len(done)}/{len(groups)}, {seconds:.0f} s: {name}\n{printed.rstrip()}", flush=True)

    with ThreadPoolExecutor(processes) as pool:
        for running in [pool.submit(work, number % 2 == 0) for number in range(processes)]:
            running.result()
    print(f"\n{len(groups)} parts in {time.monotonic() - since:.0f} s, {processes} at a time")
    failed = [name for name, code in done if code]
    if failed:
        sys.exit("Failed:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
