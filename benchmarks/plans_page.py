"""In Chromium: the graph of 1,000 and of 3,000 tasks until it is painted; a list of 10,000 tasks while it is scrolled.

The time of a graph counts from the press on its tab, with the answer of the service in it, until the frame after the
one in which it was in place has begun. The longest task of the main thread is said for drawing, for scrolling, and for
going away and coming close again: in processor time, as Chromium's own trace has it, since on a machine that others use
a task also waits for its turn.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit.plans import PlanFiles, task
from kit.processes import dashboard
from kit.tables import table
from kit.workspaces import workspace
from playwright.sync_api import Page

from .browser import opened

GRAPHS, ROUNDS, LIST, PER_PHASE = (1_000, 3_000), 7, 10_000, 50
GOALS_MS = {1_000: 100, 3_000: 300}
# Presses the tab of the graph and says after how many ms it was painted.
DRAW = """() => new Promise((done) => {
  const began = performance.now();
  const look = () => {
    if (!document.querySelector("plan-graph .node")) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  };
  const seen = new MutationObserver(look);
  seen.observe(document.querySelector("plan-graph"), { subtree: true, childList: true });
  document.querySelector('[data-testid="plan-tab-graph"]').click();
})"""
# Turns the mouse wheel in the middle of what is found.
SCROLL_STEPS = 40


def plan_of(files: PlanFiles, name: str, size: int) -> None:
    """Write a plan of so many tasks in phases of 50, each task waiting for one of the phase before."""
    phases: dict[int, list[str]] = {}
    for number in range(size):
        phases.setdefault(number // PER_PHASE + 1, []).append(f"{number // PER_PHASE + 1}.{number % PER_PHASE + 1}")
    lines, tasks = [f"# {size} tasks", ""], []
    for phase, ids in phases.items():
        lines += [f"## Phase {phase}: Part {phase}", *(f"- [ ] {each} Task {each} of the harbour" for each in ids), ""]
        for index, each in enumerate(ids):
            needs = [f"{phase - 1}.{index + 1}", f"{phase - 1}.{(index * 7) % PER_PHASE + 1}"] if phase > 1 else []
            status = "completed" if phase < 4 else "in_progress" if phase == 4 else "pending"
            tasks.append(task(each, status, dependencies=needs, duration=60_000 + index))
    files.plan(name, "\n".join(lines))
    files.tasks(name, *tasks)


@contextmanager
def longest(page: Page, found: list[float]) -> Iterator[None]:
    """Appends the longest task of the page's main thread meanwhile, in ms of processor time."""
    browser = page.context.browser
    assert browser is not None
    browser.start_tracing(page=page, categories=["__metadata", "disabled-by-default-devtools.timeline", "toplevel"])
    yield
    page.wait_for_timeout(300)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    names = ((one["pid"], one["tid"], one["args"].get("name")) for one in events if one["name"] == "thread_name")
    main = {(process, thread) for process, thread, name in names if name == "CrRendererMain"}
    tasks = (one for one in events if one["name"] == "RunTask" and (one["pid"], one["tid"]) in main)
    found.append(max((one.get("tdur", 0) for one in tasks), default=0) / 1000)


def scroll(page: Page, selector: str, x: int, y: int) -> None:
    """Scroll what is found, forth and back."""
    page.locator(selector).hover()
    for step in (1, -1):
        for _ in range(SCROLL_STEPS):
            page.mouse.wheel(x * step, y * step)
            page.wait_for_timeout(16)


def graph(page: Page, url: str, size: int) -> list[Any]:
    """A row of the table: a graph that is drawn some times, then looked at."""
    taken: list[float] = []
    tasks: list[float] = []
    later: list[float] = []
    for index in range(2 * ROUNDS):
        page.goto("about:blank")
        page.goto(f"{url}/#/plans/tasks-{size}")
        page.wait_for_selector(".task-row")
        if index < ROUNDS:
            taken.append(float(page.evaluate(DRAW)))
            continue
        with longest(page, tasks):
            page.evaluate(DRAW)
    with longest(page, later):
        scroll(page, ".graph-view", 600, 200)
    with longest(page, later):
        from_afar(page)
    figures = [f"{statistics.median(taken):.0f}", f"{max(taken):.0f}", GOALS_MS[size]]
    return [f"graph of {size:,} tasks", *figures, f"{statistics.median(tasks):.0f}", *(f"{each:.0f}" for each in later)]


def from_afar(page: Page) -> None:
    """Look at all of a graph, and come close again."""
    page.get_by_test_id("zoom-fit").click()
    page.wait_for_selector(".squares")
    page.get_by_test_id("graph").click(position={"x": 40, "y": 12})
    page.wait_for_selector("plan-graph .node")


def main() -> None:
    """Print the tables."""
    with workspace(0) as root:
        files = PlanFiles(Path(root))
        for size in (*GRAPHS, LIST):
            plan_of(files, f"tasks-{size}", size)
        with dashboard(root) as server, opened(server.url) as page:
            rows = [graph(page, server.url, size) for size in GRAPHS]
            page.goto("about:blank")
            found: list[float] = []
            with longest(page, found):
                page.goto(f"{server.url}/#/plans/tasks-{LIST}")
                page.wait_for_selector(".task-row")
            with longest(page, found):
                scroll(page, ".task-view", 0, 4_000)
            with longest(page, found):
                page.get_by_test_id("task-status-pending").click()
            count = page.locator(".task-row").count()
    head = [
        "what",
        "painted, median (ms)",
        "worst",
        "goal",
        "longest task: drawing",
        "scrolling",
        "from afar and back",
    ]
    table("Graphs in Chromium; longest task in ms of processor time", head, rows)
    figures = [f"{LIST:,} tasks", *(f"{each:.0f}" for each in found), count]
    table(
        "List of tasks; longest task in ms of processor time",
        ["what", "loading", "scrolling", "filtering", "rows"],
        [figures],
    )
