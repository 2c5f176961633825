"""OpenCode's sessions in a dashboard: many in one database, the older tree of files, growth, what is left alone."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kit.live import Live, eventually
from kit.opencode_database import MODEL, OpenCode, as_documents, full_session, long_opencode
from kit.transcripts import SECRET

from llm_service.calls.sessions.foreign_database import Reading
from llm_service.cli.main import cli
from llm_service.sessions.feature import Sessions
from llm_service.sessions.opencode.index import EntryIndex
from llm_service.sessions.opencode.sources import source_of

Start = Callable[..., Live]
API = "/api/session-logs"


@pytest.fixture
def folder(workspace: Path) -> Path:
    (workspace / "work/generated_projects/web").mkdir(parents=True)
    return workspace / "logs/opencode"


@pytest.fixture
def code(folder: Path) -> Iterator[OpenCode]:
    """An OpenCode that runs beside the dashboard."""
    made = OpenCode(folder)
    yield made
    made.close()


def web(workspace: Path) -> str:
    return str(workspace / "work/generated_projects/web")


def begin(start: Start, folder: Path, **settings: Any) -> Live:
    """A dashboard that has looked at all sessions."""
    live = start(opencode_folders=[str(folder)], **settings)
    eventually(live.feature(Sessions).board.newest)
    eventually(lambda: live.json(API)["unseen"] == 0)
    return live


def indexed(live: Live, session: str) -> dict[str, Any]:
    found: dict[str, Any] = eventually(lambda: (one := live.json(f"{API}/{session}"))["is_indexed"] and one)
    return found


def test_all_that_is_known_of_a_session_and_of_its_sub_agent(
    code: OpenCode, folder: Path, workspace: Path, start: Start
) -> None:
    session, child = full_session(code, web(workspace), SECRET)
    live = begin(start, folder)
    (row,) = live.json(API)["sessions"]
    assert (row["id"], row["program"], row["title"]) == (session, "OpenCode", "States of berths as words")
    assert (row["project"], row["folder"], row["model"]) == ("web", "work/generated_projects/web", MODEL)
    assert (row["state"], row["certainty"], row["rests_on"]) == ("idle", "derived", "its log says that the turn ended")
    assert (row["context"], row["window_is_known"], row["children"], row["bytes"]) == (25_000, False, 1, None)
    assert len(live.json(API + "?children=1")["sessions"]) == 2

    one = indexed(live, session)
    assert {tool["name"]: tool["uses"] for tool in one["tools"]} == {"todowrite": 1, "bash": 1, "edit": 1, "task": 1}
    places = {(file["project"], file["place"]): file["times"] for file in one["files"]}
    assert places == {("web", "web/berth.js"): 1, ("web", "web/berth.css"): 1}
    assert (one["todos"]["done"], one["todos"]["total"], one["todos"]["current"]) == (1, 2, "Write the words")
    assert (one["prompts"], one["tool_calls"], one["broken_lines"]) == (1, 4, 0)
    (inner,) = one["children"]
    assert (inner["id"], inner["agent"], inner["parent"]) == (child, "explore", session)
    cost = eventually(lambda: (cost := live.json(f"{API}/{session}")["session"]["cost"])["calls"] == 3 and cost)
    assert cost["cost_usd"] == pytest.approx(0.06)
    assert live.json(f"{API}/{session}")["cost_points"][-1]["cost_usd"] == pytest.approx(0.06)
    assert one["log"].endswith("opencode.db")

    page = live.json(f"{API}/{session}/lines?row=0")
    kinds = [[part["kind"] for part in each["parts"]] for each in page["data"]]
    use = ["tool", "result"]
    assert kinds == [["prompt"], ["thinking"], use, use, use, use, ["text"]]
    assert [each["line"] for each in page["data"]] == sorted(each["line"] for each in page["data"])
    assert page["settled_rows"] == page["rows"] == 7
    failed = page["data"][3]["parts"][1]
    assert (failed["is_error"], failed["text"]) == (True, "2 failed, 40 passed")
    assert page["data"][5]["parts"][1]["agent"] == child
    line = page["data"][4]["line"]
    assert live.json(f"{API}/{session}/lines?line={line}&limit=1")["data"][0]["line"] == line
    everything = live.json(f"{API}/{session}/lines?view=all&row=0&limit=1")["data"][0]
    assert '"role": "user"' in everything["parts"][0]["text"]
    (match,) = live.json(f"{API}/{session}/search?q=NPM TEST")["matches"]
    assert (match["line"], match["kind"]) == (page["data"][3]["line"], "tool")
    assert SECRET not in live.get(f"{API}/{session}/lines").text
    assert "[redacted:" in live.get(f"{API}/{session}/lines").text
    assert live.json(f"{API}/{session}/search?q={SECRET}")["matches"] == []


def test_it_is_live_while_a_tool_runs_and_rows_that_change_are_said(
    code: OpenCode, folder: Path, workspace: Path, start: Start
) -> None:
    session, _ = full_session(code, web(workspace))
    other = code.session(web(workspace), "Another")
    live = begin(start, folder)
    rows = indexed(live, session) and live.json(f"{API}/{session}/lines")["rows"]
    listener = live.listen(topics=["sessions"])
    listener.first("snapshot")
    code.at_ms = time.time_ns() // 1_000_000
    message, data = code.begin(session)
    part = code.tool(session, message, "bash", {"command": "make berths"})
    listener.first("session.grew", session=session)
    page = eventually(lambda: (page := live.json(f"{API}/{session}/lines"))["rows"] == rows + 1 and page)
    assert page["settled_rows"] == rows
    assert [each["kind"] for each in page["data"][-1]["parts"]] == ["tool"]
    assert indexed(live, session)["tool_calls"] == 4  # it is counted when it is done
    seen = len(listener.got)
    code.tool(session, message, "bash", {"command": "make berths"}, "40 passed", part=part)
    eventually(lambda: any(body["session"] == session for _, body in listener.got[seen:] if "session" in body))
    page = live.json(f"{API}/{session}/lines")
    assert page["rows"] == rows + 1
    assert page["data"][-1]["parts"][1]["text"] == "40 passed"
    assert indexed(live, session)["tool_calls"] == 5
    code.end(session, message, data)
    assert live.json(f"{API}/{session}/lines")["settled_rows"] == rows + 1
    third = code.session(web(workspace), "A third")
    listener.first("session.grew", session=third)
    code.db.execute("DELETE FROM session WHERE id = ?", (other,))
    listener.first("session.grew", session=other, size_bytes=None)
    assert {row["id"] for row in live.json(API)["sessions"]} == {session, third}
    assert live.get(f"{API}/{other}").status_code == 404


def test_what_was_undone_is_read_anew(code: OpenCode, folder: Path, workspace: Path, start: Start) -> None:
    session, _ = full_session(code, web(workspace))
    live = begin(start, folder)
    before = live.json(f"{API}/{session}/lines")
    (last,) = code.db.execute("SELECT max(rowid) FROM part WHERE session_id = ?", (session,)).fetchone()
    code.db.execute("DELETE FROM part WHERE rowid >= ?", (last - 1,))
    message, _ = code.begin(session)
    code.part(session, message, {"type": "text", "text": "Said in another way."})
    page = live.json(f"{API}/{session}/lines")
    assert page["generation"] > before["generation"]
    assert page["data"][-1]["parts"][0]["text"] == "Said in another way."
    code.db.execute("VACUUM")
    assert live.json(f"{API}/{session}/lines")["data"] == page["data"]


@pytest.mark.parametrize(
    ("end", "state"),
    [
        ({"error": {"name": "APIError", "data": {"message": "Overloaded"}}}, "failed"),
        ({"error": {"name": "MessageAbortedError", "data": {"message": "Aborted"}}}, "idle"),
    ],
)
def test_how_a_turn_ended(
    code: OpenCode, folder: Path, workspace: Path, start: Start, end: dict[str, Any], state: str
) -> None:
    session = code.session(web(workspace))
    code.prompt(session, "Count the berths")
    message, data = code.begin(session)
    code.message(session, data | end, message)
    live = begin(start, folder)
    (row,) = live.json(API)["sessions"]
    assert (row["title"], row["state"]) == ("Count the berths", state)
    note = live.json(f"{API}/{session}/lines")["data"][-1]["parts"][0]
    assert (note["kind"], note["is_error"]) == ("note", state == "failed")


def test_a_question_waits_for_a_person(code: OpenCode, folder: Path, workspace: Path, start: Start) -> None:
    session = code.session(web(workspace), "Colours", workspace_id="w1")
    code.db.execute("INSERT INTO workspace VALUES ('w1', 'berths')")
    code.prompt(session, "Paint them")
    message, _ = code.begin(session)
    code.tool(session, message, "question", {"questions": [{"question": "Which colour?", "options": []}]})
    (row,) = begin(start, folder).json(API)["sessions"]
    assert (row["state"], row["question"], row["branch"]) == ("question", "Which colour?", "berths")


def test_a_tool_that_is_pending_for_long_may_wait_for_a_permission(
    code: OpenCode, folder: Path, workspace: Path, start: Start
) -> None:
    code.at_ms = int(time.time() * 1_000) - 400_000
    sessions = {}
    for tool in ("edit", "task"):
        sessions[tool] = code.session(web(workspace), tool)
        code.prompt(sessions[tool], "Paint them")
        message, _ = code.begin(sessions[tool])
        code.tool(sessions[tool], message, tool, {"filePath": "a.py"})
    rows = {row["title"]: row for row in begin(start, folder).json(API)["sessions"]}
    assert (rows["edit"]["state"], rows["edit"]["certainty"]) == ("working", "cannot tell")
    assert "(edit) has no result" in rows["edit"]["rests_on"]
    assert (rows["task"]["state"], rows["task"]["certainty"]) == ("working", "derived")


def test_the_tables_of_the_second_form(code: OpenCode, folder: Path, workspace: Path, start: Start) -> None:
    session = code.session(web(workspace), "Newer")
    state = {"status": "completed", "input": {"filePath": "a.py"}, "content": [{"type": "text", "text": "ok"}]}
    tool = {"type": "tool", "id": "c1", "name": "edit", "time": {"created": 1}, "state": state}
    said = [{"type": "reasoning", "id": "r", "text": "Hm"}, {"type": "text", "text": "Done."}, tool]
    at = code.tick()
    usage = {"input": 40, "output": 2, "reasoning": 0, "cache": {"read": 2, "write": 0}}
    rows = [
        ("user", {"text": "Change a.py", "time": {"created": at}, "files": [{"name": "a.png"}]}),
        ("assistant", {"agent": "build", "model": {"id": MODEL, "providerID": "anthropic"}, "content": said,
                       "tokens": usage, "finish": "stop", "time": {"created": at, "completed": at + 9}}),
        ("shell", {"callID": "s", "command": "ls", "output": "a.py", "time": {"created": at, "completed": at + 9}}),
        ("compaction", {"reason": "auto", "summary": "It was changed.", "time": {"created": at}}),
    ]  # fmt: skip
    for kind, data in rows:
        values = (code.id("msg"), session, kind, code.tick(), code.at_ms, json.dumps(data))
        code.db.execute("INSERT INTO session_message VALUES (?, ?, ?, ?, ?, ?)", values)
    live = begin(start, folder)
    (row,) = live.json(API)["sessions"]
    assert (row["title"], row["model"], row["context"], row["state"]) == ("Newer", MODEL, 42, "idle")
    one = indexed(live, session)
    assert [(file["path"].rpartition("/")[2], file["kind"]) for file in one["files"]] == [("a.py", "update")]
    data = live.json(f"{API}/{session}/lines?row=0")["data"]
    kinds = [[part["kind"] for part in each["parts"]] for each in data]
    assert kinds == [["prompt", "note"], ["thinking", "text", "tool", "result"], ["tool", "result"], ["note"]]


def test_the_older_tree_of_files_and_that_a_database_has_the_same(
    code: OpenCode, folder: Path, workspace: Path, start: Start
) -> None:
    session, child = full_session(code, web(workspace))
    old = workspace / "old"
    for each in (session, child):
        as_documents(code, old, each)
        as_documents(code, folder, each)  # the database was filled from them
    live = begin(start, old)
    eventually(lambda: live.json("/api/stats")["session_logs"] == 2)
    (row,) = live.json(API)["sessions"]
    assert (row["title"], row["state"], row["context"]) == ("States of berths as words", "idle", 25_000)
    one = indexed(live, session)
    assert (one["tool_calls"], one["todos"]["done"], [each["id"] for each in one["children"]]) == (4, 1, [child])
    from_files = live.json(f"{API}/{session}/lines?row=0")["data"]
    listener = live.listen(topics=["sessions"])
    listener.first("snapshot")
    message, data = code.begin(session)
    code.part(session, message, {"type": "text", "text": "One more."})
    code.end(session, message, data)
    as_documents(code, old, session)
    listener.first("session.grew", session=session)
    page = eventually(lambda: (page := live.json(f"{API}/{session}/lines?row=0"))["rows"] == 8 and page)
    assert page["data"][-1]["parts"][0]["text"] == "One more."
    code.db.execute("DELETE FROM part WHERE message_id = ?", (message,))
    code.db.execute("DELETE FROM message WHERE id = ?", (message,))
    live.stop()

    live = begin(start, folder)
    assert live.json("/api/stats")["session_logs"] == 2
    in_database = live.json(f"{API}/{session}/lines?row=0")["data"]
    assert [each["parts"] for each in in_database] == [each["parts"] for each in from_files]


def test_the_folder_of_opencode_is_left_as_it_is(folder: Path, workspace: Path, start: Start) -> None:
    code = OpenCode(folder)
    session, _ = full_session(code, web(workspace))
    code.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    message, data = code.begin(session)  # only in the write-ahead log

    def content() -> dict[str, str]:
        names = [name for name in sorted(os.listdir(folder)) if not name.endswith("-shm")]
        return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}

    before = content()
    live = begin(start, folder)
    assert indexed(live, session)["lines"] > 18
    live.json(f"{API}/{session}/search?q=berth")
    assert content() == before
    code.end(session, message, data)  # nobody holds a lock
    code.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    code.close()
    closed = content()
    assert set(closed) == {"opencode.db"}
    eventually(lambda: live.json(f"{API}/{session}/lines?view=all")["is_indexed"])
    assert live.json(f"{API}/{session}/search?q=berth")["matches"]
    assert content() == closed
    assert set(os.listdir(folder)) == {"opencode.db"}


def test_who_may_not_see_a_project_and_what_is_out_of_scope(
    code: OpenCode, folder: Path, workspace: Path, start: Start
) -> None:
    inside, _ = full_session(code, web(workspace))
    code.session("/srv/other", "Elsewhere")
    live = begin(start, folder, session_scope="workspace")
    assert [row["id"] for row in live.json(API)["sessions"]] == [inside]


def test_a_hostile_database_stops_nothing(code: OpenCode, folder: Path, workspace: Path, start: Start) -> None:
    session, _ = full_session(code, web(workspace))
    broken = code.session(web(workspace), "Broken")
    too_long = '{"type":"text","text":"' + "x" * (5 << 20) + '"}'
    values = ["not JSON", "[1]", "{}", '{"type":"text","text":5}', '{"type":"tool","state":{"input":[[]]}}',
              '{"type":"patch","files":7}', b"\xff\xfe", 5, too_long]  # fmt: skip
    message, _ = code.begin(broken)
    for value in values:
        name = code.id("prt")
        row = (name, message, broken, code.tick(), code.at_ms, value)
        code.db.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", row)
    code.db.execute("INSERT INTO part VALUES ('', '', ?, 'soon', 'now', '{}')", (broken,))
    (folder / "opencode-old.db").write_bytes(b"SQLite format 3\0" + bytes(4_000))
    (folder / "storage").mkdir()
    os.mkfifo(folder / "storage/session.json")
    live = begin(start, folder)
    assert {row["id"] for row in live.json(API)["sessions"]} == {session, broken}
    for view in ("conversation", "all"):
        page = live.json(f"{API}/{broken}/lines?view={view}&row=0")
        assert page["is_indexed"]
        assert any(part["kind"] == "broken" for row in page["data"] for part in row["parts"])
    assert live.json(f"{API}/{broken}/search?q=x&view=all")["matches"]
    assert indexed(live, broken)["broken_lines"] >= 3
    unreadable = eventually(lambda: [row for row in live.json("/health")["troubles"] if "opencode" in row["root"]])
    assert unreadable


def test_on_the_command_line(code: OpenCode, workspace: Path, folder: Path) -> None:
    session, child = full_session(code, web(workspace))
    (workspace / "llm-service.yaml").write_text("opencode_folders: [logs/opencode]\n")

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["sessions", *arguments, "--workspace", str(workspace)])
        assert result.exit_code == 0, result.output
        return result.output

    (line,) = run("list").splitlines()
    assert session in line and "OpenCode" in line and "States of berths as words" in line
    shown = run("show", session)
    assert "1  bash" in shown and "Sub-agents" in shown and child in shown
    assert "* edit: " in run("tail", session)


def test_however_many_entries_there_are_a_few_queries_are_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = OpenCode(tmp_path / "opencode")
    session = long_opencode(code, str(tmp_path), 400)
    code.close()
    asked = Counter[str]()
    row = Reading.row

    def counted(self: Reading, sql: str, *values: object) -> tuple[object, ...] | None:
        asked[sql] += 1
        return row(self, sql, *values)

    monkeypatch.setattr(Reading, "row", counted)
    index = EntryIndex(source_of(str(tmp_path / "opencode"), "opencode.db", session))
    assert index.update(60) and index.lines == 400
    assert asked.total() >= 400 and len(asked) <= 6
