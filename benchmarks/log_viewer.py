"""In Chromium: a line that a job's program prints until it is painted, alone, as a phase, in a flood; scrolling a log.

The program writes the time of each line into it. A line is painted when the frame after the one in which it was in
place has begun.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit import chromium
from kit.processes import Server, dashboard
from kit.tables import spread, table
from kit.workspaces import workspace
from playwright.sync_api import Browser, Page, sync_playwright

LONE, PHASES, FLOOD_S, MANY = 60, 60, 20, 1_000_000
PROGRAM = """
import sys, time
mode, count = sys.argv[1], int(sys.argv[2])
out = sys.stdout
def say(text):
    out.write(text + "\\n")
    out.flush()
time.sleep(2)
if mode == "lone":
    for number in range(count):
        say(f"mark {time.time():.4f}")
        time.sleep(0.56 + number % 7 * 0.01)  # after the window in which lines are gathered
elif mode == "phase":
    for number in range(count):
        say(f"{('PLAN', 'TEST')[number % 2]} {time.time():.4f}")
        time.sleep(0.23 + number % 7 * 0.01)
elif mode == "flood":
    end = time.time() + count
    while time.time() < end:
        for _ in range(200):
            out.write(f"mark {time.time():.4f} and what else belongs to a line of usual length\\n")
        out.flush()
        time.sleep(0.01)
else:
    for number in range(1, count + 1):
        out.write(f"step {number} of many, and what else belongs to a line of usual length\\n")
    say("done")
