"""A task beside the board: opened, gone through, copied, what there is to say of it; over the page where narrow."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Literal

import pytest
import requests
from kit.axe import serious
from kit.live import Live, eventually
from kit.pipelines import TickingClock, reporter_of
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
MODAL = "document.querySelector('task-detail dialog').matches(':modal')"


def card(page: Page, task_id: str) -> Locator:
    return page.locator(f'task-card[data-task-id="{task_id}"]')


def is_before(one: Locator, other: Locator, side: Literal["x", "y"], length: Literal["width", "height"]) -> bool:
    """Whether a box ends before another one begins."""
    first, second = one.bounding_box(), other.bounding_box()
    return first is not None and second is not None and first[side] + first[length] <= second[side]


def shows(page: Page, title: str) -> None:
    expect(page.get_by_test_id("detail").get_by_role("heading", name=title)).to_be_visible()


@pytest.fixture
def board(live: Live) -> Live:
    """A chain of tasks, of which one was moved."""
    live.write("done/ada/t1.yaml", title="Dig", created_at="2026-01-09")
    live.write("inbox/t2.yaml", title="Paint", created_at="2026-01-08", dependencies="[t1]")
    live.write(
        "inbox/t3.yaml", title="Sand", status="in_progress", created_at="2026-01-07", dependencies="[t2, nowhere]"
    )
    live.write("inbox/t4.yaml", title="Sell", created_at="2026-01-06", dependencies="[t3]")
    live.write("inbox/t5.yaml", title="Rest", created_at="2026-01-05")
    live.sync()
    os.rename(live.root / "inbox/t3.yaml", live.root / "assigned/bob/t3.yaml")
    live.sync()
    return live


def test_beside_the_board_one_goes_from_card_to_card(board: Live, open_page: Open) -> None:
    page = open_page(board.url)
    card(page, "t2").click()
    shows(page, "Paint")
    assert page.evaluate(MODAL) is False
    eventually(lambda: is_before(card(page, "t2"), page.get_by_test_id("detail"), "x", "width"))
    expect(card(page, "t2")).to_have_attribute("data-current", "")
    expect(page.get_by_test_id("task-place")).to_have_text("1 of 5")
    page.keyboard.press("j")
    shows(page, "Sell")
    expect(page).to_have_url(re.compile("#/tasks/t4"))
    expect(card(page, "t4")).to_have_attribute("data-current", "")
    page.get_by_test_id("task-next").click()
    shows(page, "Rest")
    expect(page.get_by_test_id("task-next")).to_be_focused()
    page.keyboard.press("k")
    shows(page, "Sell")
    card(page, "t1").click()  # the board is there
    shows(page, "Dig")
    expect(page.get_by_test_id("task-place")).to_have_text("5 of 5")
    expect(page.get_by_test_id("task-next")).to_have_attribute("aria-disabled", "true")
    page.get_by_test_id("search").fill("Rest")
    expect(page.locator("task-card")).to_have_count(1)
    shows(page, "Dig")
    expect(page.get_by_test_id("task-place")).to_have_text("1 cards")
    page.get_by_test_id("search").fill("")
    page.locator(".detail-title").click()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("detail")).not_to_be_visible()
    expect(page).to_have_url(re.compile("#/board$"))  # one step back, however many were taken
    expect(page.locator("task-card[data-current]")).to_have_count(0)


def test_where_it_is_narrow_it_is_over_the_page_and_it_follows_the_window(board: Live, open_page: Open) -> None:
    page = open_page(f"{board.url}/#/tasks/t2", viewport={"width": 390, "height": 844})
    shows(page, "Paint")
    assert page.evaluate(MODAL) is True
    whole = {"x": 0, "y": 0, "width": 390, "height": 844}
    eventually(lambda: page.get_by_test_id("detail").bounding_box() == whole)
    page.keyboard.press("j")
    shows(page, "Sell")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_function(f"() => !({MODAL})")
    shows(page, "Sell")
    expect(card(page, "t2")).to_be_visible()
    page.set_viewport_size({"width": 800, "height": 900})
    page.wait_for_function(f"() => {MODAL}")
    shows(page, "Sell")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("detail")).not_to_be_visible()


def test_it_says_first_what_is_out_of_order_and_how_long_it_was_where(board: Live, open_page: Open) -> None:
    page = open_page(f"{board.url}/#/tasks/t3")
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_text("Blocked by “Paint”.")
    eventually(lambda: is_before(verdict, page.get_by_test_id("tab-overview"), "y", "height"))
    times = page.get_by_test_id("lane-times").get_by_role("listitem")
    expect(times).to_have_text([re.compile(r"Inbox \d+ (s|min)"), re.compile(r"Assigned \d+ (s|min) now")])
    nodes = page.get_by_test_id("graph-node")
    expect(nodes).to_have_count(5)
    first, second, third, fourth = (
        page.locator(f'[data-testid="graph-node"][data-task="t{number}"]') for number in range(1, 5)
    )
    for above, below in ((first, second), (second, third), (third, fourth)):  # what is waited for is above
        eventually(lambda above=above, below=below: is_before(above, below, "y", "height"))
    os.rename(board.root / "inbox/t2.yaml", board.root / "done/ada/t2.yaml")
    expect(verdict).to_contain_text("In hand")
    page.locator('[data-testid="graph-node"][data-task="t4"]').click()
    shows(page, "Sell")
    page.go_back()
    shows(page, "Sand")


def test_its_link_its_path_and_its_editor(board: Live, open_page: Open) -> None:
    page = open_page(f"{board.url}/#/tasks/t2?sort=title")
    file = board.root / "inbox/t2.yaml"
    expect(page.get_by_test_id("copy-link")).to_have_attribute("data-text", f"{board.url}/#/tasks/t2")
    expect(page.get_by_test_id("copy-file-path")).to_have_attribute("data-text", str(file))
    expect(page.get_by_test_id("open-editor")).to_have_attribute("href", f"vscode://file{file}")
    page.get_by_test_id("copy-link").click()
    expect(page.get_by_test_id("copy-link")).to_contain_text("Copied")
    page.keyboard.press("j")
    shows(page, "Rest")
    expect(page.get_by_test_id("open-editor")).to_have_attribute("href", re.compile("inbox/t5.yaml$"))


def test_calls_and_pipelines_of_the_task(board: Live, open_page: Open) -> None:
    tools = reporter_of(board.workspace, TickingClock())
    tools.create_pipeline("ticket_work", ticket_id="t2")
    tools.create_pipeline("ticket_work", ticket_id="another")
    page = open_page(f"{board.url}/#/tasks/t2")
    page.get_by_test_id("tab-work").click()
    work = page.locator("task-work")
    expect(work).to_contain_text("No call names this task.")
    expect(work).to_contain_text("No run is known")
    call = {"model_name": "big-model", "prompt_tokens": 1200, "completion_tokens": 1, "task_id": "t2", "cost_usd": 0.5}
    answer = requests.post(f"{board.url}/api/telemetry", json=[call, call | {"task_id": "t5"}], timeout=60)
    assert answer.json()["accepted"] == 2
    rows = page.get_by_test_id("work-calls").get_by_role("listitem")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("big-model")
    expect(rows).to_contain_text("$0.50")
    expect(page.get_by_test_id("all-calls")).to_have_attribute("href", re.compile("#/costs.*task=t2"))
    expect(page.get_by_test_id("work-pipelines").get_by_role("link")).to_have_attribute(
        "href", re.compile("#/pipelines/")
    )
    expect(page.get_by_test_id("work-pipelines").get_by_role("listitem")).to_have_count(1)


@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_and_nothing_overflows(board: Live, open_page: Open, width: int) -> None:
    page = open_page(
        f"{board.url}/#/tasks/t3", viewport={"width": width, "height": 844}, bypass_csp=True,
        console_must_be_empty=False,
    )  # fmt: skip
    expect(page.get_by_test_id("graph-node")).to_have_count(5)
    eventually(lambda: page.evaluate("document.documentElement.scrollWidth") <= width)
    eventually(lambda: page.locator(".tab-body").evaluate("body => body.scrollWidth <= body.clientWidth"))
    assert serious(page) == []
