"""Every page and its parts, in one table: what axe finds, what is wider than the window, what jumps while it comes, and
what cannot be seen with forced colours or on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit import axe
from kit.at_rest import what_stays
from kit.every_page import House, Place
from kit.paper import lost_on_paper, lost_shapes
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
WIDTHS = (320, 390, 1440, 2560)
MOST_SHIFT = 0.01
SHIFTS = """window.shifts = []; new PerformanceObserver((list) => {
  for (const { hadRecentInput, value, sources } of list.getEntries()) if (!hadRecentInput)
    window.shifts.push([value, sources.map(({ node }) => node?.outerHTML?.slice(0, 99) ?? node?.nodeValue)]);
}).observe({ type: "layout-shift", buffered: true });"""
# What makes the document, or a page in it, wider than the window. Boxes of their own may scroll.
WIDER = """() => {
  const pages = [document.documentElement, ...document.querySelectorAll(".page:not([hidden]), dialog[open]")];
  const wide = pages.filter((one) => one.scrollWidth > one.clientWidth + 1);
  if (wide.length === 0) return [];
  const right = (one) => one.getBoundingClientRect().right;
  const scrolls = (one, root) => { // within a box of its own
    for (let box = one.offsetParent ?? one.parentElement; box && box !== root; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return true;
    return false;
  };
  const inside = [...wide[0].querySelectorAll("*")];
  return [wide.map((one) => `${one.tagName} ${one.scrollWidth} > ${one.clientWidth}`), inside
    .filter((one) => right(one) > right(wide[0]) + 1 && !scrolls(one, wide[0]))
    .slice(0, 4).map((one) => one.outerHTML.slice(0, 140))];
}"""
SIZE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def house(workspace: Path) -> Iterator[House]:
    """It, until the test has ended."""
    made = House(workspace)
    yield made
    made.stop()


def shown(page: Page, place: Place) -> None:
    """Wait until it is there."""
    expect(page.locator(place.there).locator("visible=true").first).to_be_visible()
    if place.keys:
        page.keyboard.press(place.keys)
        expect(page.locator(place.after)).to_be_visible()


def shifts_of(page: Page, address: str, place: Place, size: Any) -> list[Any]:
    """What jumps when the page is loaded, each time: once, agents or tasks may really change their order meanwhile."""
    shifts: list[Any] = []
    page.set_viewport_size(size)
    for _ in range(3):
        page.goto("about:blank")
        page.goto(address)
        shown(page, place)
        page.wait_for_load_state("networkidle")
        shifts = page.evaluate("window.shifts")
        if sum(value for value, _ in shifts) <= MOST_SHIFT:
            return []
    return shifts


@pytest.mark.timeout(600)
def test_every_page_is_accessible_fits_does_not_jump_and_hides_nothing(house: House, open_page: Open) -> None:
    page = open_page("about:blank", bypass_csp=True, reduced_motion="reduce", viewport=SIZE, may_miss=True)
    page.add_init_script(SHIFTS)
    faults: list[tuple[object, ...]] = []
    loaded = ""
    for place in house.places:
        name = place.address.partition("/")[0].partition("?")[0]
        # From nothing, as who comes by a link: each page in a wide window, and whatever has an address on a phone.
        sizes = [PHONE] if "?" not in place.address and not place.keys else []
        for size in [*sizes, *([SIZE] if name != loaded else [])]:
            if shifts := shifts_of(page, house.at(place), place, size):
                faults.append((place.name, size["width"], "jumps", shifts))
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
        if name == loaded and not sizes:
            page.evaluate("address => { location.hash = address }", f"/{place.address}")
            shown(page, place)
        loaded = name
        # The parts of a page have its colours: one look at them in all themes is enough.
        faults += [(place.name, *finding) for finding in axe.findings(page, is_light_only=place.name != name)]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            faults += [(place.name, width, *wide) for wide in [what_stays(lambda: page.evaluate(WIDER))] if wide]
        faults += [(place.name, "lost with forced colours", each) for each in lost_shapes(page)]
        if place.keys:  # what is over a page is not for paper
            page.keyboard.press("Escape")
        else:
            faults += [(place.name, "lost on paper", each) for each in lost_on_paper(page, place.there)]
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
    assert faults == [], "\n".join(map(str, faults))
