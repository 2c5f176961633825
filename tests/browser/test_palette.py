"""The palette and the shortcuts: found, marked, opened and done by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from kit.axe import serious
from kit.live import Live, eventually
from kit.request_gate import RequestGate
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]


def opened(page: Page) -> Locator:
    """The palette, opened by its keys."""
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    page.keyboard.press("Control+k")
    palette = page.get_by_test_id("palette")
    expect(palette).to_be_visible()
    return palette


def hits(page: Page, kind: str) -> Locator:
    """The hits of a kind."""
    return page.locator(f'[data-testid="palette-hit"][data-kind="{kind}"]')


def test_everything_is_found_and_opened_without_a_mouse(live: Live, workspace: Path, open_page: Open) -> None:
    live.write("assigned/ada/t-1.yaml", title="Build the crawler", status="failed", description="Mind the robots.")
    live.write("inbox/t-2.yaml", title="Something else", status="blocked")
    file = workspace / "generated_projects/quay/crawler-notes.md"
    file.parent.mkdir(parents=True)
    file.write_text("# notes\n")
    live.sync()
    eventually(lambda: live.json("/api/artifacts?q=crawler")["artifacts"])
    page = open_page(live.url, bypass_csp=True)
    opened(page)
    expect(hits(page, "pages").first).to_be_visible()
    page.keyboard.type("crawl")
    expect(hits(page, "tasks")).to_have_count(1)
    expect(hits(page, "tasks").locator("mark").first).to_have_text("crawl")
    expect(hits(page, "files")).to_have_count(1)
    expect(hits(page, "tasks")).to_have_attribute("aria-selected", "true")
    assert serious(page) == []
    # Down to the file, over its end and back, and there.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(hits(page, "files")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"#/artifacts/quay\?path=crawler-notes\.md$"))
    # What is in the text of a task only is found by the service.
    opened(page)
    page.keyboard.type("robots")
    expect(hits(page, "tasks")).to_have_count(1)
    expect(hits(page, "tasks").locator("mark")).to_have_text("robots")
    page.keyboard.press("Control+a")
    page.keyboard.type("status:failed,blocked -crawler")
    expect(hits(page, "tasks")).to_have_count(1)
    expect(hits(page, "tasks")).to_contain_text("Something else")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("detail")).to_contain_text("Something else")
    page.keyboard.press("Escape")
    # A setting, and something that is done.
    opened(page)
    page.keyboard.type("quiet_hours")
    expect(hits(page, "settings")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#/settings"))
    before = page.locator("html").get_attribute("data-theme") or ""
    opened(page)
    page.keyboard.type("change the theme")
    expect(hits(page, "actions")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("palette")).to_be_hidden()
    expect(page.locator("html")).not_to_have_attribute("data-theme", before)
    # What nothing has, and the way back to where one was.
    page.get_by_test_id("setting-filter").focus()
    opened(page)
    page.keyboard.type("nothing-has-this-word")
    expect(page.locator(".palette-state")).to_have_text("Nothing has these words")
    page.keyboard.press("Control+a")
    page.keyboard.type("kind:artifact crawler")
    expect(page.locator(".palette-state")).to_contain_text("There is no kind “artifact”, but tasks, files, plans")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("palette")).to_be_hidden()
    expect(page.get_by_test_id("setting-filter")).to_be_focused()


def test_hostile_texts_are_only_text(live: Live, open_page: Open) -> None:
    live.write("inbox/x.yaml", title='"<img src=x onerror=alert(1)> palette \\u202e"')
    live.sync()
    page = open_page(live.url)
    opened(page)
    page.keyboard.type("palette img")
    expect(hits(page, "tasks")).to_have_count(1)
    expect(hits(page, "tasks").locator("img")).to_have_count(0)
    expect(hits(page, "tasks").locator(".hidden-character")).to_have_count(1)


def test_it_fits_a_phone_and_has_a_button(live: Live, open_page: Open) -> None:
    page = open_page(live.url, viewport={"width": 390, "height": 844}, bypass_csp=True)
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    assert eventually(lambda: page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0)
    page.get_by_test_id("palette-button").click()
    expect(page.get_by_test_id("palette")).to_be_visible()
    assert eventually(lambda: page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0)
    assert serious(page) == []
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_test_id("palette")).to_be_hidden()


def test_on_a_phone_the_word_that_was_found_is_in_sight(live: Live, open_page: Open) -> None:
    live.write(
        "inbox/tide.yaml", title="A title of its own", description=f'"{"before " * 30} springtide {"after " * 30}"'
    )
    live.sync()
    page = open_page(live.url, viewport={"width": 390, "height": 844})
    palette = opened(page)
    page.keyboard.type("springtide")
    mark = palette.locator(".hit-text mark")
    expect(mark).to_have_text("springtide")
    box, text = mark.bounding_box(), palette.locator(".hit-text").bounding_box()
    assert box and text
    assert text["x"] <= box["x"] < box["x"] + box["width"] <= text["x"] + text["width"]
    assert box["y"] + box["height"] <= text["y"] + text["height"] + 1


def test_a_word_to_leave_out_finds_nothing_by_itself(live: Live, open_page: Open) -> None:
    page = open_page(live.url)
    state = opened(page).locator(".palette-state")
    page.keyboard.type("-berth")
    expect(state).to_have_text("Add what to find: a “-word” only leaves things out")
    page.get_by_test_id("palette-field").fill("")
    expect(state).to_have_text("")


def test_shortcuts_of_a_single_letter_can_be_switched_off(live: Live, open_page: Open) -> None:
    page = open_page(live.url, bypass_csp=True)
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("#/costs"))
    page.keyboard.press("?")
    help_dialog = page.get_by_test_id("help")
    # Written from the table that binds the keys.
    expect(help_dialog).to_contain_text("Find anything, go anywhere, do anything")
    expect(help_dialog).to_contain_text("In a log: the next error")
    assert serious(page) == []
    page.get_by_test_id("single-keys").press("Space")
    page.keyboard.press("Escape")
    expect(help_dialog).to_be_hidden()
    page.keyboard.press("b")
    page.keyboard.press("t")
    opened(page)  # this key still works, and so the others had their time
    expect(page).to_have_url(re.compile("#/costs"))
    page.keyboard.press("Escape")
    page.reload()
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    page.keyboard.press("b")
    opened(page)
    page.keyboard.type("keyboard shortcuts")
    expect(hits(page, "actions")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(help_dialog).to_be_visible()
    page.get_by_test_id("single-keys").press("Space")
    page.keyboard.press("Escape")
    expect(help_dialog).to_be_hidden()
    page.keyboard.press("b")
    expect(page).to_have_url(re.compile("#/board"))


def test_what_is_typed_before_the_palette_is_there_is_typed_into_it(live: Live, open_page: Open) -> None:
    live.write("inbox/t-1.yaml", title="Build the crawler")
    live.sync()
    page = open_page("about:blank")
    gate = RequestGate(page, "/palette.js")
    gate.close()
    page.goto(f"{live.url}/#/board")
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    theme = page.locator("html").get_attribute("data-theme")
    page.keyboard.press("Control+k")
    page.keyboard.type("t-1 crawz")  # `t` is the theme, `c` the costs
    page.keyboard.press("Backspace")
    assert page.locator("html").get_attribute("data-theme") == theme
    gate.open()
    expect(page.get_by_test_id("palette").locator("input")).to_have_value("t-1 craw")
    expect(hits(page, "tasks")).to_have_count(1)
    expect(page).to_have_url(re.compile("#/board"))
