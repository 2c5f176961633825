"""OpenClaw's session logs: `~/.openclaw/agents/<agent>/sessions/<session>.jsonl`, in the form of pi's.

Source: github.com/openclaw/openclaw (`isUsageCountedSessionTranscriptFileName`; issues 25015 and 70686, pull requests
43215 and 92610): `/new` and `/reset` rename a log to `<session>.jsonl.reset.<time>`, deleting one to
`<session>.jsonl.deleted.<time>`, which may be compressed later; `<session>.checkpoint.<id>.jsonl` is a copy of one; the
import into SQLite moves logs to `session-sqlite-import-archive/`. Copies have the same messages, so each counts once;
`.bak` files are left out. Messages that OpenClaw writes itself (`delivery-mirror`, `gateway-injected`) have no tokens.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ...watch.tail import Position, Tail
from .agent_folders import first_set
from .compressed import CompressedLog, is_compressed
from .line_reader import clean_text
from .log_kind import LineSource, LogKind, ReaderFactory, ReadScope
from .pi import PiReader, is_session

_LOG = re.compile(
    r"(?:(?P<agent>[^/]+)/)?(?:sessions/|session-sqlite-import-archive/)?"
    r"[^./][^/]*\.jsonl(?:\.(?:reset|deleted)\.[^/]+?)?(?:\.imported-[^/]+?)?(?:\.zst)?"
)
_MAIN = "main"
"""The agent that OpenClaw has if none was added."""


def _agent_name(path: str) -> str:
    found = _LOG.fullmatch(path)
    name = clean_text(found["agent"]) if found else None
    return "openclaw" if name in (None, _MAIN, "sessions") else f"openclaw:{name}"


def _readers(scope: ReadScope) -> ReaderFactory:
    return lambda path, state: PiReader(scope, state, "openclaw", _agent_name(path))


def _open(root: str, path: str, position: Position) -> LineSource:
    return CompressedLog(root, path, position) if is_compressed(path) else Tail(root, path, position)


def _default_folders(environ: Mapping[str, str], home: str) -> list[str]:
    current = first_set(environ, "OPENCLAW_STATE_DIR", default=os.path.join(home, ".openclaw"))
    earlier = [os.path.join(home, name) for name in (".clawdbot", ".moltbot")]
    return [os.path.join(folder, "agents") for folder in (current, *earlier)]


KIND = LogKind(
    agent="OpenClaw",
    setting="openclaw_folders",
    default_folders=_default_folders,
    includes=lambda path: _LOG.fullmatch(path) is not None,
    readers=_readers,
    recognises=lambda path, lines: is_session(lines) and "/agents/" in path.replace(os.sep, "/"),
    open=_open,
)
