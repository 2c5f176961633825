"""The page “Now” and the board: until the first content is painted, and whether the page stays quick while the service
sends 1,000 events a second; sessions and what needs you, too."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit import chromium
from kit.hook_payloads import bash, claude
from kit.hook_reports import report
from kit.processes import Server, dashboard
from kit.tables import table
from kit.transcripts import claude_session
from kit.workspaces import workspace
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from .first_card import ROUND_TRIP_MS, Line
from .main_thread import TIMES, Metrics, traced

TASKS, SESSIONS, ROUNDS = 5_000, 40, 5
EVENTS_PER_S, FLOOD_S = 1_000, 20
FIRST = {"now": "agent-list tbody tr", "board": "task-card"}
"""page -> its first content"""
SHOWN = FIRST | {"sessions": "session-list li, session-list a", "needs-you": "[data-testid=need-sources] li"}
GOALS = {"loopback": "cold 500, warm 200", "slow line": f"{ROUND_TRIP_MS} ms: 1,200"}

# The time of the frame after the one in which the first content was in place; the sum of the layout shifts.
WATCH = """([selector]) => {
  const since = { shift: 0 };
  window.since = since;
  const paint = (name) => requestAnimationFrame(() => setTimeout(() => (since[name] ??= performance.now())));
  const look = () => {
    if (document.querySelector(selector)?.checkVisibility()) paint("content");
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) since.shift += value;
  }).observe({ type: "layout-shift", buffered: true });
}"""


@contextmanager
def service() -> Iterator[tuple[Server, Path]]:
    """A dashboard with tasks of 20 agents, sessions and hooks, and its workspace."""
    with workspace(TASKS) as root:
        for number in range(SESSIONS):
            name = f"session-{number:02d}"
            claude_session(name, str(root)).write(root / f"logs/p/{name}.jsonl")
            use = claude("PreToolUse", **bash(f"t{number}")) | {"session_id": name}
            report(root, claude("UserPromptSubmit") | {"session_id": name}, use)
        (root / "llm-service.yaml").write_text("claude_folders: [logs]\n")
        os.environ["XDG_CONFIG_HOME"] = str(root / "config")
        with dashboard(root) as server:
            yield server, root


def until(page: Page, what: str, limit_s: float = 60) -> None:
    """Wait for an expression; the page's policy forbids `wait_for_function`."""
    deadline = time.monotonic() + limit_s
    while not page.evaluate(what):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.1)


def opened(context: BrowserContext, url: str, name: str) -> dict[str, float]:
    """Open a page in a new tab; when its first content was painted, how far things moved, what it took."""
    page = context.new_page()
    page.add_init_script(f"({WATCH})([{FIRST[name]!r}])")
    metrics = Metrics(page)
    page.goto(f"{url}/#/{name}")
    until(page, "window.since.content > 0")
    time.sleep(2.0)  # what comes after it may move it, too
    since: dict[str, float] = page.evaluate("window.since")
    found = metrics.read()
    page.close()
    return since | {each: found[each] * 1000 for each in TIMES}


def first_content(browser: Browser, server: Server) -> Iterator[list[Any]]:
    """Rows of the first table."""
    line = Line(int(server.url.rpartition(":")[2]))
    try:
        for name in FIRST:
            for way, url in (("loopback", server.url), ("slow line", line.url)):
                results: dict[str, list[dict[str, float]]] = {"cold": [], "warm": []}
                for _ in range(ROUNDS):
                    context = browser.new_context(viewport={"width": 1440, "height": 900})
                    for found in results.values():
                        found.append(opened(context, url, name))
                    context.close()
                for kind, found in results.items():
                    shown = sorted(each["content"] for each in found)
                    times = [statistics.median(each[time] for each in found) for time in TIMES]
                    ms = f"{shown[len(shown) // 2]:.0f} ({shown[0]:.0f}-{shown[-1]:.0f})"
                    shift = f"{max(each['shift'] for each in found):.4f}"
                    yield [f"{name}, {kind}, {way}", ms, GOALS[way], shift, *(f"{each:.0f}" for each in times)]
    finally:
        line.stop()


@contextmanager
def flood(root: Path) -> Iterator[list[int]]:
    """Tasks are written again, and hooks report, at the rate of `EVENTS_PER_S`; how many were written so far."""
    ending, written = threading.Event(), [0]
    paths = sorted((root / "work/collaboration").rglob("*.yaml"))
    texts = [path.read_text() for path in paths]

    def write() -> None:
        began, number = time.monotonic(), 0
        while not ending.is_set():
            if number >= (time.monotonic() - began) * EVENTS_PER_S:
                time.sleep(0.005)
                continue
            number += 1
            if number % 10 == 0:
                payload = claude("PreToolUse" if number % 20 else "PostToolUse", **bash(f"b{number // 20}"))
                report(root, payload | {"session_id": f"session-{number % SESSIONS:02d}"})
            else:
                place = number % len(paths)
                paths[place].write_text(texts[place] + f"  round: {number}\n")
            written[0] = number

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    yield written
    ending.set()
    thread.join()


def under_load(browser: Browser, server: Server, root: Path) -> Iterator[list[Any]]:
    """Rows of the second table."""
    for name, selector in SHOWN.items():
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        metrics = Metrics(page)
        page.goto(f"{server.url}/#/{name}")
        page.wait_for_selector(selector, state="attached", timeout=60_000)
        page.wait_for_selector('[data-testid=badge][data-state="in_sync"]', timeout=60_000)
        page.wait_for_timeout(1_000)
        seq = server.get("/health")["seq"]
        before = metrics.read()
        with flood(root) as written, traced(browser, page) as tasks:
            page.wait_for_timeout(FLOOD_S * 1000)
        after = metrics.read()
        events = (server.get("/health")["seq"] - seq) / FLOOD_S
        busy = [(after[each] - before[each]) / FLOOD_S * 100 for each in TIMES]
        longest = [f"{tasks.longest:.0f}", f"{tasks.longest_cpu:.0f}", tasks.long]
        yield [name, f"{written[0] / FLOOD_S:.0f}", f"{events:.0f}", *longest, *(f"{each:.0f}" for each in busy)]
        page.close()


def main() -> None:
    """Print the tables."""
    with sync_playwright() as playwright, service() as (server, root):
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        head = ["", "ms (range)", "goal", "layout shift (goal 0.01)", "CPU ms: all", "scripts", "layout", "style"]
        table(f"First content, {TASKS:,} tasks", head, list(first_content(browser, server)))
        head = ["page", "written/s", "events/s", "longest ms (goal 50)", "its CPU ms", "over 50 ms of CPU"]
        head += ["% of the main thread: all", "scripts", "layout", "style"]
        table(f"While {EVENTS_PER_S:,} events a second arrive", head, list(under_load(browser, server, root)))
        browser.close()
