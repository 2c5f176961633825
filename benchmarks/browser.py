"""In Chromium: a change on the disk until its card is painted; scrolling and searching 10,000 cards."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit.processes import Server, dashboard
from kit.tables import spread, table
from kit.workspaces import full_task_text, workspace
from playwright.sync_api import Page, sync_playwright

sys.path.append(str(Path(__file__).parents[1] / "tests"))

# Notes the wall-clock time of the frame after the one in which a card was in place in its column.
WATCH_CARDS = """() => {
  window.painted = {};
  const look = () => {
    for (const card of document.querySelectorAll("task-card[data-task-id^=paint]")) {
      const key = card.dataset.taskId + " " + card.dataset.lane;
      if (window.painted[key]) continue;
      window.painted[key] = true;
      requestAnimationFrame(() => setTimeout(() => {
        window.painted[key] = performance.timeOrigin + performance.now();
      }));
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""
WATCH_TASKS = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({ entryTypes: ["longtask"] });
}"""


def ready(page: Page, server: Server) -> None:
    """Open the page and wait until it is in sync."""
    page.goto(f"{server.url}/#/board")
    page.wait_for_selector('[data-testid=badge][data-state="in_sync"]', timeout=60_000)


def painting(page: Page, server: Server, count: int = 100) -> list[float]:
    """ms from write or rename until the card is painted, for `count` tasks through three lanes."""
    ready(page, server)
    page.evaluate(WATCH_CARDS)
    written: dict[str, float] = {}
    for number in range(count):
        name = f"paint-{number:03d}"
        path = server.root / f"inbox/{name}.yaml"
        text = full_task_text(name).replace("2026-11-01T11", f"2026-11-30T{number % 24:02d}")
        for lane, target in (
            ("inbox", path),
            ("assigned", server.root / f"assigned/agent-00/{name}.yaml"),
            ("done", server.root / f"done/agent-00/{name}.yaml"),
        ):
            written[f"{name} {lane}"] = time.time() * 1000
            if lane == "inbox":
                path.write_text(text)
            else:
                os.rename(path, target)
                path = target
            time.sleep(0.08)
        path.unlink()
    time.sleep(1)
    painted: dict[str, Any] = page.evaluate("window.painted")
    return [painted[key] - at for key, at in written.items() if isinstance(painted.get(key), float | int)]


def longest_task(page: Page, server: Server) -> list[list[Any]]:
    """The longest main-thread task in ms while loading, scrolling, searching and while tasks change."""
    page.add_init_script(f"({WATCH_TASKS})()")
    rows = []

    def note(name: str) -> None:
        page.wait_for_timeout(300)
        rows.append([name, f"{page.evaluate('window.longest'):.0f}"])
        page.evaluate("window.longest = 0")

    ready(page, server)
    note("load")
    for x in (200, 600, 1000):
        page.mouse.move(x, 500)
        for _ in range(30):
            page.mouse.wheel(0, 3_000)
            page.wait_for_timeout(20)
    note("scroll")
    page.get_by_test_id("search").click()
    page.keyboard.type("task-0012", delay=60)
    page.wait_for_timeout(300)
    for _ in range(9):
        page.keyboard.press("Backspace", delay=30)
    note("search")
    for number in range(50):
        (server.root / f"inbox/change-{number}.yaml").write_text(full_task_text(f"change-{number}"))
        time.sleep(0.02)
    note("50 tasks arriving")
    rows.append(["cards in the document", page.locator("task-card").count()])
    return rows


@contextmanager
def opened(url: str) -> Iterator[Page]:
    """A page of the dashboard in a Chromium of its own, in sync."""
    from kit import chromium

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/#/board")
        page.wait_for_selector('[data-testid=badge][data-state="in_sync"]', timeout=60_000)
        yield page
        browser.close()


def main() -> None:
    """Print the tables."""
    from kit import chromium

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        with workspace(117) as root, dashboard(root) as server:
            taken = painting(browser.new_page(viewport={"width": 1440, "height": 900}), server)
        table("Change → card painted in Chromium (ms)", ["n", "median", "p95", "p99"], [[len(taken), *spread(taken)]])
        with workspace(10_000) as root, dashboard(root) as server:
            rows = longest_task(browser.new_page(viewport={"width": 1440, "height": 900}), server)
        table("10,000 cards: longest main-thread task (ms; 0: none over 50)", ["while", ""], rows)
        browser.close()
