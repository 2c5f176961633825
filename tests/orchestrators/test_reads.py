"""Every GET of the whole app, in a workspace with something for each feature, whose git names programs to run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
import requests
from kit.live import Live, running
from kit.orchestrators import write_registry
from kit.paths import ROOT
from kit.repositories import add_worktree, arm, digest_of, make_repository

LOCAL = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")

PROBE = "/api/doctor"
"""It writes a file that it removes again, to see that it is noticed: the folder has another time afterwards."""


def paths_of(live: Live) -> list[str]:
    """An address of each route that answers a GET: with names out of the answers of the lists where there are some."""
    plan = live.json("/api/plans")["data"][0]["name"]
    task = live.json(f"/api/plans/{plan}/tasks")["data"][0]["id"]
    values = {
        "name": plan, "task": task, "orchestrator_id": "o", "top": "lib", "rest": "dom", "filename": "index.html",
        "task_id": live.json("/api/tasks")["tasks"][0]["id"],
        "project": live.json("/api/projects")["projects"][0]["name"],
    }  # fmt: skip
    rules = [rule for rule in live.dashboard.site.flask.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return sorted({LOCAL.sub(lambda match: quote(str(values.get(match[1], "x"))), rule.rule) for rule in rules})


def ask(live: Live, path: str) -> int:
    """The status of the answer, of a stream that of its beginning."""
    with requests.get(f"{live.url}{path}", timeout=60, stream=True) as answer:
        if "event-stream" not in answer.headers.get("Content-Type", ""):
            _ = answer.content
        return answer.status_code


def test_no_get_of_the_whole_app_writes_or_starts_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    place, mark = tmp_path / "ws", tmp_path / "ran"
    shutil.copytree(ROOT / "work", place / "work", symlinks=True)
    shutil.copytree(ROOT / "work/docs", place / "docs")
    make_repository(place)
    (place / ".gitignore").write_text("work/\n")
    tree = add_worktree(place, "a")
    arm(place, mark)
    write_registry(place, {"id": "o", "plan": "deposit-at-booking", "status": "running", "pid": 1, "started_at": "x"})
    live = running(place, state_dir=str(tmp_path / "state"), control=True)
    try:
        live.sync()  # plans and projects are read after the board
        live.json("/api/worktrees")  # the helper that reads repositories is started by the first
        own = psutil.Process()
        paths = paths_of(live)
        assert {"/api/worktrees", "/api/resources", "/api/orchestrators/o", "/metrics", PROBE} <= set(paths)
        processes = {child.pid for child in own.children(recursive=True)}
        before = {**digest_of(place), "tree": digest_of(tree)}
        statuses = {path: ask(live, path) for path in paths if path != PROBE}
        assert {child.pid for child in own.children(recursive=True)} <= processes
        after = {**digest_of(place), "tree": digest_of(tree)}
        assert {name for name in before | after if before.get(name) != after.get(name)} == set()
        assert ask(live, PROBE) == 200
        after = {**digest_of(place), "tree": digest_of(tree)}
        assert {name for name in before | after if before.get(name) != after.get(name)} <= {"work"}
        assert not mark.exists()
    finally:
        live.stop()
    assert [path for path, status in statuses.items() if status >= 500] == []
    assert sum(status == 200 for status in statuses.values()) > 50
