"""The palette over 20,000 tasks and 100,000 files: from the key until it is painted, from a letter until its first hits
are, and until all that the service finds is there; and the service alone."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from kit import chromium
from kit.processes import Server, dashboard
from kit.tables import spread, table
from kit.workspaces import workspace
from playwright.sync_api import Page, sync_playwright

TASKS, FILES, ROUNDS = 20_000, 100_000, 15
QUERIES = ("task-0012", "agent-07 measured", "status:assigned -agent:agent-03 task", "nothing-has-this-word")

# The time from the event of a key until the frame after the one in which the hits were in the list.
WATCH = """() => {
  window.until = (isThere) => new Promise((done) => {
    const since = performance.now();
    const paint = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - since)));
    const look = () => (isThere() ? paint() : setTimeout(look));
    look();
  });
  window.typed = async (text) => {
    const field = document.querySelector("palette-dialog input");
    field.value = text;
    const painted = window.until(() => true);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    const first = await painted;
    const busy = document.querySelector("palette-dialog dialog");
    const all = first + await window.until(() => !busy.hasAttribute("data-busy"));
    return [first, all, document.querySelectorAll("palette-dialog [role=option]").length];
  };
  window.opened = () => {
    const painted = window.until(() => document.querySelector("palette-dialog dialog")?.open);
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true, cancelable: true }));
    return painted;
  };
}"""


def fill(root: Path) -> None:
    """100,000 files in 1,000 folders of 20 projects."""
    for number in range(1_000):
        folder = root / f"generated_projects/project-{number % 20:02d}/part-{number // 20:02d}"
        folder.mkdir(parents=True)
        for place in range(FILES // 1_000):
            (folder / f"task-{number:04d}-{place:03d}.py").touch()


def in_the_page(page: Page, server: Server) -> list[list[Any]]:
    """Rows of the first table."""
    page.goto(server.url)
    page.wait_for_selector('[data-testid=badge][data-state="in_sync"]', timeout=120_000)
    page.wait_for_selector("palette-dialog", state="attached", timeout=60_000)  # its files have come meanwhile
    page.evaluate(WATCH)
    rows: list[list[Any]] = []

    def note(name: str, take: Callable[[], float]) -> None:
        rows.append([name, ROUNDS, *spread([take() for _ in range(ROUNDS)])])

    def open_it() -> float:
        took: float = page.evaluate("window.opened()")
        page.keyboard.press("Escape")
        page.wait_for_timeout(50)
        return took

    note("Ctrl K → the palette is painted", open_it)
    page.evaluate("window.opened()")
    for query in QUERIES:
        found: list[list[float]] = []

        def first(query: str = query, found: list[list[float]] = found) -> float:
            found.append(page.evaluate("(text) => window.typed(text)", query))
            return found[-1][0]

        note(f"“{query}” → first hits painted", first)
        rows.append([f"“{query}” → all of the service", ROUNDS, *spread([one[1] for one in found])])
    return rows


def by_the_service(server: Server) -> list[list[Any]]:
    """Rows of the second table: one kind after the other."""
    rows = []
    for kind, query in (
        ("files", "task-0012"),
        ("tasks", "measured"),
        ("tasks", "notes passing"),
        ("tasks", "nowhere-at-all"),
    ):
        took, body = [], {}
        for _ in range(ROUNDS):
            since = time.perf_counter()
            body = requests.get(f"{server.url}/api/search", params={"q": query, "kinds": kind}, timeout=60).json()
            took.append((time.perf_counter() - since) * 1000)
        rows.append([kind, query, len(body["hits"]), "no" if body["incomplete"] else "yes", *spread(took)])
    return rows


def main() -> None:
    """Print the tables."""
    with workspace(TASKS) as root:
        fill(root)
        with dashboard(root) as server, sync_playwright() as playwright:
            while requests.get(f"{server.url}/api/projects", timeout=60).json()["loading"]:
                time.sleep(0.2)
            browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            rows = in_the_page(page, server)
            browser.close()
            served = by_the_service(server)
    title = f"The palette over {TASKS:,} tasks and {FILES:,} files, in Chromium (ms)"
    table(title, ["", "n", "median", "p95", "p99"], rows)
    head = ["kind", "query", "hits", "all looked at", "median", "p95", "p99"]
    table("GET /api/search (ms)", head, served)
    within = [row[2] for row in rows if row[0].endswith("painted")]
    print(f"\nmedian of the medians until painted: {statistics.median(within):.0f} ms, the worst {max(within):.0f} ms")
