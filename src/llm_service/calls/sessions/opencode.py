"""OpenCode's database `~/.local/share/opencode/opencode.db`, and `storage/message/<session>/<message>.json` before 1.2.

Source: github.com/anomalyco/opencode (formerly sst/opencode), `packages/opencode/src/session/session.sql.ts`,
`message-v2.ts` and `storage/json-migration.ts`; for the table `session_message` of its second form also
github.com/junhoyeo/tokscale, `opencode_schema.rs`:

- An assistant's message is one response: `tokens.input` without cache, `tokens.output` without `tokens.reasoning`,
  `cost` in dollars from the prices of models.dev, 0 for an unknown model. It is written before its response and changed
  until `time.completed` is set.
- A fork copies messages under new ids with their times, which are then before the start of their session; its title
  ends with `(fork #1)`.
- The database was filled from the `.json` files, which stay; the ids are the same. While both tables are written, a
  session is in both.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...watch.tail import Position
from ..model import Call, read_time
from .agent_folders import first_set
from .database_rows import DatabaseLog, RowQuery
from .document import DocumentLog
from .foreign_database import Columns, starts_as_database
from .line_reader import clean_text, token_count
from .log_kind import LineSource, LogKind, ReaderFactory, ReadScope
from .session_facts import is_within, project_folder, project_name
from .session_log import SessionLog, failed, reported_nanos

MAIN_AGENT = "opencode"
_PRIMARY = ("build", "plan")
"""Modes of the main agent; other names are those of sub-agents and the user's own agents."""
_DATABASE = re.compile(r"opencode(?:-[\w.]+)?\.db(?:-wal)?")
_MESSAGE = re.compile(r"storage/message/[^/]+/[^/]+\.json")
_FORK = re.compile(r"\(fork #\d+\)$")
_MAX_KEYS = 20_000
"""More than one batch has calls."""
_MAX_TASKS = 256
_TOKENS = ("input", "output", "reasoning", "total")


class RecentKeys:
    """What the calls read last say, in one folder. Two of them in one batch are not yet known to the store."""

    def __init__(self) -> None:
        self._copies: dict[str, None] = {}
        self._all: dict[str, None] = {}

    def is_repeated(self, key: str, is_copy: bool) -> bool:
        """True if a call is a copy of one that was read before, or the other way round; else it is remembered."""
        if key in (self._all if is_copy else self._copies):
            return True
        for keys in (self._all, *([self._copies] if is_copy else [])):
            keys[key] = None
            if len(keys) > _MAX_KEYS:
                del keys[next(iter(keys))]
        return False


class OpenCodeReader(SessionLog):
    """A `LineReader` for a database, or for the file of one message."""

    marks = (b"{",)

    def __init__(self, recent: RecentKeys, scope: ReadScope, state: Mapping[str, Any] | None = None) -> None:
        super().__init__(scope, state)
        self._recent = recent
        self._tasks: dict[str, str] = dict(state or {}).get("tasks", {})

    def own_state(self) -> dict[str, Any]:
        """See `SessionLog`."""
        return {"tasks": self._tasks}

    def apply(self, line: dict[str, Any]) -> Iterable[Call]:
        """See `SessionLog`."""
        times = line.get("time")
        if line.get("role") != "assistant" or not isinstance(times, dict):
            return
        session = clean_text(line.get("sessionID"))
        self._set_task(session, line.get("asked"))
        yield from self._read_message(line, times, session)
        self._set_task(session, line.get("did"))

    def _read_message(self, line: dict[str, Any], times: dict[str, Any], session: str | None) -> Iterable[Call]:
        usage = line.get("tokens")
        usage = usage if isinstance(usage, dict) else {}
        cache = usage.get("cache")
        cache = cache if isinstance(cache, dict) else {}
        given, output, reasoning, total = (token_count(usage, name) for name in _TOKENS)
        read, write = token_count(cache, "read"), token_count(cache, "write")
        prompt = given + read + write
        completion = output if total and total == prompt + output else output + reasoning
        error = line.get("error")
        error = error if isinstance(error, dict) else None
        aborted = error is not None and error.get("name") == "MessageAbortedError"
        folder = _folder(line)
        if (not prompt and not completion and (error is None or aborted)) or not self._counts(folder):
            return
        model = clean_text(line.get("modelID"))
        time_ms, started = read_time(times.get("created")), line.get("started")
        is_copy = (isinstance(started, int) and time_ms < started) or _FORK.search(str(line.get("title"))) is not None
        key = f"opencode:{time_ms}.{times.get('completed')}:{model or ''}:{given}.{output}.{reasoning}.{read}.{write}"
        if self._recent.is_repeated(key, is_copy):
            return
        agent = clean_text(line.get("agent"))
        call = Call(
            key if is_copy else f"opencode:{clean_text(line.get('id')) or key}",
            time_ms,
            agent_name=MAIN_AGENT if agent is None or agent in _PRIMARY else agent,
            model_name=model,
            provider=clean_text(line.get("providerID")),
            task_id=self._tasks.get(session or ""),
            session_id=session,
            project=project_name(folder),
            prompt_tokens=prompt,
            completion_tokens=completion,
            cache_read_tokens=read,
            cache_write_tokens=write,
            cost_nanos=reported_nanos(line.get("cost")),
            supersedes=True,
            duplicate_id=None if is_copy else key,
        )
        yield call if error is None else failed(call, _error_text(error))

    def _counts(self, folder: str) -> bool:
        return self.scope.workspaces is None or is_within(folder, self.scope.workspaces)

    def is_in_scope(self) -> bool:
        """See `SessionLog`; a database has many sessions, so each message was asked."""
        return True

    def _set_task(self, session: str | None, text: object) -> None:
        task = clean_text(self.scope.paths.last_task([text])) if isinstance(text, str) else None
        if session is not None and task is not None:
            self._tasks.pop(session, None)
            self._tasks[session] = task
            if len(self._tasks) > _MAX_TASKS:
                del self._tasks[next(iter(self._tasks))]


