"""The costs page in a real Chromium: it follows every call, never takes unknown for nothing, and can be used by all."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from kit.at_rest import at_rest
from kit.axe import serious
from kit.live import Live, eventually, running
from kit.settings import user_file
from playwright.sync_api import Locator, Page, Route, expect

from llm_service.calls.settings import CallSettings
from llm_service.cli.sections import load_settings
from llm_service.costs.events import CostBudget
from llm_service.costs.feature import Costs
from llm_service.costs.settings import CostSettings
from llm_service.database.file import DatabaseFile

Open = Callable[..., Page]
CANVAS = "canvas => canvas.toDataURL()"


def record(live: Live, *calls: dict[str, Any], **fields: Any) -> None:
    """Tell the service of calls: those given, or one made of the fields."""
    told = list(calls) or [fields]
    answer = requests.post(f"{live.url}/api/telemetry", json=[call(**one) for one in told], timeout=60).json()
    assert answer["accepted"] == len(told), answer


def call(**fields: Any) -> dict[str, Any]:
    """A call of now, with defaults."""
    defaults = {"model_name": "made-up-1", "agent_name": "ada", "prompt_tokens": 1000, "completion_tokens": 200}
    return {**defaults, "timestamp": ago(), **fields}


def ago(**length: float) -> str:
    """A time before now in ISO 8601."""
    return (datetime.now(UTC) - timedelta(**length)).isoformat().replace("+00:00", "Z")


def costs(live: Live, query: str = "") -> str:
    """The address of the page."""
    return f"{live.url}/#/costs{query}"


def amount(page: Page, name: str) -> Locator:
    """The figure of a tile: today, month or total."""
    return page.get_by_test_id(f"cost-{name}").locator(".amount")


def card(page: Page, task_id: str) -> Locator:
    return page.locator(f'task-card[data-task-id="{task_id}"]')


def drawn(page: Page, name: str) -> Locator:
    """The canvas of a picture, once something was painted on it."""
    canvas = page.get_by_test_id(name).locator("canvas")
    expect(canvas).to_have_attribute("data-drawn", re.compile("."))
    return canvas


def rows(page: Page) -> Locator:
    return page.get_by_test_id("call")


@pytest.fixture
def spent(live: Live) -> Live:
    """A week of calls of two agents, three models, one of which nobody has a price for."""
    live.write("assigned/ada/t1.yaml", title="Paint the fence")
    live.write("inbox/t2.yaml", title="Water the plants")
    live.write("inbox/t3.yaml", title="Dig the well")
    live.sync()
    week = [call(cost_usd=1.5, timestamp=ago(days=day), task_id="t1", latency_ms=900) for day in range(1, 6)]
    record(
        live,
        *week,
        call(cost_usd=0.25, model_name="made-up-2", agent_name="bob", project="quay", task_id="t1", session_id="s1"),
        call(cost_usd=0.0042, model_name="made-up-2", cache_read_tokens=600, cache_write_tokens=100, latency_ms=2500),
        call(model_name="nobody-knows", task_id="t2", status="error", error_message="429 rate limit"),
    )
    return live


def test_the_ticker_follows_every_call(live: Live, open_page: Open) -> None:
    record(live, cost_usd=1.25)
    page = open_page(costs(live))
    expect(amount(page, "today")).to_have_text("$1.25")
    record(live, cost_usd=0.5)
    expect(amount(page, "today")).to_have_text("$1.75")
    expect(amount(page, "total")).to_have_text("$1.75")
    tile = page.get_by_test_id("cost-today")
    expect(tile).to_contain_text("2 calls")
    expect(tile).to_contain_text("2.40 k tokens")
    expect(page.get_by_test_id("zone")).to_contain_text(live.json("/api/telemetry")["timezone"])


def test_a_line_of_a_session_log_shows_in_every_open_page_without_a_reload(workspace: Path, open_page: Open) -> None:
    folder = workspace / "sessions/-home-ada-quayside"
    folder.mkdir(parents=True)
    live = running(workspace, claude_folders=[str(workspace / "sessions")], timezone="Pacific/Auckland")
    try:
        page, board = open_page(costs(live)), open_page(live.url)
        expect(page.get_by_test_id("no-calls")).to_be_visible()
        with open(folder / "5f0f7b0e.jsonl", "a") as log:
            for number in (1, 2):
                log.write(json.dumps(session_line(number)) + "\n")
                log.flush()
                expect(page.get_by_test_id("ticker-calls-total")).to_have_text("1 call" if number == 1 else "2 calls")
            log.write(json.dumps(session_line(2)) + "\n")  # streamed twice: one call
            log.write(json.dumps(session_line(3))[:80])  # half a line waits
            log.flush()
            live.sync()
            expect(amount(page, "total")).to_have_text("$0.021")  # 2 × (1000 × $3 + 500 × $15) a million
            log.write(json.dumps(session_line(3))[80:] + "\n")
            log.flush()
            expect(page.get_by_test_id("ticker-calls-total")).to_have_text("3 calls")
        expect(page.get_by_test_id("zone")).to_contain_text("Pacific/Auckland")
        there = datetime.now(ZoneInfo("Pacific/Auckland")).strftime("%Y-%m-%d")
        expect(rows(page).first.locator("time")).to_have_attribute("title", re.compile(f"^{there} "))
        board.keyboard.press("c")
        expect(amount(board, "total")).to_have_text("$0.032")
    finally:
        live.stop()


def session_line(number: int) -> dict[str, Any]:
    """What Claude Code writes about one message."""
    usage = {"input_tokens": 1000, "output_tokens": 500, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
    model = "claude-sonnet-4-5-20250929"
    message = {"id": f"msg_{number}", "role": "assistant", "model": model, "usage": usage}
    who = {"sessionId": "5f0f7b0e", "requestId": f"req_{number}", "cwd": "/home/ada/quayside"}
    return {"type": "assistant", **who, "timestamp": ago(), "message": message}


def test_what_is_unknown_is_said_and_never_counted_as_nothing(live: Live, open_page: Open) -> None:
    record(live, model_name="nobody-knows")
    page = open_page(costs(live))
    expect(amount(page, "today")).to_have_text("—")
    expect(page.get_by_test_id("cost-today")).to_contain_text("+ 1 unpriced")
    record(live, cost_usd=0.0042)
    expect(amount(page, "today")).to_have_text("$0.0042")
    expect(page.get_by_test_id("cost-today")).to_contain_text("+ 1 unpriced")
    expect(rows(page).filter(has_text="nobody-knows").locator(".c-cost")).to_have_text("unpriced")
    expect(page.get_by_test_id("model-row").filter(has_text="nobody-knows")).to_contain_text("unpriced")
    for picture in ("trend", "share"):
        entry = page.get_by_test_id(f"{picture}-legend").get_by_role("button", name="nobody-knows")
        expect(entry).to_contain_text("unpriced (1)")
        page.get_by_test_id(f"{picture}-table").locator("summary").click()
    page.get_by_test_id("trend-by").select_option("agent")
    expect(page.get_by_test_id("trend-legend")).to_contain_text("ada$0.0042 + 1 unpriced")
    expect(page.get_by_test_id("trend-table").locator("tbody tr").last).to_contain_text("$0.0042 + 1 unpriced")


def test_a_call_shows_how_it_was_served_and_what_is_only_requested(live: Live, open_page: Open) -> None:
    record(
        live,
        call(cost_usd=1, model_name="plain"),
        call(cost_usd=1, model_name="quick", service_tier="fast", inference_geo="us", web_searches=3),
        call(cost_usd=1, model_name="asked", service_tier="priority", unconfirmed=True),
    )
    page = open_page(costs(live))
    marks = {name: rows(page).filter(has_text=name).locator(".call-served > *") for name in ("plain", "quick", "asked")}
    expect(marks["quick"]).to_have_text(["fast", "us", "3 searches"])
    expect(marks["asked"]).to_have_text(["priority", "requested, not confirmed"])
    expect(marks["plain"]).to_have_count(0)
    cell = rows(page).filter(has_text="asked").locator(".c-model")
    eventually(lambda: cell.evaluate("(cell) => cell.scrollWidth <= cell.clientWidth"))
    expect(page.get_by_test_id("coverage")).to_contain_text("1 call requested, not confirmed")
    rows(page).filter(has_text="asked").get_by_role("button").press("Enter")
    expect(page.get_by_test_id("call-details")).to_contain_text("priority (requested, not confirmed)")


def test_where_every_call_is_unpriced_no_part_of_the_page_says_zero_dollars(live: Live, open_page: Open) -> None:
    record(live, model_name="nobody-knows", task_id="t1", project="quay")
    page = open_page(costs(live, "?range=today"))
    expect(drawn(page, "trend")).to_have_attribute("aria-label", re.compile("no known cost.*1 call unpriced"))
    assert page.evaluate(
        "Chart.getChart(document.querySelector('cost-trend canvas')).data.datasets[0].data.every((usd) => usd === null)"
    )
    live.dashboard.hub.publish(CostBudget(budget=budget("ok", 0, unpriced_calls=1), previous_level="warn"))
    expect(page.get_by_test_id("budget")).to_contain_text("— of $10.00")
    for by in ("model", "agent", "task", "project", "none"):
        page.get_by_test_id("trend-by").select_option(by)
        expect(page.get_by_test_id("trend-legend")).to_contain_text("unpriced (1)")
    page.get_by_test_id("totals-task").click()
    rows(page).first.get_by_role("button").press("Enter")
    expect(page.get_by_test_id("call-details")).to_contain_text("unpriced")
    text = page.locator("costs-page").inner_text()
    assert "$0.00" not in text, text


def test_a_calm_reader_sees_figures_change_at_once(live: Live, open_page: Open) -> None:
    record(live, cost_usd=1)
    page = open_page(costs(live), reduced_motion="reduce")
    expect(amount(page, "total")).to_have_text("$1.00")
    amount(page, "total").evaluate(
        "place => { window.seen = []; new MutationObserver(() => window.seen.push(place.textContent))"
        ".observe(place, {childList: true, characterData: true, subtree: true}) }"
    )
    record(live, cost_usd=99)
    expect(amount(page, "total")).to_have_text("$100.00")
    assert page.evaluate("window.seen") == ["$100.00"]


def test_amounts_are_written_as_intl_writes_them(live: Live, open_page: Open) -> None:
    page = open_page(live.url)
    differences = page.evaluate(
        """async () => {
          const { money } = await import("/lib/format.js");
          const wanted = (usd) => new Intl.NumberFormat("en-US", { style: "currency", currency: "USD",
            minimumFractionDigits: 2, maximumSignificantDigits: Math.abs(usd) < 0.1 && usd !== 0 ? 2 : undefined,
            maximumFractionDigits: Math.abs(usd) < 0.1 && usd !== 0 ? undefined : 2 }).format(usd);
          const usual = [0, 0.1, 0.42, 1, 9.999, 12.345, 1234.5, 1234567.891, -3.5, 99_999_999.99];
          const small = [0.042, 0.0042, 0.00042, 0.000042, 0.099];
          const plain = (usd) => new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(usd);
          const precise = (usd) => "$" + new Intl.NumberFormat("en-US", { maximumSignificantDigits: 2 }).format(usd);
          return [...usual.map((usd) => [money(usd), plain(usd)]), ...small.map((usd) => [money(usd), precise(usd)])]
            .filter(([said, meant]) => said !== meant);
        }"""
    )
    assert differences == []
    said = page.evaluate(
        """async () => {
          const { money, percent, tokens } = await import("/lib/format.js");
          return [money(null), money(undefined), money(1e-9), percent(null), percent(0.9996), percent(0.0001),
            percent(1), percent(0), tokens(null), tokens(999), tokens(12_345), tokens(1_240_000)];
        }"""
    )
    assert said == ["—", "—", "<$0.000001", "—", "99.9 %", "< 0.1 %", "100 %", "0 %", "—", "999", "12.3 k", "1.24 M"]


def test_cards_show_what_their_tasks_cost_and_only_they_are_touched(spent: Live, open_page: Open) -> None:
    page = open_page(spent.url)
    # What the page shows before the snapshot is drawn again with it.
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    cost = card(page, "t1").get_by_test_id("card-cost")
    expect(cost).to_have_text("$7.75")
    expect(card(page, "t2").get_by_test_id("card-cost")).to_have_text("? $")
    expect(card(page, "t2").get_by_test_id("card-cost")).to_have_attribute("title", re.compile("unknown"))
    expect(card(page, "t3").get_by_test_id("card-cost")).to_be_hidden()
    page.evaluate(
        """() => {
          window.touched = new Set();
          const note = ({ target }) => {
            const place = target.closest ? target : target.parentElement;
            if (place?.closest("time-ago")) return; // time goes by on every card
            window.touched.add(place?.closest("task-card")?.dataset.taskId ?? target.nodeName);
          };
          new MutationObserver((changes) => changes.forEach(note)).observe(document.querySelector("task-board"),
            { childList: true, characterData: true, attributes: true, subtree: true });
        }"""
    )
    amounts = (8 + number / 4 for number in count())

    def touched_by_a_call() -> list[str]:
        page.evaluate("window.touched.clear()")
        record(spent, cost_usd=0.25, task_id="t1")
        expect(cost).to_have_text(f"${next(amounts):.2f}")
        touched: list[str] = page.evaluate("[...window.touched]")
        return touched

    # The first call after a start may make the page ask for everything once more, some seconds later.
    eventually(lambda: touched_by_a_call() == ["t1"])
    record(spent, model_name="nobody-knows", task_id="t1")
    expect(cost).to_have_text(f"${next(amounts) - 0.25:.2f} + ?")


def test_a_task_tells_its_cost_tokens_and_calls(spent: Live, open_page: Open) -> None:
    page = open_page(f"{spent.url}/#/tasks/t1")
    facts = page.get_by_test_id("task-costs")
    expect(facts).to_contain_text("$7.75")
    expect(facts).to_contain_text("6.00 k in · 1.20 k out · 0 cache read · 0 cache write")
    record(spent, cost_usd=0.25, task_id="t1", cache_read_tokens=500)
    expect(facts).to_contain_text("$8.00")
    expect(facts).to_contain_text("500 cache read")
    page.get_by_test_id("task-calls").click()
    expect(page).to_have_url(re.compile(r"#/costs\?.*task=t1"))
    expect(rows(page)).to_have_count(7)
    expect(page.get_by_test_id("calls-task")).to_have_value("t1")
    expect(page.get_by_test_id("calls").get_by_role("heading", name="Calls")).to_be_in_viewport()


def test_the_calls_are_filtered_by_the_address_and_opened(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent))
    expect(rows(page)).to_have_count(8)
    page.get_by_test_id("calls-model").select_option("made-up-2")
    expect(rows(page)).to_have_count(2)
    page.get_by_test_id("calls-agent").select_option("bob")
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"model=made-up-2.*agent=bob"))
    other = open_page(page.url)
    expect(rows(other)).to_have_count(1)
    rows(other).get_by_role("button").press("Enter")
    details = other.get_by_test_id("call-details")
    expect(details).to_contain_text("As the agent reported it")
    expect(details).to_contain_text("quay")
    details.get_by_role("button", name="s1").press("Enter")
    expect(other).to_have_url(re.compile("session=s1"))
    other.get_by_test_id("calls-clear").press("Enter")
    expect(rows(other)).to_have_count(8)
    other.get_by_test_id("calls-status").select_option("error")
    expect(rows(other)).to_have_count(1)
    other.get_by_test_id("calls-status").select_option("")
    other.get_by_test_id("calls-cost").select_option("unknown")
    expect(rows(other)).to_have_count(1)
    other.get_by_test_id("calls-cost").select_option("")
    other.get_by_test_id("calls-project").select_option("-")
    expect(rows(other)).to_have_count(7)


def test_the_calls_come_page_by_page_and_the_first_page_follows(live: Live, open_page: Open) -> None:
    record(
        live, *[call(cost_usd=0.01, invocation_id=f"c{number}", timestamp=ago(minutes=number)) for number in range(120)]
    )
    page = open_page(costs(live, "?range=all"), console_must_be_empty=False)  # one request is refused
    expect(rows(page)).to_have_count(50)
    number = page.locator("calls-table .page-number")
    held: list[Route] = []
    page.route("**/api/telemetry/calls?*cursor*", lambda route: held.append(route))
    page.get_by_test_id("calls-older").press("Enter")
    page.get_by_test_id("calls-older").press("Enter")  # the page that this would follow is not there yet
    eventually(lambda: page.wait_for_timeout(10) or held)
    held[0].abort()
    expect(page.locator("calls-table .panel-problem")).to_be_visible()
    assert len(held) == 1
    page.unroute("**/api/telemetry/calls?*cursor*")
    page.get_by_test_id("calls-older").press("Enter")
    expect(number).to_have_text("Page 2")
    page.get_by_test_id("calls-older").press("Enter")
    expect(number).to_have_text("Page 3")
    expect(rows(page)).to_have_count(20)
    expect(page.get_by_test_id("calls-older")).to_be_disabled()
    record(live, cost_usd=0.5, model_name="brand-new")
    expect(amount(page, "total")).to_have_text("$1.70")
    expect(rows(page)).to_have_count(20)
    page.get_by_test_id("calls-newer").press("Enter")
    expect(number).to_have_text("Page 2")
    page.get_by_test_id("calls-newer").press("Enter")
    expect(rows(page).first).to_contain_text("brand-new")
    rows(page).first.get_by_role("button").press("Enter")
    record(live, cost_usd=0.5, model_name="newer-still")
    expect(rows(page).first).to_contain_text("newer-still")
    expect(page.get_by_test_id("call-details")).to_contain_text("brand-new")


def test_the_export_holds_what_is_filtered(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent, "?model=made-up-2&range=all"))
    expect(rows(page)).to_have_count(2)
    page.get_by_test_id("export").press("Enter")
    with page.expect_download() as download:
        page.get_by_test_id("export-jsonl").press("Enter")
    lines = Path(download.value.path()).read_text().splitlines()
    assert sorted(json.loads(line)["cost_usd"] for line in lines) == [0.0042, 0.25]
    for form in ("csv", "json"):
        assert spent.get(page.get_by_test_id(f"export-{form}").get_attribute("href") or "").status_code == 200


def test_the_trend_is_a_picture_with_words_and_a_table(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent, "?range=7d"))
    canvas = drawn(page, "trend")
    expect(canvas).to_have_attribute(
        "aria-label", re.compile(r"Cost per day by model.*\$7\.75 together.*Most by made-up-1")
    )
    page.get_by_test_id("trend-table").locator("summary").click()
    table = page.get_by_test_id("trend-table")
    expect(table.locator("tbody tr")).to_have_count(7)
    expect(table.locator("thead th")).to_have_text(["Day", "Total", "made-up-1", "made-up-2", "nobody-knows"])
    today = table.locator("tbody tr").last.locator("td")
    expect(today.last).to_have_text("unpriced (1)")
    expect(today.first).to_have_text("$0.25 + 1 unpriced")
    expect(page.get_by_test_id("trend-legend")).to_contain_text("$7.50")
    page.get_by_test_id("trend-by").select_option("agent")
    expect(table.locator("thead th")).to_have_text(["Day", "Total", "ada", "bob"])
    expect(page).to_have_url(re.compile("by=agent"))
    page.get_by_test_id("trend-bucket").select_option("hour")
    expect(page).to_have_url(re.compile("bucket=hour"))
    expect(canvas).to_have_attribute("aria-label", re.compile("Cost per hour by agent"))
    page.get_by_test_id("range-today").click()
    expect(page.get_by_test_id("trend-bucket")).to_have_value("hour")
    expect(canvas).to_have_attribute("aria-label", re.compile(r"\$0\.25"))
    page.get_by_test_id("trend-by").select_option("none")
    expect(table.locator("thead th")).to_have_text(["Hour", "All calls"])


def test_days_can_be_chosen_freely_and_in_any_order(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent))
    day = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    page.get_by_test_id("range-to").fill(day)
    expect(page).to_have_url(re.compile(f"to={day}"))
    page.get_by_test_id("range-from").fill(day)
    expect(rows(page)).to_have_count(1)
    before = (datetime.now(UTC) - timedelta(days=4)).date().isoformat()
    page.get_by_test_id("range-to").fill(before)
    expect(rows(page)).to_have_count(2)
    page.get_by_test_id("range-30d").click()
    expect(rows(page)).to_have_count(8)
    expect(page).not_to_have_url(re.compile("from="))


def test_a_series_can_be_left_out_of_its_picture(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent, "?range=7d"))
    canvas = drawn(page, "trend")
    expect(canvas).to_have_attribute("aria-label", re.compile("made-up-1"))
    before = at_rest(page, lambda: canvas.evaluate(CANVAS))
    entry = page.get_by_test_id("trend-legend").get_by_role("button", name="made-up-1")
    entry.click()
    expect(entry).to_have_attribute("aria-pressed", "false")
    expect(canvas).to_have_attribute("aria-label", re.compile(r"\$0\.25"))
    assert eventually(lambda: canvas.evaluate(CANVAS) != before)


def test_pictures_are_painted_in_the_colours_of_the_theme(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent, "?range=7d"), color_scheme="light", reduced_motion="reduce")
    pictures = [drawn(page, name) for name in ("trend", "share", "tokens")]
    light = at_rest(page, lambda: [picture.evaluate(CANVAS) for picture in pictures])
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    for picture, before in zip(pictures, light, strict=True):
        eventually(lambda picture=picture, before=before: picture.evaluate(CANVAS) != before)
    for _ in range(3):  # auto, light, dark, auto: whatever is chosen is painted at once
        page.get_by_test_id("theme-toggle").click()
        if page.evaluate("document.documentElement.dataset.theme") == "light":
            break
    for picture, before in zip(pictures, light, strict=True):
        eventually(lambda picture=picture, before=before: picture.evaluate(CANVAS) == before)


def test_shares_tokens_and_totals_are_told_in_words_too(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent))
    share = drawn(page, "share")
    expect(share).to_have_attribute("aria-label", re.compile(r"\$7\.75 together: made-up-1 97 %, made-up-2 3\.3 %"))
    expect(page.get_by_test_id("share-legend")).to_contain_text("unpriced (1)")
    tokens = drawn(page, "tokens")
    expect(tokens).to_have_attribute(
        "aria-label", re.compile("cache read 600, cache write 100, input 7.30 k, output 1.60 k")
    )
    model = page.get_by_test_id("model-row").filter(has_text="made-up-1")
    expect(model).to_contain_text("$7.50")
    expect(model).to_contain_text(re.compile(r"9\d\d ms|8\d\d ms"))
    expect(page.get_by_test_id("model-row").filter(has_text="nobody-knows")).to_contain_text("100 %")
    first = page.get_by_test_id("total-row").first
    expect(first).to_contain_text("ada")
    page.get_by_test_id("totals-task").click()
    expect(first).to_contain_text("Paint the fence")
    first.get_by_role("link", name="Paint the fence").click()
    expect(page.get_by_test_id("detail")).to_contain_text("Paint the fence")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"#/costs\?of=task"))
    expect(amount(page, "total")).to_be_visible()


def test_a_page_without_calls_tells_how_to_get_them_and_what_it_tells_works(live: Live, open_page: Open) -> None:
    page = open_page(costs(live))
    nothing = page.get_by_test_id("no-calls")
    expect(nothing).to_contain_text("claude_folders")
    expect(amount(page, "today")).to_be_hidden()
    nothing.get_by_text("JSON lines").click()
    line = nothing.get_by_test_id("lines").locator("code").text_content() or ""
    folder = live.workspace / "work/telemetry"
    folder.mkdir(parents=True)
    (folder / "my-agent.jsonl").write_text(line)
    expect(nothing).to_be_hidden()
    expect(page.get_by_test_id("cost-today")).to_contain_text("1 call")


@pytest.mark.parametrize("name", ["claude", "codex", "agents", "copilot", "budgets"])
def test_settings_that_the_page_shows_can_be_taken_as_they_are(
    live: Live, open_page: Open, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    record(live, cost_usd=1)
    page = open_page(costs(live))
    snippet = page.locator(f'figure[data-testid="{name}"]').first  # the same is shown where there is no call yet
    expect(snippet).to_contain_text("llm-service.yaml" if name == "budgets" else "config.yaml")
    text = snippet.locator("code").first.text_content() or ""
    if name == "budgets":
        (live.workspace / "llm-service.yaml").write_text(text)
    else:
        user_file(monkeypatch, tmp_path_factory.mktemp("user"), text)
    settings = load_settings(str(live.workspace))
    own = settings.of(CallSettings)
    folders = (own.claude_folders, own.codex_folders, own.pi_folders, own.copilot_folders)
    assert any((*folders, settings.of(CostSettings).budgets))


def test_the_settings_for_unpriced_models_only_want_the_prices(live: Live, open_page: Open) -> None:
    record(live, call(model_name='nobody "knows"', provider="quay"), call(model_name="other"), call(cost_usd=1))
    page = open_page(costs(live))
    coverage = page.get_by_test_id("coverage")
    expect(coverage).to_contain_text("33 % of 3 calls priced")
    coverage.get_by_text("2 unpriced models").click()
    text = coverage.get_by_test_id("prices").locator("code").first.text_content() or ""
    (live.workspace / "llm-service.yaml").write_text(re.sub(r"(_per_mtok:)", r"\1 2.5", text))
    prices = load_settings(str(live.workspace), environ={}).of(CallSettings).prices
    assert sorted((price.model, price.provider) for price in prices) == [('nobody "knows"', "quay"), ("other", None)]


def test_refused_lines_are_named_with_file_line_and_reason(live: Live, open_page: Open) -> None:
    folder = live.workspace / "work/telemetry"
    folder.mkdir(parents=True)
    good = json.dumps(call(cost_usd=1))
    bad = json.dumps(call(prompt_tokens=-5))
    (folder / "ada.jsonl").write_text(f"{good}\n{bad}\n")
    page = open_page(costs(live))
    refused = page.get_by_test_id("refused")
    expect(refused).to_contain_text("1 line refused")
    refused.locator("summary").click()
    expect(refused).to_contain_text(re.compile(r"ada\.jsonl:2 .*negative"))


def budget(level: str, spent_usd: float, **fields: Any) -> dict[str, Any]:
    whole = {"name": "all, daily", "period": "day", "scope": "all", "subject": None, "limit_usd": 10.0, "level": level}
    more = {"spent_usd": spent_usd, "share": spent_usd / 10, "unpriced_calls": 0, "stop_runs": False}
    return {**whole, **more, "period_start": ago(), **fields}


def test_a_budget_is_told_by_a_message_a_mark_and_a_bar(live: Live, open_page: Open) -> None:
    record(live, cost_usd=8.5)
    page = open_page(live.url)
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    live.dashboard.hub.publish(CostBudget(budget=budget("warn", 8.5), previous_level="ok"))
    expect(page.get_by_test_id("toast")).to_contain_text("at 85 %")
    expect(page.get_by_test_id("nav-costs")).to_contain_text("1 near the budget")
    expect(page.get_by_test_id("activity-item").first).to_contain_text("$8.50 of $10.00")
    page.get_by_test_id("toast").get_by_role("link").click()
    row = page.get_by_test_id("budget").filter(has_text="all, daily")
    expect(row).to_have_attribute("data-level", "warn")
    expect(row).to_contain_text("$8.50 of $10.00, 85 %")
    page.get_by_test_id("toast").get_by_role("button").click()
    live.dashboard.hub.publish(CostBudget(budget=budget("alert", 12, unpriced_calls=3), previous_level="warn"))
    expect(page.get_by_test_id("toast")).to_contain_text("used up")
    expect(row).to_have_attribute("data-level", "alert")
    expect(row).to_contain_text("+ 3 unpriced")
    page.get_by_test_id("toast").get_by_role("button").click()
    live.dashboard.hub.publish(CostBudget(budget=budget("ok", 0), previous_level="alert"))
    expect(row).to_have_attribute("data-level", "ok")
    expect(page.get_by_test_id("toast")).to_have_count(0)


def test_calls_that_cross_a_limit_of_the_settings_show_a_message_on_any_page(workspace: Path, open_page: Open) -> None:
    hostile = "<b>all</b>"
    (workspace / "llm-service.yaml").write_text(
        f'budgets: [{{name: "{hostile}", period: day, limit_usd: 10}}, {{period: month, agent: bob, limit_usd: 5}}]\n'
    )
    live = running(workspace, budgets=load_settings(str(workspace), environ={}).of(CostSettings).budgets)
    try:
        page = open_page(live.url)
        expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
        record(live, cost_usd=7)
        record(live, cost_usd=1.5)
        expect(page.get_by_test_id("toast")).to_contain_text(f"Budget “{hostile}” is at 85 %")
        record(live, cost_usd=2)
        expect(page.get_by_test_id("toast").last).to_contain_text(f"Budget “{hostile}” is used up")
        expect(page.get_by_test_id("toast").last).to_contain_text("$10.50 of $10.00 today")
        expect(page.get_by_test_id("nav-costs")).to_contain_text("1 over budget")
        assert page.locator("toast-list b").count() == 0
        page.keyboard.press("c")
        bars = page.get_by_test_id("budget")
        expect(bars).to_have_count(2)
        expect(bars.first.get_by_role("img")).to_have_attribute(
            "aria-label", re.compile(r"\$10\.50 of \$10\.00, 105 %")
        )
        record(live, cost_usd=1, agent_name="bob")  # no level changes, yet the bar follows
        expect(bars.nth(1)).to_contain_text("$1.00 of $5.00, 20 %")
        expect(bars.nth(1)).to_contain_text("Agent bob, per month")
    finally:
        live.stop()


WATCHED = """
window.asked = 0; window.told = [];
const Real = window.Notification;
window.Notification = class { constructor(title, options) { window.told.push([title, options.body]); } close() {}
  static get permission() { return window.asked ? "granted" : "default"; }
  static async requestPermission() { window.asked += 1; return "granted"; } };
