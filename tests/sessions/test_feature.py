"""Session logs in a running dashboard: list, one session, transcript, search, growth, who may see them, off."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kit.live import Live, eventually
from kit.transcripts import (
    SECRET,
    START,
    ClaudeLog,
    claude_session,
    codex_lines,
    copilot_lines,
    long_session,
    write_lines,
)

from llm_service.sessions.feature import Sessions
from llm_service.users.model import User, hash_of

Start = Callable[..., Live]
API = "/api/session-logs"
CLAUDE, CODEX = "aa5d3c1e-0001-4a7e-9c11-5f2d7e8c9a01", "019aa1b0-3333-7c41-ae1f-a37beed9aa05"


class Logs:
    """The folders of logs of a workspace."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.claude, self.codex = workspace / "logs/claude", workspace / "logs/codex"
        for folder in (self.claude, self.codex, workspace / "work/generated_projects"):
            folder.mkdir(parents=True)

    def at(self, session: str) -> Path:
        """Where a session of Claude Code is."""
        return self.claude / f"-srv-harbour/{session}.jsonl"

    def add(self, session: str = CLAUDE, cwd: str | None = None) -> ClaudeLog:
        """A session of Claude Code."""
        log = claude_session(session, cwd or str(self.workspace / "work/generated_projects/web"))
        log.write(self.at(session))
        return log

    def add_codex(self) -> None:
        """One of Codex with a sub-agent."""
        folder = self.codex / "2026/11/19"
        write_lines(folder / f"rollout-2026-11-19T10-00-00-{CODEX}.jsonl", codex_lines(CODEX, "/srv/harbour"))
        sub = CODEX.replace("aa05", "aa06")
        write_lines(folder / f"rollout-2026-11-19T10-01-00-{sub}.jsonl", codex_lines(sub, "/srv/harbour", CODEX))

    def start(self, start: Start, **settings: Any) -> Live:
        """A dashboard that follows them, which has looked at all of them."""
        live = start(claude_folders=[str(self.claude)], codex_folders=[str(self.codex)], **settings)
        if settings.get("sessions") is not False:
            eventually(live.feature(Sessions).board.newest)
        return live


@pytest.fixture
def logs(workspace: Path) -> Logs:
    return Logs(workspace)


def listed(live: Live, query: str = "", **options: Any) -> list[dict[str, Any]]:
    """The list, once all logs have been looked at."""
    page = eventually(lambda: (page := live.json(API + query, **options))["unseen"] == 0 and page)
    rows: list[dict[str, Any]] = page["sessions"]
    return rows


def indexed(live: Live, session: str) -> dict[str, Any]:
    """A session, once its log has been read."""
    found: dict[str, Any] = eventually(lambda: (one := live.json(f"{API}/{session}"))["is_indexed"] and one)
    return found


