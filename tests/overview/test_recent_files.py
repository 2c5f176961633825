"""The files that changed lately: from events, and from a journal in which anybody may have written."""

from __future__ import annotations

from typing import Any

import pytest

from llm_service.artifacts.events import ArtifactBatch, ArtifactCreated, ArtifactMoved, ArtifactRemoved, ArtifactUpdated
from llm_service.artifacts.model import Artifact
from llm_service.overview.recent_files import RecentFiles


def file(path: str) -> Artifact:
    return Artifact("shop", path, path, "code", None, 1, "2026-03-10T12:00:00.000Z", 1, None, None, "file")


def shown(files: RecentFiles) -> list[tuple[str, str, float]]:
    return [(one.path, one.change, one.at) for one in files.latest_first()]


def test_of_each_file_the_last_change_counts() -> None:
    now = [1.0]
    files = RecentFiles(lambda: now[0])
    files.on_event(ArtifactCreated(artifact=file("a.py"), project="shop"))
    now[0] = 2.0
    files.on_event(ArtifactCreated(artifact=file("b.py"), project="shop"))
    now[0] = 3.0
    files.on_event(ArtifactUpdated(artifact=file("a.py"), project="shop"))
    moved = ArtifactMoved(artifact=file("c.py"), project="shop", previous_project="shop", previous_path="b.py")
    files.on_event(moved)
    assert shown(files) == [("a.py", "updated", 3.0), ("b.py", "created", 2.0)]
    files.on_event(ArtifactRemoved(artifact=file("b.py"), project="shop"))
    files.on_event(ArtifactBatch(project="shop", created=1, sample=(file("d.py"),), totals=None))
    files.on_event(ArtifactBatch(project="shop", listed=1, sample=(file("e.py"),), totals=None))  # it was there before
    assert [entry[:2] for entry in shown(files)] == [("d.py", "updated"), ("b.py", "removed"), ("a.py", "updated")]


def test_the_number_of_files_is_bounded() -> None:
    files = RecentFiles(lambda: 1.0)
    for number in range(600):
        files.on_event(ArtifactCreated(artifact=file(f"{number}.py"), project="shop"))
    assert len(shown(files)) == 500
    assert shown(files)[0][0] == "599.py"


def test_the_journal_says_what_was_before_and_no_more() -> None:
    files = RecentFiles(lambda: 1_800_000_000.0)
    files.on_event(ArtifactUpdated(artifact=file("a.py"), project="shop"))
    time = "2026-03-10T12:00:00.000Z"
    files.recall(
        [
            {"type": "artifact.updated", "project": "shop", "time": time, "artifact": {"path": "b.py"}},
            {
                "type": "artifact.batch",
                "project": "shop",
                "time": time,
                "created": 2,
                "sample": [{"path": "c.py"}, {"path": 3}, None],
            },
            {"type": "artifact.batch", "project": "shop", "time": time, "listed": 1, "sample": [{"path": "d.py"}]},
            {"type": "artifact.created", "project": "shop", "time": time, "artifact": {"path": "a.py"}},
        ]
    )
    assert [entry[:2] for entry in shown(files)] == [("a.py", "updated"), ("b.py", "updated"), ("c.py", "updated")]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": "artifact.created", "project": 7, "time": "2026-03-10T12:00:00Z", "artifact": {"path": "x"}},
        {"type": "artifact.created", "project": "shop", "time": "soon", "artifact": {"path": "x"}},
        {"type": "artifact.created", "project": "shop", "time": 5, "artifact": {"path": "x"}},
        {"type": "artifact.created", "project": "shop", "time": "2026-03-10T12:00:00Z", "artifact": "x"},
        {"type": "artifact.batch", "project": "shop", "time": "2026-03-10T12:00:00Z", "created": 1, "sample": {}},
    ],
)
def test_what_is_no_event_of_a_file_is_left_out(event: dict[str, Any]) -> None:
    files = RecentFiles(lambda: 1.0)
    files.recall([event])
    assert shown(files) == []
