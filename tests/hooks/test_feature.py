"""The sessions of agents in a running dashboard: from a line of a hook to events, REST, metrics and doctor."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kit.hook_payloads import SESSION, asked, bash, claude
from kit.hook_reports import report
from kit.live import Live, eventually, running

from llm_service.hooks.append_line import name_of
from llm_service.hooks.feature import Hooks
from llm_service.hooks.follow import HookTracker
from llm_service.hooks.retention import HookRetention
from llm_service.users.model import User, hash_of

Start = Callable[..., Live]
TOPIC = {"topics": ["needs_you"]}


def here(workspace: Path, event: str, session: str = SESSION, **more: Any) -> dict[str, Any]:
    """A payload of a session in the workspace."""
    return claude(event, **more) | {"session_id": session, "cwd": str(workspace)}


def test_who_waits_is_announced_and_who_goes_on(live: Live, workspace: Path) -> None:
    listener = live.listen(**TOPIC)
    report(workspace, here(workspace, "UserPromptSubmit"))
    assert listener.first("agent.session")["session"]["state"] == "working"
    report(
        workspace,
        here(workspace, "PreToolUse", **bash("t1")),
        here(workspace, "PermissionRequest", **asked("git push -f")),
    )
    waiting = listener.first("agent.waiting")["session"]
    assert (waiting["id"], waiting["state"], waiting["certainty"]) == (SESSION, "permission", "confirmed")
    assert (waiting["tool"], waiting["text"], waiting["client"], waiting["folder"]) == (
        "Bash",
        "git push …",
        "claude-code",
        "",
    )
    assert waiting["file"] == f"work/hooks/{SESSION}.jsonl"
    report(workspace, here(workspace, "PostToolUse", **bash("t1"), tool_response={}))
    resumed = listener.first("agent.resumed")
    assert (resumed["session"]["state"], resumed["previous_state"]) == ("working", "permission")
    assert resumed["previous_since"] == waiting["since"]
    (session,) = live.json("/api/sessions?state=working")["sessions"]
    assert session["lines"] == 4
    assert live.json("/api/sessions?state=idle")["sessions"] == []
    assert live.json("/api/stats")["sessions"]["working"] == 1
    assert 'llm_service_sessions{state="working"} 1.0' in live.get("/metrics").text
    assert [one["id"] for one in live.json("/api/snapshot?topics=needs_you")["sessions"]] == [SESSION]


def test_a_removed_file_is_a_session_that_waits_no_longer(live: Live, workspace: Path) -> None:
    listener = live.listen(**TOPIC)
    report(workspace, here(workspace, "PermissionRequest", **asked()))
    listener.first("agent.waiting")
    (workspace / "work/hooks" / name_of(SESSION)).unlink()
    listener.first("agent.resumed")
    live.sync()
    assert live.json("/api/sessions")["sessions"] == []


def test_what_was_there_at_the_start_is_known_and_no_news(start: Start, workspace: Path) -> None:
    report(workspace, here(workspace, "PermissionRequest", **asked()))
    report(workspace, *[here(workspace, "PreToolUse", "other", **bash(f"t{number}")) for number in range(1_200)])
    live = start()
    listener = live.listen(since=0)
    live.sync()
    assert {one["id"]: one["lines"] for one in live.json("/api/sessions")["sessions"]} == {SESSION: 1, "other": 1_200}
    report(workspace, here(workspace, "Stop"))
    assert listener.first("agent.resumed")["session"]["state"] == "idle"
    assert [name for name, _ in listener.got if name in ("agent.waiting", "agent.session")] == []


def test_lines_that_are_none_are_counted_and_stop_nothing(live: Live, workspace: Path) -> None:
    folder = workspace / "work/hooks"
    folder.mkdir(parents=True)
    deep = "[" * 100_000
    good = b'{"event":"PermissionRequest","tool":"Bash","time":"2999-01-01T00:00:00Z","text":5,"client":["x"]}'
    bad = [b"{", b"[]", b'{"event":7}', deep.encode(), b"\xff\x00", b'{"event":""}', b"x" * 70_000]
    (folder / "a.jsonl").write_bytes(b"\n".join([*bad, good, b""]))
    (folder / "b.jsonl").write_bytes(b"\n".join([*bad, b""]))
    os.mkfifo(folder / "c.jsonl")
    (folder / "d.jsonl").symlink_to("/etc/passwd")
    (folder / "deep").mkdir()
    (folder / "deep/e.jsonl").write_bytes(good + b"\n")
    (folder / "f.jsonl").write_bytes(b'{"event":"Notification","kind":"elicitation_dialog","text":"\\ud800 <b>?"}\n')
    live.sync()
    found = {one["id"]: one for one in live.json("/api/sessions")["sessions"]}
    assert set(found) == {"a", "f"}
    assert (found["a"]["state"], found["a"]["client"], found["a"]["text"]) == ("permission", "unknown", None)
    assert datetime.fromisoformat(found["a"]["since"]) <= datetime.now(UTC)
    assert "<b>?" in found["f"]["text"]
    refused = {row["file"]: row for row in live.json("/api/sessions")["refused"]}
    assert refused["work/hooks/a.jsonl"]["lines"] == len(bad)
    assert refused["work/hooks/b.jsonl"]["lines"] == len(bad)
    troubles = [row for row in live.json("/health")["troubles"] if row["mode"] == "hooks"]
    assert [row["root"] for row in troubles] == [str(folder / "b.jsonl")]


def test_secrets_that_somebody_wrote_into_a_line_are_not_shown(live: Live, workspace: Path) -> None:
    folder = workspace / "work/hooks"
    folder.mkdir(parents=True)
    secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    line = {"event": "PermissionRequest", "tool": "Bash", "text": f"export TOKEN={secret}", "client": secret}
    (folder / "s.jsonl").write_text(json.dumps(line) + "\n")
    live.sync()
    answer = live.get("/api/sessions").text
    assert "permission" in answer
    assert secret not in answer


def test_a_session_belongs_to_the_project_in_which_it_works(start: Start, workspace: Path) -> None:
    users = (
        User("root", hash_of("r" * 32), "admin", (), None),
        User("eve", hash_of("e" * 32), "user", ("shop",), None),
    )
    for project in ("shop/web", "bank"):
        (workspace / "work/generated_projects" / project).mkdir(parents=True)
    live = start(users=users)
    admin, eve = ({"Authorization": f"Bearer {letter * 32}"} for letter in "re")
    places = {"shop-1": "work/generated_projects/shop/web", "bank-1": "work/generated_projects/bank", "root-1": ""}
    listener = live.listen(topics=["needs_you"], token="e" * 32)
    listener.first("snapshot")
    for session, place in places.items():
        report(workspace, here(workspace, "PermissionRequest", session, **asked()) | {"cwd": str(workspace / place)})
    eventually(lambda: len(live.json("/api/sessions", headers=admin)["sessions"]) == 3)
    found = {one["id"]: one["project"] for one in live.json("/api/sessions", headers=admin)["sessions"]}
    assert found == {"shop-1": "shop", "bank-1": "bank", "root-1": ""}
    assert [one["id"] for one in live.json("/api/sessions", headers=eve)["sessions"]] == ["shop-1"]
    report(workspace, here(workspace, "Stop", "root-1"), here(workspace, "Stop", "shop-1"))
    listener.first("agent.resumed")
    assert {body["session"]["id"] for name, body in listener.got if name.startswith("agent.")} == {"shop-1"}
    snapshot = live.json("/api/snapshot?topics=needs_you", headers=eve)
    assert [one["id"] for one in snapshot["sessions"]] == ["shop-1"]


def test_a_line_that_is_written_in_pieces_counts_when_it_is_complete(live: Live, workspace: Path) -> None:
    listener = live.listen(**TOPIC)
    path = workspace / "work/hooks/s.jsonl"
    path.parent.mkdir(parents=True)
    with path.open("w") as file:
        file.write('{"event":"Permission')
        file.flush()
        live.sync()
        assert live.json("/api/sessions")["sessions"] == []
        file.write('Request","tool":"Bash"}\n')
    assert listener.first("agent.waiting")["session"]["tool"] == "Bash"


def test_too_many_sessions_are_not_read(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.hooks.follow.MOST_SESSIONS", 3)
    for number in range(6):
        report(workspace, here(workspace, "Stop", f"s{number}"))
    live = running(workspace)
    try:
        live.sync()
        assert len(live.json("/api/sessions")["sessions"]) == 3
    finally:
        live.stop()


def test_only_old_files_of_sessions_are_removed_when_there_is_too_much(start: Start, workspace: Path) -> None:
    report(workspace, here(workspace, "Stop", "oldest"), ago_s=200_000)
    report(workspace, here(workspace, "Stop", "old"), ago_s=100_000)
    report(workspace, here(workspace, "Stop", "young"))
    folder = workspace / "work/hooks"
    (folder / "foreign.jsonl").write_text('{"event":"x","time":"2026-01-01T00:00:00Z"}\n')
    (folder / "mixed.jsonl").write_text('{"event":"x","client":"codex","time":"2026-01-01T00:00:00Z"}\nnot ours\n')
    live = start()
    live.sync()
    hooks = live.feature(Hooks)
    tracker: HookTracker = hooks._tracker
    sizes = {path: signature.size_bytes for path, signature in tracker.mirror.files.items()}
    limit = sum(sizes.values()) - sizes["oldest.jsonl"]
    HookRetention(limit, hooks.board.sessions)(str(folder), tracker.mirror.files, tracker.refused)
    assert not (folder / "oldest.jsonl").exists()
    HookRetention(0, hooks.board.sessions)(str(folder), tracker.mirror.files, tracker.refused)
    assert sorted(path.name for path in folder.iterdir()) == ["foreign.jsonl", "mixed.jsonl", "young.jsonl"]
    eventually(lambda: {one["id"] for one in live.json("/api/sessions")["sessions"]} == {"foreign", "mixed", "young"})