def test_a_list_and_sessions_with_all_that_is_known_of_them(logs: Logs, start: Start) -> None:
    log = logs.add()
    agents = logs.claude / f"-srv-harbour/{CLAUDE}/subagents"
    inner = claude_session(CLAUDE, log.cwd)
    inner.write(agents / "agent-c0ffee1.jsonl")
    (agents / "agent-c0ffee1.meta.json").write_text('{"agentType":"Explore","description":"Find the states"}')
    logs.add_codex()
    for path in logs.workspace.rglob("logs/**/*.jsonl"):
        os.utime(path, (START.timestamp(), START.timestamp()))
    live = logs.start(start)
    eventually(lambda: live.json("/api/stats")["session_logs"] == 4)
    rows = {row["id"]: row for row in listed(live)}
    assert set(rows) == {CLAUDE, CODEX}
    claude, codex = rows[CLAUDE], rows[CODEX]
    assert (claude["program"], claude["title"]) == ("Claude Code", "Show the state of each berth")
    assert (claude["project"], claude["folder"]) == ("web", "work/generated_projects/web")
    assert (claude["branch"], claude["model"], claude["children"]) == ("main", "claude-sonnet-4-5-20250929", 1)
    assert (claude["state"], claude["certainty"]) == ("idle", "derived")
    assert (codex["state"], codex["rests_on"]) == ("idle", "its log says that the turn ended")
    assert (codex["context"], codex["window"], codex["window_is_known"]) == (68_000, 272_000, True)
    assert (claude["context"], claude["window"], claude["window_is_known"]) == (25_000, 200_000, False)
    assert len(listed(live, "?children=1")) == 4
    assert [row["id"] for row in listed(live, "?program=Codex")] == [CODEX]
    assert [row["id"] for row in listed(live, "?q=STATE of")] == [CLAUDE]
    assert [row["id"] for row in listed(live, "?project=web&state=idle&limit=1")] == [CLAUDE]

    one = indexed(live, CLAUDE)
    assert [(tool["name"], tool["uses"]) for tool in one["tools"]] == [("Bash", 1), ("Edit", 1), ("TodoWrite", 1)]
    (file,) = one["files"]
    assert (file["project"], file["place"], file["times"]) == ("web", "web/berth.js", 1)
    assert (one["todos"]["done"], one["todos"]["current"], one["prompts"]) == (1, "Write the words", 1)
    (child,) = one["children"]
    assert (child["agent"], child["title"], child["parent"]) == ("Explore", "Find the states", CLAUDE)
    assert child["cost"] is None

    # Calls of the sub-agent have the id of its session; both logs have two calls with tokens.
    def points_of_all() -> Any:
        """The points, once there are as many calls as will come, and they are those of all: calls come one by one."""
        shown = live.json(f"{API}/{CLAUDE}")
        cost, points = shown["session"]["cost"], shown["cost_points"]
        is_same = points and points[-1]["cost_usd"] == pytest.approx(cost["cost_usd"])
        return cost["calls"] >= 2 and cost["cost_usd"] > 0 and is_same and points

    points = eventually(points_of_all)
    assert [point["time"] for point in points] == sorted(point["time"] for point in points)
    assert indexed(live, CODEX)["todos"]["current"] == "Import it"
    assert len(live.json(f"{API}/{CODEX}")["children"]) == 1
    assert live.get(f"{API}/nobody").status_code == 404
    assert live.json("/api/stats")["session_logs"] == 4


def test_copilot_s_transcripts_are_beside_its_spans(logs: Logs, start: Start) -> None:
    copilot, ids = logs.workspace / "copilot", [f"0f1e2d3c-000{number}-4a7e-9c11-5f2d7e8c9a01" for number in range(3)]
    cwd = str(logs.workspace)
    write_lines(copilot / f"session-state/{ids[0]}/events.jsonl", copilot_lines(ids[0], cwd))
    write_lines(copilot / f"session-state/{ids[1]}.jsonl", copilot_lines(ids[1], cwd))
    write_lines(copilot / "session-state/spans.jsonl", [{"type": "span"}])
    write_lines(copilot / "otel/copilot.jsonl", [{"type": "span"}])
    live = logs.start(start, copilot_folders=[str(copilot / "otel")])
    rows = {row["id"]: row for row in listed(live)}
    assert set(rows) == set(ids[:2])
    assert (rows[ids[0]]["program"], rows[ids[0]]["title"]) == ("Copilot CLI", "Write the rota of the harbour")
    assert [tool["name"] for tool in indexed(live, ids[0])["tools"]] == ["bash", "create", "update_todo"]
    assert live.json(f"{API}/{ids[1]}/search?q=reads&view=all")["matches"] == []
    (match,) = live.json(f"{API}/{ids[1]}/search?q=rota is written")["matches"]
    assert match["line"] == 14
    path = copilot / f"session-state/{ids[2]}/events.jsonl"
    write_lines(path, copilot_lines(ids[2], cwd))  # it appears while the folder is followed
    eventually(lambda: ids[2] in {row["id"] for row in listed(live)})


