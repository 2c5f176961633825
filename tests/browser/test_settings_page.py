"""The page of settings: values with their origin, notifications to try, the system with doctor; by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kit.axe import serious
from kit.live import Live
from playwright.sync_api import Page, expect

Open = Callable[..., Page]

NOTIFYING = """
window.told = [];
window.Notification = class { constructor(title, options) { window.told.push(title); } close() {}
  static permission = "default"; static async requestPermission() { this.permission = "granted"; return "granted"; } };
"""


def clean(page: Page) -> list[Any]:
    """What axe finds on the page."""
    return serious(page)


def test_settings_say_where_they_come_from_and_how_to_change_them(live: Live, open_page: Open) -> None:
    page = open_page(f"{live.url}/#/settings", bypass_csp=True)
    rows = page.get_by_test_id("setting")
    expect(rows.first).to_be_visible()
    expect(rows.nth(50)).to_be_attached()
    expect(page.locator('[data-setting="webhook"] .setting-value')).to_have_text("not set")
    # By keyboard alone: the filter, then what is behind a row.
    page.get_by_test_id("setting-filter").focus()
    page.keyboard.type("quiet hours")
    expect(rows).to_have_count(1)
    expect(rows.locator("details")).to_have_attribute("open", "")
    expect(rows).to_contain_text("LLM_SERVICE_QUIET_HOURS")
    expect(page).to_have_url(re.compile(r"#/settings\?q=quiet\+hours$"))
    assert clean(page) == []


def test_notifications_are_off_until_they_are_switched_on(live: Live, open_page: Open) -> None:
    page = open_page("about:blank", bypass_csp=True)
    page.add_init_script(NOTIFYING)
    page.goto(f"{live.url}/#/settings/notifications")
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")  # what comes now are events
    toggle = page.get_by_test_id("notify-toggle")
    expect(toggle).to_have_text("Desktop notifications: off")
    expect(page.get_by_test_id("try-desktop")).to_be_disabled()
    toggle.press("Enter")
    expect(toggle).to_have_text("Desktop notifications: on")
    expect(page.get_by_test_id("try-desktop")).to_be_enabled()
    page.wait_for_function("window.told.length === 1")
    page.get_by_test_id("try-desktop").press("Enter")
    page.wait_for_function("window.told.length === 2")
    # What is done is announced where that was chosen, and not in the quiet hours.
    page.get_by_role("checkbox", name=re.compile("^Done")).press("Space")
    live.write("done/ada/first.yaml", title="First of all")
    live.sync()
    page.wait_for_function("window.told.includes('Done: First of all')")
    page.get_by_test_id("quiet-from").fill("00:00")
    page.get_by_test_id("quiet-to").fill("23:59")
    page.wait_for_function("localStorage.getItem('llm-service.notify-quiet') === '00:00-23:59'")
    assert clean(page) == []


def test_a_browser_that_refuses_notifications_is_named_as_the_reason(live: Live, open_page: Open) -> None:
    page = open_page("about:blank")
    page.add_init_script(NOTIFYING.replace('"default"', '"denied"'))
    page.goto(f"{live.url}/#/settings/notifications")
    expect(page.get_by_test_id("notify-toggle")).to_be_disabled()
    expect(page.get_by_test_id("no-notifications")).to_contain_text("This browser is set not to show notifications")


def test_the_system_says_how_it_is_and_doctor_examines_it(live: Live, open_page: Open) -> None:
    page = open_page(f"{live.url}/#/settings/system", bypass_csp=True)
    expect(page.get_by_test_id("system-status")).to_have_text("Everything works")
    expect(page.get_by_test_id("watcher").first).to_contain_text("work/collaboration")
    missing = page.locator('[data-testid="watcher"][data-mode="missing"]').first
    expect(missing.locator("td")).to_have_text(["not there", "—", "—"])  # nothing was measured there
    expect(page.get_by_test_id("stores")).to_contain_text(" in 1 file ")
    page.get_by_test_id("run-doctor").press("Enter")
    expect(page.get_by_test_id("findings").locator("li").first).to_contain_text("Did the script generate files?")
    assert clean(page) == []
    page.get_by_role("tab", name="System").press("ArrowRight")
    expect(page).to_have_url(re.compile("#/settings/about$"))
    expect(page.get_by_test_id("library").first).to_be_visible()
    expect(page.get_by_test_id("page-libraries")).to_contain_text("marked")
    assert clean(page) == []
