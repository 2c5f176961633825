"""The costs page over a range: it is selected in the picture, compared, and each figure leads to its calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.at_rest import at_rest
from kit.axe import serious
from kit.live import Live, eventually, running
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
SPAN = "?from=2026-11-16&to=2026-11-22"
HOSTILE = "<img src=x onerror=window.hacked=1>\u202e" + "y" * 150
TASKS = {
    "map": ("Draw the <b>map</b>", "2026-11-17T15:00:00Z"),
    "bell": ("Ring the bell", "2026-11-19T15:00:00Z"),
    "rope": ("Splice the rope", "2026-11-20T15:00:00Z"),
    "lamp": ("Light the lamp", "2026-11-12T15:00:00Z"),
}


def call(number: int, time: str, **fields: Any) -> dict[str, Any]:
    values = {"invocation_id": f"id-{number}", "timestamp": time, "agent_name": "ann", "model_name": "one"}
    return values | {"prompt_tokens": 1_000, "completion_tokens": 10} | fields


CALLS = [
    call(1, "2026-11-16T08:10:00Z", cost_usd=1, task_id="map", session_id="s1"),
    call(2, "2026-11-17T08:20:00Z", cost_usd=2, session_id="s1", cache_read_tokens=900),
    call(3, "2026-11-17T09:20:00Z", cost_usd=4, model_name="two", agent_name=HOSTILE, cache_read_tokens=500),
    call(4, "2026-11-18T13:00:00Z", cost_usd=8, task_id="bell", status="error"),
    call(5, "2026-11-18T14:00:00Z", cost_usd=16, task_id="bell", model_name="two"),
    call(6, "2026-11-18T14:30:00Z", model_name=HOSTILE),
    call(7, "2026-11-10T14:00:00Z", cost_usd=5, task_id="lamp"),
    call(8, "2026-11-11T14:00:00Z", cost_usd=5, model_name="gone"),
    *[
        call(
            100 + number,
            f"2026-11-16T{number % 24:02d}:30:00Z",
            cost_usd=0.01,
            model_name=f"small-{number}",
            agent_name="bob",
        )
        for number in range(10)
    ],
]


@pytest.fixture
def live(workspace: Path) -> Any:
    for name, (title, done) in TASKS.items():
        folder = workspace / "work/collaboration/done/ann"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yaml").write_text(f'id: {name}\ntitle: "{title}"\nstatus: done\ncompleted_at: "{done}"\n')
    started = running(workspace, timezone="Europe/Zurich")
    record(started, CALLS)
    yield started
    started.stop()


def record(live: Live, calls: list[dict[str, Any]]) -> None:
    answer = requests.post(f"{live.url}/api/telemetry", json=calls, timeout=60).json()
    assert answer["accepted"] == len(calls), answer


def rows(page: Page) -> Locator:
    return page.get_by_test_id("call")


def opened(open_page: Open, live: Live, query: str = SPAN, has_clock: bool = False, **context: Any) -> Page:
    """The page; `has_clock`: its time is that of the test."""
    context.setdefault("reduced_motion", "reduce")
    page = open_page("about:blank", **context)
    if has_clock:
        page.clock.install()
    page.goto(f"{live.url}/#/costs{query}")
    expect(page.locator("cost-trend canvas")).to_have_attribute("data-drawn", re.compile("."))
    expect(page.get_by_test_id("range-cost")).to_be_visible()
    return page


def part(page: Page, tag: str) -> Locator:
    """A part that is loaded when it comes near."""
    found = page.locator(tag)
    found.scroll_into_view_if_needed()
    expect(page.locator(f"{tag}:not([data-waits]) .panel")).to_be_visible()
    return found


def bars_of(page: Page, length: str) -> None:
    """Wait for the picture, which comes apart from the figures, to have bars of an hour or a day."""
    expect(page.locator("cost-trend canvas")).to_have_attribute("aria-label", re.compile(f"^Cost per {length} "))


def bar(page: Page, at: int, usd: float | None = None) -> dict[str, float]:
    """Where a bar is in the window, at the height of an amount, as Chart.js drew it; once that can be pressed."""
    page.locator("cost-trend canvas").scroll_into_view_if_needed()
    expect(page.get_by_role("slider")).to_be_attached()  # it hears the pointer, and is loaded after the picture
    find = """([at, usd]) => {
      const canvas = document.querySelector("cost-trend canvas");
      const { x, y } = Chart.getChart(canvas).scales;
      const box = canvas.getBoundingClientRect();
      const height = usd === null ? (y.top + y.bottom) / 2 : y.getPixelForValue(usd);
      return { x: box.left + x.getPixelForValue(at), y: box.top + height };
    }"""
    place: dict[str, float] = at_rest(page, lambda: page.evaluate(find, [at, usd]))
    return place


def drag(page: Page, first: int, last: int) -> None:
    start = bar(page, first)
    end = bar(page, last)
    page.mouse.move(start["x"], start["y"])
    page.mouse.down()
    page.mouse.move((start["x"] + end["x"]) / 2, start["y"], steps=3)
    page.mouse.move(end["x"], end["y"], steps=3)
    expect(page.locator(".picked")).to_be_visible()
    page.mouse.up()


def test_a_range_is_dragged_in_the_picture_and_left_again(live: Live, open_page: Open) -> None:
    page = opened(open_page, live)
    expect(page.get_by_test_id("zoom-out")).to_be_visible()
    drag(page, 1, 2)
    expect(page).to_have_url(re.compile(r"from=2026-11-17&to=2026-11-18&out=2026-11-16%7E2026-11-22"))
    expect(page.get_by_test_id("range-cost")).to_contain_text("$30.00")
    expect(page.get_by_test_id("range-calls")).to_contain_text("5")
    expect(rows(page)).to_have_count(5)
    expect(page.get_by_test_id("trend-bucket")).to_have_value("hour")
    bars_of(page, "hour")
    drag(page, 38, 39)  # the second day from 14:00 to 16:00, in hours of that zone
    expect(page).to_have_url(re.compile(r"from=2026-11-18T14%3A00%3A00%2B01%3A00&to=2026-11-18T16%3A00%3A00%2B01%3A00"))
    expect(page.get_by_test_id("range-times")).to_have_text("2026-11-18 14:00 to 2026-11-18 16:00")
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_test_id("range-cost")).to_contain_text("$24.00")
    page.get_by_test_id("zoom-out").click()
    expect(page).to_have_url(re.compile("from=2026-11-17&to=2026-11-18&out="))
    expect(rows(page)).to_have_count(5)
    page.go_back()  # the way back of the browser leads back in, and then out
    expect(page.get_by_test_id("range-times")).to_have_text("2026-11-18 14:00 to 2026-11-18 16:00")
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile("from=2026-11-16&to=2026-11-22$"))
    expect(page.get_by_test_id("range-cost")).to_contain_text("$31.10")


def test_bars_and_their_parts_are_walked_through_by_keyboard(live: Live, open_page: Open) -> None:
    page = opened(open_page, live)
    picker = page.get_by_role("slider")
    picker.focus()
    expect(picker).to_have_attribute("aria-valuetext", re.compile("2026-11-22: "))
    page.keyboard.press("Home")
    expect(picker).to_have_attribute("aria-valuetext", "2026-11-16: $1.10, 11 calls")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(picker).to_have_attribute(
        "aria-valuetext", re.compile(r"2026-11-17 to 2026-11-18: \$30\.00 \+ 1 unpriced selected")
    )
    page.keyboard.press("Escape")
    expect(picker).to_have_attribute("aria-valuetext", re.compile("2026-11-18: "))
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("from=2026-11-17&to=2026-11-18"))
    expect(page.get_by_test_id("range-cost")).to_contain_text("$30.00")
    picker.focus()
    page.keyboard.press("Escape")  # nothing is selected: out again
    expect(page).to_have_url(re.compile("from=2026-11-16&to=2026-11-22"))
    expect(page.get_by_test_id("range-cost")).to_contain_text("$31.10")
    page.get_by_test_id("trend-bucket").select_option("day")
    bars_of(page, "day")
    picker.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(picker).to_have_attribute("aria-valuetext", "2026-11-17, two: $4.00, 1 call")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("model=two.*since=2026-11-17&until=2026-11-17.*show=calls"))
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_test_id("drop-since")).to_contain_text("Time 2026-11-17")


def test_a_click_on_a_bar_leads_to_its_calls_and_so_does_each_figure(live: Live, open_page: Open) -> None:
    page = opened(open_page, live)
    place = bar(page, 2, 1.0)
    page.mouse.click(place["x"], place["y"])  # the lowest part: the model that cost most
    expect(page).to_have_url(re.compile("model=two"))
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_in_viewport()
    page.get_by_test_id("drop-since").press("Enter")
    expect(rows(page)).to_have_count(2)
    page.go_back()
    place = bar(page, 0, 12)  # above the bar: all of that day
    page.mouse.click(place["x"], place["y"])
    expect(rows(page)).to_have_count(11)
    expect(page.get_by_test_id("trend-legend")).to_be_attached()  # the picture stays as it was
    expect(page.get_by_test_id("range-cost")).to_contain_text("$31.10")
    page.get_by_test_id("range-failed").get_by_role("link").click()
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_test_id("calls-status")).to_have_value("error,timeout")
    page.get_by_test_id("range-cost").get_by_role("link").click()
    expect(rows(page)).to_have_count(16)
    page.get_by_test_id("trend-table").locator("summary").click()
    cells = page.get_by_test_id("trend-table").locator("tbody tr").nth(1).get_by_role("link")
    cells.first.click()
    expect(rows(page)).to_have_count(2)
    page.get_by_test_id("model-row").filter(has_text="two").get_by_role("link").first.click()
    expect(rows(page)).to_have_count(2)
    page.get_by_test_id("total-row").filter(has_text="ann").get_by_role("link").first.click()
    expect(rows(page)).to_have_count(5)
    page.get_by_test_id("ticker-calls-total").click()
    expect(rows(page)).to_have_count(18)


def test_a_finger_drags_a_range_too(live: Live, open_page: Open) -> None:
    page = opened(open_page, live, viewport={"width": 390, "height": 844}, has_touch=True)
    start, end = bar(page, 1), bar(page, 2)
    page.evaluate(
        """([start, end]) => {
          const canvas = document.querySelector("cost-trend canvas");
          const send = (type, { x, y }) => canvas.dispatchEvent(new PointerEvent(type, {
            bubbles: true, clientX: x, clientY: y, pointerId: 1, pointerType: "touch", isPrimary: true,
            button: type === "pointermove" ? -1 : 0 }));
          canvas.setPointerCapture = () => {}; // this pointer is not real
          send("pointerdown", start);
          send("pointermove", { ...end, x: (start.x + end.x) / 2 });
          send("pointermove", end);
          send("pointerup", end);
        }""",
        [start, end],
    )
    expect(page).to_have_url(re.compile("from=2026-11-17&to=2026-11-18"))
    expect(rows(page)).to_have_count(5)
    assert page.locator("cost-trend canvas").evaluate("canvas => getComputedStyle(canvas).touchAction") == "pan-y"


def test_the_range_is_compared_with_the_one_before_unless_that_is_not_wanted(live: Live, open_page: Open) -> None:
    page = opened(open_page, live)
    expect(page.get_by_test_id("range-cost")).to_contain_text("+$21.10 (+211 %)")
    expect(page.get_by_test_id("range-calls")).to_contain_text("+14 (+700 %)")
    figures = page.get_by_test_id("range-figures")
    expect(figures).to_contain_text("Compared with 2026-11-09 00:00 to 2026-11-16 00:00.")
    expect(page.get_by_test_id("total-row").filter(has_text="bob")).to_contain_text("no calls before")
    expect(page.get_by_test_id("total-row").filter(has_text="ann").first).to_contain_text("+$17.00 (+170 %)")
    expect(page.get_by_test_id("model-row").filter(has_text="two")).to_contain_text("no calls before")
    datasets = (
        "Chart.getChart(document.querySelector('cost-trend canvas')).data.datasets"
        ".map(({ label, type, data }) => [label, type ?? 'bar', data])"
    )
    canvas = page.locator("cost-trend canvas")
    expect(canvas).to_have_attribute(
        "aria-label", re.compile(r"The range before, from 2026-11-09, is a dashed line: \$10\.00\.")
    )
    before = page.evaluate(datasets)[-1]
    assert before == ["The range before", "line", [0, 5, 5, 0, 0, 0, 0]]
    for text in ("Infinity", "NaN", "undefined"):
        assert text not in page.locator("costs-page").inner_text()
    page.get_by_test_id("compare").click()
    expect(page).to_have_url(re.compile("compare=off"))
    expect(page.locator("costs-page .change")).to_have_count(0)
    expect(figures).not_to_contain_text("Compared")
    expect(canvas).not_to_have_attribute("aria-label", re.compile("The range before"))
    assert "line" not in [kind for _, kind, _ in page.evaluate(datasets)]
    page.get_by_test_id("range-all").click()
    expect(page.get_by_test_id("compare")).to_be_hidden()  # nothing is before all


def test_the_week_is_a_map_that_is_a_table_with_the_calls_behind_each_hour(live: Live, open_page: Open) -> None:
    page = opened(open_page, live)
    week = part(page, "week-map")
    expect(week).to_contain_text("Hours in Europe/Zurich")
    days = page.get_by_test_id("week-day")
    expect(days).to_have_count(7)
    expect(days.nth(1).locator("a.hour")).to_have_text(["$2.00", "$4.00"])  # 09:20 and 10:20 there
    expect(days.nth(2).locator(".sum")).to_have_text("$24.00")
    expect(week.locator("tfoot .sum")).to_have_text("$31.10")
    expect(days.nth(2).locator("a.hour").last).to_have_attribute(
        "title", re.compile(r"Wednesday 15:00: \$16\.00 \+ 1 unpriced, 2 calls")
    )
    assert days.nth(2).locator("a.hour").last.get_attribute("data-level") == "6"
    week.get_by_role("button", name="Calls").press("Enter")
    expect(page).to_have_url(re.compile("show-week=calls"))
    expect(days.nth(1).locator("a.hour")).to_have_text(["1 call", "1 call"])
    week.get_by_role("button", name="Tokens").press("Enter")
    expect(days.nth(0).locator(".sum")).to_have_text("11.1 k")
    # One stop for Tab, the arrows for the rest.
    assert week.locator('.hour[tabindex="0"]').count() == 1
    week.locator('.hour[tabindex="0"]').focus()
    for key in ("ArrowDown", "ArrowDown", "Home", *["ArrowRight"] * 15):
        page.keyboard.press(key)
    expect(days.nth(2).locator(".hour").nth(15)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("weekday=wed&hour=15"))
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_test_id("drop-weekday")).to_contain_text("Wednesdays, 15:00 to 16:00")
    days.nth(0).locator(".sum a").press("Enter")
    expect(rows(page)).to_have_count(11)
    page.get_by_test_id("calls-clear").press("Enter")
    expect(rows(page)).to_have_count(16)


def test_cache_and_done_tasks_say_what_is_known_and_what_is_not(live: Live, open_page: Open) -> None:
    page = opened(open_page, live)
    cache = part(page, "cache-use")
    expect(page.get_by_test_id("cache-rate")).to_contain_text("8.8 %")  # 1,400 of 16,000
    expect(cache).to_contain_text(
        "1.40 k cached tokens are of models without a known price: what they saved cannot be told."
    )
    expect(page.get_by_test_id("cache-saved")).to_contain_text("—")
    expect(page.get_by_test_id("cache-model").filter(has_text="two")).to_contain_text("25 %")
    cache.get_by_text("What does “saved” rest on?").press("Enter")
    expect(cache).to_contain_text("List prices of each day")
    done = part(page, "done-tasks")
    expect(page.get_by_test_id("done-median")).to_contain_text("$13.50")  # of 3 and 24
    expect(page.get_by_test_id("done-mean")).to_contain_text("$13.50")
    expect(page.get_by_test_id("done-count")).to_contain_text("2 of 3")
    expect(page.get_by_test_id("done-untold")).to_contain_text(
        "1 done task of 3 has no known calls: what it cost cannot be told."
    )
    tasks = page.get_by_test_id("done-row")
    expect(tasks).to_have_count(3)
    expect(tasks.nth(1)).to_contain_text("+ 1 by session")
    expect(tasks.last).to_contain_text("cannot tell")
    assert "$0.00" not in done.inner_text()
    expect(tasks.nth(1)).to_contain_text("Draw the <b>map</b>")
    tasks.nth(0).locator("td a").press("Enter")
    expect(page).to_have_url(re.compile("task=bell"))
    expect(rows(page)).to_have_count(2)
    tasks.nth(1).get_by_role("link", name="Draw the").press("Enter")
    expect(page.get_by_test_id("detail")).to_contain_text("Draw the <b>map</b>")


def test_all_of_it_follows_while_calls_come(live: Live, open_page: Open) -> None:
    page = opened(open_page, live, "?range=today", has_clock=True)
    part(page, "week-map")
    part(page, "done-tasks")
    part(page, "cache-use")
    now = datetime.now(UTC)
    fresh = (now - timedelta(seconds=1)).isoformat()
    record(live, [call(900, fresh, cost_usd=2.5, cache_read_tokens=500)])
    expect(page.get_by_test_id("range-cost")).to_contain_text("$2.50")
    expect(page.locator("week-map tfoot .sum")).to_have_text("$2.50")
    expect(page.get_by_test_id("cache-rate")).to_contain_text("50 %")
    live.write("done/ann/new.yaml", title="New", status="done")
    live.sync()
    record(live, [call(901, fresh, cost_usd=1.25, task_id="new")])
    expect(page.get_by_test_id("done-row")).to_contain_text("$1.25")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    for number in range(40):
        record(live, [call(1_000 + number, fresh, cost_usd=0.01)])
        page.clock.run_for(100)  # four seconds in all, however long it takes
    page.wait_for_function("seq => window.__dashboard.seq >= seq", arg=live.sync())
    page.clock.resume()
    expect(page.get_by_test_id("range-cost")).to_contain_text("$4.15")
    expect(page.locator("week-map tfoot .sum")).to_have_text("$4.15")
    expect(page.get_by_test_id("cache-rate")).to_contain_text("1.2 %")
    assert len([url for url in asked if "/week" in url]) < 5


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_in_ranges_and_hostile_names_stay_text(
    live: Live, open_page: Open, width: int, scheme: str
) -> None:
    page = opened(
        open_page, live, viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True,
        console_must_be_empty=False,
    )  # fmt: skip
    for tag in ("cache-use", "week-map", "done-tasks"):
        part(page, tag)
    expect(page.get_by_test_id("done-row")).to_have_count(3)
    page.evaluate("for (const part of document.querySelectorAll('costs-page details')) part.open = true")
    page.get_by_test_id("trend-by").select_option("agent")
    expect(page.get_by_test_id("trend-table")).to_contain_text("onerror=window.hacked")
    picker = page.get_by_role("slider")
    picker.focus()
    page.keyboard.press("Shift+ArrowLeft")
    assert serious(page) == []
    assert page.evaluate("window.hacked") is None
    assert page.locator("costs-page img").count() == 0
    assert eventually(lambda: page.evaluate("document.documentElement.scrollWidth") <= width)
    assert eventually(
        lambda: (
            page.evaluate("const page = document.querySelector('costs-page'); page.scrollWidth - page.clientWidth") == 0
        )
    )
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    page.wait_for_function("matchMedia('(forced-colors: active)').matches")
    shades = (
        "[0, 1, 6].map((level) => document.querySelector(`.week-key .hour[data-level='${level}']`))"
        ".map((hour) => getComputedStyle(hour).backgroundColor)"
    )
    eventually(lambda: len(set(page.evaluate(shades))) == 3)
