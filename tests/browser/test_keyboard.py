"""Every page by the keyboard alone: reached by its key, each control reached by Tab and seen to have the focus, and
what is done on it. The mouse is never touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.every_page import PROJECT, House
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
MOST_STOPS = 160
KEYS = {
    "now": "o", "board": "b", "needs-you": "y", "sessions": "s", "jobs": "j", "pipelines": "i", "plans": "l",
    "costs": "c", "artifacts": "f", "mcp": "m", "settings": ",",
}  # fmt: skip

WALK = """
window.stops = [];
// Says where the focus is: a number for each element, whether that can be seen, and how the element begins.
window.stop = () => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  let at = window.stops.indexOf(one);
  const isKnown = at >= 0;
  if (!isKnown) at = window.stops.push(one) - 1;
  const ringed = (element, pseudo) => { const { outlineStyle, outlineWidth } = getComputedStyle(element, pseudo);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0; };
  const around = [one, one.parentElement, one.parentElement?.parentElement].filter(Boolean);
  const isSeen = around.some((element) => ringed(element)) || ringed(one, "::after");
  return { at, isKnown, isSeen, text: one.outerHTML.slice(0, 150) };
};
// What Tab should have come to and did not; and what comes before what stands before it.
window.missed = () => {
  const all = [...document.querySelectorAll("a[href], button, input:not([type=radio]), select, summary, [tabindex]")];
  const wanted = all.filter((one) => one.tabIndex >= 0 && !one.disabled && !one.closest("[inert]")
    && one.checkVisibility({ visibilityProperty: true }));
  return wanted.filter((one) => !window.stops.includes(one)).map((one) => one.outerHTML.slice(0, 150));
};
window.disordered = () => {
  const inPage = window.stops.filter((one) => one.isConnected && one.closest(".page"));
  const isBefore = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING;
  return inPage.filter((one, at) => at > 0 && isBefore(inPage[at - 1], one))
    .map((one) => one.outerHTML.slice(0, 150));
};
"""


@pytest.fixture
def house(workspace: Path) -> Iterator[House]:
    """It, until the test has ended."""
    made = House(workspace)
    yield made
    made.stop()


def begun(house: House, open_page: Open, **options: Any) -> Page:
    """The first page, in sync."""
    page = open_page("about:blank", may_miss=True, reduced_motion="reduce", **options)
    page.add_init_script(WALK)
    page.goto(f"{house.live.url}/")
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    return page


def focus_is(page: Page, selector: str) -> bool:
    """Whether the focus is on an element of that kind."""
    return bool(page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector))


def has_focus(page: Page, selector: str) -> None:
    """Wait until the focus is on an element of that kind."""
    page.wait_for_function("selector => document.activeElement?.matches(selector) ?? false", arg=selector)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on such an element, once there is one."""
    expect(page.locator(selector).locator("visible=true").first).to_be_visible()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if focus_is(page, selector):
            return
    raise AssertionError(f"Tab does not come to {selector}")


def walk(page: Page, name: str) -> list[tuple[str, str, str]]:
    """What is wrong with the stops of Tab, from the first to the last."""
    faults: list[tuple[str, str, str]] = []
    page.evaluate("() => { window.stops = [document.querySelector('.brand')]; window.stops[0].focus(); }")
    last = 0
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate("window.stop()")
        if stop is None or (stop["isKnown"] and stop["at"] != last):  # a date has several stops
            break
        last = stop["at"]
        if not stop["isKnown"] and not stop["isSeen"]:
            faults.append((name, "not seen", stop["text"]))
    else:
        faults.append((name, "no end", ""))
    faults += [(name, "missed", one) for one in page.evaluate("window.missed()")]
    faults += [(name, "out of order", one) for one in page.evaluate("window.disordered()")]
    page.evaluate("() => document.activeElement?.blur()")
    return faults


@pytest.mark.timeout(600)
def test_tab_comes_to_every_control_in_order_and_is_seen(house: House, open_page: Open) -> None:
    page = begun(house, open_page)
    page.keyboard.press("a")  # the feed changes all the time
    expect(page.get_by_test_id("activity")).to_be_hidden()
    faults = []
    for place in house.places:
        if place.name not in KEYS and place.name not in ("session", "job", "pipeline", "plan", "artifacts-document"):
            continue
        if place.name in KEYS:
            page.keyboard.press(KEYS[place.name])
        else:
            page.evaluate("address => { location.hash = address }", f"/{place.address}")
        expect(page.locator(place.there).locator("visible=true").first).to_be_visible()
        if place.name == "settings":
            page.keyboard.press("/")
            page.keyboard.type("quiet")
            expect(page.get_by_test_id("setting")).to_have_count(1)
        # What comes while one walks was passed already: then it is there the next time.
        found = walk(page, place.name)
        for _ in range(2):
            found = found and walk(page, place.name)
        faults += found
        page.keyboard.press("Escape")
    assert faults == [], "\n".join(map(str, faults))