time.sleep(600)
"""

# Delays in ms of the lines that came into place, and of changes of the phase; the longest task of the main thread.
WATCH = """() => {
  window.delays = [];
  window.phases = [];
  window.longest = 0;
  const now = () => performance.timeOrigin + performance.now();
  const painted = (call) => requestAnimationFrame(() => setTimeout(() => call(now())));
  const seen = new Set();
  new MutationObserver(() => {
    const fresh = [];
    for (const row of document.querySelectorAll(".log-row")) {
      const at = /^mark ([\\d.]+)/.exec(row.querySelector(".log-text")?.textContent ?? "");
      if (!at || seen.has(row.dataset.seq)) continue;
      seen.add(row.dataset.seq);
      fresh.push(Number(at[1]) * 1000);
    }
    if (fresh.length) painted((end) => window.delays.push(...fresh.map((at) => end - at)));
  }).observe(document.body, { subtree: true, childList: true });
  let phase = "idle";
  new MutationObserver(() => {
    const next = document.querySelector("job-detail [data-testid=phases]")?.dataset.phase ?? phase;
    if (next !== phase) painted((end) => window.phases.push(end));
    phase = next;
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-phase"] });
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({ entryTypes: ["longtask"] });
}"""


def profile(mode: str, count: int) -> dict[str, Any]:
    """The entry of the user's configuration that runs the program in this mode."""
    phases = {"plan": ["^PLAN "], "test": ["^TEST "]} if mode == "phase" else {}
    return {"name": mode, "argv": [sys.executable, "-I", "-S", "-c", PROGRAM, mode, str(count)], "phases": phases}


@contextmanager
def service() -> Iterator[Server]:
    """A dashboard whose user has switched control on, in a configuration of its own."""
    profiles = [profile("lone", LONE), profile("phase", PHASES), profile("flood", FLOOD_S), profile("many", MANY)]
    with tempfile.TemporaryDirectory() as home, workspace(0) as root:
        settings = {"control": True, "profiles": profiles}
        (Path(home) / "llm-service").mkdir()
        (Path(home) / "llm-service/config.yaml").write_text(json.dumps(settings))
        os.environ["XDG_CONFIG_HOME"] = home
        with dashboard(root) as server:
            try:
                yield server
            finally:
                for job in asked(server, "/api/jobs")["jobs"]:
                    if job["status"] == "in_progress":
                        asked(server, f"/api/jobs/{job['id']}/stop", {})


def asked(server: Server, path: str, body: dict[str, Any] | None = None) -> Any:
    """The JSON of an answer; a POST if there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def started(server: Server, mode: str) -> str:
    """Start a job in this mode; its id."""
    body = {"specification": "Print.", "profile": mode}
    job: str = asked(server, f"/api/projects/{mode}/jobs", body)["job"]["id"]
    return job


def stopped(server: Server, job: str) -> None:
    """Stop a job, and wait until it has ended."""
    asked(server, f"/api/jobs/{job}/stop", {})
    while asked(server, f"/api/jobs/{job}")["job"]["status"] == "in_progress":
        time.sleep(0.1)


def lines(server: Server, job: str, **query: Any) -> Any:
    """Rows of the log."""
    words = "&".join(f"{name}={value}" for name, value in {"view": "all", **query}.items())
    return asked(server, f"/api/jobs/{job}/logs?{words}")


def opened(browser: Browser, server: Server, job: str) -> Page:
    """The page of a job, watched."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(f"addEventListener('DOMContentLoaded', {WATCH})")
    page.goto(f"{server.url}/#/jobs/{job}")
    page.wait_for_selector("log-viewer[data-rows]", timeout=60_000)
    return page


def painting(browser: Browser, server: Server, mode: str, seconds: float) -> list[list[Any]]:
    """A row of the table: the delays of a mode."""
    job = started(server, mode)
    page = opened(browser, server, job)
    page.wait_for_timeout(seconds * 1000 + 4_000)
    if mode == "phase":
        printed = [float(line["message"].split()[1]) * 1000 for line in lines(server, job, limit=PHASES)["lines"]]
        taken = [at - print_ for at, print_ in zip(page.evaluate("window.phases"), printed, strict=False)]
    else:
        taken = page.evaluate("window.delays")
    longest = page.evaluate("window.longest")
    page.close()
    total = lines(server, job, limit=0)["lines_total"]
    stopped(server, job)
    return [[mode, f"{total:,}", len(taken), *spread(taken), f"{longest:.0f}"]]


def scrolling(browser: Browser, server: Server) -> list[list[Any]]:
    """The longest task in ms while a long log is scrolled in several ways, and how many rows existed at most."""
    job = started(server, "many")
    while lines(server, job, limit=0)["lines_total"] <= MANY:
        time.sleep(0.5)
    page = opened(browser, server, job)
    page.wait_for_selector(".log-row")
    page.wait_for_timeout(1_000)
    rows = []
    most = 0

    def note(name: str) -> None:
        nonlocal most
        page.wait_for_timeout(300)
        most = max(most, page.locator(".log-row").count())
        rows.append([name, f"{page.evaluate('window.longest'):.0f}"])
        page.evaluate("window.longest = 0")

    note("opening it")
    page.get_by_test_id("log-lines").hover()
    for step in (-300, -3_000, 2_000):
        for _ in range(60):
            page.mouse.wheel(0, step)
            page.wait_for_timeout(16)
        note(f"wheel, {step} px 60 times a second")
    view = page.get_by_test_id("log-lines")
    for part in range(0, 101, 2):
        view.evaluate("(view, share) => (view.scrollTop = view.scrollHeight * share)", part / 100)
        page.wait_for_timeout(30)
    note("dragging the thumb from the start to the end")
    page.get_by_test_id("log-search").fill("step 77777")
    page.wait_for_selector(".match", timeout=60_000)
    note("searching")
    rows.append(["rows in the document", str(most)])
    stopped(server, job)
    page.close()
    return rows


def main() -> None:
    """Print the tables."""
    with sync_playwright() as playwright, service() as server:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        rows = painting(browser, server, "lone", LONE * 0.6)
        rows += painting(browser, server, "phase", PHASES * 0.27)
        rows += painting(browser, server, "flood", FLOOD_S)
        head = ["a line", "printed", "painted", "median", "p95", "p99", "longest task"]
        table("Printed by a program → painted in Chromium (ms)", head, rows)
        rows = scrolling(browser, server)
        table(f"A log of {MANY:,} lines: longest main-thread task (ms; 0: none over 50)", ["while", ""], rows)
        browser.close()
