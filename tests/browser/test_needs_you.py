"""What waits for the user, in the page: the sentence, the list, decisions by a click, the count, notifications."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kit.axe import serious
from kit.hook_payloads import asked, bash, claude, codex
from kit.hook_reports import report
from kit.live import Live
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
NEED = "need"

NOTIFYING = """
window.told = [];
window.Notification = class { constructor(title, options) { window.told.push([title, options.body]); } close() {}
  static permission = "default"; static async requestPermission() { this.permission = "granted"; return "granted"; } };
"""


def opened(live: Live, open_page: Open, **options: Any) -> Page:
    """The page."""
    page = open_page(f"{live.url}/#/needs-you", **options)
    expect(page.get_by_test_id("source")).to_have_count(5)
    return page


def summary(page: Page) -> Locator:
    """The sentence."""
    return page.get_by_test_id("needs-summary")


def asks(workspace: Path, session: str = "s1", command: str = "git push -f") -> None:
    """A session asks for a permission."""
    begun = claude("PreToolUse", **bash("t1", command)), claude("PermissionRequest", **asked(command))
    report(workspace, *(payload | {"session_id": session} for payload in begun))


def goes_on(workspace: Path, session: str = "s1") -> None:
    """It got the permission."""
    report(workspace, claude("PostToolUse", **bash("t1"), tool_response={}) | {"session_id": session})


def test_without_a_source_it_says_that_it_cannot_tell(live: Live, workspace: Path, open_page: Open) -> None:
    page = opened(live, open_page)
    expect(summary(page)).to_have_text("Cannot tell: no source is on")
    expect(page.get_by_test_id("cannot-tell")).to_contain_text("No source tells what agents do")
    expect(page.get_by_test_id("install-claude")).to_contain_text("llm-service hooks install --client claude-code")
    report(workspace, claude("UserPromptSubmit"), codex("UserPromptSubmit") | {"session_id": "s2"})
    expect(summary(page)).to_have_text("Nothing is known to need you, 2 agents working")
    expect(page.get_by_test_id("nothing-needs-you")).to_contain_text("2 agents are working.")


def test_the_list_follows_what_agents_report(live: Live, workspace: Path, open_page: Open) -> None:
    page = opened(live, open_page)
    asks(workspace)
    card = page.get_by_test_id(NEED)
    expect(card).to_have_count(1)
    expect(card).to_contain_text("Claude Code asks to use Bash")
    expect(card.locator(".need-text")).to_have_text("git push …")
    expect(card).to_contain_text("Confirmed")
    expect(card).to_contain_text("Rests on: the hook PermissionRequest said so.")
    expect(summary(page)).to_have_text("1 thing needs you, 0 agents working")
    report(workspace, claude("PreToolUse", **bash("t2", "ls")) | {"session_id": "s1"})
    expect(card).to_contain_text("Derived")
    expect(card.get_by_role("link", name="Calls of this session")).to_have_attribute(
        "href", "#/costs?range=all&session=s1&show=calls"
    )
    goes_on(workspace)
    expect(card).to_have_count(0)
    expect(summary(page)).to_have_text("Nothing is known to need you, 1 agent working")


def test_links_lead_to_the_place(live: Live, open_page: Open) -> None:
    (live.root / "inbox/bad.yaml").write_text("id: [")
    page = opened(live, open_page)
    expect(page.get_by_test_id(NEED)).to_contain_text("inbox/bad.yaml cannot be read as a task")
    page.get_by_role("link", name="The task").click()
    expect(page.get_by_test_id("detail")).to_be_visible()


def test_decisions_by_a_click_and_by_the_keyboard(live: Live, workspace: Path, open_page: Open) -> None:
    for session in ("s1", "s2", "s3"):
        asks(workspace, session, f"make {session}")
    page = opened(live, open_page)
    expect(page.get_by_test_id(NEED)).to_have_count(3)
    page.get_by_role("button", name=re.compile("^Done: ")).first.press("Enter")
    expect(page.get_by_test_id(NEED)).to_have_count(2)
    page.wait_for_function("() => document.activeElement.classList.contains('done')")  # of the next one
    page.get_by_role("button", name=re.compile("^Snooze 1 hour: ")).first.click()
    expect(page.get_by_test_id(NEED)).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Done: ")).first.click()
    expect(page.get_by_test_id("nothing-needs-you")).to_be_visible()
    hidden = page.get_by_test_id("show-hidden")
    expect(hidden).to_have_text("3 snoozed or done")
    hidden.click()
    expect(page.get_by_test_id(NEED)).to_have_count(3)
    expect(page.locator(".need-decided").nth(1)).to_contain_text("snoozed until")
    page.get_by_role("button", name=re.compile("^Show again: ")).first.click()
    hidden.click()
    expect(page.get_by_test_id(NEED)).to_have_count(1)
    expect(hidden).to_have_text("2 snoozed or done")
    page.reload()  # it was stored
    expect(page.get_by_test_id(NEED)).to_have_count(1)


def test_the_count_is_in_the_top_bar_the_title_and_the_icon(live: Live, workspace: Path, open_page: Open) -> None:
    page = open_page(live.url)
    mark = page.get_by_test_id("nav-needs-you").locator(".nav-mark")
    icon = page.locator('link[rel="icon"]')
    expect(mark).to_be_hidden()
    title = re.compile(r"^(?!\()")
    expect(page).to_have_title(title)
    asks(workspace, "s1")
    asks(workspace, "s2")
    expect(mark).to_have_text("22 things need you")  # the number, and what is read out
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    expect(icon).to_have_attribute("href", re.compile("^data:image/svg.xml,.*%3E2%3C%2Ftext"))
    is_drawn = "(icon) => { const image = new Image(); image.src = icon.href; return image.decode().then(() => true); }"
    assert icon.evaluate(is_drawn)
    for number in range(3, 11):
        asks(workspace, f"s{number}")
    expect(icon).to_have_attribute("href", re.compile("%3E9%2B%3C%2Ftext"))
    for session in [f"s{number}" for number in range(1, 11)]:
        goes_on(workspace, session)
    expect(mark).to_be_hidden()
    expect(page).to_have_title(title)
    expect(icon).to_have_attribute("href", re.compile("favicon.svg$"))


def test_the_desktop_is_notified_only_when_that_was_switched_on(live: Live, workspace: Path, open_page: Open) -> None:
    asks(workspace, "before")
    page = open_page("about:blank")
    page.add_init_script(NOTIFYING)
    page.goto(f"{live.url}/#/needs-you")
    expect(page.get_by_test_id(NEED)).to_have_count(1)
    asks(workspace, "s1")
    expect(page.get_by_test_id(NEED)).to_have_count(2)
    assert page.evaluate("told") == []
    button = page.get_by_test_id("notify-needs")
    expect(button).to_have_text("Desktop notifications: off")
    button.click()
    expect(button).to_have_text("Desktop notifications: on")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => told.length === 1")
    assert page.evaluate("told[0][0]") == "Notifications are on"  # one to try
    page.get_by_test_id("nav-board").click()  # also while another page is open
    asks(workspace, "s2")
    page.wait_for_function("() => told.length === 2")
    assert page.evaluate("told[1]") == ["Claude Code asks to use Bash", "git push …"]


def test_texts_of_agents_are_shown_as_text(live: Live, workspace: Path, open_page: Open) -> None:
    evil = {
        "tool_name": "AskUserQuestion",
        "tool_input": {"questions": [{"question": "<img src=x onerror=alert(1)> \u202eok?"}]},
    }
    report(workspace, claude("PreToolUse", **evil, tool_use_id="t"))
    page = opened(live, open_page)
    text = page.locator(".need-text")
    expect(text).to_contain_text("<img src=x onerror=alert(1)>")
    expect(text.locator("img")).to_have_count(0)
    expect(text.locator(".hidden-character")).to_have_count(1)


def test_what_cannot_be_stored_is_said(live: Live, workspace: Path, open_page: Open) -> None:
    asks(workspace)
    page = opened(live, open_page, console_must_be_empty=False)
    page.route("**/api/needs-you/*/done", lambda route: route.abort())
    page.get_by_role("button", name=re.compile("^Done: ")).click()
    expect(page.get_by_test_id("toast")).to_contain_text("That could not be stored")
    expect(page.get_by_role("button", name=re.compile("^Done: "))).to_be_enabled()


def test_opened_while_the_service_is_down_it_says_so_and_fills_itself(
    live: Live, workspace: Path, open_page: Open
) -> None:
    asks(workspace)
    page = open_page("about:blank", console_must_be_empty=False)
    page.route("**/api/needs-you?*", lambda route: route.abort())
    page.goto(f"{live.url}/#/needs-you")
    expect(page.get_by_test_id("needs-failed")).to_contain_text("The service cannot be reached.")
    page.unroute("**/api/needs-you?*")
    live.dashboard.site.clients.disconnect_all()
    expect(page.get_by_test_id(NEED)).to_have_count(1)


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_it_is_accessible_and_nothing_is_cut_off(live: Live, workspace: Path, open_page: Open, width: int) -> None:
    asks(workspace, "s1", "make " + "very-long-" * 30)
    report(workspace, claude("Stop", last_assistant_message="word" * 80 + ". Shall I?") | {"session_id": "s2"})
    report(workspace, claude("PermissionRequest", **asked()) | {"session_id": "s3"}, ago_s=200_000)
    (live.root / "inbox/bad.yaml").write_text("id: [")
    page = opened(live, open_page, viewport={"width": width, "height": 800}, bypass_csp=True)
    expect(page.get_by_test_id(NEED)).to_have_count(4)
    page.get_by_role("button", name=re.compile("^Done: ")).first.click()
    page.get_by_test_id("show-hidden").click()
    expect(page.get_by_test_id(NEED)).to_have_count(4)
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    assert serious(page) == []
