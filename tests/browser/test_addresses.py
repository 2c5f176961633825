"""Addresses that people mistype or make up: a parameter that no table has is as good as none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kit.live import Live
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("odd", ["__proto__", "constructor"])
def test_a_parameter_that_every_object_has_is_as_good_as_none(
    live: Live, open_page: Callable[..., Page], odd: str
) -> None:
    live.write("inbox/t1.yaml")
    live.sync()
    page = open_page(f"{live.url}/#/board?sort={odd}&group={odd}")
    expect(page.locator('task-card[data-task-id="t1"]')).to_be_visible()
    expect(page.get_by_test_id("sort")).to_have_value("newest")
    page.goto(f"{live.url}/#/board?flag={odd}")
    expect(page.locator("filter-bar")).not_to_contain_text("[object")
    expect(page.locator("filter-bar")).not_to_contain_text("native code")
    page.goto(f"{live.url}/#/costs?by={odd}&of={odd}&range={odd}&bucket={odd}")
    expect(page.locator("costs-page")).to_be_visible()
    page.goto(f"{live.url}/#/artifacts?{odd}={odd}")
    expect(page.locator("artifacts-page")).to_be_visible()
