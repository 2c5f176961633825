"""The tracker of status files: what may be half-written waits, and what stays broken is said."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from kit.live import eventually
from kit.plans import PlanFiles, task

from llm_service.errors import FileChanging
from llm_service.plans.board import PlanBoard
from llm_service.plans.follow import MAX_PLANS, OUTPUT_FILES, PLAN_FILES, OutputTracker, PlanTracker
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.root import WatchedRoot
from llm_service.watch.settle import Settler


@pytest.fixture
def board() -> PlanBoard:
    return PlanBoard(lambda event: None)


@pytest.fixture
def files(tmp_path: Path, board: PlanBoard) -> PlanFiles:
    return PlanFiles(tmp_path)


def outputs(files: PlanFiles, board: PlanBoard, patience_s: float) -> OutputTracker:
    root = WatchedRoot(str(files.outputs), OUTPUT_FILES.folder, lambda hint: None, force_polling=True)
    return OutputTracker(root, Settler(0.01, 0.5), board, patience_s)


def plans(files: PlanFiles, board: PlanBoard) -> PlanTracker:
    root = WatchedRoot(str(files.plans), PLAN_FILES.folder, lambda hint: None, force_polling=True)
    return PlanTracker(root, Settler(0.01, 0.5), board, "docs/plans")


def test_a_broken_status_file_waits_while_it_is_young(files: PlanFiles, board: PlanBoard) -> None:
    files.plan("tide")
    path = files.status("tide", '{"tasks": [')
    plans(files, board).load()
    tracker = outputs(files, board, patience_s=3_600)
    tracker.load()
    assert (board.view.plans["tide"].problems, tracker.oldest_pending() is not None) == ((), True)
    with pytest.raises(FileChanging):
        tracker.read("tide/status.json")
    old = time.time() - 7_200
    os.utime(path, (old, old))
    tracker.rescan("")
    assert tracker.oldest_pending() is None
    assert "It is not JSON" in board.view.plans["tide"].problems[0]
    files.tasks("tide", task("1.1"))
    tracker.rescan("")
    assert board.view.plans["tide"].problems == ()


def test_there_is_a_limit_of_plans(files: PlanFiles, board: PlanBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_PLANS == 5_000
    monkeypatch.setattr("llm_service.plans.follow.MAX_PLANS", 2)
    for name in ("a", "b", "c"):
        files.plan(name)
    tracker = plans(files, board)
    tracker.load()
    assert sorted(board.view.plans) == ["a", "b"]
    (files.plans / "a.md").unlink()
    files.plan("c", files.plan("c").read_text() + "\n")
    tracker.rescan("")
    tracker.rescan("")
    assert sorted(board.view.plans) == ["b", "c"]


def test_a_plan_that_vanished_with_its_folder_is_gone_if_it_does_not_come_back(
    files: PlanFiles, board: PlanBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.plan("tide")
    files.plan("storm")
    tracker = plans(files, board)
    tracker.load()
    (files.plans / "tide.md").unlink()
    tracker.hint(Hint(HintKind.GONE, "tide.md", time.monotonic()), time.monotonic())
    with monkeypatch.context() as patched:
        patched.setattr(tracker.root, "is_there", lambda: False)
        eventually(lambda: tracker.turn(time.monotonic()))
    assert (set(board.view.plans), tracker.oldest_pending()) == ({"tide", "storm"}, None)
    tracker.rescan("")
    assert (set(board.view.plans), tracker.oldest_pending()) == ({"storm"}, None)
