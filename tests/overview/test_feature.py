"""`GET /api/overview` of a running dashboard: what is joined, what is not known, the event, and who may see what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.hook_payloads import asked, bash, claude
from kit.hook_reports import report
from kit.live import Live, eventually, running
from kit.transcripts import claude_session, write_lines

from llm_service.users.model import User, hash_of

Start = Callable[..., Live]
PROJECT = "work/generated_projects/shop"


def count(live: Live, *calls: dict[str, Any]) -> None:
    bodies = [
        {"invocation_id": f"c{number}", "model_name": "m", "prompt_tokens": 1, "completion_tokens": 1} | call
        for number, call in enumerate(calls)
    ]
    answer = requests.post(f"{live.url}/api/telemetry", json=bodies, timeout=60).json()
    assert answer["accepted"] == len(calls), answer


def agents(live: Live, **options: Any) -> dict[str, dict[str, Any]]:
    """Id -> the agent."""
    return {agent["id"]: agent for agent in live.json("/api/overview", **options)["agents"]}


def agent(live: Live, agent_id: str, **has: Any) -> dict[str, Any]:
    """The agent, once it has these values."""

    def find() -> dict[str, Any] | None:
        found = agents(live).get(agent_id)
        return found if found is not None and has.items() <= found.items() else None

    return eventually(find)  # type: ignore[no-any-return]


def test_tasks_and_calls_make_the_list(start: Start) -> None:
    live = start(timezone="UTC")
    live.write("assigned/ada/t1.yaml", status="in_progress", title="Soup")
    live.write("done/ada/t2.yaml")
    live.write("done/bob/t3.yaml")
    live.sync()
    now = datetime.now(UTC)
    # Around midnight "today" may begin between these two lines and the answer: take the call of this moment only.
    count(
        live,
        {"agent_name": "ada", "cost_usd": 0.25, "timestamp": now.isoformat()},
        {"agent_name": "ada", "cost_usd": 9.0, "timestamp": (now - timedelta(days=3)).isoformat()},
        {"agent_name": "ada", "timestamp": now.isoformat()},
        {"agent_name": "cid", "cost_usd": 1.0, "timestamp": (now - timedelta(days=3)).isoformat()},
        {"agent_name": "dan", "cost_usd": 1.0, "timestamp": (now - timedelta(minutes=20)).isoformat()},
        {"cost_usd": 1.0, "timestamp": now.isoformat()},
    )
    agent(live, "agent:ada", state="working", source="session log")
    body = live.json("/api/overview")
    found = {one["id"]: one for one in body["agents"]}
    # Who only called three days ago is not at anything now.
    assert list(found) == ["agent:ada", "agent:dan", "agent:bob"]
    ada, dan, bob = found.values()
    assert ada["counts"] == {"inbox": 0, "assigned": 1, "done": 1}
    assert (ada["current_task"]["id"], ada["current_task"]["label"]) == ("t1", "Soup")
    assert ada["at"] == [ada["current_task"]]
    assert ada["current_task"]["link"] == "#/tasks/t1"
    assert (ada["today"]["calls"], ada["today"]["cost_usd"], ada["today"]["unpriced"]) == (2, 0.25, 1)
    assert (ada["last"]["kind"], ada["parent"], ada["kind"]) == ("call", None, "agent")
    assert (dan["state"], dan["certainty"]) == ("unknown", "cannot tell")
    assert (bob["state"], bob["current_task"], bob["today"]["calls"]) == ("finished", None, 0)
    assert body["states"] == {"working": 1, "unknown": 1, "finished": 1}
    figures = body["figures"]
    assert (figures["tasks_done"], figures["jobs_done"], figures["lines_per_hour"]) == (2, 0, 0)
    assert (figures["cost_usd"], figures["unpriced"]) == (pytest.approx(1.25 + dan["today"]["cost_usd"]), 1)
    assert (body["today"], body["timezone"], body["stuck_after_min"]) == ("known", "UTC", 20)
    ends = datetime.fromisoformat(body["today_ends_at"])
    assert timedelta(0) < ends - now <= timedelta(days=1)
    (live.root / "assigned/ada/t1.yaml").rename(live.root / "done/ada/t1.yaml")
    eventually(lambda: live.json("/api/overview")["figures"]["tasks_done"] == 3)


def test_a_session_its_files_and_its_sub_agents_are_its_agents(start: Start, workspace: Path) -> None:
    (workspace / PROJECT).mkdir(parents=True)
    live = start()
    listener = live.listen(topics=["overview"])
    report(
        workspace, claude("PreToolUse", **bash("t1", "make")) | {"session_id": "s1", "cwd": f"{workspace}/{PROJECT}"}
    )
    one = agent(live, "agent:claude-code", state="working", source="hook")
    assert (one["at"][0]["kind"], one["at"][0]["label"], one["at"][0]["project"]) == ("session", "shop", "shop")
    listener.first("overview.changed")
    (workspace / PROJECT / "soup.py").write_text("salt = 1\n")
    touched = eventually(lambda: agents(live)["agent:claude-code"]["files"])
    assert [(file["path"], file["project"], file["rests_on"]) for file in touched] == [("soup.py", "shop", "project")]
    now = datetime.now(UTC)
    count(
        live,
        {"agent_name": "claude-code", "session_id": "s1", "timestamp": (now - timedelta(seconds=90)).isoformat()},
        {"agent_name": "Explore", "session_id": "s1", "timestamp": (now - timedelta(seconds=60)).isoformat()},
        {"agent_name": "claude-code", "session_id": "s1", "timestamp": (now - timedelta(seconds=30)).isoformat()},
    )
    sub = agent(live, "sub-agent:s1/Explore")
    assert (sub["parent"], sub["kind"], sub["name"]) == ("agent:claude-code", "sub-agent", "Explore")
    assert (sub["state"], sub["session"]) == ("working", "s1")
    assert (sub["today"] or {}).get("calls") in (0, 1)  # 0 in the first minute of a day
    report(workspace, claude("PermissionRequest", **asked("git push -f")) | {"session_id": "s1"})
    assert agent(live, "agent:claude-code", state="waiting")["certainty"] == "confirmed"
    # Another session of the same program: each is a row below it, and the one that waits is what counts.
    report(workspace, claude("UserPromptSubmit") | {"session_id": "s2"})
    second = agent(live, "session:s2")
    assert (second["parent"], second["state"]) == ("agent:claude-code", "working")
    above = agents(live)["agent:claude-code"]
    assert (above["state"], above["reason"].startswith("Of 2 things at once: ")) == ("waiting", True)
    rows = list(agents(live))
    assert rows.index("sub-agent:s1/Explore") == rows.index("session:s1") + 1
    assert live.json("/api/snapshot?topics=overview")["overview"]["states"] == {"waiting": 1}
    assert 'llm_service_agents{state="waiting"} 1.0' in live.get("/metrics").text
    assert live.json("/api/stats")["agents"] == {"waiting": 1}


def test_a_session_leads_to_its_transcript_while_there_is_one(start: Start, workspace: Path) -> None:
    folders = {kind: workspace / "logs" / kind for kind in ("claude", "gemini")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    live = start(claude_folders=[str(folders["claude"])], gemini_folders=[str(folders["gemini"])])
    report(workspace, claude("UserPromptSubmit") | {"session_id": "s1"})
    count(live, {"agent_name": "gem", "session_id": "g1", "timestamp": datetime.now(UTC).isoformat()})

    def links() -> set[str]:
        return {item["link"] for one in agents(live).values() for item in one["at"]}

    calls = {name: f"#/costs?range=all&session={name}&show=calls" for name in ("s1", "g1")}
    eventually(lambda: links() == set(calls.values()))
    log = claude_session("s1", str(workspace)).write(folders["claude"] / "-p/s1.jsonl")
    eventually(lambda: links() == {"#/sessions/s1", calls["g1"]})
    # The file of this program is not named by its session.
    said = {"type": "user", "id": "1", "timestamp": "2026-11-19T10:00:01.000Z", "content": "Hi"}
    write_lines(folders["gemini"] / "p/chats/session-2026-a.jsonl", [{"sessionId": "g1", "kind": "main"}, said])
    eventually(lambda: links() == {"#/sessions/s1", "#/sessions/session-2026-a"})
    assert live.json("/api/session-logs/session-2026-a")["session"]["counted_as"] == "g1"
    log.unlink()
    eventually(lambda: links() == {calls["s1"], "#/sessions/session-2026-a"})


def test_what_is_not_known_is_not_given_as_nothing(tmp_path: Path) -> None:
    live = running(tmp_path / "off", telemetry=False, artifacts=False, stuck_after_min=0.0001, journal=False)
    try:
        live.write("assigned/ada/t1.yaml", status="doing")
        live.sync()
        agent(live, "agent:ada", state="stuck", today=None)  # by time alone
        body = live.json("/api/overview")
        assert (body["today"], body["figures"]["calls"], body["figures"]["cost_usd"]) == ("off", None, None)
        assert body["figures"]["lines_per_hour"] is None
        sources = {source["name"]: source["is_on"] for source in body["sources"]}
        assert sources == {
            "hooks": False, "calls": False, "tasks": True, "jobs": True, "pipelines": True, "orchestrators": True,
            "artifacts": False,
        }  # fmt: skip
    finally:
        live.stop()


def test_files_that_changed_before_the_start_are_in_the_journal(start: Start, workspace: Path) -> None:
    (workspace / PROJECT).mkdir(parents=True)
    live = start()
    listener = live.listen()
    (workspace / PROJECT / "soup.py").write_text("salt = 1\n")
    listener.wait(lambda got: [name for name, _ in got if name.startswith("artifact.")])
    assert live.dashboard.journal is not None
    live.dashboard.journal.flush(60)
    live.stop()
    again = start()
    again.write("assigned/ada/t1.yaml", status="doing", artefacts="[src/nothing.py, shop/soup.py]")
    again.sync()
    found = eventually(lambda: agents(again)["agent:ada"]["files"])
    assert [(file["path"], file["rests_on"]) for file in found] == [("soup.py", "claim")]


def test_each_sees_what_is_of_their_projects(start: Start, workspace: Path) -> None:
    users = (
        User("root", hash_of("r" * 32), "admin", (), None),
        User("eve", hash_of("e" * 32), "user", ("shop",), None),
    )
    root, eve = ({"headers": {"Authorization": f"Bearer {letter * 32}"}} for letter in "re")
    for project in ("shop", "bank"):
        (workspace / "work/generated_projects" / project).mkdir(parents=True)
    live = start(users=users)
    for session, project in (("shop-1", "shop"), ("bank-1", "bank")):
        place = {"session_id": session, "cwd": f"{workspace}/work/generated_projects/{project}"}
        report(workspace, claude("UserPromptSubmit") | place)
    eventually(lambda: len(agents(live, **root)) == 3)
    assert agents(live, **root)["agent:claude-code"]["reason"].startswith("Of 2 things at once")
    (own,) = agents(live, **eve).values()
    assert (own["id"], [item["project"] for item in own["at"]]) == ("agent:claude-code", ["shop"])
    assert "bank" not in str(live.json("/api/snapshot?topics=overview", **eve))
