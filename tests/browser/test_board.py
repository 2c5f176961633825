"""The page in a real Chromium: it follows the disk, says the truth about its connection, and can be used."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kit.at_rest import two_frames
from kit.axe import serious
from kit.live import Live, eventually, running, task_text
from playwright.sync_api import Page, expect

from llm_service.feature import Trouble
from llm_service.hub.progress import LoadProgress
from llm_service.logs.events import RunOutput
from llm_service.logs.model import LogLine

Open = Callable[..., Page]


def cards(page: Page, lane: str) -> Any:
    return page.get_by_test_id(f"column-{lane}").get_by_test_id("card")


def card(page: Page, task_id: str) -> Any:
    return page.locator(f'task-card[data-task-id="{task_id}"]')


def in_sync(page: Page) -> None:
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")


def count(page: Page, lane: str, number: int) -> None:
    expect(page.get_by_test_id(f"lane-count-{lane}")).to_have_text(str(number))


@pytest.fixture
def board(live: Live) -> Live:
    """A small board with a bit of everything."""
    live.write("inbox/t1.yaml", title="Find the leak", priority="critical", tags="[memory]", dependencies="[t4]")
    live.write("inbox/t5.yaml", title="Water the plants", dependencies="[t2]")
    live.write("assigned/ada/t2.yaml", title="Paint the fence", status="in_progress", description="'**bold** words'")
    live.write("assigned/bob/t3.yaml", title="Sharpen the saw", priority="low")
    live.write("done/ada/t4.yaml", title="Dig the well", status="in_progress")
    (live.root / "inbox/broken.yaml").write_text("id: broken\ntitle: Half\nlist:\n  - **bold**: x\nmore: 1\n")
    live.sync()
    return live


def test_the_board_shows_what_lies_on_the_disk(board: Live, open_page: Open) -> None:
    page = open_page(board.url)
    in_sync(page)
    count(page, "inbox", 3)
    count(page, "assigned", 2)
    count(page, "done", 1)
    expect(card(page, "t1")).to_contain_text("Find the leak")
    expect(card(page, "t1").locator("[data-dependencies]")).to_have_count(0)  # they are met: nothing to say
    expect(card(page, "t5")).to_contain_text("blocked by Paint the fence")
    expect(card(page, "t4")).to_contain_text("in_progress")


def test_cards_follow_the_disk_through_the_lanes(board: Live, open_page: Open) -> None:
    page = open_page(board.url)
    in_sync(page)
    os.rename(board.root / "inbox/t1.yaml", board.root / "assigned/ada/t1.yaml")
    expect(page.get_by_test_id("column-assigned").locator('[data-task-id="t1"]')).to_be_visible()
    shutil.copy(board.root / "assigned/ada/t1.yaml", board.root / "done/ada/t1.yaml")
    (board.root / "assigned/ada/t1.yaml").unlink()
    expect(page.get_by_test_id("column-done").locator('[data-task-id="t1"]')).to_be_visible()
    (board.root / "done/ada/t1.yaml").unlink()
    expect(card(page, "t1")).to_have_count(0)
    board.write("inbox/t9.yaml", title="Brand new")
    expect(card(page, "t9")).to_contain_text("Brand new")
    expect(page.get_by_test_id("activity-item").first).to_contain_text("Brand new")


def test_the_page_survives_the_removal_of_everything_and_its_return(board: Live, open_page: Open) -> None:
    page = open_page(board.url)
    in_sync(page)
    kept = board.workspace / "kept"
    for number in range(10, 20):
        board.write(f"inbox/t{number}.yaml")
    count(page, "inbox", 13)
    os.rename(board.root, kept)
    expect(page.get_by_test_id("banner")).to_contain_text(f"Folder missing: {board.root}")
    expect(page.get_by_test_id("board-note")).to_contain_text(
        f"{board.root} is missing. The cards are as they were last."
    )
    expect(page.get_by_test_id("badge")).to_contain_text("folder missing")
    count(page, "inbox", 13)  # the cards are there, pale
    expect(page.locator("task-card").first).to_have_css("opacity", "0.55")
    expect(page.get_by_test_id("empty-board")).not_to_be_visible()
    again = open_page(board.url)
    for one in (page, again):
        expect(one.get_by_test_id("board-note")).to_contain_text("is missing")
    os.rename(kept, board.root)
    for one in (page, again):
        count(one, "inbox", 13)
        in_sync(one)
        expect(one.get_by_test_id("banner")).not_to_be_visible()
        expect(one.get_by_test_id("board-note")).not_to_be_visible()
    expect(page.locator("task-card").first).to_have_css("opacity", "1")


def test_opened_while_the_folder_is_missing_the_board_says_so(start: Callable[..., Live], open_page: Open) -> None:
    live = start()
    os.rename(live.root, live.workspace / "kept")
    page = open_page(live.url)
    expect(page.get_by_test_id("board-missing")).to_contain_text(str(live.root))
    expect(page.get_by_test_id("empty-board")).not_to_be_visible()
    os.rename(live.workspace / "kept", live.root)
    expect(page.get_by_test_id("empty-board")).to_be_visible()


def test_many_removals_at_once_are_one_entry_of_the_activity(board: Live, open_page: Open) -> None:
    for number in range(10, 20):
        board.write(f"inbox/t{number}.yaml")
    board.sync()
    page = open_page(board.url)
    count(page, "inbox", 13)
    for path in sorted(board.root.glob("inbox/t1?.yaml")):
        path.unlink()
    removed = page.get_by_test_id("activity-item").and_(page.locator('[data-type="task.removed"]'))
    expect(removed.filter(has_text="Removed 10 tasks")).to_have_count(1)
    expect(removed).to_have_count(1)
    expect(removed.get_by_role("link").first).not_to_be_visible()
    removed.get_by_text("Removed").click()
    expect(removed.get_by_role("link")).to_have_count(10)


def test_a_flood_of_output_pushes_nothing_out_of_the_activity(board: Live, open_page: Open) -> None:
    line = LogLine("run", "job", 1, None, "info", "agent", "idle", "x" * 20_000, "x")
    for number in range(1_200):
        lines = RunOutput(job="job", run="run", generation=1, lines=(line,), from_seq=number, to_seq=number, skipped=0)
        board.dashboard.hub.publish(lines)
    page = open_page(board.url)
    count(page, "inbox", 3)
    expect(page.get_by_test_id("activity-item").and_(page.locator('[data-type="task.invalid"]'))).to_have_count(1)


def test_what_is_wrong_is_named_in_one_sentence_each_and_does_not_cover_the_page(
    board: Live, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = ("refused", "unreadable", "linked", "state", "history", "later")
    troubles = [Trouble(f"/place/{mode}", mode, f"why {mode}") for mode in modes]
    monkeypatch.setattr(board.dashboard.features[0], "troubles", lambda: troubles)
    page = open_page(board.url)
    banner = page.get_by_test_id("banner")
    expect(banner).to_contain_text("Not allowed without your approval: /place/refused.")
    expect(banner).to_contain_text("Folder cannot be read: /place/unreadable.")
    expect(banner).to_contain_text("Problem: /place/linked. Why linked.")
    later = banner.get_by_text("Problem: /place/later. Why later.")
    expect(later).not_to_be_visible()
    banner.get_by_text("3 more").click()
    expect(later).to_be_visible()


def test_many_refusals_are_one_notice_with_a_list(
    board: Live, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles = [Trouble(f"/place/{number}", "refused", f"why {number}") for number in range(17)]
    troubles += [Trouble("/place/Inbox", "skipped", "it looks like a lane")]
    monkeypatch.setattr(board.dashboard.features[0], "troubles", lambda: troubles)
    page = open_page(board.url)
    kind = page.get_by_test_id("notice-kind")
    expect(kind).to_have_count(1)
    expect(kind).to_contain_text("Not allowed without your approval: 17 places.")
    expect(page.get_by_test_id("banner")).to_contain_text("Left out: /place/Inbox. Nothing in it is shown.")
    last = kind.get_by_text("/place/16")
    expect(last).not_to_be_visible()
    kind.locator("summary").click()
    last.evaluate("place => place.scrollIntoView()")
    expect(kind).to_contain_text("/place/16 Why 16.")
    expect(page.locator("task-card").first).to_be_visible()


def test_after_a_restart_of_the_server_the_page_resumes_by_itself(
    workspace: Path, open_page: Open, take_port: Callable[[], int]
) -> None:
    port = take_port()
    live = running(workspace, port=port)
    live.write("inbox/t1.yaml", title="Before")
    live.sync()
    page = open_page(live.url, console_must_be_empty=False)  # the browser itself reports the refused connections
    in_sync(page)
    live.stop()
    badge = page.get_by_test_id("badge")
    expect(badge).not_to_have_attribute("data-state", "in_sync")
    expect(badge).not_to_contain_text("in sync")
    live.write("inbox/t2.yaml", title="While it was away")
    os.rename(live.root / "inbox/t1.yaml", live.root / "done/ada/t1.yaml")
    again = running(workspace, port=port)
    try:
        in_sync(page)
        count(page, "inbox", 1)
        count(page, "done", 1)
        expect(card(page, "t2")).to_contain_text("While it was away")
    finally:
        again.stop()


def test_a_sleeping_tab_is_true_again_when_it_wakes(board: Live, open_page: Open) -> None:
    page = open_page(board.url, console_must_be_empty=False)  # the browser itself reports the lost connection
    in_sync(page)
    page.context.set_offline(True)
    session = page.context.new_cdp_session(page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    for number in range(30):
        board.write(f"inbox/s{number}.yaml")
    board.dashboard.site.clients.disconnect_all()
    board.sync()
    page.context.set_offline(False)
    session.send("Page.setWebLifecycleState", {"state": "active"})
    count(page, "inbox", 33)
    in_sync(page)


def test_a_broken_file_is_a_card_with_line_and_column_and_heals(board: Live, open_page: Open) -> None:
    page = open_page(board.url)
    broken = page.get_by_test_id("card-broken")
    expect(broken).to_have_count(1)
    expect(broken).to_contain_text("Line 4")
    broken.click()
    problem = page.get_by_test_id("problem")
    expect(problem).to_contain_text("- **bold**: x")
    page.keyboard.press("Escape")
    board.write("inbox/broken.yaml", title="Whole again")
    expect(broken).to_have_count(0)
    expect(card(page, "broken")).to_contain_text("Whole again")


def test_the_last_good_version_of_a_broken_file_is_shown(board: Live, open_page: Open) -> None:
    page = open_page(f"{board.url}/#/tasks/t2")
    expect(page.get_by_test_id("detail")).to_contain_text("Paint the fence")
    (board.root / "assigned/ada/t2.yaml").write_text("id: t2\ntitle: [broken\n")
    page.get_by_test_id("tab-problem").click()
    expect(page.get_by_test_id("problem")).to_be_visible()
    expect(page.get_by_test_id("last-good")).to_contain_text("Paint the fence")


NAMES_AS_WRITTEN = """id: /2.10
title: No
milestone: 2.50
tags: [1.0, on]
estimated_hours: 1.50
created_at: Nov 5, 2026
error: none
branch: __init__
context:
  2.10: 1.
  gpt-4o: 0x1F
  release: 1.10
  passed: 42
