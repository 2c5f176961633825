"""The log of a job: followed, filtered, searched, linked to; in the order in which it was printed and without a gap."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kit.at_rest import at_rest
from kit.live import eventually
from kit.puppets import Stage
from kit.request_gate import RequestGate
from playwright.sync_api import Locator, Page, Request, expect

Open = Callable[..., Page]

# The numbers of the lines that are seen.
SEEN = """() => {
  const view = document.querySelector(".log-view").getBoundingClientRect();
  const rows = [...document.querySelectorAll(".log-row")].map((row) => [row.dataset.seq, row.getBoundingClientRect()]);
  return rows.filter(([, at]) => at.bottom > view.top + 1 && at.top < view.bottom - 1).map(([seq]) => Number(seq));
}"""


def opened(stage: Stage, open_page: Open, job: str, query: str = "", **options: Any) -> Page:
    page = open_page(f"{stage.live.url}/#/jobs/{job}{query}", **options)
    expect(page.locator("log-viewer")).to_be_visible()
    return page


def row(page: Page, text: str) -> Locator:
    return page.locator(".log-row", has_text=text)


def seen(page: Page) -> list[int]:
    numbers: list[int] = page.evaluate(SEEN)
    return numbers


def sees(page: Page, seq: int) -> None:
    eventually(lambda: seq in seen(page))


def shown(page: Page, text: str) -> None:
    expect(page.get_by_test_id("log-sum")).to_have_text(text)


def numbered(first: int, last: int) -> list[str]:
    return [f"step {number} is done" for number in range(first, last + 1)]


def test_it_follows_the_end_until_one_scrolls_up_and_says_what_came(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    page = opened(stage, open_page, job)
    expect(page.get_by_test_id("log-empty")).to_contain_text("Waiting for the first line")
    stage.say(job, "Hello there")
    expect(row(page, "Hello there")).to_be_visible()
    stage.say(job, *numbered(1, 99))
    sees(page, 100)
    view = page.get_by_test_id("log-lines")
    view.hover()
    top = view.evaluate("view => view.scrollTop")
    page.mouse.wheel(0, -600)
    eventually(lambda: view.evaluate("view => view.scrollTop") <= top - 600)  # it has come to rest
    place = at_rest(page, lambda: seen(page))
    assert 100 not in place
    stage.say(job, "one more", "and another")
    more = page.get_by_test_id("log-new")
    expect(more).to_have_text("↓ 2 new lines")
    assert at_rest(page, lambda: seen(page)) == place
    more.click()
    sees(page, 102)
    expect(more).not_to_be_visible()
    stage.say(job, "the last")
    sees(page, 103)
    expect(page.get_by_test_id("log-follow")).to_have_text("At the end: follows")


def test_levels_views_and_folded_tracebacks(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    stage.say(
        job,
        "2026-01-01 10:00:00,000 INFO quay: begun",
        "2026-01-01 10:00:01,000 DEBUG quay: a detail",
        "2026-01-01 10:00:02,000 WARNING quay: rather slow",
        "2026-01-01 10:00:03,000 ERROR quay: could not moor",
        "Traceback (most recent call last):",
        '  File "quay.py", line 1, in moor',
        "    raise ValueError(name)",
        "ValueError: Bolina",
        "2026-01-01 10:00:04,000 INFO quay: goes on",
    )
    page = opened(stage, open_page, job)
    expect(row(page, "goes on")).to_be_visible()
    expect(row(page, "a detail")).to_have_count(0)
    expect(row(page, "in moor")).to_have_count(0)
    error = row(page, "could not moor")
    expect(error).to_have_attribute("data-level", "error")
    error.locator(".log-fold").click()
    expect(error.locator(".log-folded")).to_contain_text('File "quay.py", line 1, in moor')
    error.locator(".log-fold").click()
    expect(error.locator(".log-folded")).to_have_count(0)
    page.get_by_test_id("log-view-all").click()
    expect(row(page, "a detail")).to_be_visible()
    expect(row(page, "in moor")).to_be_visible()
    shown(page, "9 of 9 lines shown")
    expect(page.get_by_test_id("log-level-warning")).to_contain_text("1")
    page.get_by_test_id("log-level-warning").click()
    page.get_by_test_id("log-level-debug").click()
    expect(page.locator(".log-row")).to_have_text([re.compile("a detail"), re.compile("rather slow")])
    expect(page).to_have_url(re.compile("level=warning%2Cdebug"))
    page.locator("button.download").click()
    with page.expect_download() as download:
        page.get_by_text("Only the levels and the phase that are chosen").click()
    saved = Path(download.value.path()).read_text().splitlines()
    assert [line.rpartition(": ")[2] for line in saved] == ["a detail", "rather slow"]
    page.keyboard.press("Escape")
    stage.say(job, "2026-01-01 10:00:05,000 WARNING quay: slower", "2026-01-01 10:00:06,000 INFO quay: fine")
    expect(page.locator(".log-row")).to_have_count(3)
    expect(row(page, "fine")).to_have_count(0)


def test_what_programs_print_is_text_in_colours_and_never_markup(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    stage.say(
        job,
        "plain \x1b[1;32mgreen😀\x1b[0m rest",
        "<img src=x onerror=alert(1)><b>bold</b>",
        "hidden \u202e there",
        "x" * 4_000,
    )
    page = opened(stage, open_page, job)
    green = row(page, "plain").locator(".log-text .ansi-green")
    expect(green).to_have_text("green😀")
    expect(green).to_have_css("font-weight", "700")
    expect(row(page, "onerror").locator(".log-text")).to_have_text("<img src=x onerror=alert(1)><b>bold</b>")
    assert page.locator(".log-block img, .log-block b").count() == 0
    expect(row(page, "hidden").locator(".hidden-character")).to_have_text("U+202E")
    long = row(page, "xxx")
    expect(long.locator(".log-whole")).to_have_text("… 2,500 characters more")
    long.locator(".log-whole").click()
    expect(long.locator(".log-text")).to_have_text("x" * 4_000)


def test_a_search_leads_from_match_to_match(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    stage.say(job, *[f"boat {number} {'moored' if number % 50 == 0 else 'sails'}" for number in range(1, 1_001)])
    eventually(lambda: stage.lines(job) == 1_000)
    page = opened(stage, open_page, job)
    sees(page, 1_000)
    page.keyboard.press("/")
    field = page.get_by_test_id("log-search")
    expect(field).to_be_focused()
    field.fill("MOORED")
    sum_ = page.locator(".find-sum")
    expect(sum_).to_have_text("1 of 20")
    expect(page.get_by_test_id("log-match")).to_have_count(20)
    expect(page.get_by_test_id("log-match").first).to_contain_text("boat 999 sails")  # what is around it
    expect(page.locator(".log-row[data-current]")).to_contain_text("boat 1000 moored")
    expect(page.locator(".log-row[data-current] mark")).to_have_text("moored")
    field.press("Enter")
    expect(page.locator(".log-row[data-current]")).to_contain_text("boat 950 moored")
    page.get_by_test_id("log-lines").focus()
    page.keyboard.press("p")
    sees(page, 900)
    expect(sum_).to_have_text("3 of 20")
    page.keyboard.press("n")
    sees(page, 950)
    page.get_by_test_id("log-match").last.click()
    sees(page, 50)
    page.get_by_role("button", name="Regular expression").click()
    field.fill(r"boat (7|8)\d\d m")
    expect(sum_).to_have_text("1 of 4")
    expect(page.locator(".log-row[data-current] mark")).to_have_text("boat 850 m")
    expect(page).to_have_url(re.compile("regex=1"))
    field.fill("no such thing")
    expect(sum_).to_have_text("Not found")
    field.press("Escape")
    expect(page.locator("log-matches")).not_to_be_visible()


def test_an_expression_that_is_none_is_said_to_be_none(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    stage.say(job, "boat")
    page = opened(stage, open_page, job, "?q=(&regex=1", console_must_be_empty=False)
    expect(page.locator(".find-sum")).to_have_text("Not searched")
    expect(page.locator(".matches-error")).not_to_be_empty()


def test_a_link_leads_to_its_line_whatever_the_view_leaves_out(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    stage.say(job, *numbered(1, 299), "2026-01-01 10:00:01,000 DEBUG quay: a detail", *numbered(301, 600))
    eventually(lambda: stage.lines(job) == 600)
    page = opened(stage, open_page, job, "?line=120")
    expect(page.locator(".log-row[data-linked]")).to_contain_text("step 120 is done")
    sees(page, 120)
    page.goto(f"{stage.live.url}/#/jobs/{job}?line=300")
    expect(page.locator(".log-row[data-linked]")).to_contain_text("a detail")
    expect(page.get_by_test_id("log-view-all")).to_have_attribute("aria-pressed", "true")
    sees(page, 300)
    row(page, "step 304 ").locator(".log-number").click()
    expect(page.locator(".log-row[data-linked]")).to_contain_text("step 304 is done")
    expect(page).to_have_url(re.compile("line=304"))
    page.get_by_test_id("log-view-user").click()  # the place is kept
    eventually(lambda: 304 in seen(page) and 300 not in seen(page))


def test_many_lines_in_a_bounded_page(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/logs?" in request.url:
            asked.append(request.url)

    stage.say(job, *numbered(1, 20_000))
    eventually(lambda: stage.lines(job) == 20_000)
    page = opened(stage, open_page, job)
    sees(page, 20_000)
    page.on("request", note)
    view = page.get_by_test_id("log-lines")
    view.hover()
    for share in (0.5, 0.25, 0.75):
        view.evaluate("(view, share) => (view.scrollTop = view.scrollHeight * share)", share)
        eventually(lambda share=share: any(abs(seq - 20_000 * share) < 40 for seq in seen(page)))
        assert page.locator(".log-row").count() < 120
    before = at_rest(page, lambda: seen(page))
    page.mouse.wheel(0, 200)
    eventually(lambda: seen(page)[0] in range(before[0] + 5, before[0] + 15))
    view.focus()
    page.keyboard.press("Home")
    sees(page, 1)
    page.keyboard.press("End")
    sees(page, 20_000)
    assert len(asked) < 20, asked  # pages, and not every line that one scrolls past
    page.get_by_role("button", name="Go to").click()
    page.get_by_label("Line", exact=True).fill("11000")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator(".log-row[data-linked]")).to_contain_text("step 11000 is done")


def test_a_flood_is_shown_or_declared_and_then_read(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    page = open_page(f"{stage.live.url}/#/jobs")
    gate = RequestGate(page, "/logs?")
    page.goto(f"{stage.live.url}/#/jobs/{job}")
    stage.say(job, "first")
    expect(row(page, "first")).to_be_visible()
    gate.close()  # so what was skipped is not read yet
    stage.say(job, *numbered(2, 5_000))
    sees(page, 5_000)
    page.get_by_test_id("log-lines").focus()
    page.keyboard.press("Home")
    expect(page.get_by_test_id("log-skipped").first).to_contain_text("came too fast to be shown")
    gate.open()
    expect(page.locator("log-viewer")).to_have_attribute("data-rows", "5000")
    expect(page.get_by_test_id("log-skipped")).to_have_count(0)
    sees(page, 2)
    page.keyboard.press("End")
    stage.say(job, "after it")
    sees(page, 5_001)


def test_phases_errors_and_times_are_places_one_can_go_to(stage: Stage, open_page: Open) -> None:
    job = stage.job()

    def day(hour: int) -> list[str]:
        return [f"2026-01-01 {hour:02d}:{minute:02d}:00,000 INFO quay: at work" for minute in range(60)]

    stage.say(
        job,
        "Running /speckit.plan",
        *day(10),
        "2026-01-01 11:00:00,000 ERROR quay: could not moor",
        *day(12),
        "Running /speckit.implement",
        *day(14),
        "2026-01-01 15:00:00,000 ERROR quay: lost a fender",
        *day(16),
    )
    eventually(lambda: stage.lines(job) == 244)
    page = opened(stage, open_page, job, timezone_id="UTC")
    sees(page, 244)
    expect(page.get_by_test_id("phase-jump")).to_contain_text(["Plan", "Implement"])
    page.get_by_test_id("phase-jump").nth(1).click()
    sees(page, 123)
    expect(page.locator(".log-phase")).to_contain_text(["Implement"])
    page.keyboard.press("e")
    eventually(lambda: 184 in seen(page))
    page.get_by_test_id("log-lines").focus()
    page.keyboard.press("Home")
    sees(page, 1)
    page.keyboard.press("e")
    sees(page, 62)
    page.keyboard.press("e")
    sees(page, 184)
    page.get_by_test_id("log-phase-filter").select_option("implement")
    shown(page, "122 of 244 lines shown")
    page.get_by_test_id("log-phase-filter").select_option("")
    shown(page, "244 of 244 lines shown")
    page.get_by_role("button", name="Go to").click()
    page.get_by_label("Time").fill("2026-01-01T12:30:00")
    page.get_by_role("button", name="Go", exact=True).click()
    sees(page, 93)


def test_the_whole_log_and_the_filtered_one_can_be_downloaded(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    stage.say(job, "boat", "2026-01-01 10:00:01,000 DEBUG quay: a detail")
    eventually(lambda: stage.lines(job) == 2)
    page = opened(stage, open_page, job)
    expect(row(page, "boat")).to_be_visible()
    page.get_by_role("button", name="Download").click()
    texts = []
    for name in ("The whole log", "What the user view shows"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        texts.append(download.value.path().read_text().splitlines())
    assert [len(lines) for lines in texts] == [2, 1]


def test_after_a_lost_connection_nothing_is_missing(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    stage.say(job, "before")
    page = opened(stage, open_page, job)
    expect(row(page, "before")).to_be_visible()
    stage.live.dashboard.site.clients.disconnect_all()
    stage.say(job, *numbered(2, 300))
    sees(page, 300)
    expect(page.locator("log-viewer")).to_have_attribute("data-rows", "300")
    numbers = at_rest(page, lambda: seen(page))
    assert numbers == sorted(numbers)


def test_on_a_phone_the_lines_have_the_room(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    stage.say(job, "a rather long line " * 20, *numbered(2, 60))
    page = opened(stage, open_page, job, viewport={"width": 390, "height": 844})
    sees(page, 60)
    assert eventually(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
    eventually(lambda: page.get_by_test_id("log-lines").evaluate("view => view.clientHeight") > 300)
    page.get_by_test_id("log-lines").focus()
    page.keyboard.press("Home")
    sees(page, 1)
    assert eventually(
        lambda: page.get_by_test_id("log-lines").evaluate("view => view.scrollWidth <= view.clientWidth")
    )  # it is wrapped