"""


def test_the_desktop_is_notified_only_when_the_user_asked_for_it(live: Live, open_page: Open) -> None:
    record(live, cost_usd=8.5)
    page = open_page("about:blank")
    page.add_init_script(WATCHED)
    page.goto(costs(live))
    expect(amount(page, "today")).to_have_text("$8.50")
    live.dashboard.hub.publish(CostBudget(budget=budget("warn", 8.5), previous_level="ok"))
    expect(page.get_by_test_id("toast")).to_have_count(1)
    assert page.evaluate("[window.asked, window.told]") == [0, []]
    page.get_by_test_id("notify").click()
    expect(page.get_by_test_id("notify")).to_have_attribute("aria-pressed", "true")
    live.dashboard.hub.publish(CostBudget(budget=budget("alert", 11), previous_level="warn"))
    expect(page.get_by_test_id("toast")).to_contain_text("used up")  # in place of the one before
    page.wait_for_function("window.asked === 1 && window.told.length === 1")
    page.get_by_test_id("notify").click()
    expect(page.get_by_test_id("notify")).to_have_attribute("aria-pressed", "false")


def test_a_forecast_is_said_to_be_one(live: Live, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(costs(live))
    told = page.get_by_test_id("forecast")
    expect(told).to_contain_text("Not enough days")
    forecast = {"month_usd": 42.5, "low_usd": 30.0, "high_usd": 55.0, "days": 12, "method": "weekday means"}
    monkeypatch.setattr(live.feature(Costs).summary, "_forecast", lambda queries, now_s: forecast)
    record(live, cost_usd=8.5)
    expect(amount(page, "today")).to_have_text("$8.50")
    expect(told).to_contain_text("forecast")
    expect(told).to_contain_text("≈ $45")  # no more digits than the range is wide
    expect(told).to_contain_text("likely $30 to $55")
    told.get_by_text("How is this estimated?").click()
    expect(told).to_contain_text("weekday means")
    expect(told.get_by_role("img")).to_have_attribute("aria-label", "$8.50 spent, about $45 expected")


def test_without_telemetry_the_page_says_so(workspace: Path, open_page: Open) -> None:
    live = running(workspace, telemetry=False)
    try:
        page = open_page(costs(live))
        expect(page.get_by_test_id("costs-off")).to_be_visible()
    finally:
        live.stop()


def test_a_database_that_cannot_be_used_is_said_and_the_board_goes_on(workspace: Path, open_page: Open) -> None:
    path = workspace / ".llm-service/history.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    live = running(workspace)
    try:
        page = open_page(costs(live))
        expect(page.get_by_test_id("costs-unavailable")).to_be_visible()
        expect(page.get_by_test_id("costs-off")).to_be_hidden()
        expect(page.get_by_test_id("no-calls")).to_be_hidden()
        expect(page.get_by_test_id("banner")).to_contain_text("schema 9999")
        live.write("inbox/t1.yaml")
        page.keyboard.press("b")
        expect(card(page, "t1")).to_be_visible()
    finally:
        live.stop()


def test_a_database_that_takes_long_to_check_is_shown_as_soon_as_it_is_open(
    workspace: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = running(workspace, timezone="Asia/Tokyo")
    record(first, cost_usd=1.25, task_id="t1")
    first.stop()
    checked, whole = threading.Event(), DatabaseFile._migrate
    monkeypatch.setattr(DatabaseFile, "_migrate", lambda file, busy_ms: checked.wait(60) and whole(file, busy_ms))
    live = running(workspace, wait_for_history=False, timezone="Asia/Tokyo")
    try:
        page = open_page(costs(live))
        expect(page.get_by_test_id("costs-unavailable")).to_be_visible()
        checked.set()
        expect(amount(page, "total")).to_have_text("$1.25")
        expect(page.get_by_test_id("costs-unavailable")).to_be_hidden()
        expect(page.get_by_test_id("zone")).to_contain_text("Asia/Tokyo")
    finally:
        checked.set()
        live.stop()


def test_a_task_that_comes_to_the_board_after_its_calls_shows_what_they_cost(live: Live, open_page: Open) -> None:
    record(live, cost_usd=0.75, task_id="late")
    page = open_page(live.url)
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    live.write("inbox/late.yaml")
    expect(card(page, "late").get_by_test_id("card-cost")).to_have_text("$0.75")


def test_calls_of_clocks_that_are_wrong_are_marked(live: Live, open_page: Open) -> None:
    record(live, call(cost_usd=1, timestamp="2015-03-01T10:00:00Z"), call(cost_usd=1, model_name="from-tomorrow"))
    folder = live.workspace / "work/telemetry"
    folder.mkdir(parents=True)
    ahead = call(cost_usd=2, timestamp=ago(hours=-2), invocation_id="ahead")
    (folder / "ada.jsonl").write_text(json.dumps(ahead) + "\n")
    page = open_page(costs(live, "?range=all"))
    coverage = page.get_by_test_id("coverage")
    expect(coverage).to_contain_text("1 call dated ahead")
    expect(coverage).to_contain_text("1 call dated before 2020")
    expect(rows(page)).to_have_count(3)
    expect(rows(page).first).to_contain_text("future")
    expect(rows(page).last).to_contain_text("skewed")


def test_after_a_restart_the_figures_are_those_of_the_disk(
    workspace: Path, open_page: Open, take_port: Callable[[], int]
) -> None:
    port = take_port()
    live = running(workspace, port=port)
    record(live, cost_usd=1)
    page = open_page(costs(live), console_must_be_empty=False)  # the browser itself reports the refused connections
    expect(amount(page, "total")).to_have_text("$1.00")
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")  # it has connected
    live.stop()
    again = running(workspace, port=port)
    try:
        record(again, cost_usd=2)
        expect(amount(page, "total")).to_have_text("$3.00")
        expect(rows(page)).to_have_count(2)
    finally:
        again.stop()


def test_pages_are_reached_by_keys_and_links_and_left_as_they_were(spent: Live, open_page: Open) -> None:
    page = open_page(f"{spent.url}/#/board?q=fence")
    expect(page.get_by_test_id("card")).to_have_count(1)
    page.keyboard.press("c")
    expect(amount(page, "total")).to_be_visible()
    expect(page.get_by_test_id("search")).to_be_hidden()
    expect(page).to_have_title(re.compile("^Costs"))
    expect(page.get_by_test_id("nav-costs")).to_have_attribute("aria-current", "page")
    page.get_by_test_id("calls-model").select_option("made-up-2")
    expect(rows(page)).to_have_count(2)
    page.get_by_test_id("nav-board").click()
    expect(page.get_by_test_id("card")).to_have_count(1)
    expect(page.get_by_test_id("search")).to_have_value("fence")
    page.go_back()
    expect(rows(page)).to_have_count(2)
    page.locator("costs-page").click(position={"x": 3, "y": 3})
    page.keyboard.press("ArrowDown")  # scrolls the page; it is the board whose cards it walks through
    assert page.evaluate("document.activeElement.closest('task-card')") is None
    toggle = rows(page).first.get_by_role("button")
    toggle.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("call-details")).to_be_visible()
    expect(toggle).to_be_focused()
    expect(toggle).to_have_attribute("aria-expanded", "true")


# Charts follow a new width a moment later.
IN_WIDTH = """width => {
  const page = document.querySelector("costs-page");
  return document.documentElement.scrollWidth <= width && page.scrollWidth === page.clientWidth;
}"""


def test_nothing_overflows_the_page_of_costs_at_any_width(spent: Live, open_page: Open) -> None:
    long = "x" * 200
    record(spent, model_name=long, agent_name=long, project=long, task_id=long, cost_usd=98765.432)
    page = open_page(costs(spent))
    drawn(page, "trend")
    expect(rows(page).first).to_be_visible()
    for width in (2560, 1440, 768, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function(IN_WIDTH, arg=width)


def is_below(lower: Locator, upper: Locator) -> bool:
    low, high = lower.bounding_box(), upper.bounding_box()
    return low is not None and high is not None and low["y"] >= high["y"] + high["height"]


def test_on_a_phone_the_chosen_range_and_the_part_pointed_out_are_in_view(spent: Live, open_page: Open) -> None:
    record(spent, model_name="claude-sonnet-4-5-20250929", agent_name="harbourmaster", cost_usd=112.34)
    page = open_page(costs(spent, "?range=all&show=calls"), viewport={"width": 390, "height": 844})
    expect(page.get_by_test_id("range-all")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_in_viewport(ratio=1)
    eventually(lambda: is_below(page.locator("#calls-title"), page.locator("costs-toolbar")))
    table = page.get_by_test_id("calls").get_by_role("region")
    eventually(lambda: table.evaluate("box => box.scrollWidth === box.clientWidth"))
    page.get_by_test_id("range-today").click()
    expect(page.get_by_test_id("range-today")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_serious_on_the_page_of_costs(spent: Live, open_page: Open, width: int) -> None:
    page = open_page(
        costs(spent),
        viewport={"width": width, "height": 844},
        reduced_motion="reduce",
        bypass_csp=True,
        console_must_be_empty=False,
    )
    expect(amount(page, "total")).to_have_text("$7.75")
    spent.dashboard.hub.publish(CostBudget(budget=budget("alert", 12), previous_level="warn"))
    expect(page.get_by_test_id("budget")).to_have_count(1)
    drawn(page, "trend")
    rows(page).first.get_by_role("button").press("Enter")
    page.evaluate("for (const part of document.querySelectorAll('costs-page details')) part.open = true")
    assert serious(page) == []


def test_markup_in_a_call_never_becomes_markup(live: Live, open_page: Open) -> None:
    payload = "<img src=x onerror=window.hacked=1>"
    names = ("model_name", "agent_name", "task_id", "project", "session_id", "provider", "error_message", "tool_name")
    record(
        live, call(**dict.fromkeys(names, payload), status="error"), call(cost_usd=1, **dict.fromkeys(names, payload))
    )
    folder = live.workspace / "work/telemetry"
    folder.mkdir(parents=True)
    (folder / "<img src=x onerror=window.hacked=1>.jsonl").write_text(f"{payload}\n")
    for of in ("agent", "task", "project"):
        page = open_page(costs(live, f"?of={of}&by={of}"))
        drawn(page, "trend")
        rows(page).first.get_by_role("button").press("Enter")
        expect(page.get_by_test_id("call-details")).to_contain_text(payload)
        page.evaluate("for (const part of document.querySelectorAll('costs-page details')) part.open = true")
        expect(page.get_by_test_id("trend-table")).to_contain_text(payload)
        assert page.evaluate("window.hacked") is None
        assert page.locator("costs-page img").count() == 0


def test_refused_lines_are_shown_also_where_no_call_has_come_in(live: Live, open_page: Open) -> None:
    folder = live.workspace / "work/telemetry"
    folder.mkdir(parents=True)
    (folder / "ada.jsonl").write_text("this is no JSON\n")
    page = open_page(costs(live))
    expect(page.get_by_test_id("no-calls")).to_be_visible()
    expect(page.get_by_test_id("refused")).to_contain_text("1 line refused")


def test_no_width_hides_what_a_call_cost(live: Live, open_page: Open) -> None:
    long = "a-name-of-agent-project-or-task-that-is-as-long-as-they-are-in-real-life"
    names = {"model_name": f"vendor/{long}", "agent_name": long, "task_id": long, "project": long}
    record(live, call(cost_usd=1234.5, latency_ms=71_000, status="timeout", cache_read_tokens=900, **names))
    page = open_page(costs(live, "?range=all"))
    row = rows(page)
    expect(row).to_have_count(1)
    cost = row.locator(".c-cost")
    expect(cost).to_have_text("$1,234.50")
    box = page.locator("calls-table .table-box")
    for width in (1440, 1024, 768, 390):
        page.set_viewport_size({"width": width, "height": 900})
        eventually(lambda: box.evaluate("box => box.scrollWidth - box.clientWidth") <= 1)
        for cell in (".c-time time", ".c-model", ".c-cost", ".c-status svg"):
            eventually(
                lambda cell=cell: row.locator(cell).evaluate(
                    "cell => cell.getBoundingClientRect().right"
                    " <= cell.closest('.table-box').getBoundingClientRect().right + 1"
                )
            )
        eventually(lambda: cost.evaluate("cell => cell.scrollWidth <= cell.clientWidth + 1"))  # nothing is cut off


def test_columns_sort_figures_from_the_largest_and_unknown_last(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent, "?range=all"))
    expect(rows(page)).to_have_count(8)
    amounts = page.locator("calls-table td.c-cost")
    head = page.get_by_role("columnheader", name="Cost").and_(page.locator("calls-table th"))
    largest = ["$1.50"] * 5 + ["$0.25", "$0.0042", "unpriced"]
    head.get_by_role("button").press("Enter")
    expect(amounts).to_have_text(largest)
    expect(head).to_have_attribute("aria-sort", "descending")
    head.get_by_role("button").press("Enter")
    expect(amounts).to_have_text([*reversed(largest[:-1]), "unpriced"])
    expect(head).to_have_attribute("aria-sort", "ascending")
    models = page.locator("model-table")
    models.get_by_role("button", name="Model").press("Enter")
    expect(models.locator(".cell-name")).to_have_text(["made-up-1", "made-up-2", "nobody-knows"])
    models.get_by_role("button", name="Calls").press("Enter")
    expect(models.locator(".cell-name").first).to_have_text("made-up-1")


def test_the_sum_of_a_day_is_one_bar_and_its_total_is_readable(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent, "?range=7d"), reduced_motion="reduce")
    drawn(page, "trend")
    # Chart.js is the judge of what was drawn: the type, whether it is stacked, and where each part of a bar ends.
    chart = page.evaluate(
        """() => {
          const chart = Chart.getChart(document.querySelector("cost-trend canvas"));
          const last = chart.data.labels.length - 1;
          const tops = chart.data.datasets.map((_, at) => chart.getDatasetMeta(at).data[last].y);
          const { y } = chart.scales;
          return { type: chart.config.type, stacked: y.options.stacked, total: y.getValueForPixel(Math.min(...tops)) };
        }"""
    )
    assert (chart["type"], chart["stacked"]) == ("bar", True)
    assert chart["total"] == pytest.approx(0.2542, abs=0.01)  # 0.25 and 0.0042, today
    page.get_by_test_id("trend-table").get_by_text("Show as a table").click()
    first = page.get_by_test_id("trend-table").locator("thead th").nth(1)
    expect(first).to_have_text("Total")
    swatch = page.get_by_test_id("trend-legend").locator("svg rect")
    expect(swatch.first).to_be_visible()  # a square, as in the bars


def test_the_document_never_scrolls_and_a_message_has_the_latest_amount(spent: Live, open_page: Open) -> None:
    page = open_page(costs(spent, "?range=7d"))
    drawn(page, "trend")
    for name in ("trend", "share", "tokens"):
        page.get_by_test_id(f"{name}-table").get_by_text("Show as a table").click()
    scroll = "() => document.documentElement.scrollHeight - innerHeight"
    assert page.evaluate(scroll) <= 0
    toast = page.get_by_test_id("toast")
    spent.dashboard.hub.publish(CostBudget(budget=budget("warn", 8.5), previous_level="ok"))
    expect(toast).to_contain_text("$8.50")
    spent.dashboard.hub.publish(CostBudget(budget=budget("alert", 11), previous_level="warn"))
    expect(toast).to_have_count(1)
    expect(toast).to_contain_text("$11.00")
    spent.dashboard.hub.publish(CostBudget(budget=budget("ok", 0), previous_level="alert"))
    expect(toast).to_have_count(0)


def test_a_message_that_stays_has_the_amounts_of_now(workspace: Path, open_page: Open) -> None:
    (workspace / "llm-service.yaml").write_text("budgets: [{name: Day, period: day, limit_usd: 10}]\n")
    live = running(workspace, budgets=load_settings(str(workspace), environ={}).of(CostSettings).budgets)
    try:
        live.write("inbox/t1.yaml")
        live.sync()
        page = open_page(live.url)
        expect(page.locator("task-card")).to_be_visible()
        record(live, cost_usd=11.0)
        toast = page.get_by_test_id("toast")
        expect(toast).to_contain_text("$11.00 of $10.00")
        record(live, cost_usd=1.5)  # no level changes, so nothing is announced
        expect(toast).to_contain_text("$12.50 of $10.00")
        expect(toast).to_have_count(1)
    finally:
        live.stop()
