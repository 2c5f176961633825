"""Titles in Arabic, Hebrew and Japanese: each in its own direction, within its place, and no glyph cut off.

Glyphs need fonts, which a machine may lack: what is tested are boxes, directions and the measures of the text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kit.at_rest import what_stays
from kit.live import Live, eventually
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
TITLES = {
    "arabic": ("rtl", "تقرير عن حالة المرفأ (الرصيف 4, شمال)"),
    "hebrew": ("rtl", "דוח על מצב הנמל (רציף 4, צפון)"),
    "japanese": ("ltr", "港の看板：岸壁ごとの到着、出港、空き"),
    "mixed": ("rtl", "إصلاح parse_berths() في src/berths.py"),
}
# Where a title is, whether anything of it is outside of that place, and whether a line is high enough for its glyphs.
MEASURE = """element => {
  const { direction, font, lineHeight, fontSize } = getComputedStyle(element);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const { actualBoundingBoxAscent: up, actualBoundingBoxDescent: down } = pen.measureText(element.textContent);
  const range = document.createRange();
  range.selectNodeContents(element);
  const box = element.getBoundingClientRect();
  const words = [...range.getClientRects()].filter(({ width }) => width > 0);
  const isOutside = words.some(({ left, right }) => left < box.left - 1 || right > box.right + 1);
  const isCut = up + down > (parseFloat(lineHeight) || 1.2 * parseFloat(fontSize));
  // Of the first line, in which a run of each direction is a box of its own.
  const line = words.filter(({ top }) => Math.abs(top - words[0].top) < 4);
  const [from, to] = [Math.min(...line.map(({ left }) => left)), Math.max(...line.map(({ right }) => right))];
  const begins = box.right - to < from - box.left ? "right" : "left";
  return { direction, isOutside, isCut, begins: to - from < box.width - 12 ? begins : null };
}"""


@pytest.fixture
def many_scripts(live: Live) -> Live:
    """A task for each title, once as it is and once too long for its place."""
    for name, (_, title) in TITLES.items():
        live.write(f"inbox/{name}.yaml", id=name, title=f'"{title}"')
        live.write(f"inbox/{name}-long.yaml", id=f"{name}-long", title=f'"{" ".join([title] * 5)}"')
    live.sync()
    return live


def faults_of(page: Page, place: str, title: Any, name: str, direction: str) -> list[tuple[object, ...]]:
    """What is wrong with a title in a place."""
    expect(title).to_be_visible()

    def look() -> list[tuple[object, ...]]:
        found = title.evaluate(MEASURE)
        wrong = [each for each in ("isOutside", "isCut") if found[each]]
        if found["direction"] != direction:
            wrong.append(found["direction"])
        if found["begins"] not in (None, "right" if direction == "rtl" else "left"):
            wrong.append(f"begins {found['begins']}")
        return [(place, name, *wrong, found)] if wrong else []

    return what_stays(look)


@pytest.mark.parametrize("width", [390, 1440])
def test_titles_have_the_direction_and_the_room_of_their_script(
    many_scripts: Live, open_page: Open, width: int
) -> None:
    page = open_page(many_scripts.url, viewport={"width": width, "height": 1200}, reduced_motion="reduce")
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    faults: list[tuple[object, ...]] = []
    for script, (direction, _) in TITLES.items():
        for name in (script, f"{script}-long"):
            card = page.locator(f'task-card[data-task-id="{name}"]')
            card.scroll_into_view_if_needed()
            faults += faults_of(page, "card", card.locator(".card-title"), name, direction)
            page.evaluate("address => { location.hash = address }", f"/tasks/{name}")
            expect(page.locator(".detail-names")).to_contain_text(name)
            faults += faults_of(page, "task", page.locator(".detail-title"), name, direction)
            page.evaluate("location.hash = '/board'")
            expect(page.locator("task-detail dialog")).not_to_be_visible()
    assert eventually(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
    assert faults == [], "\n".join(map(str, faults))


def test_bars_and_bullets_are_where_the_words_begin(live: Live, open_page: Open) -> None:
    arabic, english = TITLES["arabic"][1], "Count the berths"
    text = "".join(f"  > {words}\n\n  - {words}\n\n  <!-- -->\n\n  - [ ] {words}\n\n" for words in (arabic, english))
    live.write("inbox/prose.yaml", id="prose", description=f"|\n{text}")
    live.sync()
    page = open_page(f"{live.url}/#/tasks/prose")
    prose = page.locator("task-detail .prose")
    expect(prose.locator("blockquote")).to_have_count(2)
    for kind in ("blockquote", "ul"):
        for words, direction in ((arabic, "rtl"), (english, "ltr")):
            for one in prose.locator(kind).filter(has_text=words).all():
                expect(one).to_have_css("direction", direction)
    expect(prose.locator("blockquote").first).to_have_css("border-right-width", "3px")
    expect(prose.locator("blockquote").last).to_have_css("border-left-width", "3px")
    assert prose.locator("li").evaluate_all("all => all.map((one) => getComputedStyle(one).listStyleType)") == [
        "disc", "none", "disc", "none",
    ]  # fmt: skip
