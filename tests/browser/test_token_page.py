"""The page that asks for the token, as a person meets it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from kit.live import Live, eventually
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
TOKEN = "correct-horse-battery"


def test_a_wrong_token_is_said_does_not_stay_in_the_address_and_the_right_one_opens(
    start: Callable[..., Live], open_page: Open
) -> None:
    live = start(token=TOKEN)
    live.write("inbox/t1.yaml", title="Find the leak")
    page = open_page(f"{live.url}/?token=wrong-one", console_must_be_empty=False)
    expect(page.get_by_role("alert")).to_have_text("That is not the token of this dashboard.")
    expect(page).not_to_have_url(re.compile("wrong-one"))
    page.get_by_label("Token").fill("another-wrong-one")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the token of this dashboard.")
    expect(page).not_to_have_url(re.compile("another"))
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Open").click()
    page.get_by_test_id("nav-board").click()
    expect(page.locator("task-card")).to_contain_text("Find the leak")
    expect(page).not_to_have_url(re.compile(f"{re.escape(TOKEN)}|token="))


@pytest.mark.parametrize("width", [320, 1440])
def test_it_is_styled_in_both_themes_and_fits(start: Callable[..., Live], open_page: Open, width: int) -> None:
    live = start(token=TOKEN)
    colours = set()
    for scheme in ("light", "dark"):
        page = open_page(
            live.url, console_must_be_empty=False, viewport={"width": width, "height": 700}, color_scheme=scheme
        )
        expect(page.get_by_label("Token")).to_be_focused()
        button = page.get_by_role("button", name="Open")
        expect(button).to_have_css("color", "rgb(255, 255, 255)")
        colours.add(page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor"))
        assert eventually(lambda page=page: page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
    assert len(colours) == 2
