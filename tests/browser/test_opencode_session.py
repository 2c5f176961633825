"""A session of OpenCode on the page: a tool that runs is shown, and its result in the same row when it is there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from kit.live import eventually, running
from kit.opencode_database import OpenCode, full_session
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_a_row_that_is_still_being_written_is_shown_anew(workspace: Path, open_page: Open) -> None:
    web = workspace / "work/generated_projects/web"
    web.mkdir(parents=True)
    code = OpenCode(workspace / "opencode", time.time_ns() // 1_000_000 - 60_000)
    session, child = full_session(code, str(web))
    live = running(workspace, opencode_folders=["opencode"])
    try:
        eventually(lambda: live.get(f"/api/session-logs/{session}").status_code == 200)
        page = open_page(f"{live.url}/#/sessions/{session}")
        expect(page.get_by_test_id("session-title")).to_have_text("States of berths as words")
        expect(page.get_by_test_id("session-todos")).to_contain_text("1 of 2")
        turns = page.get_by_test_id("turn")
        expect(turns).to_have_count(7)
        code.at_ms = time.time_ns() // 1_000_000
        message, data = code.begin(session)
        part = code.tool(session, message, "bash", {"command": "make berths"})
        expect(turns).to_have_count(8)
        expect(turns.last).to_contain_text("make berths")
        expect(turns.last).not_to_contain_text("Result")
        code.tool(session, message, "bash", {"command": "make berths"}, "40 passed", part=part)
        expect(turns.last).to_contain_text("40 passed")
        code.end(session, message, data)
        page.get_by_role("link", name="Open the sub-agent").click()
        expect(page.get_by_test_id("session-title")).to_contain_text("Find the states")
        expect(page).to_have_url(re.compile(f"{re.escape(child)}$"))
        page.get_by_test_id("session-parent").click()
        expect(page.get_by_test_id("session-title")).to_have_text("States of berths as words")
    finally:
        live.stop()
        code.close()
