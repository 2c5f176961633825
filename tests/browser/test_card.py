"""What a card says of its state: status, how long it lies in its lane, since when nothing happened, and whose it is."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from kit.live import Live, eventually, running
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
TIMES = "card-times"


def card(page: Page, task_id: str) -> Any:
    return page.locator(f'task-card[data-task-id="{task_id}"]')


def iso(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


def quiet(live: Live, path: str, **ago: float) -> None:
    """The file was changed so long ago."""
    then = (datetime.now(UTC) - timedelta(**ago)).timestamp()
    os.utime(live.root / path, (then, then))


def test_a_card_says_the_status_of_its_file_with_a_mark_of_its_kind(live: Live, open_page: Open) -> None:
    statuses = {"t1": "in_progress", "t2": "blocked", "t3": "failed", "t4": "Waiting for the tide"}
    for name, status in statuses.items():
        live.write(f"assigned/ada/{name}.yaml", status=status)
    live.write("done/ada/t5.yaml", status="cancelled")
    live.write("done/ada/t8.yaml", status="done")
    live.write("done/ada/t6.yaml", status="in_progress")
    (live.root / "done/ada/t7.yaml").write_text("id: t7\ntitle: None stated\n")
    live.sync()
    page = open_page(live.url)
    for name, kind in {"t1": "active", "t2": "waiting", "t3": "bad", "t4": "waiting", "t5": "done"}.items():
        expect(card(page, name).get_by_test_id("status")).to_have_attribute("data-kind", kind)
    expect(card(page, "t4").get_by_test_id("status")).to_have_text("waiting for the tide")
    expect(card(page, "t6").get_by_test_id("status")).to_have_text("says in_progress")
    expect(card(page, "t6").get_by_test_id("status")).to_have_attribute("data-status", "contradicts")
    expect(card(page, "t7").get_by_test_id("status")).to_have_count(0)
    expect(card(page, "t8")).to_be_visible()
    expect(card(page, "t8").get_by_test_id("status")).to_have_count(0)  # its lane says so
    live.write("assigned/ada/t1.yaml", status="review")
    expect(card(page, "t1").get_by_test_id("status")).to_have_text("review")


def test_a_card_says_how_long_it_lies_there_and_since_when_nothing_happened(workspace: Any, open_page: Open) -> None:
    first = running(workspace)
    first.write("assigned/ada/old.yaml", assigned_at=iso(days=9))
    first.stop()
    root = workspace / "work/collaboration"
    (root / "inbox").mkdir(exist_ok=True)
    (root / "inbox/unknown.yaml").write_text("id: unknown\ntitle: Nobody knows since when\n")
    (root / "assigned/ada").mkdir(parents=True, exist_ok=True)
    (root / "assigned/ada/said.yaml").write_text(f"id: said\nassigned_at: {iso(days=9)}\n")
    (root / "done/ada").mkdir(parents=True, exist_ok=True)
    (root / "done/ada/over.yaml").write_text(f"id: over\ncompleted_at: {iso(days=3)}\n")
    live = running(workspace)
    try:
        for path in ("assigned/ada/said.yaml", "inbox/unknown.yaml", "done/ada/over.yaml"):
            quiet(live, path, days=2)
        live.sync()
        page = open_page(live.url)
        expect(card(page, "said").get_by_test_id(TIMES)).to_have_text("9 d here, quiet 2 d")
        expect(card(page, "unknown").get_by_test_id(TIMES)).to_have_text("quiet 2 d")
        expect(card(page, "over").get_by_test_id(TIMES)).to_have_text("3 d here")  # nothing has to happen any more
        # Seen to move: now that counts, not what the file says.
        (live.root / "inbox/unknown.yaml").rename(live.root / "assigned/ada/unknown.yaml")
        expect(card(page, "unknown").get_by_test_id(TIMES)).to_have_text(
            re.compile(r"^\d+ (s|min) here, quiet \d+ (s|min)$")
        )
        call = {"model_name": "m", "prompt_tokens": 1, "completion_tokens": 1, "task_id": "said"}
        answer = requests.post(f"{live.url}/api/telemetry", json=[call | {"timestamp": iso(hours=3)}], timeout=60)
        assert answer.json()["accepted"] == 1
        expect(card(page, "said").get_by_test_id(TIMES)).to_have_text("9 d here, quiet 3 h")
        live.write("assigned/ada/said.yaml", assigned_at=iso(days=9))
        expect(card(page, "said").get_by_test_id(TIMES)).to_have_text(re.compile(r"^9 d here, quiet \d+ (s|min)$"))
    finally:
        live.stop()


def test_an_assigned_task_to_which_nothing_happens_is_marked_as_stale(live: Live, open_page: Open) -> None:
    for path in ("assigned/ada/old.yaml", "assigned/ada/new.yaml", "inbox/waits.yaml", "done/ada/over.yaml"):
        live.write(path)
    live.sync()
    # Seen to come just now, so only a clock that goes on makes it old.
    page = open_page("about:blank")
    page.clock.install()
    page.goto(f"{live.url}/#/board")
    expect(card(page, "old")).to_be_visible()
    expect(page.get_by_test_id("stale").locator("visible=true")).to_have_count(0)
    page.clock.fast_forward("47:30:00")
    page.clock.run_for(6_000)
    expect(page.get_by_test_id("stale").locator("visible=true")).to_have_count(0)
    page.clock.fast_forward("00:30:00")
    page.clock.run_for(61_000)
    expect(page.get_by_test_id("stale").locator("visible=true")).to_have_count(2)
    expect(card(page, "old").get_by_test_id("stale")).to_be_visible()
    page.get_by_test_id("filter-flag").select_option("stale")
    page.clock.run_for(1_000)
    expect(page.locator("task-card")).to_have_count(2)


def test_nothing_is_stale_where_the_setting_says_so(workspace: Any, open_page: Open) -> None:
    live = running(workspace, stale_after_h=0)
    try:
        live.write("assigned/ada/old.yaml")
        quiet(live, "assigned/ada/old.yaml", days=400)
        live.sync()
        page = open_page(live.url)
        expect(card(page, "old")).to_be_visible()
        expect(page.get_by_test_id("stale")).to_have_count(0)
    finally:
        live.stop()


def test_an_agent_is_named_rather_than_shortened_to_a_letter(live: Live, open_page: Open) -> None:
    live.write("done/ada/t0.yaml")
    live.write("assigned/backend-developer/t1.yaml", dependencies="[t0]", tags="[one, two, three]")
    live.sync()
    page = open_page(live.url)
    name = card(page, "t1").locator(".agent-name")
    foot = card(page, "t1").locator(".card-foot")
    expect(name).to_be_attached()
    expect(foot.locator("> :not([hidden])").first).to_be_attached()
    for width in (320, 800, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        eventually(lambda: name.evaluate("name => name.clientWidth / name.scrollWidth") >= 0.7)
        eventually(lambda: foot.evaluate("foot => foot.scrollWidth <= foot.clientWidth"))


def test_cards_are_as_high_as_what_they_hold(live: Live, open_page: Open) -> None:
    live.write("assigned/ada/t1.yaml", title="Short")
    live.write("assigned/ada/t2.yaml", title="A long title " * 12, artefacts="[a.txt]", tags="[one]")
    (live.root / "assigned/ada/t3.yaml").write_text("id: t3\na: [\n")
    live.sync()
    page = open_page(live.url)
    expect(page.locator("task-card")).to_have_count(3)
    for each in ("t1", "t2", "t3"):
        eventually(
            lambda each=each: card(page, each).evaluate(
                "card => { const last = card.querySelector('.card-foot').getBoundingClientRect();"
                " const rest = card.getBoundingClientRect().bottom - last.bottom; return rest >= 5 && rest <= 14 }"
            )
        )
