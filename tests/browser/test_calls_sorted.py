"""The columns of the table of calls sort all calls that are selected, not only those of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from kit.live import Live
from playwright.sync_api import Page, expect

from llm_service.calls.store import sorted_calls

Open = Callable[..., Page]
FIRST = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def many(live: Live) -> Live:
    """120 calls on three pages; the dearest are the oldest ones."""
    calls = [
        {
            "invocation_id": f"c{number}",
            "model_name": f"model-{number % 3}",
            "prompt_tokens": 1,
            "completion_tokens": 1,
            "cost_usd": 120 - number,
            "timestamp": (FIRST + timedelta(minutes=number)).isoformat(),
        }
        for number in range(120)
    ]
    answer = requests.post(f"{live.url}/api/telemetry", json=calls, timeout=60)
    assert answer.json()["accepted"] == 120
    return live


def sort_first(page: Page, name: str) -> None:
    """By keyboard: parts above the table come when it is scrolled to, and would move it away from under a mouse."""
    head(page, name).press("Enter")


def head(page: Page, name: str) -> Any:
    return page.locator(f'calls-table .sort[data-by="{name}"]')


def test_a_column_sorts_over_all_pages(many: Live, open_page: Open) -> None:
    page = open_page(f"{many.url}/#/costs?range=all")
    amounts = page.locator("calls-table td.c-cost")
    expect(amounts).to_have_count(50)
    expect(amounts.first).to_have_text("$1.00")  # the newest
    sort_first(page, "cost")
    expect(amounts.first).to_have_text("$120.00")
    expect(amounts.last).to_have_text("$71.00")
    expect(page).to_have_url(re.compile("sort=cost"))
    page.get_by_test_id("calls-older").press("Enter")
    expect(page.get_by_test_id("calls-older")).to_have_text("Next")
    expect(amounts.first).to_have_text("$70.00")
    head(page, "cost").press("Enter")
    expect(amounts.first).to_have_text("$1.00")
    expect(page.locator("calls-table .page-number")).to_have_text("Page 1")
    head(page, "cost").press("Enter")  # as it came
    expect(page.get_by_test_id("calls-older")).to_have_text("Older")
    head(page, "model").press("Enter")
    expect(page.locator("calls-table td.c-model").first).to_have_text("model-0")
    expect(page.locator("calls-table td.c-model").nth(40)).to_have_text("model-1")


def test_the_order_is_in_the_address(many: Live, open_page: Open) -> None:
    page = open_page(f"{many.url}/#/costs?range=all&sort=cost")
    expect(page.locator("calls-table td.c-cost").first).to_have_text("$120.00")
    expect(page.locator("calls-table th.c-cost")).to_have_attribute("aria-sort", "descending")
    page.goto(f"{many.url}/#/costs?range=all&sort=nonsense&order=up")
    expect(page.locator("calls-table td.c-cost").first).to_have_text("$1.00")


def test_too_many_calls_are_not_sorted_and_that_is_said(
    many: Live, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorted_calls, "MOST_SORTED", 100)
    page = open_page(f"{many.url}/#/costs?range=all", console_must_be_empty=False)
    expect(page.locator("calls-table td.c-cost").first).to_have_text("$1.00")
    sort_first(page, "cost")
    note = page.get_by_test_id("sort-note")
    expect(note).to_contain_text("About 120 calls are selected, and at most 100 can be sorted by cost")
    expect(page.locator("calls-table th.c-cost")).to_have_attribute("aria-sort", "none")
    expect(page.locator("calls-table td.c-cost").first).to_have_text("$1.00")
    head(page, "time").press("Enter")
    head(page, "time").press("Enter")
    expect(page.locator("calls-table td.c-cost").first).to_have_text("$120.00")  # the oldest
    expect(note).not_to_be_visible()
