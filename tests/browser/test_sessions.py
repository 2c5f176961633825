"""The page of sessions: the list, one with its transcript, search, links to lines, growth, keys, narrow and wide."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit.axe import serious
from kit.live import Live, eventually, running
from kit.transcripts import SECRET, claude_session, codex_lines, long_session, write_lines
from playwright.sync_api import Page, expect

from llm_service.sessions.feature import Sessions

Open = Callable[..., Page]
PAYLOAD = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\u202egnp'
LONG = 30_000

# True if nothing is beyond the right edge of the window.
FITS = """() => [document.documentElement, document.querySelector("sessions-page")]
  .every((one) => one.scrollWidth <= innerWidth)"""


class Harbour:
    """A dashboard with three sessions: a short one with a sub-agent, a hostile one, and one of many lines."""

    def __init__(self, workspace: Path) -> None:
        self.folder = workspace / "logs/p"
        project = workspace / "work/generated_projects/web"
        project.mkdir(parents=True)
        self.log = claude_session("short", str(project))
        self.log.write(self.folder / "short.jsonl")
        claude_session("short", str(project)).write(self.folder / "short/subagents/agent-c0ffee1.jsonl")
        hostile = claude_session("hostile", f"/srv/{PAYLOAD}", branch=PAYLOAD)
        hostile.prompt(PAYLOAD)
        hostile.use(PAYLOAD, PAYLOAD, PAYLOAD, is_error=True, command=PAYLOAD)
        hostile.lines.append({"type": "custom-title", "customTitle": PAYLOAD})
        hostile.write(self.folder / "hostile.jsonl")
        write_lines(self.folder / "long.jsonl", long_session("long", "/srv", LONG))
        write_lines(workspace / "codex/rollout-1-c1.jsonl", codex_lines("c1", "/srv"))
        self.live: Live = running(workspace, claude_folders=[str(self.folder.parent)], codex_folders=["codex"])
        board = eventually(lambda: len((one := self.live.feature(Sessions).board).newest()) == 5 and one)
        eventually(lambda: all(known.glance for known in board.newest()))

    def at(self, address: str = "") -> str:
        """The address of the page, of a session on it."""
        return f"{self.live.url}/#/sessions{address}"


@pytest.fixture
def harbour(workspace: Path) -> Iterator[Harbour]:
    """It, until the test has ended."""
    made = Harbour(workspace)
    yield made
    made.live.stop()


def test_from_the_list_to_a_session_that_grows(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at(), may_miss=True)
    rows = page.get_by_test_id("session-row")
    expect(rows).to_have_count(4)
    page.get_by_test_id("sessions-program").select_option("Codex")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Import the tide table")
    expect(rows.get_by_test_id("context")).to_contain_text("68.0 k of 272 k")
    page.goto(harbour.at("?q=each berth"))
    short = page.locator('[data-session="short"]')
    expect(short).to_contain_text("1 sub-agent")
    short.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("session-title")).to_have_text("Show the state of each berth")
    turns = page.get_by_test_id("turn")
    expect(turns).to_have_count(9)
    expect(page.get_by_test_id("session-todos")).to_contain_text("1 of 2")
    expect(page.get_by_test_id("session-tools")).to_contain_text("Bash")
    expect(page.get_by_test_id("session-files").get_by_role("link")).to_have_attribute(
        "href", re.compile(r"^#/artifacts/web\?path=web%2Fberth\.js$")
    )
    expect(page.get_by_test_id("session-basis")).to_contain_text("derived")
    assert SECRET not in page.content()
    expect(turns.last).to_contain_text("[redacted:")

    result = page.locator('.turn[data-line="7"]')
    fold = result.locator(".turn-fold")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(fold).to_contain_text("Error: Exit code 1 · 2 lines")
    fold.click()
    expect(result.locator(".turn-text")).to_have_text("Exit code 1\n2 failed, 40 passed")
    result.locator(".turn-line").click()
    expect(page).to_have_url(re.compile(r"line=7"))
    expect(result).to_have_attribute("data-linked", "")
    page.get_by_test_id("transcript-view-all").click()
    expect(turns).to_have_count(10)
    expect(turns.first).to_contain_text("file-history-snapshot")
    page.get_by_test_id("transcript-view-conversation").click()
    expect(turns).to_have_count(9)

    with open(harbour.folder / "short.jsonl", "a") as file:
        file.write(json.dumps(harbour.log.lines[1]) + "\n")
    expect(turns).to_have_count(10)
    page.get_by_test_id("session-agents").get_by_role("link").click()
    expect(page.get_by_test_id("session-parent")).to_be_visible()
    page.goto(harbour.at("/nobody"))
    expect(page.get_by_test_id("session-unknown")).to_be_visible()


def test_a_long_session_is_searched_and_linked_to_with_few_rows(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at("/long"))
    turns = page.get_by_test_id("turn")
    expect(page.get_by_test_id("transcript-sum")).to_contain_text("30,000 lines")
    expect(page.get_by_test_id("transcript-sum")).not_to_contain_text("still reading")
    expect(page.get_by_test_id("transcript-follow")).to_have_text("Following the end")
    expect(turns.last).not_to_have_attribute("data-line", "")
    expect(page.get_by_test_id("transcript")).to_be_visible()  # once its head is there
    page.get_by_test_id("transcript").focus()
    page.keyboard.press("Home")
    expect(turns.first).to_have_attribute("data-line", "1")
    expect(page.get_by_test_id("transcript-follow")).to_have_text("To the end")
    page.keyboard.press("End")
    expect(page.get_by_test_id("transcript-follow")).to_have_text("Following the end")
    page.get_by_test_id("transcript-search").fill("turn 2345 first")
    found = page.locator(".turn[data-current]")
    expect(found).to_contain_text("I read what belongs to turn 2345 first.")
    expect(found.locator(".turn-text mark")).to_have_text("turn 2345 first")
    expect(page.get_by_test_id("find-sum")).to_have_text("1 of 1")
    page.get_by_test_id("transcript-search").fill("nothing has this")
    expect(page.get_by_test_id("find-sum")).to_have_text("nothing found")
    page.goto(harbour.at("/long?line=12345"))
    expect(page.locator('.turn[data-line="12345"]')).to_have_attribute("data-linked", "")
    assert turns.count() < 120
    expect(page.get_by_test_id("still-reading")).to_have_count(0)
    expect(page.get_by_test_id("session-tools")).to_contain_text("3,750")


def test_hostile_text_stays_text_and_everything_fits(harbour: Harbour, open_page: Open) -> None:
    for width in (1440, 390):
        page = open_page(
            harbour.at(),
            viewport={"width": width, "height": 844},
            reduced_motion="reduce",
            bypass_csp=True,
            console_must_be_empty=False,
        )
        for address, ready in (
            ("", "session-row"),
            ("/hostile", "turn"),
            ("/short", "turn"),
            ("?q=nobody has this", "no-such-sessions"),
        ):
            page.goto(harbour.at(address))
            expect(page.get_by_test_id(ready).first).to_be_visible()
            if ready == "turn":
                expect(page.get_by_test_id("session-figures")).to_be_visible()
                expect(page.locator(".turn-fold").first).to_be_visible()
                page.locator(".turn-fold").last.click()
                page.get_by_test_id("transcript-search").fill("script" if address == "/hostile" else "berth")
                expect(page.get_by_test_id("find-sum")).to_contain_text(" of ")
            assert page.evaluate("window.hacked") is None
            assert page.locator("sessions-page :is(img, script)").count() == 0
            eventually(lambda page=page: page.evaluate(FITS))
            assert serious(page) == [], (width, address)


def test_on_a_phone_every_session_has_its_cost_and_its_age_in_one_line(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at(), viewport={"width": 390, "height": 844})
    rows = page.get_by_test_id("session-row")
    expect(rows).to_have_count(4)
    places = rows.evaluate_all(
        """rows => rows.map(row => {
          const [cost, age] = [".row-cost", ".row-age"].map(one => row.querySelector(one).getBoundingClientRect());
          const middle = one => (one.top + one.bottom) / 2;
          return [Math.abs(middle(cost) - middle(age)) < 1, Math.round(age.right)];
        })"""
    )
    assert [place[0] for place in places] == [True] * 4
    assert len({right for _, right in places}) == 1


def test_that_they_are_off_is_said(workspace: Path, open_page: Open) -> None:
    claude_session("short", "/srv").write(workspace / "logs/short.jsonl")
    live = running(workspace, claude_folders=["logs"], sessions=False)
    try:
        page = open_page(f"{live.url}/#/sessions", console_must_be_empty=False)
        expect(page.get_by_test_id("sessions-off")).to_contain_text("The setting sessions is off")
        page.goto(f"{live.url}/#/sessions/short")
        expect(page.get_by_test_id("sessions-off")).to_be_visible()
    finally:
        live.stop()