@pytest.mark.timeout(600)
def test_what_is_done_on_each_page_is_done_by_keys(house: House, open_page: Open) -> None:
    page = begun(house, open_page)
    press = page.keyboard.press
    # Now: an agent of the list, and what it is at.
    tab_to(page, "agent-list tbody tr:first-child a")
    press("ArrowDown")
    has_focus(page, "agent-list tbody tr:nth-child(2)")
    # The board: a card, the next one, back to where the focus was.
    press("b")
    expect(page.locator("task-card").first).to_be_visible()
    press("ArrowDown")
    expect(page.locator("task-card:focus, task-card :focus")).to_have_count(1)
    press("Enter")
    expect(page.get_by_test_id("detail")).to_be_visible()
    press("Escape")
    expect(page.get_by_test_id("detail")).to_be_hidden()
    expect(page.locator("task-card:focus, task-card :focus")).to_have_count(1)
    # Needs you: one is done, and the focus goes on to the next.
    press("y")
    needs = page.get_by_test_id("need")
    expect(needs).to_have_count(3)
    tab_to(page, ".need-actions .done")
    press("Enter")
    expect(needs).to_have_count(2)
    has_focus(page, ".need-actions .done, .needs-summary")
    # Sessions: one is opened, searched, and left.
    press("s")
    expect(page.get_by_test_id("session-row").first).to_be_visible()
    tab_to(page, '[data-testid="session-row"] a')
    press("Enter")
    expect(page.get_by_test_id("turn").first).to_be_visible()
    press("/")
    has_focus(page, "session-transcript input")
    press("Escape")
    tab_to(page, ".crumbs a")
    press("Enter")
    expect(page.get_by_test_id("session-row").first).to_be_visible()
    # Jobs: one is opened, another tab of it by an arrow.
    press("j")
    tab_to(page, '[data-testid="job"] a')
    press("Enter")
    expect(page.locator(".job-title h2")).to_have_text("Show the berths")
    tab_to(page, "job-detail [role=tab]")
    press("ArrowRight")
    expect(page.get_by_role("tab", name="Agent", exact=True)).to_be_focused()
    expect(page.get_by_role("tab", name="Agent", exact=True)).to_have_attribute("aria-selected", "true")
    # Pipelines: the first, and one level up.
    press("i")
    expect(page.get_by_test_id("pipeline").first).to_be_visible()
    press("ArrowDown")
    press("Enter")
    expect(page.get_by_test_id("step").first).to_be_visible()
    tab_to(page, '[data-testid="pipeline-job"] a')
    press("Enter")
    expect(page.get_by_test_id("log-entries")).to_be_visible()
    press("u")
    expect(page.get_by_test_id("step").first).to_be_visible()
    # Plans: one is opened, its graph by an arrow.
    press("l")
    tab_to(page, '[data-testid="plan-row"] a')
    press("Enter")
    expect(page.get_by_test_id("plan-title")).to_have_text("Tide import")
    tab_to(page, "plan-detail [role=tab]")
    press("ArrowRight")
    expect(page.get_by_test_id("graph-node").first).to_be_visible()
    # Artifacts: a project, its files by arrows, a file, back to the tree.
    press("f")
    tab_to(page, f'artifacts-page a[href*="{PROJECT}"]')
    press("Enter")
    expect(page.get_by_role("treeitem").last).to_contain_text(".txt")
    tab_to(page, "[role=treeitem]")
    press("End")
    expect(page.get_by_role("treeitem").last).to_be_focused()
    press("Enter")
    expect(page.locator("artifact-viewer h2")).to_be_visible()
    # Settings: another tab by an arrow; the palette leads on, help comes and goes.
    press(",")
    expect(page.get_by_test_id("setting").first).to_be_visible()
    press("/")
    page.keyboard.press("Shift+Tab")
    has_focus(page, "settings-page [role=tab]")
    press("ArrowRight")
    expect(page.get_by_test_id("notify-toggle")).to_be_visible()
    press("Control+k")
    page.keyboard.type("mcp")
    expect(page.locator("dialog.palette [aria-selected=true]")).to_contain_text("MCP")
    press("Enter")
    expect(page.get_by_test_id("mcp-endpoint")).to_be_visible()
    press("?")
    expect(page.get_by_test_id("help")).to_be_visible()
    press("Escape")
    expect(page.get_by_test_id("help")).to_be_hidden()