def test_the_transcript_by_rows_and_lines_and_what_a_search_finds(logs: Logs, start: Start) -> None:
    log = logs.add()
    long_text = "\n".join(f"row {number} of the output" for number in range(2_000))
    log.use("toolu_9", "Bash", long_text, command="cat long")
    log.write(logs.at(CLAUDE))
    live = logs.start(start)
    indexed(live, CLAUDE)
    page = live.json(f"{API}/{CLAUDE}/lines?row=0")
    assert (page["rows"], page["lines"], page["first_row"], page["is_indexed"]) == (11, 12, 0, True)
    assert [row["line"] for row in page["data"]] == [*range(2, 13)]
    assert page["data"][0]["parts"][0]["kind"] == "prompt"
    assert page["data"][0]["time"] == "2026-11-20T09:00:05.000Z"
    last = page["data"][-1]["parts"][0]
    assert (last["is_cut"], last["size"]) == (True, len(long_text))
    whole = live.json(f"{API}/{CLAUDE}/lines/12")["parts"][0]
    assert (whole["text"], whole["is_cut"]) == (long_text, False)
    assert live.json(f"{API}/{CLAUDE}/lines?limit=2")["first_row"] == 9
    assert live.json(f"{API}/{CLAUDE}/lines?line=5&limit=1")["data"][0]["line"] == 5
    everything = live.json(f"{API}/{CLAUDE}/lines?view=all&row=0&limit=1")["data"][0]
    assert (everything["line"], everything["parts"][0]["title"]) == (1, "file-history-snapshot")
    for place in ("99", "0", "x"):
        assert live.get(f"{API}/{CLAUDE}/lines/{place}").status_code in (400, 404)

    found = live.json(f"{API}/{CLAUDE}/search?q=NPM test")
    assert [(match["row"], match["kind"]) for match in found["matches"]] == [(4, "tool")]
    (match,) = found["matches"]
    assert [match["text"][begin:end] for begin, end in match["ranges"]] == ["npm test"]
    assert found["next_before"] is None
    many = live.json(f"{API}/{CLAUDE}/search?q=e&limit=3")
    rows = [match["row"] for match in many["matches"]]
    while many["next_before"] is not None:
        many = live.json(f"{API}/{CLAUDE}/search?q=e&limit=3&before={many['next_before']}")
        rows += [match["row"] for match in many["matches"]]
    assert rows == sorted(set(rows), reverse=True)
    assert len(rows) == 10
    assert len(live.json(f"{API}/{CLAUDE}/search?q=row (7|8) of&regex=1")["matches"]) == 1
    assert live.get(f"{API}/{CLAUDE}/search?q=(&regex=1").status_code == 400
    assert live.get(f"{API}/{CLAUDE}/search").status_code == 400


def test_secrets_are_nowhere_and_no_search_finds_them(logs: Logs, start: Start) -> None:
    log = logs.add()
    log.prompt(f"Use {SECRET} as the title says: {SECRET}")
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA" + "x" * 48 + "\n-----END RSA PRIVATE KEY-----"
    log.use("toolu_9", "Write", "ok", file_path=f"{log.cwd}/{SECRET}.pem", content=key)
    log.lines[-1]["toolUseResult"] = {"type": "create"}
    log.lines.append({"type": "custom-title", "customTitle": f"The key {SECRET}", "sessionId": CLAUDE})
    log.write(logs.at(CLAUDE))
    live = logs.start(start)
    listed(live)
    indexed(live, CLAUDE)
    listener = live.listen(topics=["sessions"])
    with open(logs.at(CLAUDE), "a") as file:
        file.write(json.dumps(log.lines[-1]) + "\n")
    grew = listener.first("session.grew", session=CLAUDE)
    assert set(grew) == {"type", "seq", "epoch", "time", "session", "parent", "project", "size_bytes"}
    paths = ("", f"/{CLAUDE}", f"/{CLAUDE}/lines", f"/{CLAUDE}/lines?view=all&row=0", f"/{CLAUDE}/search?q=key")
    for path in paths:
        answer = live.get(API + path)
        assert answer.status_code == 200
        assert SECRET not in answer.text
        assert "MIIEpAIBAAK" not in answer.text
    assert "[redacted:" in live.get(f"{API}/{CLAUDE}/lines").text
    for text in (SECRET, SECRET[5:15], "MIIEpAIBAAK"):
        for view in ("conversation", "all"):
            assert live.json(f"{API}/{CLAUDE}/search?q={text}&view={view}")["matches"] == []
    assert listed(live, f"?q={SECRET}") == []
    journal = live.json("/api/journal")
    assert "session.grew" not in json.dumps(journal)
    assert SECRET not in json.dumps(journal)


def test_it_grows_while_it_is_shown_and_may_be_gone(logs: Logs, start: Start) -> None:
    log = logs.add()
    live = logs.start(start)
    listed(live)
    listener = live.listen(topics=["sessions"])
    write_lines(logs.at(CLAUDE), log.lines[1:3], "a")
    listener.first("session.grew", session=CLAUDE, size_bytes=logs.at(CLAUDE).stat().st_size)
    assert live.json(f"{API}/{CLAUDE}/lines")["lines"] == len(log.lines) + 2
    logs.add("new", "/srv/new")
    assert listener.first("session.grew", session="new")["project"] == ""
    assert {row["id"] for row in listed(live)} == {CLAUDE, "new"}
    logs.at(CLAUDE).unlink()
    listener.first("session.grew", session=CLAUDE, size_bytes=None)
    assert [row["id"] for row in listed(live)] == ["new"]
    assert live.get(f"{API}/{CLAUDE}/lines").status_code == 404


