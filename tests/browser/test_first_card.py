"""What is shown before the snapshot is there: the first cards, the numbers of all, and nothing that is not known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from kit.at_rest import at_rest
from kit.live import Live, running
from kit.request_gate import RequestGate
from kit.workspaces import workspace
from playwright.sync_api import Browser, Page, Route, expect

Open = Callable[..., Page]
SNAPSHOT = "/api/snapshot?form=lines"


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    with workspace(600) as root:
        service = running(root)
        service.write(
            "inbox/waits.yaml",
            title="Waits for one far below",
            created_at="2027-01-01",
            dependencies="[x-last, nowhere]",
        )
        service.write("done/ada/x-last.yaml", title="The last", created_at="2020-01-01")
        service.sync()
        yield service
        service.stop()


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    yield page
    page.context.close()


@pytest.fixture
def held(blank: Page) -> RequestGate:
    """A page whose snapshots are held back until it is opened."""
    gate = RequestGate(blank, SNAPSHOT)
    gate.close()
    return gate


def state(page: Page, name: str) -> None:
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", name)


def test_the_first_cards_come_before_the_rest_and_the_numbers_are_those_of_all(live: Live, held: RequestGate) -> None:
    page = held.page
    page.goto(f"{live.url}/#/board", wait_until="commit")
    waits = page.locator('task-card[data-task-id="waits"]')
    expect(waits).to_contain_text("Waits for one far below")
    expect(page.get_by_test_id("lane-count-inbox")).to_have_text("61")
    expect(page.get_by_test_id("lane-count-done")).to_have_text("361")
    expect(waits.locator("[data-dependencies]")).to_have_count(0)  # whether it is done is not known yet
    names = "[...document.querySelectorAll('task-card')].map((card) => card.dataset.taskId)"
    first = at_rest(page, lambda: page.evaluate(names))
    assert page.get_by_test_id("badge").get_attribute("data-state") != "in_sync"
    assert page.evaluate("window.__dashboard.seq") is None
    live.write("inbox/meanwhile.yaml", title="Came meanwhile", created_at="2026-01-01")
    live.sync()
    held.open()
    state(page, "in_sync")
    expect(waits.locator("[data-dependencies]")).to_contain_text("unknown dep nowhere")
    expect(page.get_by_test_id("lane-count-inbox")).to_have_text("62")
    assert at_rest(page, lambda: page.evaluate(names)) == first  # nothing has moved
    assert page.evaluate("window.__dashboard.tasks()") == 603
    (live.root / "inbox/meanwhile.yaml").unlink()
    live.sync()
    expect(page.get_by_test_id("lane-count-inbox")).to_have_text("61")


def test_a_filtered_board_is_not_shown_before_all_is_known(live: Live, held: RequestGate) -> None:
    page = held.page
    page.goto(f"{live.url}/#/board?q=far+below", wait_until="commit")
    expect(page.get_by_text("Connecting to the service")).to_be_visible()
    page.goto(f"{live.url}/#/board")
    expect(page.locator("task-card").first).to_be_visible()
    page.goto(f"{live.url}/#/board?q=far+below")
    expect(page.get_by_text("Connecting to the service")).to_be_visible()
    expect(page.locator("task-board")).to_be_hidden()
    held.open()
    state(page, "in_sync")
    expect(page.locator("task-card")).to_have_count(1)


@pytest.mark.parametrize("answer", ["abort", "too short", "too old", "nothing yet"])
def test_what_cannot_be_had_over_http_comes_with_the_events(live: Live, blank: Page, answer: str) -> None:
    page = blank

    def refuse(route: Route) -> None:
        if answer == "abort":
            route.abort()
        elif answer == "too short":
            lines = route.fetch().text().splitlines(keepends=True)
            route.fulfill(status=200, body=lines[0], content_type="application/x-ndjson")
        else:
            route.fulfill(status=204)

    if answer == "too old":
        held = RequestGate(page, SNAPSHOT)
        held.close()
    else:
        page.route(f"**{SNAPSHOT}", refuse)
        page.route("**/api/opening", lambda route: route.abort())
    page.goto(f"{live.url}/#/board", wait_until="commit")
    if answer == "too old":  # events between it and what was shown first would be missing
        expect(page.locator("task-card").first).to_be_visible()
        parts = [json.loads(line) for line in held.first().fetch().text().splitlines()]
        lines = [json.dumps({**part, "seq": 1, "tasks": []}) + "\n" for part in parts]
        held.first().fulfill(status=200, body="".join(lines), content_type="application/x-ndjson")
    state(page, "in_sync")
    assert page.evaluate("window.__dashboard.tasks()") == 602


def test_what_the_head_of_the_page_asks_for_is_not_asked_for_again(live: Live, blank: Page) -> None:
    page = blank
    page.goto(f"{live.url}/#/board")
    page.wait_for_selector("task-card")
    state(page, "in_sync")
    sent = page.evaluate("""performance.getEntriesByType("resource")
        .filter(({ transferSize }) => transferSize > 0).map(({ name }) => name)""")
    assert [sent.count(live.url + path) for path in ("/api/opening", "/api/snapshot?form=lines")] == [1, 1]
    assert not [name for name in sent if "/v/" in name and sent.count(name) > 1]
