"""OpenClaw's session logs, in the form of pi's: `~/.openclaw/agents/<agent>/sessions/<session>.jsonl`, and a database.

Source: github.com/openclaw/openclaw (`isUsageCountedSessionTranscriptFileName`; issues 25015 and 70686, pull requests
43215 and 92610): `/new` and `/reset` rename a log to `<session>.jsonl.reset.<time>`, deleting one to
`<session>.jsonl.deleted.<time>`, which may be compressed later; `<session>.checkpoint.<id>.jsonl` is a copy of one; the
import into SQLite moves logs to `session-sqlite-import-archive/`. Copies have the same messages, so each counts once;
`.bak` files are left out. Since 2026 current sessions are rows of `<agent>/agent/openclaw-agent.sqlite`, table
`transcript_events(session_id, seq, event_json, created_at)`, with the same ids (github.com/junhoyeo/tokscale,
`openclaw.rs`). Messages that OpenClaw writes itself (`delivery-mirror`, `gateway-injected`) have no tokens.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from ...watch.tail import Position, Tail
from .agent_folders import first_set
from .compressed import CompressedLog, is_compressed
from .database_rows import DatabaseLog, RowQuery
from .foreign_database import Columns, starts_as_database
from .line_reader import clean_text
from .log_kind import LineSource, LogKind, ReaderFactory, ReadScope
from .pi import PiReader, is_session

_LOG = re.compile(
    r"(?:(?:.*/)?(?P<agent>(?!codex-home/)[^/]+)/(?:sessions|session-sqlite-import-archive)/|(?:sessions/)?)"
    r"[^./][^/]*\.jsonl(?:\.(?:reset|deleted)\.[^/]+?)?(?:\.imported-[^/]+?)?(?:\.zst)?"
)
_DATABASE = re.compile(r"(?:(?:.*/)?(?P<agent>[^/]+)/agent/|(?:agent/)?)openclaw-agent\.sqlite(?:-wal)?")
_AGENT_FOLDER = re.compile(r".*/agents/[^/]+/(?:sessions|session-sqlite-import-archive)/[^/]+")
_MAIN = "main"
"""The agent that OpenClaw has if none was added."""


def _agent_name(path: str) -> str:
    found = _LOG.fullmatch(path) or _DATABASE.fullmatch(path)
    name = clean_text(found["agent"]) if found else None
    return "openclaw" if name in (None, _MAIN) else f"openclaw:{name}"


def _readers(scope: ReadScope) -> ReaderFactory:
    return lambda path, state: PiReader(scope, state, "openclaw", _agent_name(path))


def _queries(columns: Columns) -> Sequence[RowQuery]:
    if not {"session_id", "seq", "event_json", "created_at"} <= columns.get("transcript_events", frozenset()):
        return ()
    row_id = "r.session_id || ':' || r.seq"
    text = "CASE WHEN json_valid(r.event_json) THEN json_set(r.event_json, '$.sessionId', r.session_id) ELSE '?' END"
    sql = f"SELECT r.rowid, {row_id}, 1, r.created_at, {text} FROM transcript_events r"  # noqa: S608
    return (RowQuery("transcript_events", sql, row_id),)


def _open(root: str, path: str, position: Position) -> LineSource:
    if _DATABASE.fullmatch(path):
        return DatabaseLog(root, path, position, _queries)
    return CompressedLog(root, path, position) if is_compressed(path) else Tail(root, path, position)


def _recognises(path: str, lines: Sequence[bytes]) -> bool:
    if _DATABASE.fullmatch(os.path.basename(path)):
        return starts_as_database(lines)
    return is_session(lines) and _AGENT_FOLDER.fullmatch(path.replace(os.sep, "/")) is not None


def _default_folders(environ: Mapping[str, str], home: str) -> list[str]:
    current = first_set(environ, "OPENCLAW_STATE_DIR", default=os.path.join(home, ".openclaw"))
    earlier = [os.path.join(home, name) for name in (".clawdbot", ".moltbot")]
    return [os.path.join(folder, "agents") for folder in (current, *earlier)]


KIND = LogKind(
    agent="OpenClaw",
    setting="openclaw_folders",
    default_folders=_default_folders,
    includes=lambda path: _LOG.fullmatch(path) is not None or _DATABASE.fullmatch(path) is not None,
    readers=_readers,
    recognises=_recognises,
    open=_open,
    log_of=lambda path: path.removesuffix("-wal"),
)