"""


def test_names_are_shown_as_written_and_any_id_opens(board: Live, open_page: Open) -> None:
    (board.root / "inbox/names.yaml").write_text(NAMES_AS_WRITTEN)
    for number, task_id in enumerate(("..", "a/../b", "x?y#z", "a%2Fb")):
        (board.root / f"inbox/strange{number}.yaml").write_text(
            json.dumps({"id": task_id, "title": f"Opened {number}"})
        )
    board.sync()
    page = open_page(board.url)
    shown = card(page, "/2.10")
    expect(shown).to_contain_text("No")
    expect(shown).to_contain_text("on")
    shown.locator("[data-focus]").click()
    dialog = page.locator("task-detail dialog")
    facts = dialog.locator("aside")
    for text in ("2.50", "1.50", "Nov 5, 2026", "1.0"):
        expect(facts).to_contain_text(text)
    entries = dialog.locator(".mapping .pair")
    written = (r"2\.10\s*1\.", r"gpt-4o\s*0x1F", r"Release\s*1\.10", r"Passed\s*42")
    expect(entries).to_have_text([re.compile(text) for text in written])
    expect(dialog.locator(".main-text")).to_contain_text("__init__")
    expect(dialog.locator("[data-kind=error]")).to_have_count(0)
    expect(dialog.get_by_role("heading", name="Estimated hours")).to_have_count(0)
    for number, task_id in enumerate(("..", "a/../b", "x?y#z", "a%2Fb")):
        page.goto(f"{board.url}/#/tasks/{quote(task_id, safe='')}")
        expect(dialog).to_contain_text(f"Opened {number}")
        expect(dialog.locator(".main-text")).to_be_visible()


def test_details_show_fields_markdown_raw_and_history_and_follow_the_file(board: Live, open_page: Open) -> None:
    page = open_page(board.url)
    card(page, "t2").click()
    detail = page.get_by_test_id("detail")
    expect(detail.locator("strong", has_text="bold")).to_be_visible()
    expect(page).to_have_url(re.compile("#/tasks/t2$"))
    page.get_by_test_id("tab-raw").click()
    expect(page.get_by_test_id("raw")).to_contain_text("title: Paint the fence")
    page.get_by_test_id("tab-history").click()
    expect(page.get_by_test_id("history")).to_contain_text("Assigned")
    board.write("assigned/ada/t2.yaml", title="Paint it blue")
    expect(detail).to_contain_text("Paint it blue")
    (board.root / "assigned/ada/t2.yaml").unlink()
    expect(page.get_by_test_id("detail-notice")).to_contain_text("removed")
    page.go_back()
    expect(detail).not_to_be_visible()


def test_what_is_opened_while_a_task_closes_is_not_undone_by_its_way_back(board: Live, open_page: Open) -> None:
    page = open_page(board.url)
    page.get_by_role("link", name="Needs you").click()
    page.get_by_role("link", name="Board").click()
    for to in ("document.querySelector('a[href=\"#/costs\"]').click()", "document.body.dispatchEvent(key)"):
        card(page, "t2").click()
        expect(page.get_by_test_id("detail")).to_contain_text("Paint the fence")
        page.evaluate(
            "const key = new KeyboardEvent('keydown', {key: 'c', bubbles: true});"
            "document.querySelector('task-detail dialog').close();"
            "document.querySelector('task-detail').dispatchEvent(new CustomEvent('task-close', {bubbles: true}));" + to
        )
        expect(page.get_by_role("heading", name="Costs", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile("#/costs$"))
        page.go_back()
        expect(page).to_have_url(re.compile("#/board$"))


def test_search_and_filters_select_and_can_be_shared_as_a_link(board: Live, open_page: Open) -> None:
    page = open_page(board.url)
    page.get_by_test_id("search").fill("fence paint")
    expect(page.get_by_test_id("card")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=fence"))
    link = page.url
    page.get_by_test_id("search").fill("no such words")
    expect(page.get_by_test_id("no-match").first).to_be_visible()
    other = open_page(link)
    expect(other.get_by_test_id("card")).to_have_count(1)
    expect(other.get_by_test_id("search")).to_have_value("fence paint")
    third = open_page(f"{board.url}/#/board?agent=bob")
    expect(third.get_by_test_id("card")).to_have_count(1)
    expect(card(third, "t3")).to_be_visible()


def test_the_keyboard_is_enough(board: Live, open_page: Open) -> None:
    is_in_assigned = "document.activeElement.closest('[data-lane]')?.dataset.lane === 'assigned'"
    page = open_page(board.url)
    in_sync(page)
    page.keyboard.press("/")
    expect(page.get_by_test_id("search")).to_be_focused()
    page.keyboard.type("paint")
    expect(page.get_by_test_id("card")).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_test_id("search").fill("")
    expect(page.get_by_test_id("card")).to_have_count(5)
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.activeElement.closest('[data-task-id]') !== null")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(is_in_assigned)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("detail")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("detail")).not_to_be_visible()
    page.wait_for_function(is_in_assigned)
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("help")).not_to_be_visible()


def test_both_themes_differ_and_the_choice_is_kept(board: Live, open_page: Open) -> None:
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = open_page(board.url, color_scheme="light")
    dark = open_page(board.url, color_scheme="dark")
    assert light.evaluate(background) != dark.evaluate(background)
    chosen = light.evaluate(background)
    for _ in range(3):
        light.get_by_test_id("theme-toggle").click()
        if light.evaluate(background) != chosen:
            break
    changed = light.evaluate(background)
    assert changed != chosen
    light.reload()
    in_sync(light)
    assert light.evaluate(background) == changed


@pytest.mark.parametrize("width", [390, 768, 1440, 2560])
def test_nothing_overflows_the_page_at_any_width(board: Live, open_page: Open, width: int) -> None:
    board.write("inbox/long.yaml", title="x" * 300, tags=f"[{'y' * 60}, {'z' * 60}]", agent="a" * 100)
    board.sync()
    page = open_page(board.url, viewport={"width": width, "height": 844})
    in_sync(page)
    assert eventually(lambda: page.evaluate("document.documentElement.scrollWidth") <= width)
    expect(card(page, "t1")).to_be_visible()
    card(page, "t1").click()
    expect(page.get_by_test_id("detail")).to_be_visible()
    assert eventually(lambda: page.evaluate("document.documentElement.scrollWidth") <= width)


def test_on_a_phone_every_lane_can_be_reached(board: Live, open_page: Open) -> None:
    page = open_page(board.url, viewport={"width": 390, "height": 844}, has_touch=True)
    in_sync(page)
    page.locator(".lane-tab[data-lane=done]").click()
    expect(card(page, "t4")).to_be_in_viewport()


def test_axe_finds_nothing_serious(board: Live, open_page: Open) -> None:
    page = open_page(board.url, bypass_csp=True, console_must_be_empty=False)
    in_sync(page)
    assert serious(page) == []
    card(page, "t2").click()
    expect(page.get_by_test_id("detail")).to_contain_text("bold")
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_be_visible()
    assert serious(page) == []


def test_an_empty_board_says_what_to_do(live: Live, open_page: Open) -> None:
    page = open_page(live.url)
    expect(page.get_by_test_id("empty-board")).to_be_visible()
    live.write("inbox/t1.yaml")
    expect(card(page, "t1")).to_be_visible()


def test_loading_is_shown_as_such(live: Live, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.dashboard.hub, "progress", LoadProgress())
    live.dashboard.hub.progress.total = 20_000
    page = open_page(live.url)
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "loading")
    expect(page.get_by_test_id("loading")).to_contain_text("20,000")


PAYLOADS = [
    "<img src=x onerror=window.hacked=1>",
    "<script>window.hacked=1</script>",
    "<svg/onload=window.hacked=1>",
    '"><iframe srcdoc="<script>parent.hacked=1</script>">',
    "<a href=javascript:window.hacked=1>click</a>",
    "[click](javascript:window.hacked=1)",
    "![x](javascript:window.hacked=1)",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=window.hacked=1></style></mglyph></math>",
    "<details open ontoggle=window.hacked=1>",
    "<form action=javascript:window.hacked=1><button>go</button></form>",
    "<style>*{display:none}</style>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "&lt;img src=x onerror=window.hacked=1&gt;",
    "<base href=//example.org/><meta http-equiv=refresh content=0;url=//example.org>",
]


def write_hostile(live: Live, number: int, payload: str) -> None:
    """Task files that have a payload in every field and in their names."""
    quoted = json.dumps(payload)
    fields = dict.fromkeys(("title", "agent", "priority", "status", "batch", "description", "notes", "mode"), quoted)
    lists = dict.fromkeys(("tags", "dependencies", "artefacts"), f"[{quoted}]")
    live.write(f"inbox/t{number}.yaml", **fields, **lists)
    name = payload.replace("/", "∕")[:60]
    (live.root / f"inbox/{name}.yaml").write_text(f"id: {quoted}\ntitle: x\n")
    (live.root / f"inbox/broken {name}.yaml").write_text(f"id: broken{number}\n{payload}: [\n")
    folder = live.root / "assigned" / name
    folder.mkdir()
    (folder / f"u{number}.yaml").write_text(task_text(f"u{number}"))


def test_markup_in_a_task_never_becomes_markup(live: Live, open_page: Open) -> None:
    for number, payload in enumerate(PAYLOADS):
        write_hostile(live, number, payload)
    live.sync()
    page = open_page(live.url, viewport={"width": 1440, "height": 9_000})  # all cards are in view, so all are drawn
    in_sync(page)
    expect(page.locator("task-card")).to_have_count(4 * len(PAYLOADS))
    forbidden = (
        "body :is(script:not([src]), iframe, base, object, embed, style, [onerror], [onload], [ontoggle]),"
        " body a[href^='javascript' i], :is(main, dialog) img[src='x']"
    )
    for number, payload in enumerate(PAYLOADS):
        card(page, f"t{number}").click()
        expect(page.get_by_test_id("detail").locator("h2")).to_have_text(payload)
        for tab in ("raw", "history", "overview"):
            page.get_by_test_id(f"tab-{tab}").click()
        two_frames(page)
        assert page.evaluate("window.hacked") is None, payload
        assert page.locator(forbidden).evaluate_all("all => all.map((one) => one.outerHTML)") == [], payload
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("detail")).to_be_hidden()


def test_files_of_one_id_are_cards_of_their_own_that_lead_to_each_other(board: Live, open_page: Open) -> None:
    board.write("assigned/ada/soup.yaml", title="Cook the soup", status="in_progress")
    board.sync()
    conflict = "soup.sync-conflict-20261105-101010-ABCDEFG.yaml"
    (board.root / f"assigned/ada/{conflict}").write_text(task_text("soup", title="Cook an older soup"))
    (board.root / "done/ada/soup.yaml").write_text(task_text("soup", title="Cook last year's soup", status="done"))
    page = open_page(f"{board.url}/#/board", may_miss=True)  # a file moves while it is shown
    in_sync(page)
    files = page.locator('task-card[data-task-id="soup"]')
    expect(files).to_have_count(3)
    count(page, "assigned", 4)
    count(page, "done", 2)
    lead, copy = (
        page.locator('task-card[data-path="assigned/ada/soup.yaml"]'),
        page.locator(f'task-card[data-path$="{conflict}"]'),
    )
    expect(lead).to_contain_text("Cook the soup")
    expect(lead).to_contain_text("3 files, one id")
    expect(copy).to_contain_text("Cook an older soup")
    expect(copy.get_by_test_id("copy-mark")).to_have_attribute("title", re.compile("Syncthing"))
    (board.root / f"assigned/ada/{conflict}").write_text("id: soup\ntitle: [broken\n")
    expect(copy).to_contain_text("Broken file")
    expect(lead).to_contain_text("Cook the soup")

    lead.get_by_role("link", name="Cook the soup").click()
    others = page.get_by_test_id("files-with-this-id")
    expect(others.locator("li")).to_have_count(3)
    expect(others.locator("li").first).to_contain_text("this one")
    others.get_by_role("link", name="Cook last year's soup").click()
    detail = page.get_by_test_id("detail")
    expect(detail.get_by_role("heading", name="Cook last year's soup")).to_be_visible()
    expect(page).to_have_url(re.compile("path=done"))
    os.rename(board.root / "done/ada/soup.yaml", board.root / "inbox/soup.yaml")
    expect(detail.locator(".detail-names")).to_contain_text("inbox/soup.yaml")
    page.keyboard.press("Escape")
    (board.root / "inbox/soup.yaml").unlink()
    (board.root / f"assigned/ada/{conflict}").unlink()
    expect(files).to_have_count(1)
    expect(lead.get_by_test_id("shared-id")).to_have_count(0)


def test_the_mark_of_a_shared_id_shows_all_its_cards(board: Live, open_page: Open) -> None:
    for number in range(3):
        (board.root / f"inbox/copy-{number}.yaml").write_text(task_text("TODO-ID", title=f"Template {number}"))
    page = open_page(board.url)
    in_sync(page)
    page.locator('task-card[data-path="inbox/copy-1.yaml"]').get_by_test_id("shared-id").click()
    expect(page.locator("task-card")).to_have_count(3)
    expect(page.locator(".result")).to_have_text(re.compile("3 of 9"))


def named_by(more: Any) -> list[str]:
    """The tags that a mark stands for."""
    return str(more.get_attribute("title") or "").split("\n")


def test_a_card_counts_what_it_cannot_hold_and_keeps_its_id_and_age(board: Live, open_page: Open) -> None:
    tags = [f"a-tag-of-some-length-{number}" for number in range(15)]
    long = "urgent because the customer of the customer is waiting for it since the day before yesterday"
    board.write("assigned/someone-with-quite-a-long-name/t20.yaml", tags=json.dumps(tags), priority=long, title="Full")
    board.write("inbox/t21.yaml", tags="[one]", title="Little")
    page = open_page(board.url)
    full = card(page, "t20")
    more = full.get_by_test_id("foot-more")
    expect(more).to_have_text(re.compile(r"^\+\d+$"))
    # Nothing is left out without a sign.
    eventually(lambda: [*full.locator(".tag:visible").all_inner_texts(), *named_by(more)] == tags)
    expect(more).to_have_text(f"+{len(named_by(more))}")
    parts = ".card-foot > :not([hidden]), .card-id, time-ago"
    inside = """(card, parts) => [...card.querySelectorAll(parts)].every((part) => {
      const { left, right, width } = part.getBoundingClientRect();
      const box = card.getBoundingClientRect();
      return width > 0 && left >= box.left && right <= box.right;
    })"""
    eventually(lambda: full.evaluate(inside, parts))
    expect(full.locator(".card-id")).to_have_text("t20")
    expect(full.locator(".agent-name")).to_contain_text("someone")
    expect(card(page, "t21").get_by_test_id("foot-more")).to_have_count(0)


def test_on_a_phone_a_search_leads_to_a_lane_with_hits(board: Live, open_page: Open) -> None:
    page = open_page(board.url, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    in_sync(page)
    page.get_by_test_id("search").fill("Dig the well")  # it is in the last lane
    expect(card(page, "t4")).to_be_in_viewport()
    page.get_by_test_id("search").fill("Find the leak")
    expect(card(page, "t1")).to_be_in_viewport()


def test_what_is_chosen_can_be_told_without_our_colours_and_paper_has_the_page_alone(
    board: Live, open_page: Open
) -> None:
    page = open_page(board.url, forced_colors="active")
    in_sync(page)
    for chosen in (page.get_by_test_id("nav-board"), page.get_by_test_id("activity-toggle")):
        expect(chosen).to_have_css("outline-style", "solid")
    expect(page.get_by_test_id("nav-costs")).to_have_css("outline-style", "none")
    page.emulate_media(media="print", forced_colors="none")
    expect(page.get_by_test_id("activity")).not_to_be_visible()
    expect(card(page, "t1")).to_be_visible()
    eventually(lambda: card(page, "t1").evaluate("card => card.getBoundingClientRect().right") <= 1440)
