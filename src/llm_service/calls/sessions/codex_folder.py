"""Where Codex keeps its session logs.

Source: github.com/openai/codex, `codex-rs/rollout` (`CODEX_HOME`, `sessions/YYYY/MM/DD/rollout-*.jsonl`, and
`archived_sessions/` for archived ones; `compression.rs` replaces logs of both that are a week old by `.jsonl.zst`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from ...watch.tail import Position, Tail
from .agent_folders import first_set
from .codex import CodexReader
from .codex_forks import SharedCounters
from .compressed import CompressedLog, is_compressed
from .log_kind import LineSource, LogKind, ReaderFactory, ReadScope
from .session_facts import TaskSwitches

_FILE_NAME = re.compile(r"(?:.*/)?rollout-[^/]*\.jsonl(?:\.zst)?")
_MARKS = (b'"session_meta"', b'"turn_context"', b'"event_msg"', b'"response_item"')


def _default_folders(environ: Mapping[str, str], home: str) -> list[str]:
    base = first_set(environ, "CODEX_HOME", default=os.path.join(home, ".codex"))
    return [os.path.join(base, name) for name in ("sessions", "archived_sessions")]


def _open(root: str, path: str, position: Position) -> LineSource:
    return CompressedLog(root, path, position) if is_compressed(path) else Tail(root, path, position)


def _readers(scope: ReadScope) -> ReaderFactory:
    # A session that is archived is the parent of forks that are not.
    tasks = scope.shared.setdefault("codex tasks", TaskSwitches())
    counters = scope.shared.setdefault("codex counters", SharedCounters())
    return lambda path, state: CodexReader(tasks, scope.paths, scope.workspaces, state, scope.now_ms, counters)


def _recognises(lines: Sequence[bytes]) -> bool:
    return any(b'"type"' in line and mark in line for line in lines for mark in _MARKS)


KIND = LogKind(
    agent="Codex",
    setting="codex_folders",
    default_folders=_default_folders,
    includes=lambda path: _FILE_NAME.fullmatch(path) is not None,
    readers=_readers,
    recognises=lambda path, lines: _recognises(lines),
    open=_open,
    # A fork copies its parent; the name of a rollout starts with its start time.
    sort_key=lambda path, mtime_ns: (False, path.rpartition("/")[2], mtime_ns),
)
