"""In Chromium: what an agent reports about a pipeline until it is painted, in the list, as a card, in a job's log.

The agent is this process, which reports by the tools; the time counts from when a tool has answered. It is painted when
the frame after the one in which it was in place has begun.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kit import chromium
from kit.pipelines import TickingClock, reporter_of
from kit.processes import dashboard
from kit.tables import spread, table
from kit.workspaces import workspace
from playwright.sync_api import Page, sync_playwright

REPORTS, OTHERS, PAUSE_S = 100, 200, 0.35
# `window.marks` has when each mark below the places of a selector was painted.
WATCH = """([selector]) => {
  window.marks = {};
  const note = (mark) => {
    window.marks[mark] = 0;
    requestAnimationFrame(() => setTimeout(() => (window.marks[mark] = performance.timeOrigin + performance.now())));
  };
  const look = () => {
    for (const place of document.querySelectorAll(selector)) {
      for (const [mark] of place.textContent.matchAll(/mark-\\d+/g)) if (!(mark in window.marks)) note(mark);
    }
  };
  const page = document.querySelector("pipelines-page");
  new MutationObserver(look).observe(page, { subtree: true, childList: true, characterData: true });
}"""


@contextmanager
def page_of(url: str, selector: str) -> Iterator[Page]:
    """A page at that address, in sync, which notes what is painted."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(url)
        page.wait_for_selector('[data-testid=badge][data-state="in_sync"]', timeout=60_000)
        page.wait_for_selector(selector.split(" ")[0])
        if "?job=" in url:
            page.get_by_role("button", name="To the end").click()  # what comes is in view
        page.evaluate(WATCH, [selector])
        yield page
        browser.close()


def painting(url: str, selector: str, report: Callable[[str], Any]) -> list[float]:
    """ms from the answer of `report(mark)` until the mark is painted; raises if one never was."""
    answered: dict[str, float] = {}
    with page_of(url, selector) as page:
        for number in range(REPORTS):
            mark = f"mark-{number}"
            report(mark)
            answered[mark] = time.time() * 1000
            time.sleep(PAUSE_S + number % 7 * 0.01)
        time.sleep(2)
        painted: dict[str, float] = page.evaluate("window.marks")
    return [painted[mark] - at for mark, at in answered.items()]  # a KeyError: it was never shown


def main() -> None:
    """Print the table."""
    rows = []
    with workspace(0) as root, dashboard(root) as server:
        tools = reporter_of(root, TickingClock())
        for number in range(OTHERS):
            tools.create_pipeline("ticket_work", ticket_id=f"T-{number}")
        pipeline = tools.create_pipeline("ticket_work", ticket_id="T-live")["pipeline_id"]
        job = tools.create_pipeline_job(pipeline, "coding", "Write it", "backend", status="running")["job_id"]
        tools.append_job_log(job, "It begins.")
        cases: list[tuple[str, str, str, Callable[[str], Any]]] = [
            (
                "a new pipeline in the list",
                "",
                ".pipe-rows .pipe-link",
                lambda mark: tools.create_pipeline("ticket_work", ticket_id=mark),
            ),
            (
                "a summary on a card",
                f"/{pipeline}",
                ".step-columns .pipe-summary",
                lambda mark: tools.update_pipeline_job(job, summary=mark),
            ),
            (
                "an entry in a log",
                f"/{pipeline}?job={job}",
                ".log-entries .log-entry",
                lambda mark: tools.append_job_log(job, mark),
            ),
        ]
        for name, address, selector, report in cases:
            taken = painting(f"{server.url}/#/pipelines{address}", selector, report)
            rows.append([name, len(taken), *spread(taken)])
    table(f"Reported → painted in Chromium (ms), {OTHERS} other pipelines", ["what", "n", "median", "p95", "p99"], rows)
