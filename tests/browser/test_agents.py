"""Who works on what: the list of agents follows tasks and calls, and says no more than is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import Live, running
from playwright.sync_api import Page, Request, expect

Open = Callable[..., Page]


def count(live: Live, **call: Any) -> None:
    body = {"model_name": "m", "prompt_tokens": 1, "completion_tokens": 1, "timestamp": datetime.now(UTC).isoformat()}
    answer = requests.post(f"{live.url}/api/telemetry", json=[body | call], timeout=20)
    assert answer.json()["accepted"] == 1


def row(page: Page, name: str) -> Any:
    return page.locator(f'[data-testid="agent"][data-agent="{name}"]')


def opened(live: Live, open_page: Open, **options: Any) -> Page:
    page = open_page(f"{live.url}/#/agents", **options)
    expect(page.locator("agent-table:not([hidden]), .state[data-testid=no-agents]")).to_be_visible()
    return page


def test_it_follows_tasks_and_calls(live: Live, open_page: Open) -> None:
    live.sync()
    page = opened(live, open_page)
    expect(page.get_by_test_id("no-agents")).to_contain_text("No agents yet")
    live.write("assigned/ada/t1.yaml", title="Find the leak", status="in_progress")
    expect(row(page, "ada")).to_contain_text("Find the leak")
    expect(row(page, "ada").get_by_test_id("agent-state")).to_have_text("Working")
    expect(row(page, "ada").get_by_test_id("agent-calls")).to_have_text("0")
    count(live, agent_name="ada", cost_usd=0.25)
    expect(row(page, "ada").get_by_test_id("agent-calls")).to_have_text("1")
    expect(row(page, "ada")).to_contain_text("$0.25")
    expect(row(page, "ada")).to_contain_text("a call")
    count(live, agent_name="ada")  # without a price
    expect(row(page, "ada")).to_contain_text("$0.25 + ?")
    (live.root / "done/ada").mkdir(parents=True, exist_ok=True)
    (live.root / "assigned/ada/t1.yaml").rename(live.root / "done/ada/t1.yaml")
    live.write("assigned/bob/t2.yaml", title="Paint it", status="blocked")
    expect(row(page, "bob").get_by_test_id("agent-state")).to_have_text("Waiting")
    expect(row(page, "ada")).not_to_contain_text("Find the leak")
    expect(page.get_by_test_id("agents")).to_contain_text("2 agents: 1 working, 1 waiting.")


def test_links_lead_to_the_task_and_to_the_calls(live: Live, open_page: Open) -> None:
    live.write("assigned/ada/t1.yaml", title="Find the leak")
    live.sync()
    count(live, agent_name="ada", cost_usd=0.25)
    page = opened(live, open_page)
    row(page, "ada").get_by_role("link", name="Find the leak").click()
    expect(page.get_by_test_id("detail")).to_contain_text("Find the leak")
    page.keyboard.press("Escape")
    expect(row(page, "ada").get_by_test_id("agent-calls")).to_have_text("1")
    row(page, "ada").get_by_test_id("agent-calls").click()
    expect(page.get_by_test_id("call")).to_have_count(1)
    assert "agent=ada" in page.url
    page.go_back()
    row(page, "ada").get_by_role("link", name="1 of 1").click()
    expect(page.locator("task-card")).to_have_count(1)


def test_columns_sort_and_the_order_stays_when_something_happens(live: Live, open_page: Open) -> None:
    for name, status in (("ada", "assigned"), ("bob", "in_progress"), ("cid", "assigned")):
        live.write(f"assigned/{name}/{name}.yaml", status=status)
    live.write("done/dan/dan.yaml")
    live.sync()
    count(live, agent_name="cid", cost_usd=2.0)
    count(live, agent_name="ada", cost_usd=1.0)
    page = opened(live, open_page)
    names = page.locator("agent-table .agent-name")
    expect(names).to_have_text(["ada", "bob", "cid", "dan"])
    page.get_by_role("button", name="Cost today").click()
    expect(names).to_have_text(["cid", "ada", "bob", "dan"])
    count(live, agent_name="dan", cost_usd=5.0)
    expect(names).to_have_text(["dan", "cid", "ada", "bob"])
    page.get_by_role("button", name="State").click()
    # By a call of today all but bob, by the status of his task he.
    expect(page.get_by_test_id("agent-state")).to_have_text(["Working"] * 4)
    page.locator('.sort[data-by="agent"]').dblclick()
    expect(names).to_have_text(["dan", "cid", "bob", "ada"])


def test_it_is_not_polled(live: Live, open_page: Open) -> None:
    live.write("assigned/ada/t1.yaml")
    live.sync()
    page = open_page("about:blank")
    page.clock.install()
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/api/agents" in request.url:
            asked.append(request.url)

    page.on("request", note)
    page.goto(f"{live.url}/#/agents")
    expect(row(page, "ada")).to_be_visible()
    asked.clear()
    page.clock.run_for(20 * 60_000)  # nothing happens for twenty minutes; the state holds for 48 hours
    assert asked == []
    page.get_by_test_id("nav-board").click()
    live.write("assigned/ada/t2.yaml")
    expect(page.locator("task-card")).to_have_count(2)
    assert asked == []  # nor for a page that nobody sees


def test_a_state_that_ends_by_time_alone_is_asked_for_again(workspace: Path, open_page: Open) -> None:
    live = running(workspace, stale_after_h=0.001)  # 3.6 s
    try:
        live.write("assigned/ada/t1.yaml", status="assigned")
        live.sync()
        page = opened(live, open_page)
        expect(row(page, "ada").get_by_test_id("agent-state")).to_have_text("Stale")
    finally:
        live.stop()


def test_without_telemetry_nothing_is_said_of_calls(workspace: Path, open_page: Open) -> None:
    live = running(workspace, telemetry=False)
    try:
        live.write("assigned/ada/t1.yaml")
        live.sync()
        page = opened(live, open_page)
        expect(page.get_by_test_id("agents")).to_contain_text("Calls are not counted")
        expect(row(page, "ada").locator(".c-calls")).to_have_text("—")
        expect(row(page, "ada").locator(".c-cost")).to_have_text("—")
    finally:
        live.stop()


@pytest.mark.parametrize("width", [320, 390, 700, 760, 1000, 1440])
def test_nothing_of_it_is_cut_off_at_any_width(live: Live, open_page: Open, width: int) -> None:
    live.write("assigned/a-rather-long-name-of-an-agent/t1.yaml", title="A title " + "that does not end " * 9)
    live.sync()
    count(live, agent_name="a-rather-long-name-of-an-agent", cost_usd=1234.5678)
    page = opened(live, open_page, viewport={"width": width, "height": 800})
    expect(page.get_by_test_id("agent")).to_be_visible()
    overflow = page.evaluate(
        "() => { const box = document.querySelector('agent-table .table-box');"
        " return [box.scrollWidth - box.clientWidth, document.documentElement.scrollWidth - innerWidth] }"
    )
    assert all(each <= 0 for each in overflow), overflow
    for part in (".agent-name", '[data-testid="agent-state"]', ".task-link", "time-ago", ".c-cost"):
        expect(page.locator(f"agent-table tbody {part}").first).to_be_visible()


def test_opened_while_the_service_is_down_it_says_so_and_fills_itself(live: Live, open_page: Open) -> None:
    live.write("assigned/ada/t1.yaml", title="Find the leak")
    live.sync()
    page = open_page(live.url, console_must_be_empty=False)
    page.route("**/api/agents", lambda route: route.abort())
    page.get_by_test_id("nav-agents").click()
    expect(page.get_by_test_id("agents-failed")).to_contain_text("The service cannot be reached.")
    page.unroute("**/api/agents")
    live.dashboard.site.clients.disconnect_all()  # the connection is cut, and comes back by itself
    expect(row(page, "ada")).to_contain_text("Find the leak")
    page.route("**/api/agents", lambda route: route.abort())
    live.write("assigned/ada/t2.yaml")
    expect(page.locator("agent-table .panel-problem")).to_contain_text("What you see may be old.")