def test_who_may_not_see_a_project_sees_none_of_its_sessions(logs: Logs, start: Start) -> None:
    users = (
        User("root", hash_of("r" * 32), "admin", (), None),
        User("eve", hash_of("e" * 32), "user", ("shop",), None),
    )
    projects = logs.workspace / "work/generated_projects"
    for project in ("shop", "bank"):
        (projects / project).mkdir()
        logs.add(project, str(projects / project))
    log = logs.add("elsewhere", "/home/ada")
    live = logs.start(start, users=users)
    admin, eve = ({"Authorization": f"Bearer {letter * 32}"} for letter in "re")
    assert {row["id"] for row in listed(live, headers=admin)} == {"shop", "bank", "elsewhere"}
    assert {row["id"] for row in listed(live, headers=eve)} == {"shop"}
    assert live.get(API).status_code == 401
    for session, status in (("shop", 200), ("bank", 404), ("elsewhere", 404)):
        for path in ("", "/lines", "/lines/2", "/search?q=berth"):
            assert live.get(f"{API}/{session}{path}", headers=eve).status_code == status, (session, path)
            assert live.get(f"{API}/{session}{path}", headers=admin).status_code == 200
    listener = live.listen(topics=["sessions"], token="e" * 32)
    listener.first("snapshot")
    for session in ("elsewhere", "bank", "shop"):
        write_lines(logs.at(session), log.lines[1:2], "a")
    listener.first("session.grew", session="shop")
    live.json("/api/sync?timeout_ms=60000", headers=admin)
    assert {body["session"] for name, body in listener.got if name == "session.grew"} == {"shop"}


def test_one_setting_switches_all_of_it_off(logs: Logs, start: Start) -> None:
    logs.add()
    live = logs.start(start, sessions=False)
    for path in ("", f"/{CLAUDE}", f"/{CLAUDE}/lines", f"/{CLAUDE}/lines/1", f"/{CLAUDE}/search?q=x"):
        answer = live.get(API + path)
        assert (answer.status_code, answer.json()["code"]) == (403, "SESSIONS_OFF")
        assert "`sessions` is off" in answer.json()["error"]
    assert live.json("/api/stats")["session_logs"] == 0


def test_only_sessions_in_the_workspace_if_the_settings_say_so(logs: Logs, start: Start) -> None:
    logs.add("inside", str(logs.workspace))
    logs.add("outside", "/srv/other")
    live = logs.start(start, session_scope="workspace")
    assert [row["id"] for row in listed(live)] == ["inside"]
    assert live.get(f"{API}/outside").status_code == 404


def test_hostile_logs_stop_nothing(logs: Logs, start: Start) -> None:
    folder = logs.claude / "p"
    folder.mkdir()
    os.mkfifo(folder / "fifo.jsonl")
    (folder / "link.jsonl").symlink_to("/etc/passwd")
    (folder / "empty.jsonl").write_bytes(b"")
    (folder / "bytes.jsonl").write_bytes(bytes(range(256)) * 400)
    (folder / "deep.jsonl").write_bytes(b'{"type":"user","message":' + b"[" * 100_000 + b"\n" + b"{}\n")
    surrogate = b'{"type":"user","cwd":"/\\ud800","sessionId":"\\ud800","message":{"content":"\\ud800 <b>\\u0000"}}\n'
    (folder / "sur\u202erogate.jsonl").write_bytes(surrogate)
    logs.add()
    write_lines(logs.at("long"), long_session("long", "/srv", 3_000))
    live = logs.start(start)
    found = {row["id"] for row in listed(live)}
    assert {CLAUDE, "long", "bytes", "deep"} <= found
    for session in found:
        for path in ("", "/lines?view=all", "/search?q=b&view=all"):
            answer = live.get(f"{API}/{session}{path}")
            assert answer.status_code in (200, 404), (session, path, answer.text)
    assert indexed(live, "long")["lines"] == 3_000
    assert live.get(f"{API}/link/lines").status_code == 404
    eventually(lambda: any(row["root"].endswith("fifo.jsonl") for row in live.json("/health")["troubles"]))
