"""The link that opens a task's file in an editor: made of the user's template, never one that runs in the page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from kit.live import Live, running

from llm_service.tasks.editor import editor_link, editor_problem


@pytest.mark.parametrize(
    "good", ["", "vscode://file{path}", "idea://open?file={path}", "http://localhost:63342/{path}"]
)
def test_a_template_that_can_be_used(good: str) -> None:
    assert editor_problem(good) is None


@pytest.mark.parametrize(
    "bad",
    ["vscode://file", "{path}", "javascript:open('{path}')", "data:text/html,{path}", "file://{path}",
     "vscode://file{path}{path}", "VSCODE://{path}", "vscode://fi le{path}", "vscode://file{path}\n"],
)  # fmt: skip
def test_a_template_that_cannot(bad: str) -> None:
    assert editor_problem(bad) is not None


def test_the_path_is_absolute_and_encoded() -> None:
    assert editor_link("vscode://file{path}", "/w", "inbox/a b#c?.yaml") == "vscode://file/w/inbox/a%20b%23c%3F.yaml"
    assert editor_link("x://{path}", "/w", os.fsdecode(b"inbox/\xff.yaml")) == "x:///w/inbox/%FF.yaml"
    assert editor_link("", "/w", "inbox/a.yaml") is None


def test_details_say_where_the_file_is_and_how_to_open_it(live: Live) -> None:
    live.write("inbox/t1.yaml", acceptance_criteria="['[x] a', '[ ] b']")
    live.sync()
    os.rename(live.root / "inbox/t1.yaml", live.root / "done/ada/t1.yaml")
    live.sync()
    task = live.json("/api/tasks/t1")
    file = str(live.root / "done/ada/t1.yaml")
    assert (task["file_path"], task["editor_url"]) == (file, f"vscode://file{file}")
    assert [(each["lane"], each["visits"], each["is_exact"]) for each in task["lane_times"]] == [
        ("inbox", 1, True), ("done", 1, True),
    ]  # fmt: skip
    assert task["lane_times"][0]["since"] is None
    assert task["lane_times"][1]["since"] == task["history"][-1]["time"]
    assert task["task"]["checklist"] == {"done": 1, "total": 2}


def test_nothing_is_offered_where_the_user_wants_nothing(workspace: Path) -> None:
    live = running(workspace, editor_link="")
    try:
        live.write("inbox/t1.yaml")
        live.sync()
        assert live.json("/api/tasks/t1")["editor_url"] is None
    finally:
        live.stop()
