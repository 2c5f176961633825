"""Evidence in a real Chromium: cards and details say which artefacts are there, and follow the disk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kit.at_rest import what_stays
from kit.live import Live, eventually
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]


def card(page: Page, task_id: str) -> Locator:
    return page.locator(f'task-card[data-task-id="{task_id}"]')


def line(page: Page, task_id: str) -> Locator:
    return card(page, task_id).get_by_test_id("card-evidence")


def project(live: Live) -> Path:
    return live.workspace / "work/generated_projects/quay"


@pytest.fixture
def workspace(workspace: Path) -> Path:
    """A workspace with a project: two whole files, an empty one, an old one."""
    folder = workspace / "work/generated_projects/quay/src"
    folder.mkdir(parents=True)
    (folder / "old.py").write_text("old = 1\n")
    while not (folder / "a.py").exists() or changed_ns(folder / "a.py") <= changed_ns(folder / "old.py"):
        (folder / "a.py").write_text("a = 1\n")
    for name, text in (("b.py", "b = 2\n"), ("empty.py", "")):
        (folder / name).write_text(text)
    return workspace


def changed_ns(file: Path) -> int:
    return file.stat().st_ctime_ns


@pytest.fixture
def claimed(live: Live) -> Live:
    """Tasks that name artefacts: one at work, one done with something missing, one done with all of it."""
    names = [f"quay/src/{name}.py" for name in ("a", "b", "empty", "old", "gone")]
    began = datetime.fromtimestamp(changed_ns(project(live) / "src/old.py") // 1000 / 1e6 + 2e-6, UTC).isoformat()
    live.write("assigned/ada/t1.yaml", title="At work", started_at=f"'{began}'", artefacts=str(names))
    live.write("done/ada/t2.yaml", title="Lacking", artefacts="[src/a.py, src/gone.py, src/lost.py]", project="quay")
    live.write("done/ada/t3.yaml", title="Whole", artefacts="[src/a.py]", project="quay")
    live.write("inbox/t4.yaml", title="Names nothing")
    live.sync()
    eventually(lambda: len(live.json("/api/evidence")["evidence"]) == 3)
    return live


def test_a_card_says_what_is_there(claimed: Live, open_page: Open) -> None:
    page = open_page(claimed.url)
    expect(line(page, "t1")).to_have_text("Files 4/5, 1 empty, 1 not changed since the task began")
    expect(line(page, "t3")).to_have_text("Files 1/1")
    expect(line(page, "t3")).to_have_attribute("data-tone", "good")
    expect(card(page, "t4")).to_be_visible()
    expect(line(page, "t4")).to_have_count(0)


def test_a_done_task_whose_artefacts_are_missing_says_so(claimed: Live, open_page: Open) -> None:
    page = open_page(claimed.url)
    expect(line(page, "t2")).to_have_text("Done, but 2 of 3 files missing")
    expect(line(page, "t2")).to_have_attribute("data-tone", "bad")
    expect(line(page, "t1")).not_to_have_attribute("data-tone", "bad")


def test_a_card_follows_the_disk(claimed: Live, open_page: Open) -> None:
    page = open_page(claimed.url)
    expect(line(page, "t2")).to_have_text("Done, but 2 of 3 files missing")
    (project(claimed) / "src/gone.py").write_text("x")
    expect(line(page, "t2")).to_have_text("Done, but 1 of 3 files missing")
    expect(line(page, "t1")).to_contain_text("Files 5/5")
    (project(claimed) / "src/lost.py").write_text("x")
    expect(line(page, "t2")).to_have_text("Files 3/3")
    (project(claimed) / "src/a.py").unlink()
    expect(line(page, "t3")).to_have_text("Done, but 1 of 1 file missing")


def test_a_task_that_names_artefacts_later_gets_its_line(claimed: Live, open_page: Open) -> None:
    page = open_page(claimed.url)
    expect(card(page, "t4")).to_be_visible()
    claimed.write("inbox/t4.yaml", title="Names one now", artefacts="[quay/src/a.py]")
    expect(line(page, "t4")).to_have_text("Files 1/1")
    claimed.write("inbox/t4.yaml", title="And none again")
    expect(card(page, "t4")).to_contain_text("And none again")
    expect(line(page, "t4")).to_have_count(0)


def test_no_card_is_higher_than_it_was_laid_out(claimed: Live, open_page: Open) -> None:
    page = open_page(claimed.url)
    expect(line(page, "t1")).to_be_visible()
    cut = "cards => cards.filter(card => card.scrollHeight > card.clientHeight + 1).map(card => card.dataset.taskId)"
    assert what_stays(lambda: page.locator("task-card").evaluate_all(cut)) == []


def test_cards_can_be_filtered_by_missing_evidence(claimed: Live, open_page: Open) -> None:
    page = open_page(claimed.url)
    expect(line(page, "t2")).to_be_visible()
    page.get_by_test_id("filter-flag").select_option("evidence_missing")
    expect(page.locator("task-card")).to_have_count(1)
    expect(card(page, "t2")).to_be_visible()
    (project(claimed) / "src/a.py").unlink()
    expect(card(page, "t3")).to_be_visible()
    (project(claimed) / "src/a.py").write_text("x")
    expect(card(page, "t3")).to_have_count(0)


def test_the_detail_lists_every_artefact_with_its_state(claimed: Live, open_page: Open) -> None:
    page = open_page(f"{claimed.url}/#/tasks/t1")
    entries = page.get_by_test_id("artefacts").get_by_role("listitem")
    expect(entries).to_have_count(5)
    for number, state in enumerate(("present", "present", "empty", "unchanged", "missing")):
        expect(entries.nth(number)).to_have_attribute("data-state", state)
    expect(entries.nth(3)).to_contain_text("not changed since the task began")
    expect(page.get_by_test_id("evidence-sum")).to_have_text("Files 4/5, 1 empty, 1 not changed since the task began")
    expect(entries.nth(4).get_by_role("link")).to_have_count(0)


def test_the_verdict_stands_above_what_the_task_says(claimed: Live, open_page: Open) -> None:
    claimed.write("done/ada/t5.yaml", artefacts="[quay/src/a.py, quay/src/gone.py]", result="{summary: All done}")
    page = open_page(f"{claimed.url}/#/tasks/t5")
    expect(page.get_by_test_id("evidence-sum")).to_have_text("Done, but 1 of 2 files missing")
    place, result = page.get_by_test_id("evidence-sum"), page.locator("task-detail .box")
    expect(result).to_have_attribute("data-kind", "doubted")
    above, below = place.bounding_box(), result.bounding_box()
    assert above is not None and below is not None and above["y"] < below["y"]
    (project(claimed) / "src/gone.py").write_text("x")
    expect(result).to_have_attribute("data-kind", "result")


def test_a_file_outside_the_projects_opens_in_the_viewer(claimed: Live, open_page: Open) -> None:
    (claimed.workspace / "docs").mkdir()
    (claimed.workspace / "docs/plan.txt").write_text("What we plan\n")
    claimed.write("done/ada/t6.yaml", artefacts="[docs/plan.txt]")
    page = open_page(f"{claimed.url}/#/tasks/t6")
    page.get_by_test_id("artefacts").get_by_role("link").click()
    expect(page.locator("artifact-viewer")).to_contain_text("What we plan")
    expect(page.locator("artifact-tree")).to_contain_text("docs")


def test_the_detail_follows_the_disk(claimed: Live, open_page: Open) -> None:
    page = open_page(f"{claimed.url}/#/tasks/t2")
    entry = page.get_by_test_id("artefacts").get_by_role("listitem").nth(1)
    expect(entry).to_have_attribute("data-state", "missing")
    (project(claimed) / "src/gone.py").write_text("x")
    expect(entry).to_have_attribute("data-state", "present")


def test_an_artefact_leads_to_its_file(claimed: Live, open_page: Open) -> None:
    page = open_page(f"{claimed.url}/#/tasks/t3")
    link = page.get_by_test_id("artefacts").get_by_role("link")
    expect(link).to_have_attribute("href", "#/artifacts/quay?path=src%2Fa.py")
    link.click()
    expect(page).to_have_url(re.compile(r"#/artifacts/quay\?path=src%2Fa\.py"))
    expect(page.get_by_test_id("detail")).not_to_be_visible()


def test_hostile_names_are_shown_as_text(live: Live, open_page: Open) -> None:
    name = "<img src=x onerror=window.stolen=1>.md"
    (project(live) / name).write_text("x")
    live.write("inbox/t1.yaml", artefacts=f"['quay/{name}', '<b>bold</b>/x.md']")
    live.sync()
    page = open_page(f"{live.url}/#/tasks/t1")
    expect(page.get_by_test_id("artefacts")).to_contain_text(name)
    expect(page.get_by_test_id("artefacts").locator("img, b")).to_have_count(0)
    assert page.evaluate("window.stolen") is None


def test_evidence_survives_a_new_snapshot(claimed: Live, open_page: Open) -> None:
    page = open_page(claimed.url)
    expect(line(page, "t2")).to_be_visible()
    page.reload()
    expect(line(page, "t2")).to_have_text("Done, but 2 of 3 files missing")
