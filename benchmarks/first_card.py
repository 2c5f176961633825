"""The first card of a board of 5,000 tasks at 150 ms and 10 Mbit/s, with nothing in the browser's cache and after that.

Twice: over a line that is really slow (`slow_line.py`), and with Chromium's emulation, which others use.
"""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit import chromium
from kit.paths import ROOT
from kit.processes import dashboard, free_port
from kit.tables import table
from kit.workspaces import workspace
from playwright.sync_api import Browser, BrowserContext, sync_playwright

TASKS = 5_000
ROUND_TRIP_MS = 150
BYTES_PER_S = 1_250_000

# The time of the frame after the one in which the first card was in place, and of the one in which all is known.
WATCH = """() => {
  const since = {};
  window.since = since;
  const paint = (name) => requestAnimationFrame(() => setTimeout(() => (since[name] ??= performance.now())));
  const look = () => {
    if (!since.card && document.querySelector("task-card")) paint("card");
    if (!since.sync && document.querySelector('[data-testid=badge][data-state="in_sync"]')) paint("sync");
    if (!since.card || !since.sync) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
REQUESTS = """(until) => {
  const before = performance.getEntriesByType("resource").filter((entry) => entry.startTime < until);
  const found = new Map(before.map(({ name, encodedBodySize }) => [name, encodedBodySize])); // preloaded, then used
  const scripts = [...found].filter(([name]) => name.endsWith(".js"));
  return [found.size + 1, scripts.reduce((sum, [, size]) => sum + size, 0) / 1000];
}"""


class Line:
    """A slow line to a server, in its own process."""

    def __init__(self, target: int) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        values = [str(value) for value in (port, target, ROUND_TRIP_MS, BYTES_PER_S)]
        command = [sys.executable, "-m", "benchmarks.slow_line", *values]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def received(self) -> int:
        """Bytes that came from the server so far."""
        self._process.send_signal(signal.SIGUSR1)
        return int(self._line().split()[0])

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(5)


def opened(context: BrowserContext, url: str, emulates: bool) -> dict[str, Any]:
    """Open the dashboard in a new tab: when was what there, and what did it take?"""
    page = context.new_page()
    page.add_init_script(f"({WATCH})()")
    if emulates:
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        conditions = {"offline": False, "latency": ROUND_TRIP_MS}
        rates = {"downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S}
        session.send("Network.emulateNetworkConditions", conditions | rates)
    page.goto(f"{url}/#/board")
    deadline = time.monotonic() + 60
    while not page.evaluate("window.since.card && window.since.sync"):  # the page's policy forbids `wait_for_function`
        if time.monotonic() > deadline:
            raise TimeoutError("no card")
        time.sleep(0.2)
    since: dict[str, float] = page.evaluate("window.since")
    time.sleep(2.0)  # what comes after the first card, too
    requests, script_kb = page.evaluate(REQUESTS, since["card"])
    all_requests, all_script_kb = page.evaluate(REQUESTS, 1e9)
    page.close()
    return {
        "card": since["card"],
        "sync": since["sync"],
        "requests": f"{requests} ({all_requests})",
        "scripts": f"{script_kb:.0f} ({all_script_kb:.0f})",
    }


@contextmanager
def lines(target: int) -> Iterator[list[tuple[str, Line | None]]]:
    """The ways to slow a connection down."""
    line = Line(target)
    try:
        yield [("slow line", line), ("Chromium's emulation", None)]
    finally:
        line.stop()


def measure(browser: Browser, url: str, rounds: int) -> Iterator[list[Any]]:
    """Rows of the table."""
    with lines(int(url.rpartition(":")[2])) as ways:
        for name, line in ways:
            found: dict[str, list[dict[str, Any]]] = {"cold": [], "warm": []}
            for _ in range(rounds):
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                for kind, results in found.items():
                    before = line.received() if line else 0
                    results.append(opened(context, line.url if line else url, line is None) | {"kind": kind})
                    results[-1]["received"] = (line.received() - before) / 1000 if line else ""
                context.close()
            for kind, results in found.items():
                cards = [result["card"] for result in results]
                sync = statistics.median(result["sync"] for result in results)
                last = results[-1]
                spread = f"{statistics.median(cards):.0f} ({min(cards):.0f}-{max(cards):.0f})"
                yield [f"{kind}, {name}", spread, f"{sync:.0f}", last["received"], last["requests"], last["scripts"]]


def main(against: Path | None = None, rounds: int = 5) -> None:
    """Print the table; of another checkout first, if one is given."""
    head = ["first card", "ms (range)", "in sync ms", "kB received", "requests (in all)", "kB of scripts (in all)"]
    with sync_playwright() as playwright, workspace(TASKS) as root:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        for name, checkout in [*([("before", against)] if against else []), ("now", ROOT)]:
            with dashboard(root, checkout) as server:
                rows = list(measure(browser, server.url, rounds))
            table(f"{TASKS:,} tasks, {ROUND_TRIP_MS} ms, {BYTES_PER_S * 8 / 1e6:.0f} Mbit/s: {name}", head, rows)
        browser.close()
