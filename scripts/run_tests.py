"""Runs all tests in several processes beside each other: `python scripts/run_tests.py [PYTEST OPTION ...]`.

A test waits more than it computes: for a service that starts, for a socket, for a browser. So there are twice as many
processes as cores (or `TEST_PROCESSES`); each takes the next part when it is free, the largest first. What a part
prints is shown when it has ended. Tests without a browser run with coverage, whose data `coverage_page.py` combines.
Exits 1 if a part failed. Why not pytest-xdist: tests that fork and kill end its workers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
BROWSER = "tests/browser"
MAX_FILES = 8
"""In one part. Starting another part costs two to four seconds of computing."""
TIMEOUT_S = 240
"""Of one test. Coverage costs computing tests up to 1.8 times their time, so the usual limit is doubled."""


def parts(tests: Path) -> list[list[str]]:
    """The test files below a folder in groups that run one after the other, the largest first; those with a browser,
    each of which takes as long as many others, alone and before all."""
    folders: dict[Path, list[Path]] = {}
    for file in sorted(tests.rglob("test_*.py")):
        folders.setdefault(file.parent, []).append(file)
    groups = []
    for files in folders.values():
        size = 1 if _is_browser(files[0], tests) else MAX_FILES
        count = -(-len(files) // size)
        groups += [files[number::count] for number in range(count)]
    groups.sort(key=lambda files: (not _is_browser(files[0], tests), -sum(file.stat().st_size for file in files)))
    return [[file.relative_to(tests.parent).as_posix() for file in files] for files in groups]


def _is_browser(file: Path, tests: Path) -> bool:
    return file.relative_to(tests.parent).as_posix().startswith(f"{BROWSER}/")


def command(files: Sequence[str], options: Iterable[str]) -> list[str]:
    """What runs one part."""
    runner = ["-m", "pytest"] if files[0].startswith(f"{BROWSER}/") else ["-m", "coverage", "run", "-m", "pytest"]
    return [sys.executable, *runner, "-p", "no:cacheprovider", "-o", f"timeout={TIMEOUT_S}", *options, *files]


def run(files: Sequence[str], options: Iterable[str]) -> tuple[int, float, str]:
    """(exit code, seconds, what it printed) of one part."""
    since = time.monotonic()
    done = subprocess.run(
        command(files, options), cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.returncode, time.monotonic() - since, done.stdout.decode(errors="replace")


def main() -> None:
    """Run all parts; print each as it ends."""
    options = sys.argv[1:]
    groups = parts(ROOT / "tests")
    processes = int(os.environ.get("TEST_PROCESSES") or 2 * (os.cpu_count() or 1))
    since, failed = time.monotonic(), []
    with ThreadPoolExecutor(processes) as pool:
        running = [pool.submit(run, files, options) for files in groups]
        for number, (files, future) in enumerate(zip(groups, running, strict=True), start=1):
            code, seconds, printed = future.result()
            name = " ".join(files)
            print(f"\n== {number}/{len(groups)}, {seconds:.0f} s: {name}\n{printed.rstrip()}", flush=True)
            if code:
                failed.append(name)
    print(f"\n{len(groups)} parts in {time.monotonic() - since:.0f} s, {processes} at a time")
    if failed:
        sys.exit("Failed:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
