"""Views of the board: what is not the normal case, groups with sums, lanes, density, saved views, the address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from kit.axe import serious
from kit.live import Live, eventually
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
CUT = "cards => cards.filter(card => card.scrollHeight > card.clientHeight + 1).map(card => card.dataset.taskId)"
FOCUS = "document.activeElement.closest('[data-task-id]')?.dataset.taskId ?? document.activeElement.dataset.group"


def card(page: Page, task_id: str) -> Locator:
    return page.locator(f'task-card[data-task-id="{task_id}"]')


def order(page: Page) -> list[str]:
    """The ids in the inbox from top to bottom."""
    places = "cards => cards.map(one => [one.getBoundingClientRect().top, one.dataset.taskId])"
    found = page.get_by_test_id("column-inbox").locator("task-card").evaluate_all(places)
    return [name for _, name in sorted(found)]


def are_beside_each_other(page: Page, *names: str) -> bool:
    boxes = [box for name in names if (box := card(page, name).bounding_box())]
    lefts = [box["x"] for box in boxes]
    return len(boxes) == len(names) and lefts == sorted(set(lefts)) and len({box["y"] for box in boxes}) == 1


def spend(live: Live, task: str, cost: float) -> None:
    call = {"model_name": "m", "prompt_tokens": 1, "completion_tokens": 1, "task_id": task, "cost_usd": cost}
    assert requests.post(f"{live.url}/api/telemetry", json=[call], timeout=60).json()["accepted"] == 1


@pytest.fixture
def board(live: Live) -> Live:
    """Two milestones over three lanes."""
    live.write("inbox/t1.yaml", title="Dig", milestone="v1", created_at="2026-01-01", checklist="['[x] a', '[ ] b']")
    live.write("inbox/t2.yaml", title="Paint", milestone="v2", created_at="2026-01-02", dependencies="[t1, t5]")
    live.write("inbox/t3.yaml", title="Rest", created_at="2026-01-03")
    live.write("assigned/ada/t4.yaml", title="Saw", milestone="v1", priority="high", dependencies="[t6]")
    live.write("assigned/bob/t5.yaml", title="Sand", milestone="v2")
    live.write("done/ada/t6.yaml", title="Buy wood", milestone="v1", status="done", checklist="['[x] a']")
    live.sync()
    return live


def test_cards_say_what_is_not_the_normal_case_and_are_sorted_by_what_is_spent(board: Live, open_page: Open) -> None:
    spend(board, "t1", 2)
    spend(board, "t2", 1)
    page = open_page(f"{board.url}/#/board?sort=cost")
    expect(card(page, "t1").get_by_test_id("card-checks")).to_have_attribute("aria-label", "1 of 2 checked")
    expect(card(page, "t6").get_by_test_id("card-checks")).to_have_count(0)  # done, and all is checked off
    expect(card(page, "t2").locator("[data-dependencies]")).to_contain_text("blocked by Dig +1")
    expect(card(page, "t2").locator("[data-dependencies]")).to_have_attribute("title", re.compile("Dig\nSand"))
    expect(card(page, "t4").locator("[data-dependencies]")).to_have_count(0)  # all are met
    expect(card(page, "t4").locator(".priority")).to_have_text("High")
    expect(card(page, "t5").locator(".priority")).to_have_count(0)
    expect(page.get_by_test_id("sort")).to_have_value("cost")
    eventually(lambda: order(page) == ["t1", "t2", "t3"])
    spend(board, "t3", 9)
    expect(card(page, "t3").get_by_test_id("card-cost")).to_have_text("$9.00")
    eventually(lambda: order(page) == ["t3", "t1", "t2"])
    eventually(lambda: page.locator("task-card").evaluate_all(CUT) == [])


def test_groups_are_swimlanes_with_sums_that_fold_and_the_address_says_all(board: Live, open_page: Open) -> None:
    page = open_page(board.url)
    page.get_by_test_id("group").select_option("milestone")
    expect(page).to_have_url(re.compile("group=milestone"))
    heads = page.get_by_test_id("group-head")
    expect(heads).to_have_text([re.compile("v1"), re.compile("v2"), re.compile("No milestone")])
    expect(heads.first).to_contain_text("1 inbox · 1 assigned · 1 done · 2/3 checked")
    spend(board, "t4", 3.5)
    expect(heads.first).to_contain_text("$3.50")
    eventually(lambda: are_beside_each_other(page, "t1", "t4", "t6"))
    heads.nth(1).click()
    expect(heads.nth(1)).to_have_attribute("aria-expanded", "false")
    expect(card(page, "t2")).to_have_count(0)
    page.get_by_test_id("fold-done").click()
    expect(card(page, "t6")).to_have_count(0)
    expect(page.get_by_test_id("lane-count-done")).to_have_text("1")
    expect(page).to_have_url(re.compile("fold=done"))
    board.write("inbox/t7.yaml", title="New", milestone="v1")
    expect(card(page, "t7")).to_be_visible()
    other = open_page(page.url)
    expect(card(other, "t7")).to_be_visible()
    for gone in ("t2", "t6"):
        expect(card(other, gone)).to_have_count(0)
    phone = open_page(page.url, viewport={"width": 390, "height": 844})
    column = phone.get_by_test_id("column-inbox")
    expect(column.get_by_test_id("group-head").first).to_be_visible()
    assert eventually(lambda: phone.evaluate("document.documentElement.scrollWidth") <= 390)


def test_lanes_density_and_saved_views_by_keyboard_alone(board: Live, open_page: Open) -> None:
    page = open_page(board.url, reduced_motion="reduce")
    expect(card(page, "t1")).to_be_visible()
    page.keyboard.press("v")
    menu = page.get_by_test_id("view-menu")
    expect(menu).to_be_visible()
    press(page, "lane-down-inbox")
    expect(page.locator("task-column").first).to_have_attribute("data-lane", "assigned")
    expect(page.get_by_test_id("lane-down-inbox")).to_be_focused()
    press(page, "lane-show-done")
    expect(page.get_by_test_id("column-done")).to_have_count(0)
    press(page, "lane-fold-assigned")
    expect(page.get_by_test_id("column-assigned")).to_have_attribute("data-folded", "")
    press(page, "density-compact")
    expect(page.get_by_test_id("board")).to_have_attribute("data-density", "compact")
    eventually(lambda: page.locator("task-card").evaluate_all(CUT) == [])
    press(page, "lane-show-inbox")
    expect(page.get_by_test_id("lane-show-assigned")).to_be_disabled()  # one lane has to be there
    press(page, "lane-show-inbox")
    page.get_by_test_id("view-name").focus()
    page.keyboard.type("Mine")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("view-open")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("hide=done&fold=assigned&density=compact"))
    saved = page.url
    press(page, "view-reset")
    expect(page.get_by_test_id("column-done")).to_be_visible()
    expect(page.get_by_test_id("view-open")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    expect(menu).not_to_be_visible()
    page.reload()
    expect(card(page, "t1")).to_be_visible()
    page.keyboard.press("v")
    press(page, "view-open")
    expect(page).to_have_url(saved)
    expect(page.get_by_test_id("column-done")).to_have_count(0)
    press(page, "view-remove")
    expect(page.get_by_test_id("view-open")).to_have_count(0)


def press(page: Page, testid: str) -> None:
    """As who uses the keys alone does."""
    page.get_by_test_id(testid).focus()
    page.keyboard.press("Enter")


def test_the_arrow_keys_lead_through_groups(board: Live, open_page: Open) -> None:
    page = open_page(f"{board.url}/#/board?group=milestone")
    expect(page.get_by_test_id("group-head")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    eventually(lambda: page.evaluate(FOCUS) == "v1")
    keys = ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown", "ArrowDown", "ArrowUp")
    for key, place in zip(keys, ("t1", "t4", "t6", "t4", "v2", "t2", "v2"), strict=True):
        page.keyboard.press(key)
        eventually(lambda place=place: page.evaluate(FOCUS) == place)
    page.keyboard.press("Enter")
    expect(card(page, "t2")).to_have_count(0)
    eventually(lambda: page.evaluate(FOCUS) == "v2")


def test_axe_finds_nothing_in_groups_and_in_the_menu(board: Live, open_page: Open) -> None:
    spend(board, "t1", 2)
    address = f"{board.url}/#/board?group=milestone&fold=done"
    page = open_page(address, bypass_csp=True, console_must_be_empty=False)
    expect(card(page, "t1")).to_be_visible()
    page.get_by_test_id("view-button").click()
    expect(page.get_by_test_id("view-menu")).to_be_visible()
    assert serious(page) == []


def test_an_address_that_makes_no_sense_shows_the_cards(board: Live, open_page: Open) -> None:
    page: Any = open_page("about:blank")
    for odd in ("group=agent&shut=%25E0%2F", "lanes=%2F%2F&hide=inbox%2Fassigned%2Fdone", "density=x"):
        page.goto(f"{board.url}/#/board?{odd}")
        page.reload()  # read with the page, not by one that is there
        expect(card(page, "t1"), odd).to_be_visible()
        expect(card(page, "t6"), odd).to_be_visible()
