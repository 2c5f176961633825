"""OpenCode's database, and its older tree of JSON files, as OpenCode itself writes them: ids that say when, rows that
are inserted once and then updated."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS workspace (id text PRIMARY KEY, branch text);
CREATE TABLE IF NOT EXISTS session (id text PRIMARY KEY, project_id text NOT NULL, workspace_id text, parent_id text,
    slug text NOT NULL, directory text NOT NULL, title text NOT NULL, version text NOT NULL, agent text, model text,
    time_created integer NOT NULL, time_updated integer NOT NULL, time_archived integer);
CREATE TABLE IF NOT EXISTS message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL,
    time_updated integer NOT NULL, data text NOT NULL);
CREATE TABLE IF NOT EXISTS part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL,
    time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE TABLE IF NOT EXISTS todo (session_id text NOT NULL, content text NOT NULL, status text NOT NULL,
    priority text NOT NULL, position integer NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL,
    PRIMARY KEY (session_id, position));
CREATE TABLE IF NOT EXISTS session_message (id text PRIMARY KEY, session_id text NOT NULL, type text NOT NULL,
    time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE INDEX IF NOT EXISTS message_session_time_created_id_idx ON message (session_id, time_created, id);
CREATE INDEX IF NOT EXISTS part_message_id_id_idx ON part (message_id, id);
CREATE INDEX IF NOT EXISTS part_session_idx ON part (session_id);
CREATE INDEX IF NOT EXISTS session_message_session_idx ON session_message (session_id);
"""
MODEL = "claude-sonnet-4-5-20250929"
START_MS = 1_795_000_000_000
NO_TOKENS = {"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}


class OpenCode:
    """One that runs; `at_ms` is its clock, which goes on with each thing that is written."""

    def __init__(self, folder: Path, at_ms: int = START_MS, name: str = "opencode.db") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.at_ms, self._number = folder, at_ms, 0
        self.db = sqlite3.connect(folder / name, isolation_level=None, check_same_thread=False)
        self.db.executescript(TABLES)

    def close(self) -> None:
        """It ends."""
        self.db.close()

    def tick(self, ms: int = 500) -> int:
        """Time goes on."""
        self.at_ms += ms
        return self.at_ms

    def id(self, prefix: str) -> str:
        """An id that says when it was made."""
        self._number += 1
        made = (self.at_ms * 0x1000 + self._number % 0xFFF + 1) & 0xFFFF_FFFF_FFFF
        return f"{prefix}_{made:012x}{self._number:014d}"

    def session(self, cwd: str, title: str = "New session - 2026-11-18T00:00:00.000Z", **more: Any) -> str:
        """A new session."""
        name, at = self.id("ses"), self.tick()
        row = {"id": name, "project_id": "global", "slug": "quiet-harbor", "directory": cwd, "title": title,
               "version": "1.3.2", "time_created": at, "time_updated": at} | more  # fmt: skip
        self._put("session", row)
        return name

    def rename(self, session: str, title: str) -> None:
        """It found a title."""
        self.db.execute("UPDATE session SET title = ?, time_updated = ? WHERE id = ?", (title, self.tick(), session))

    def message(self, session: str, data: dict[str, Any], name: str | None = None) -> str:
        """A message, new or changed."""
        name = name or self.id("msg")
        self._put("message", {"id": name, "session_id": session, "time_created": data["time"]["created"],
                              "time_updated": self.at_ms, "data": json.dumps(data)})  # fmt: skip
        return name

    def part(self, session: str, message: str, data: dict[str, Any], name: str | None = None) -> str:
        """A part of a message, new or changed."""
        self.tick(20)
        made = name or self.id("prt")
        self._put("part", {"id": made, "message_id": message, "session_id": session, "time_created": self.at_ms,
                           "time_updated": self.at_ms, "data": json.dumps(data)})  # fmt: skip
        return made

    def prompt(self, session: str, text: str) -> str:
        """What a person typed."""
        data = {"role": "user", "time": {"created": self.tick()}, "agent": "build"}
        message = self.message(session, data)
        self.part(session, message, {"type": "text", "text": text})
        return message

    def begin(self, session: str, **more: Any) -> tuple[str, dict[str, Any]]:
        """An answer that begins."""
        data = {"role": "assistant", "time": {"created": self.tick()}, "parentID": "msg_0", "modelID": MODEL,
                "providerID": "anthropic", "mode": "build", "agent": "build", "cost": 0, "tokens": NO_TOKENS,
                "path": {"cwd": "/", "root": "/"}} | more  # fmt: skip
        message = self.message(session, data)
        self.part(session, message, {"type": "step-start"})
        return message, data

    def end(self, session: str, message: str, data: dict[str, Any], finish: str = "stop", tokens: int = 9_000) -> None:
        """The answer is complete."""
        usage = {"input": 5, "output": 120, "reasoning": 0, "cache": {"read": tokens - 5, "write": 0}}
        self.part(session, message, {"type": "step-finish", "reason": finish, "cost": 0.02, "tokens": usage})
        times = data["time"] | {"completed": self.tick()}
        self.message(session, data | {"time": times, "finish": finish, "cost": 0.02, "tokens": usage}, message)

    def tool(self, session: str, message: str, name: str, given: dict[str, Any], output: str | None = None,
             error: str | None = None, part: str | None = None, **metadata: Any) -> str:  # fmt: skip
        """A use of a tool: running, or with its result."""
        state: dict[str, Any] = {"status": "running", "input": given, "time": {"start": self.at_ms}}
        if output is not None:
            state |= {"status": "completed", "output": output, "title": name, "metadata": metadata}
        elif error is not None:
            state |= {"status": "error", "error": error}
        elif metadata:
            state["metadata"] = metadata
        call = f"call_{message[-6:]}{self._number}"
        return self.part(session, message, {"type": "tool", "tool": name, "callID": call, "state": state}, part)

    def todos(self, session: str, *todos: tuple[str, str]) -> None:
        """The to-dos now: (text, status)."""
        self.db.execute("DELETE FROM todo WHERE session_id = ?", (session,))
        for position, (text, status) in enumerate(todos):
            times = {"time_created": self.at_ms, "time_updated": self.at_ms}
            own = {"session_id": session, "content": text, "status": status, "priority": "high", "position": position}
            self._put("todo", own | times)

    def _put(self, table: str, row: dict[str, Any]) -> None:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        changed = ", ".join(f"{name} = excluded.{name}" for name in row if name != "time_created")
        known = "session_id, position" if table == "todo" else "id"
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({known}) DO UPDATE SET {changed}"
        self.db.execute(sql, tuple(row.values()))


def full_session(code: OpenCode, cwd: str, secret: str = "") -> tuple[str, str]:
    """(a session with to-dos, thoughts, a command that fails, an edit, a sub-agent and an answer; that sub-agent)"""
    session = code.session(cwd)
    code.prompt(session, "Show the state of each berth\nas a word beside its colour.")
    message, data = code.begin(session)
    code.part(session, message, {"type": "reasoning", "text": "The colour alone says too little.",
                                 "time": {"start": code.at_ms, "end": code.at_ms + 9}})  # fmt: skip
    todos = [("Find the places", "completed"), ("Write the words", "in_progress"), ("Paint", "cancelled")]
    listed = [{"content": text, "status": status, "priority": "high"} for text, status in todos]
    code.tool(session, message, "todowrite", {"todos": listed}, "ok")
    code.todos(session, *todos)
    code.tool(session, message, "bash", {"command": "npm test", "description": "Run"}, error="2 failed, 40 passed")
    code.end(session, message, data, "tool-calls")
    message, data = code.begin(session)
    code.tool(session, message, "edit", {"filePath": f"{cwd}/web/berth.js", "oldString": "a", "newString": "b"}, "ok")
    child = code.session(cwd, "Find the states (@explore subagent)", parent_id=session)
    code.prompt(child, "Which states are there?")
    inner, inner_data = code.begin(child, agent="explore", mode="explore")
    code.part(child, inner, {"type": "text", "text": "Free, taken, closed."})
    code.end(child, inner, inner_data)
    code.tool(session, message, "task", {"description": "Find the states", "prompt": "Which?"}, "Free", sessionId=child)
    changed = [f"{cwd}/web/berth.js", f"{cwd}/web/berth.css"]
    code.part(session, message, {"type": "patch", "hash": "a1", "files": changed})
    code.end(session, message, data, "tool-calls")
    message, data = code.begin(session)
    said = f"The key {secret} is in the settings; berths say their state."
    times = {"start": code.at_ms, "end": code.at_ms + 9}
    code.part(session, message, {"type": "text", "text": said, "time": times})
    code.end(session, message, data, tokens=25_000)
    code.rename(session, "States of berths as words")
    return session, child


def long_opencode(code: OpenCode, cwd: str, entries: int) -> str:
    """A session of at least so many entries, as `long_session` has of a log: of seven two are a use of a tool."""
    session = code.session(cwd)
    code.db.execute("BEGIN")
    for turn in range(entries // 8):
        code.prompt(session, f"Turn {turn}: make the harbour board quicker, and keep berth {turn % 40} green.")
        message, data = code.begin(session)
        code.part(session, message, {"type": "text", "text": f"I read what belongs to turn {turn} first."})
        output = f"result {turn}\n" + "ok: a line of the output of the tests\n" * 12
        code.tool(session, message, "bash", {"command": "npm test"}, output)
        given = {"filePath": f"{cwd}/web/file{turn % 90}.js", "oldString": "a" * 80, "newString": "b" * 120}
        code.tool(session, message, "edit", given, "The file has been updated.")
        code.end(session, message, data, tokens=20_000 + turn % 100_000)
    code.db.execute("COMMIT")
    return session


def as_documents(code: OpenCode, folder: Path, session: str) -> None:
    """Write a session of the database as the tree of files that OpenCode before 1.2 wrote."""
    storage = folder / "storage"
    row = code.db.execute("SELECT parent_id, directory, title, time_created, time_updated FROM session WHERE id = ?",
                          (session,)).fetchone()  # fmt: skip
    parent, directory, title, created, updated = row
    info = {"id": session, "projectID": "global", "directory": directory, "title": title, "version": "1.0.1",
            "time": {"created": created, "updated": updated}} | ({"parentID": parent} if parent else {})  # fmt: skip
    _document(storage / f"session/global/{session}.json", info)
    for name, data in code.db.execute("SELECT id, data FROM message WHERE session_id = ?", (session,)).fetchall():
        _document(storage / f"message/{session}/{name}.json", {"id": name, "sessionID": session} | json.loads(data))
    rows = code.db.execute("SELECT id, message_id, data FROM part WHERE session_id = ?", (session,)).fetchall()
    for name, message, data in rows:
        head = {"id": name, "sessionID": session, "messageID": message}
        _document(storage / f"part/{message}/{name}.json", head | json.loads(data))
    todos = code.db.execute("SELECT content, status, priority FROM todo WHERE session_id = ? ORDER BY position",
                            (session,)).fetchall()  # fmt: skip
    if todos:
        listed = [{"content": text, "status": status, "priority": rank, "id": "1"} for text, status, rank in todos]
        _document(storage / f"todo/{session}.json", listed)


def _document(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2))
