"""A session of 100,000 lines, in a log and in OpenCode's database: opening, jumping, searching, over REST and in
Chromium."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit import chromium
from kit.opencode_database import OpenCode, long_opencode
from kit.processes import Server, dashboard
from kit.tables import table
from kit.transcripts import long_session, write_lines
from kit.workspaces import workspace
from playwright.sync_api import Page, sync_playwright

LINES = 100_000
API = "/api/session-logs"
ANSWERS = 20
LAST = LINES // 8 - 1
LONGEST = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({ entryTypes: ["longtask"] });
}"""


@contextmanager
def service() -> Iterator[tuple[Server, Path, str]]:
    """A dashboard on a workspace with both, where the log is, and the id of OpenCode's session."""
    with workspace(0) as root:
        log = write_lines(root / "logs/p/long.jsonl", long_session("long", str(root), LINES))
        code = OpenCode(root / "opencode")
        inner = long_opencode(code, str(root), LINES)
        settings = "claude_folders: [logs]\nopencode_folders: [opencode]\ntelemetry: false\n"
        (root / "llm-service.yaml").write_text(settings)
        os.environ["XDG_CONFIG_HOME"] = str(root / "config")
        with dashboard(root) as server:
            yield server, log, inner
        code.close()


def asked(server: Server, path: str) -> Any:
    """The JSON of an answer."""
    with urllib.request.urlopen(server.url + path, timeout=120) as response:
        return json.load(response)


def took_ms(action: Callable[[], Any]) -> float:
    """How long it took."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def used_ms(server: Server, action: Callable[[], Any]) -> tuple[float, float]:
    """(how long it took, what the dashboard computed meanwhile)"""
    before = server.cpu_s()
    took = took_ms(action)
    return took, (server.cpu_s() - before) * 1000


def search(server: Server, session: str, query: str) -> int:
    """How many matches a search through all of it finds."""
    found, before = 0, ""
    while True:
        page = asked(server, f"{API}/{session}/search?limit=200&q={query}{before}")
        found += len(page["matches"])
        if page["next_before"] is None:
            return found
        before = f"&before={page['next_before']}"


def over_rest(server: Server, session: str) -> list[list[Any]]:
    """Rows of the table."""
    api = f"{API}/{session}"
    while not any(one["id"] == session for one in asked(server, API)["sessions"]):
        time.sleep(0.05)
    rows: list[list[Any]] = []

    def note(name: str, action: Callable[[], Any], times: int = 1) -> None:
        """The mean of so many."""
        took, used = used_ms(server, action)
        rows.append([name, f"{took / times:,.1f}", f"{used / times:,.1f}"])

    def first() -> None:
        while not asked(server, f"{api}/lines?limit=60")["is_indexed"]:
            pass

    def again() -> None:
        for _ in range(ANSWERS):
            asked(server, f"{api}/lines?limit=60")

    def anywhere() -> None:
        for number in range(ANSWERS):
            asked(server, f"{api}/lines?limit=60&row={LINES // ANSWERS * number * 8 // 10}")

    def figures() -> None:
        while not asked(server, api)["is_indexed"]:
            pass

    note("the last 60 rows, nothing known yet", first)
    note("the last 60 rows again", again, ANSWERS)
    note("60 rows anywhere", anywhere, ANSWERS)
    note("tools, files, to-dos of all lines", figures)
    note("the same again", figures)
    end = f"{api}/search?limit=1&q=turn%20{LAST}%20first"
    note("search: a match near the end", lambda: asked(server, end))
    for query, expected in ((f"turn%20{LAST // 2}%20first", 1), ("nothing%20has%20this", 0)):
        found: list[int] = []
        note(
            f"search through all of it, {expected} found",
            lambda query=query, found=found: found.append(search(server, session, query)),
        )
        assert found == [expected], found
    return rows


def in_chromium(page: Page, server: Server) -> list[list[Any]]:
    """Rows of the table: (what, ms until it is shown, longest task of the main thread in ms)."""
    rows: list[list[Any]] = []
    page.add_init_script(f"addEventListener('DOMContentLoaded', {LONGEST})")

    def note(name: str, action: Callable[[], Any]) -> None:
        ms = took_ms(action)
        page.wait_for_timeout(500)
        rows.append([name, f"{ms:,.0f}", f"{page.evaluate('window.longest'):.0f}"])
        page.evaluate("window.longest = 0")

    def open_it() -> None:
        page.goto(f"{server.url}/#/sessions/long")
        page.wait_for_selector(f'.turn[data-line="{LINES}"], .turn[data-line="{LINES - 1}"]')

    def jump(key: str, line: int) -> None:
        page.get_by_test_id("transcript").focus()
        page.keyboard.press(key)
        page.wait_for_selector(f'.turn[data-line="{line}"], .turn[data-line="{line - 1}"]')

    def find() -> None:
        page.get_by_test_id("transcript-search").fill(f"turn {LAST // 3} first")
        page.wait_for_selector(".turn[data-current] mark", timeout=60_000)

    def drag() -> None:
        view = page.get_by_test_id("transcript")
        for part in range(0, 101, 2):
            view.evaluate("(view, share) => (view.scrollTop = view.scrollHeight * share)", part / 100)
            page.wait_for_timeout(30)

    note("opening the page at the end of the session", open_it)
    note("jumping to the start", lambda: jump("Home", 1))
    note("jumping to the end", lambda: jump("End", LINES))
    note("dragging the thumb from the start to the end, 51 steps of 30 ms", drag)
    note("searching a text two thirds up (250 ms of it wait for the typist)", find)
    rows.append(["rows in the document", str(page.get_by_test_id("turn").count()), ""])
    return rows


def main() -> None:
    """Print the tables."""
    with sync_playwright() as playwright, service() as (server, log, inner):
        size = f"{LINES:,} lines, {log.stat().st_size / 1e6:.0f} MB"
        columns = ["", "ms", "computing of the dashboard, ms"]
        table(f"A session log of {size}, over REST", columns, over_rest(server, "long"))
        table(f"A session of {LINES:,} entries in OpenCode's database, over REST", columns, over_rest(server, inner))
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        rows = in_chromium(page, server)
        table(
            "The same in Chromium (ms; longest task of the main thread, 0: none over 50)", ["", "shown", "task"], rows
        )
        browser.close()
