"""What is loaded when it is opened first, opened while it cannot be loaded: it says so, and fills itself later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import requests
from kit.live import Live, eventually, running
from playwright.sync_api import Page, Route, expect

from llm_service.feature import Trouble

Open = Callable[..., Page]


def abort(route: Route) -> None:
    route.abort()


def opened(live: Live, open_page: Open) -> Page:
    """The board, with all that it loads by itself; what cannot be loaded is in the console of the browser."""
    page = open_page(live.url, console_must_be_empty=False)
    expect(page.get_by_test_id("activity-item").first).to_be_visible()
    expect(page.locator("toast-list:defined")).to_have_count(1)
    return page


def test_pages_opened_while_the_service_is_down_say_so_and_fill_themselves(
    workspace: Path, open_page: Open, take_port: Callable[[], int]
) -> None:
    project = workspace / "work/generated_projects/quay"
    project.mkdir(parents=True)
    (project / "README.md").write_text("# Quay\n")
    port = take_port()
    live = running(workspace, port=port)
    live.write("inbox/t1.yaml", title="Find the leak")
    live.sync()
    page = opened(live, open_page)
    live.stop()
    failed = page.get_by_test_id("page-failed")
    page.get_by_test_id("nav-costs").click()
    expect(failed).to_contain_text("Costs cannot be shown")
    expect(failed).to_contain_text("the service cannot be reached")
    page.get_by_test_id("nav-board").click()
    expect(failed).not_to_be_visible()
    page.get_by_text("Find the leak").first.click()
    expect(page.get_by_test_id("toast")).to_contain_text("The task cannot be shown")
    page.goto(f"{live.url}/#/artifacts")
    expect(failed).to_contain_text("Artifacts cannot be shown")
    again = running(workspace, port=port)
    try:
        expect(page.get_by_test_id("project")).to_contain_text("quay")  # nobody has pressed anything
        expect(failed).not_to_be_visible()
        page.get_by_test_id("nav-costs").click()
        expect(page.get_by_test_id("no-calls")).to_be_visible()
        page.goto(f"{again.url}/#/tasks/t1")
        expect(page.get_by_test_id("detail")).to_contain_text("Find the leak")
    finally:
        again.stop()


@pytest.mark.parametrize("path", ["costs-page.js", "costs/range.js", "costs.css"])
def test_a_page_that_could_not_be_loaded_is_loaded_at_the_next_visit(live: Live, open_page: Open, path: str) -> None:
    live.write("inbox/t1.yaml", title="First")
    live.sync()
    page = opened(live, open_page)
    page.route(f"**/{path}", abort)
    page.get_by_test_id("nav-costs").click()
    expect(page.get_by_test_id("page-failed")).to_contain_text("Costs cannot be shown")
    page.get_by_test_id("nav-board").click()
    page.unroute(f"**/{path}")
    page.get_by_test_id("nav-costs").click()
    expect(page.get_by_test_id("no-calls")).to_be_visible()
    expect(page.get_by_test_id("page-failed")).not_to_be_visible()


def test_a_store_whose_snapshot_could_not_be_had_asks_again(live: Live, open_page: Open) -> None:
    project = live.workspace / "work/generated_projects/quay"
    project.mkdir(parents=True)
    (project / "README.md").write_text("# Quay\n")
    live.write("inbox/t1.yaml", title="First")
    live.sync()
    page = open_page("about:blank", console_must_be_empty=False)
    snapshot = "**/api/snapshot?topics=artifacts"
    page.route(snapshot, abort)
    with page.expect_request(snapshot):
        page.goto(f"{live.url}/#/board")  # the store is made once the board is there
    page.get_by_test_id("nav-artifacts").click()
    expect(page.get_by_test_id("artifacts-failed")).to_contain_text("The service cannot be reached")
    page.unroute(snapshot)
    live.dashboard.site.clients.disconnect_all()  # the connection is cut, and comes back by itself
    expect(page.get_by_test_id("project")).to_contain_text("quay")


def test_pictures_and_markdown_are_loaded_later_when_they_could_not_be_at_first(live: Live, open_page: Open) -> None:
    live.write("inbox/t1.yaml", title="First", description="'**bold** words'")
    live.sync()
    call = {"model_name": "made-up-1", "timestamp": datetime.now(UTC).isoformat(), "cost_usd": 1.5, "prompt_tokens": 10}
    answer = requests.post(f"{live.url}/api/telemetry", json=[call], timeout=60)
    assert answer.json()["accepted"] == 1
    page = opened(live, open_page)
    for library in ("**/chart.umd.min.js", "**/marked.esm.js"):
        page.route(library, abort)
    page.get_by_test_id("nav-costs").click()
    trend = page.get_by_test_id("trend")
    expect(trend).to_contain_text("It could not be loaded")
    page.goto(f"{live.url}/#/tasks/t1")
    expect(page.get_by_test_id("detail-failure")).to_contain_text("It could not be loaded")
    page.keyboard.press("Escape")
    for library in ("**/chart.umd.min.js", "**/marked.esm.js"):
        page.unroute(library)
    page.get_by_test_id("nav-board").click()
    page.get_by_test_id("nav-costs").click()
    expect(trend.locator("canvas[data-drawn]")).to_be_visible()
    expect(trend).not_to_contain_text("It could not be loaded")
    page.goto(f"{live.url}/#/tasks/t1")
    expect(page.get_by_test_id("detail").locator("strong", has_text="bold")).to_be_visible()


def cut_off(live: Live) -> None:
    """The connection is cut, and comes back by itself."""
    live.dashboard.site.clients.disconnect_all()


def test_the_help_says_that_it_cannot_be_loaded_and_opens_later(live: Live, open_page: Open) -> None:
    live.write("inbox/t1.yaml", title="First")
    live.sync()
    page = opened(live, open_page)
    page.route("**/help-dialog.js", abort)
    page.keyboard.press("?")
    expect(page.get_by_test_id("toast")).to_contain_text("The help cannot be shown")
    expect(page.get_by_test_id("toast")).to_contain_text("Press ? again when the connection is back.")
    page.unroute("**/help-dialog.js")
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_be_visible()


def test_the_activity_says_that_it_cannot_be_loaded_and_fills_itself(live: Live, open_page: Open) -> None:
    live.write("inbox/t1.yaml", title="First")
    live.sync()
    page = open_page("about:blank", console_must_be_empty=False)
    page.route("**/activity-feed.js", abort)
    page.goto(f"{live.url}/#/board")
    expect(page.get_by_test_id("activity-failed")).to_contain_text("It could not be loaded")
    page.unroute("**/activity-feed.js")
    cut_off(live)
    expect(page.get_by_test_id("activity-item").first).to_be_visible()
    expect(page.get_by_test_id("activity-failed")).to_have_count(0)


def test_messages_and_notices_are_shown_once_they_can_be(
    live: Live, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.write("inbox/t1.yaml", title="First")
    live.sync()
    trouble = Trouble("/place", "polling", "why")
    monkeypatch.setattr(live.dashboard.features[0], "troubles", lambda: [trouble])
    page = open_page("about:blank", console_must_be_empty=False)
    for path in ("**/notices.js", "**/help-dialog.js"):
        page.route(path, abort)
    page.goto(f"{live.url}/#/board")
    expect(page.get_by_test_id("activity-item").first).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_test_id("banner")).to_be_hidden()
    page.unroute("**/notices.js")
    cut_off(live)
    expect(page.get_by_test_id("banner")).to_contain_text("Polling instead of watching: /place.")
    expect(page.get_by_test_id("toast")).to_contain_text("The help cannot be shown")


def test_the_first_page_is_loaded_later_when_it_could_not_be_at_first(live: Live, open_page: Open) -> None:
    live.write("assigned/ada/t1.yaml", title="First")
    live.sync()
    page = open_page("about:blank", console_must_be_empty=False)
    page.route("**/now.js", abort)
    page.goto(f"{live.url}/#/now")
    expect(page.get_by_test_id("page-failed")).to_contain_text("Now cannot be shown")
    page.unroute("**/now.js")
    cut_off(live)
    expect(page.get_by_test_id("agent")).to_contain_text("First")


def test_the_count_of_needs_comes_later_when_it_could_not_be_loaded_at_first(live: Live, open_page: Open) -> None:
    (live.root / "inbox/bad.yaml").write_text("id: [")
    live.sync()
    page = open_page("about:blank", console_must_be_empty=False)
    script = "**/now.js"  # the store is in one file with the first page
    page.route(script, abort)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/now.js")):
        page.goto(f"{live.url}/#/board")
    mark = page.get_by_test_id("nav-needs-you").locator(".nav-mark")
    expect(mark).to_be_hidden()
    page.unroute(script)
    cut_off(live)
    expect(mark).to_contain_text("1 thing needs you")


NOTIFIED = """
window.told = [];
window.Notification = class { static permission = "granted"; constructor(title) { window.told.push(title); } };
localStorage.setItem("llm-service.notify", "on");
localStorage.setItem("llm-service.notify-kinds", '["done"]');
"""


def test_what_is_done_is_announced_later_when_that_could_not_be_loaded_at_first(live: Live, open_page: Open) -> None:
    page = open_page(f"{live.url}/favicon.svg", console_must_be_empty=False)
    page.add_init_script(NOTIFIED)
    script = "**/settings/done.js"
    page.route(script, abort)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/settings/done.js")):
        page.goto(f"{live.url}/#/board")
    page.unroute(script)
    cut_off(live)
    numbers = count()

    def is_told() -> bool:  # from when it is loaded on, what is done
        live.write(f"done/ada/t{next(numbers)}.yaml", title="Dig")
        live.sync()
        return bool(page.evaluate("told.includes('Done: Dig')"))

    eventually(is_told)
