"""What people decided: for whom it counts, how long, and what a file that agents can write does at worst."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llm_service.needs_you.desk import NAME, CannotStore, NeedDesk
from llm_service.needs_you.model import Need, need_id

NEED = Need(
    id=need_id("x"), kind="failed", source="jobs", title="T", text=None, since="2026-11-20T12:00:00.000Z",
    certainty="confirmed", rests_on="R", link=None, link_label=None, project=None,
)  # fmt: skip


class Clock:
    """The time, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_snooze_is_for_one_person_and_ends(tmp_path: Path) -> None:
    clock = Clock()
    desk = NeedDesk(str(tmp_path), clock)
    desk.snooze(NEED.id, "ada", 30)
    assert desk.shown(NEED, "ada").snoozed_until is not None
    assert desk.shown(NEED, "bob").is_open
    assert NeedDesk(str(tmp_path), clock).shown(NEED, "ada").snoozed_until is not None  # also after a restart
    clock.now += 30 * 60
    assert desk.shown(NEED, "ada").is_open


def test_done_is_for_all_until_it_is_taken_back(tmp_path: Path) -> None:
    desk = NeedDesk(str(tmp_path), Clock())
    desk.done(NEED.id, "ada")
    shown = desk.shown(NEED, "bob")
    assert (shown.is_open, shown.done_by) == (False, "ada")
    assert not NeedDesk(str(tmp_path), Clock()).shown(NEED, "bob").is_open
    desk.restore(NEED.id, "bob")
    assert desk.shown(NEED, "ada").is_open
    assert NeedDesk(str(tmp_path), Clock()).shown(NEED, None).is_open


def test_old_and_too_many_decisions_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.needs_you.desk._MOST", 3)
    clock = Clock()
    desk = NeedDesk(str(tmp_path), clock)
    desk.done("first", None)
    clock.now += 91 * 86_400
    for number in range(5):
        desk.done(f"n{number}", None)
        clock.now += 1
    marks = json.loads((tmp_path / NAME).read_text())["marks"]
    assert [mark["id"] for mark in marks] == ["n2", "n3", "n4"]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"marks": 5}', '{"marks": [5, null, {}, {"id": 1, "at": 2}, {"id": "a"}]}', "[" * 100_000,
        json.dumps({"marks": [{"id": NEED.id, "at": "x", "by": 5, "until": None}]}),
        json.dumps({"marks": [{"id": NEED.id, "at": "x", "by": None, "until": 9}]}),
    ],
)  # fmt: skip
def test_a_file_that_somebody_broke_hides_nothing_and_is_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    desk = NeedDesk(str(tmp_path), Clock())
    assert desk.shown(NEED, None).is_open
    desk.done(NEED.id, None)
    assert not NeedDesk(str(tmp_path), Clock()).shown(NEED, None).is_open


def test_what_cannot_be_stored_is_said_and_does_not_count(tmp_path: Path) -> None:
    desk = NeedDesk(str(tmp_path / "gone"), Clock())
    with pytest.raises(CannotStore, match="cannot be written"):
        desk.done(NEED.id, None)
    assert desk.shown(NEED, None).is_open
    refused = NeedDesk(str(tmp_path), Clock(), lambda: "the workspace was moved")
    with pytest.raises(CannotStore, match="the workspace was moved"):
        refused.snooze(NEED.id, None, 5)