def _folder(line: dict[str, Any]) -> str:
    path = line.get("path")
    cwd = line.get("directory") or (path.get("cwd") if isinstance(path, dict) else None)
    cwd = clean_text(cwd, 4096)
    return project_folder(cwd) if cwd else ""


def _error_text(error: dict[str, Any]) -> object:
    data = error.get("data")
    return (data.get("message") if isinstance(data, dict) else None) or error.get("message") or error.get("name")


def _queries(columns: Columns) -> Sequence[RowQuery]:
    """For the tables that there are."""
    sessions = next((name for name in ("session", "session_v2") if "directory" in columns.get(name, ())), None)
    of_session = {"directory": "directory", "started": "time_created", "title": "title"}
    known = columns.get(sessions or "", frozenset())
    joined = {fact: f"s.{column}" for fact, column in of_session.items() if column in known}
    found = []
    messages, newer = columns.get("message", frozenset()), columns.get("session_message", frozenset())
    if {"id", "session_id", "data"} <= messages:
        role = "json_extract(r.data, '$.role')"
        has_parts = {"message_id", "data"} <= columns.get("part", frozenset())
        found.append(_query("message", role, messages, sessions, joined, has_parts, ""))
    if {"id", "session_id", "data", "type", "time_created"} <= newer:
        # While the first table is still written for a session, it has everything.
        later = "SELECT 1 FROM message m WHERE m.session_id = r.session_id AND m.time_created >= r.time_created"
        unless = f" AND NOT EXISTS ({later})" if found and "time_created" in messages else ""
        found.append(_query("session_message", "r.type", newer, sessions, joined, False, unless))
    return found


def _query(
    table: str,
    role: str,
    columns: frozenset[str],
    sessions: str | None,
    joined: Mapping[str, str],
    has_parts: bool,
    unless: str,
) -> RowQuery:
    facts = {name: f"json_extract(r.data, '$.{name}')" for name in ("time", "tokens", "cost", "error", "path")}
    facts |= {
        "id": "r.id", "sessionID": "r.session_id", "role": role,
        "modelID": "coalesce(json_extract(r.data, '$.modelID'), json_extract(r.data, '$.model.id'))",
        "providerID": "coalesce(json_extract(r.data, '$.providerID'), json_extract(r.data, '$.model.providerID'))",
        "agent": "coalesce(json_extract(r.data, '$.agent'), json_extract(r.data, '$.mode'))",
    }  # fmt: skip
    facts |= joined
    if has_parts:
        facts["asked"] = _texts("$.text", "json_extract(r.data, '$.parentID')")
        facts["did"] = _texts("$.state.input", "r.id")
    listed = ", ".join(f"'{name}', {value}" for name, value in facts.items())
    done = "json_extract(r.data, '$.time.completed') IS NOT NULL OR json_extract(r.data, '$.error') IS NOT NULL"
    changed = "r.time_updated" if "time_updated" in columns else "0"
    broken, of_model = "WHEN NOT json_valid(r.data) THEN", f"WHEN {role} = 'assistant'"
    return RowQuery(
        table,
        f"SELECT r.rowid, r.id, CASE {broken} 1 {of_model}{unless} THEN {done} END, {changed},"  # noqa: S608
        f" CASE {broken} substr(r.data, 1, 200) {of_model} THEN json_object({listed}) END"
        f" FROM {table} r" + (f" LEFT JOIN {sessions} s ON s.id = r.session_id" if sessions else ""),
    )


def _texts(json_path: str, message: str) -> str:
    """Where the parts of a message may name the file of a task."""
    text = f"group_concat(json_extract(p.data, '{json_path}'), char(10))"
    may_name = "p.data LIKE '%.y%ml%' AND json_valid(p.data)"
    return f"(SELECT {text} FROM part p WHERE p.message_id = {message} AND {may_name})"  # noqa: S608


def _log_of(path: str) -> str:
    return path.removesuffix("-wal")


def _includes_folder(path: str) -> bool:
    return path in ("", "storage", "storage/message") or path.startswith("storage/message/")


def _open(root: str, path: str, position: Position) -> LineSource:
    if path.endswith(".json"):
        return DocumentLog(root, path, position, lambda document: [document.strip()])
    return DatabaseLog(root, path, position, _queries)


def _readers(scope: ReadScope) -> ReaderFactory:
    recent = RecentKeys()
    return lambda path, state: OpenCodeReader(recent, scope, state)


def _recognises(path: str, lines: Sequence[bytes]) -> bool:
    if _DATABASE.fullmatch(os.path.basename(path)):
        return starts_as_database(lines)
    return path.endswith(".json") and any(b'"sessionID"' in line for line in lines)


def _default_folders(environ: Mapping[str, str], home: str) -> list[str]:
    data = first_set(environ, "XDG_DATA_HOME", default=os.path.join(home, ".local/share"))
    return [os.path.join(data, "opencode")]


KIND = LogKind(
    agent="OpenCode",
    setting="opencode_folders",
    default_folders=_default_folders,
    includes=lambda path: _DATABASE.fullmatch(path) is not None or _MESSAGE.fullmatch(path) is not None,
    includes_folder=_includes_folder,
    readers=_readers,
    recognises=_recognises,
    open=_open,
    # The database has the same messages as the files, with more facts.
    sort_key=lambda path, mtime_ns: (path.endswith(".json"), path, mtime_ns),
    log_of=_log_of,
)
