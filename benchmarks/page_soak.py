"""Twenty minutes of the demo: do pages grow? `python -m benchmarks page_soak --minutes 20`.

Three jobs of the demo work all the time: one a minute ends and another one starts. Each is one more row of jobs,
sessions and calls, and some tasks, which pages show. One page stays on “Now”, one goes through all pages. Before each
sample the garbage is collected. The slope is that of the least squares through the second half. The exit code is 1 if
one is over the limit, or if a page has more nodes than the limit.
"""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kit import chromium
from kit.paths import ROOT
from kit.processes import free_port
from kit.tables import table
from playwright.sync_api import Page, sync_playwright

from .main_thread import Metrics
from .soak import slope

LIMIT_MB_PER_MINUTE = 0.2
MOST_NODES = 30_000
"""All pages that were opened once stay in the document; their lists have a bounded number of rows."""
SAMPLES, JOB_S, JOBS, STAY_S = 60, 180, 3, 3.0
PAGES = ("now", "board", "jobs", "pipelines", "plans", "artifacts", "sessions", "costs", "needs-you", "settings", "mcp")
HALF = 0.5


class Demo:
    """`llm-service demo` in a process of its own, whose jobs are started again when they have ended."""

    def __init__(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            sys.executable,
            "-m",
            "llm_service",
            "demo",
            "--no-open",
            "--seconds",
            str(JOB_S),
            "--port",
            str(port),
        ]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        self._names = itertools.count()

    def asked(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON of an answer; a POST if there is a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def until_ready(self) -> None:
        """Wait for its jobs."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if len(self.asked("/api/jobs")["jobs"]) >= JOBS:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise TimeoutError("the demo did not start")

    def keep_busy(self) -> None:
        """Start as many jobs as have ended."""
        active = self.asked("/api/jobs?status=in_progress,pending")["jobs"]
        for _ in range(JOBS - len(active)):
            body = {"specification": "# Tide tables\n\nOf each quay.\n", "profile": "demo"}
            self.asked(f"/api/projects/tide-tables-{next(self._names) % JOBS}/jobs", body)

    def stop(self) -> None:
        """End it, and its jobs."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


@contextmanager
def demo() -> Iterator[Demo]:
    """The demo, at work."""
    running = Demo()
    try:
        running.until_ready()
        yield running
    finally:
        running.stop()


class Watched:
    """A page and its samples: (minute, heap in MB, nodes, listeners)."""

    def __init__(self, name: str, page: Page) -> None:
        self.name, self._metrics = name, Metrics(page)
        self.samples: list[tuple[float, float, float, float]] = []

    def sample(self, minute: float) -> None:
        """Take one, without garbage."""
        self._metrics.collect_garbage()
        found = self._metrics.read()
        self.samples.append((minute, found["JSHeapUsedSize"] / 1e6, found["Nodes"], found["JSEventListeners"]))

    def growth(self, place: int) -> float:
        """The slope of the second half, a minute: 1 the heap in MB, 2 the nodes, 3 the listeners."""
        later = self.samples[int(len(self.samples) * HALF) :]
        return slope([(each[0], each[place]) for each in later])

    @property
    def is_bounded(self) -> bool:
        """Whether it is within the limits."""
        return self.growth(1) <= LIMIT_MB_PER_MINUTE and max(each[2] for each in self.samples) <= MOST_NODES

    def row(self) -> list[Any]:
        """Of the table."""
        first, last = self.samples[0], self.samples[-1]
        middle = self.samples[int(len(self.samples) * HALF)]
        heap = f"{first[1]:.1f}, {middle[1]:.1f}, {last[1]:.1f}"
        nodes = f"{first[2]:,.0f}, {middle[2]:,.0f}, {last[2]:,.0f}"
        return [self.name, heap, f"{self.growth(1):+.3f}", nodes, f"{self.growth(2):+.0f}", f"{self.growth(3):+.1f}"]


def main(minutes: float = 20) -> None:
    """Print the table; exit with code 1 if a page grows."""
    with sync_playwright() as playwright, demo() as running:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        pages = [browser.new_page(viewport={"width": 1440, "height": 900}) for _ in range(2)]
        for page in pages:
            page.goto(f"{running.url}/#/now")
            page.wait_for_selector('[data-testid=badge][data-state="in_sync"]', timeout=60_000)
        staying, going = Watched("stays on “Now”", pages[0]), Watched("goes through all pages", pages[1])
        began, places = time.monotonic(), itertools.cycle(PAGES)
        due = 0.0
        while (minute := (time.monotonic() - began) / 60) < minutes:
            place = next(places)
            pages[1].evaluate("(name) => { location.hash = `#/${name}`; }", place)
            pages[1].wait_for_timeout(STAY_S * 1000)
            pages[0].wait_for_timeout(1)
            running.keep_busy()
            if minute >= due and place == PAGES[-1]:  # always at the same place of the round
                due = minute + minutes / SAMPLES
                for each in (staying, going):
                    each.sample(minute)
        browser.close()
    head = [
        "page",
        "heap MB: first, middle, last",
        f"a minute (goal {LIMIT_MB_PER_MINUTE})",
        "nodes: first, middle, last",
    ]
    table(
        f"Under the load of the demo, {minutes:g} minutes",
        [*head, "a minute", "listeners a minute"],
        [staying.row(), going.row()],
    )
    if not (staying.is_bounded and going.is_bounded):
        sys.exit(1)
