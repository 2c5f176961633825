"""What every page shows in place of its content, in one look: nothing yet, not come yet, no such thing, no service."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kit import axe
from kit.live import Live
from playwright.sync_api import Page, Route, expect

Open = Callable[..., Page]
STATE = "main .page:not([hidden]) .state, main .page-note:not([hidden]) .state, task-detail .state"

EMPTY = {
    "now": "no-agents", "board": "empty-board", "needs-you": "cannot-tell", "sessions": "no-sessions",
    "jobs": "no-jobs", "pipelines": "no-pipelines", "plans": "no-plans", "costs": "no-calls",
    "artifacts": "artifacts-empty", "mcp": "no-servers",
}  # fmt: skip
MISSING = {
    "sessions/nothing": "session-unknown", "jobs/nothing": "job-unknown", "pipelines/nothing": "pipeline-unknown",
    "plans/nothing": "plan-unknown", "artifacts/nothing": "project-unknown",
    "artifacts/p?path=nothing.md": "file-missing", "tasks/nothing": "detail-failure",
}  # fmt: skip
ASKING = {
    "sessions": "sessions-failed", "pipelines": "pipelines-failed", "plans": "plans-failed", "mcp": "mcp-failed",
    "settings": "settings-refused",
}  # fmt: skip
"""Those that ask for something when they are opened, and what they show if they do not get it."""

EARLY = ("jobs", "artifacts")
"""Those whose snapshot is asked for when the first page is there."""


def go(page: Page, address: str) -> None:
    """Go to a page."""
    page.evaluate("address => { location.hash = address }", f"/{address}")


@pytest.mark.timeout(600)
def test_nothing_yet_and_no_such_thing_have_one_look(live: Live, open_page: Open) -> None:
    page = open_page(live.url, bypass_csp=True, may_miss=True, reduced_motion="reduce")
    faults: list[tuple[object, ...]] = []
    for address, name in {**EMPTY, **MISSING}.items():
        if address == "artifacts/nothing":  # where there is another one
            (live.workspace / "work/generated_projects/p").mkdir(parents=True)
            (live.workspace / "work/generated_projects/p/a.md").write_text("a\n")
            live.sync()
        go(page, address)
        shown = page.locator(STATE).and_(page.get_by_test_id(name))
        expect(shown).to_be_visible()
        expect(shown.locator("h2, h3")).to_have_count(1)
        expect(shown.locator("> .icon")).to_have_count(1)
        faults += [(address, *finding) for finding in axe.findings(page)]
        if address in MISSING:  # there is a way on
            place = page.locator("main .page:not([hidden]) .state, dialog[open]")
            expect(place.locator("a, button").locator("visible=true").first).to_be_visible()
    assert faults == [], "\n".join(map(str, faults))


@pytest.mark.timeout(600)
def test_what_has_not_come_waits_and_what_cannot_come_says_so(live: Live, open_page: Open) -> None:
    page = open_page("about:blank", bypass_csp=True, console_must_be_empty=False, reduced_motion="reduce")
    for topic in EARLY:
        page.route(f"**/api/snapshot?topics={topic}**", lambda route: route.abort())
    page.goto(f"{live.url}/#/board")
    expect(page.get_by_test_id("empty-board")).to_be_visible()
    for topic in EARLY:
        go(page, topic)
        expect(page.locator(STATE).and_(page.get_by_test_id(f"{topic}-failed"))).to_contain_text("cannot be shown")
    page.wait_for_load_state("networkidle")
    held: list[Route] = []
    is_held = True
    page.route("**/api/**", lambda route: held.append(route) if is_held else route.abort())
    faults: list[tuple[object, ...]] = []
    for address, name in ASKING.items():
        is_held = True
        go(page, address)
        expect(page.get_by_test_id("page-loading").locator("visible=true")).to_have_count(0)
        waits = page.locator(STATE).filter(has=page.locator(".spinner")).locator("visible=true")
        expect(waits).to_have_count(1)
        expect(waits).to_contain_text("…")
        is_held = False
        for route in held:
            route.abort()
        held.clear()
        refused = page.locator(STATE).and_(page.get_by_test_id(name))
        expect(refused).to_be_visible()
        expect(refused).to_have_attribute("role", "alert")
        expect(refused).to_contain_text("The service cannot be reached.")
        expect(refused.locator("h2, h3")).to_contain_text("cannot be shown")
        faults += [(address, *finding) for finding in axe.findings(page)]
    page.unroute_all()
    live.dashboard.site.clients.disconnect_all()  # the connection is cut, and comes back by itself
    for address in (*reversed(ASKING), *EARLY):
        go(page, address)
        failed = page.locator(STATE).filter(has_text="cannot be shown").locator("visible=true")
        expect(failed, address).to_have_count(0)
    assert faults == [], "\n".join(map(str, faults))
