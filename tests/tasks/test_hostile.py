"""Hostile files on a live board: each is a card or is refused, nothing answers 500, and other tasks are not
affected."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from kit.hostile_files import HOSTILE
from kit.live import Live, running


@pytest.mark.timeout(600)
def test_no_hostile_file_stops_the_board_or_the_next_task(live: Live) -> None:
    listener = live.listen()
    for number, hostile in enumerate(HOSTILE):
        hostile.make(live.root / "inbox" / f"{number}-{hostile.file_name}")
        live.write(f"inbox/after-{number}.yaml")
        listener.first("task.created", id=f"after-{number}")
    live.sync()
    health = live.json("/health")
    assert "error" not in health["watchers"][0]
    tasks = live.json("/api/snapshot")["tasks"]
    assert len(tasks) > len(HOSTILE)
    for task in tasks:
        detail = live.get(f"/api/tasks/{quote(task['id'], safe='')}", params={"path": task["path"]})
        assert detail.status_code == 200, (task["id"], detail.text[:300])
        body = detail.json()
        assert body["task"] == task
        assert (body["problem"] is not None) or task["error"] is None
    for path in ("/api/tasks?limit=500", "/api/overview", "/api/stats", "/api/events?since=0", "/api/tasks?q=a"):
        assert live.get(path).status_code == 200


def test_a_board_started_on_hostile_files_becomes_ready(workspace, start) -> None:  # type: ignore[no-untyped-def]
    for number, hostile in enumerate(HOSTILE):
        hostile.make(workspace / "work/collaboration/inbox" / f"{number}-{hostile.file_name}")
    live = start()
    assert live.json("/health")["loading"] is None
    listener = live.listen()
    live.write("inbox/after.yaml")
    listener.first("task.created", id="after")


@pytest.mark.parametrize("name", ["プロ\u3000ジェクト", "mon\u00a0projet", "👩\u200d💻"])
def test_a_dashboard_serves_a_folder_of_any_name(name: str, tmp_path: Path) -> None:
    inbox = tmp_path / name / "work/collaboration/inbox"
    inbox.mkdir(parents=True)
    live = running(tmp_path / name)
    try:
        (inbox / f"{name}.yaml").write_text("title: Here\n")
        live.sync()
        assert [(task["id"], task["path"]) for task in live.json("/api/tasks")["tasks"]] == [
            (name, f"inbox/{name}.yaml")
        ]
        assert live.json("/health")["workspace"] == str(tmp_path / name)
    finally:
        live.stop()
