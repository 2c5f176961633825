"""What waits for a person, in a running dashboard: list, decisions, events, access, and the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from kit.hook_payloads import SESSION, asked, bash, claude
from kit.hook_reports import report
from kit.live import Live, eventually
from kit.processes import Service
from kit.transcripts import claude_session

from llm_service.cli.main import cli
from llm_service.costs.settings import BudgetRule
from llm_service.users.model import User, hash_of

Start = Callable[..., Live]


def listed(live: Live, **options: Any) -> dict[str, Any]:
    """What is listed now."""
    found: dict[str, Any] = live.json("/api/needs-you", **options)
    return found


def has(live: Live, *kinds: str, **options: Any) -> list[dict[str, Any]]:
    """The needs, once they are of these kinds in this order."""
    return eventually(
        lambda: (found := listed(live, **options)["needs"]) and [one["kind"] for one in found] == [*kinds] and found
    )  # type: ignore[no-any-return]


def post(live: Live, need_id: str, decision: str, body: Any = None, **options: Any) -> requests.Response:
    """Decide about a need."""
    return requests.post(f"{live.url}/api/needs-you/{need_id}/{decision}", json=body, timeout=60, **options)


def test_without_a_source_it_cannot_be_told(live: Live, workspace: Path) -> None:
    eventually(lambda: len(listed(live)["sources"]) == 5)
    found = listed(live)
    assert found["summary"]["text"] == "cannot tell: no source is on"
    assert found["needs"] == []
    assert "llm-service hooks install" in found["sources"][0]["text"]
    report(workspace, claude("UserPromptSubmit"))
    eventually(lambda: listed(live)["summary"]["text"] == "nothing is known to need you, 1 agent working")


def test_sessions_that_ended_long_ago_tell_nothing_unless_a_hook_would(
    start: Start, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    old = {"time": "2026-01-02T03:04:05.678Z", "client": "claude-code", "event": "SessionEnd", "session": "s-old"}
    (workspace / "work/hooks").mkdir(parents=True)
    (workspace / "work/hooks/s-old.jsonl").write_text(json.dumps(old) + "\n")
    live = start()
    (hooks,) = eventually(lambda: [one for one in listed(live)["sources"] if "for a day" in one["text"]])
    assert (hooks["name"], hooks["is_on"]) == ("hooks", False)
    (same,) = [one for one in live.json("/api/overview")["sources"] if one["name"] == "hooks"]
    assert same["text"] == hooks["text"]  # not that none has reported yet
    assert listed(live)["summary"]["text"] == "cannot tell: no source is on"
    live.stop()
    command = ["hooks", "install", "--client", "claude-code", "--workspace", str(workspace), "--yes"]
    assert CliRunner().invoke(cli, command).exit_code == 0
    other = start()
    eventually(lambda: listed(other)["summary"]["text"] == "nothing is known to need you, 0 agents working")


def test_a_session_leads_to_its_transcript_while_there_is_one(start: Start, workspace: Path) -> None:
    logs = workspace / "logs"
    logs.mkdir()
    live = start(claude_folders=[str(logs)])
    report(workspace, claude("PermissionRequest", **asked("git push")) | {"session_id": "s1"})

    def link() -> str:
        found: str = has(live, "permission")[0]["link"]
        return found

    calls = "#/costs?range=all&session=s1&show=calls"
    assert link() == calls
    log = claude_session("s1", str(workspace)).write(logs / "-p/s1.jsonl")
    eventually(lambda: link() == "#/sessions/s1")
    assert live.json("/api/session-logs/s1")["session"]["id"] == "s1"
    log.unlink()
    eventually(lambda: link() == calls)
    # Who may see the session by its hooks, and not the folder of its log, is not led there.
    claude_session("s1", str(workspace / "generated_projects/secret")).write(logs / "-p/s1.jsonl")
    live.sync()
    eventually(lambda: [one["project"] for one in live.json("/api/session-logs")["sessions"]] == ["secret"])
    assert link() == calls


def test_it_follows_sessions_tasks_and_budgets(start: Start, workspace: Path) -> None:
    live = start(budgets=[BudgetRule("all", "month", 10_000_000)], stale_after_h=0.0005)
    listener = live.listen(topics=["needs_you"])
    (live.root / "inbox/bad.yaml").write_text("id: [")
    (broken,) = has(live, "broken")
    assert broken["title"] == "inbox/bad.yaml cannot be read as a task"
    listener.first("need.opened")
    live.write("assigned/ada/t1.yaml", title="Find the leak", status="in_progress")
    broken, stale = has(live, "broken", "stale")  # by time alone
    assert stale["title"].startswith("Find the leak: nothing happened for")
    report(workspace, claude("PermissionRequest", **asked("git push -f")))
    *_, permission = has(live, "broken", "stale", "permission")
    assert (permission["certainty"], permission["text"]) == ("confirmed", "git push …")
    call = {
        "model_name": "m",
        "prompt_tokens": 1,
        "completion_tokens": 1,
        "cost_usd": 1.0,
        "timestamp": datetime.now(UTC).isoformat(),
    }
    requests.post(f"{live.url}/api/telemetry", json=[call], timeout=60)
    assert eventually(lambda: [one for one in listed(live)["needs"] if one["kind"] == "budget"])
    (live.root / "inbox/bad.yaml").write_text("id: bad\ntitle: Good now\n")
    assert listener.first("need.closed")["need"]["kind"] == "broken"
    metrics = live.get("/metrics").text
    assert 'llm_service_needs{certainty="confirmed",kind="permission"} 1.0' in metrics
    assert live.json("/api/stats")["needs_you"]["budget"] == 1


def test_done_and_snoozed_by_a_click_and_shown_again(live: Live, workspace: Path) -> None:
    listener = live.listen(topics=["needs_you"])
    report(workspace, claude("PreToolUse", **bash("t1")), claude("PermissionRequest", **asked()))
    (need,) = has(live, "permission")
    assert post(live, need["id"], "snooze", {"minutes": 5}).json()["snoozed_until"] > need["since"]
    assert listener.first("need.decided")["decision"] == "snoozed"
    found = listed(live)
    assert (found["needs"], found["hidden"], found["summary"]["needs"]) == ([], 1, 0)
    (hidden,) = live.json("/api/needs-you?hidden=1")["needs"]
    assert found["next_change"] == hidden["snoozed_until"]
    assert post(live, need["id"], "restore").json()["snoozed_until"] is None
    assert len(listed(live)["needs"]) == 1
    assert post(live, need["id"], "done").json()["done_at"] is not None
    assert listed(live)["needs"] == []
    assert live.json("/api/snapshot?topics=needs_you")["needs_you"]["needs"] == []
    # The next time is another occasion.
    report(
        workspace, claude("PostToolUse", **bash("t1"), tool_response={}), claude("PermissionRequest", **asked("make"))
    )
    (again,) = has(live, "permission")
    assert again["id"] != need["id"]


def test_what_was_decided_holds_after_a_restart(start: Start, workspace: Path) -> None:
    live = start()
    report(workspace, claude("PermissionRequest", **asked()))
    (need,) = has(live, "permission")
    post(live, need["id"], "done")
    live.stop()
    again = start()
    eventually(lambda: listed(again)["hidden"] == 1)
    assert listed(again)["needs"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 200), (None, 200), ({"minutes": 0.5}, 200), ({"minutes": 0}, 400), ({"minutes": -1}, 400),
     ({"minutes": 1e9}, 400),
     ({"minutes": "5"}, 400), ({"minutes": True}, 400), ([], 400), ({"minutes": None}, 400)],
)  # fmt: skip
def test_what_a_snooze_takes(live: Live, workspace: Path, body: Any, status: int) -> None:
    report(workspace, claude("PermissionRequest", **asked()))
    (need,) = has(live, "permission")
    assert post(live, need["id"], "snooze", body).status_code == status


def test_what_is_unknown_is_not_found(live: Live) -> None:
    for decision in ("snooze", "done", "restore"):
        assert post(live, "nothing", decision).status_code == 404


def test_everybody_gets_what_is_of_the_own_projects(start: Start, workspace: Path) -> None:
    for project in ("shop", "bank"):
        (workspace / "work/generated_projects" / project).mkdir(parents=True)
    users = (
        User("root", hash_of("r" * 32), "admin", (), None),
        User("eve", hash_of("e" * 32), "user", ("shop",), None),
        User("bob", hash_of("b" * 32), "user", ("shop",), None),
    )
    live = start(users=users)
    root, eve, bob = ({"headers": {"Authorization": f"Bearer {letter * 32}"}} for letter in "reb")
    listener = live.listen(topics=["needs_you"], token="e" * 32)
    listener.first("snapshot")
    for session, place in (
        ("bank-1", "work/generated_projects/bank"),
        ("shop-1", "work/generated_projects/shop"),
        ("ws-1", ""),
    ):
        report(
            workspace, claude("PermissionRequest", **asked()) | {"session_id": session, "cwd": str(workspace / place)}
        )
    has(live, "permission", "permission", "permission", **root)
    (shop,) = has(live, "permission", **eve)
    assert listed(live, **eve)["summary"]["text"] == "1 thing needs you, 0 agents working"
    assert listener.first("need.opened")["need"]["project"] == "shop"
    others = [one["id"] for one in listed(live, **root)["needs"] if one["project"] != "shop"]
    for other in others:
        assert post(live, other, "done", **eve).status_code == 404
    assert post(live, shop["id"], "snooze", **eve).status_code == 200
    assert (len(listed(live, **eve)["needs"]), len(listed(live, **bob)["needs"])) == (0, 1)  # a snooze is one's own
    assert post(live, shop["id"], "done", **bob).json()["done_by"] == "bob"
    assert len(listed(live, **root)["needs"]) == 2  # done is for all
    assert {body["need"]["project"] for name, body in listener.got if name == "need.opened"} == {"shop"}


def test_reading_writes_nothing(live: Live, workspace: Path) -> None:
    report(workspace, claude("PermissionRequest", **asked()))
    has(live, "permission")
    assert not (workspace / ".llm-service/needs-you.json").exists()


@pytest.fixture
def watching(service: Service, workspace: Path) -> Iterator[subprocess.Popen[str]]:
    """`llm-service needs-you --watch` beside a running dashboard."""
    report(workspace, claude("UserPromptSubmit"))
    service.start()
    command = [sys.executable, "-m", "llm_service", "needs-you", "--watch", "--workspace", str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.timeout(600)
def test_the_command_prints_one_line_for_each_change(watching: subprocess.Popen[str], workspace: Path) -> None:
    assert watching.stdout is not None
    lines = iter(watching.stdout.readline, "")

    def until(part: str) -> str:
        return next(line for line in lines if part in line).strip()

    assert until("working") == "= nothing is known to need you, 1 agent working"
    report(workspace, claude("PreToolUse", **bash("t1")), claude("PermissionRequest", **asked("git push -f")))
    line = until("permission")
    assert line.startswith("+ ")
    assert line.endswith("Claude Code asks to use Bash: git push …")
    assert "confirmed" in line
    assert until("needs you") == "= 1 thing needs you, 0 agents working"
    report(workspace, claude("PostToolUse", **bash("t1"), tool_response={}))
    assert until("permission").startswith("- ")
    assert until("working") == "= nothing is known to need you, 1 agent working"


def test_the_command_prints_the_list_once(service: Service, workspace: Path) -> None:
    report(workspace, claude("PermissionRequest", **asked("git push -f")))
    service.start()

    def run(*options: str) -> str:
        command = [sys.executable, "-m", "llm_service", "needs-you", "--workspace", str(workspace), *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    assert eventually(lambda: "Claude Code asks to use Bash" in run())
    found = json.loads(run("--json"))
    assert [need["kind"] for need in found["needs"]] == ["permission"]
    assert SESSION in found["needs"][0]["link"]
