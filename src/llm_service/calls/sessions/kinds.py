"""The kinds of folders that calls are read from: which files count, in which order, and who reads them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from ... import files
from ...errors import FileRefused
from ...watch.scan import Wanted
from .claude import ClaudeSession, Family, is_sub_agent
from .codex import CodexSession
from .json_lines import CallLines
from .line_reader import NOT_JSON, LineReader, NowMs, system_now_ms
from .session_facts import TaskPaths, TaskSwitches

Kind = Literal["lines", "claude", "codex"]
MakeReader = Callable[[str, Any], LineReader]
"""(path relative to the folder, state of an earlier reader or None) -> reader"""

_MAX_DEPTH = 8
_MAX_META_BYTES = 64 << 10
_LEFT_OUT = frozenset(
    {
        "tool-results", "memory", "file-history", "todos", "shell-snapshots", "session-env", "plugins", "skills",
        "worktrees", "log", "logs", "debug", "cache", "tmp", "node_modules",
    }
)  # fmt: skip
"""Folders beside session logs, in Claude Code's and Codex' own folders, in which there are no session logs."""
_FILES: dict[Kind, re.Pattern[str]] = {
    # Log rotation leaves `calls.jsonl.1` and `calls.jsonl-20261118`, of which the last lines may not be read yet.
    "lines": re.compile(r"[^.].*\.jsonl(?:\.\d{1,3}|[-.]\d{8}(?:-\d+)?)?"),
    "claude": re.compile(r"[^.].*\.jsonl"),
    "codex": re.compile(r"rollout-.*\.jsonl"),
}


def wanted_of(kind: Kind) -> Wanted:
    """Which folders and files below a folder of this kind are looked at."""
    name = _FILES[kind]
    return Wanted(folder=_wants_folder, file=lambda path: name.fullmatch(path.rsplit("/", 1)[-1]) is not None)


def order_of(kind: Kind, path: str, mtime_ns: int) -> tuple[bool, str, int]:
    """Sorts files so that what others refer to comes first, and otherwise the oldest.

    Claude Code's sub-agents are named by the session that started them; a fork of Codex copies its parent, and the
    name of a rollout begins with the time when it began.
    """
    if kind == "codex":
        return (False, path.rsplit("/", 1)[-1], mtime_ns)
    return (kind == "claude" and is_sub_agent(path), "", mtime_ns)


def readers_of(
    kind: Kind, root: str, lanes: Sequence[str], workspace: str | None = None, now_ms: NowMs = system_now_ms
) -> MakeReader:
    """Makes the readers of the files in one folder. `workspace`: only sessions in there count; None: all do."""
    if kind == "lines":
        return lambda path, state: CallLines(now_ms)
    paths = TaskPaths(lanes)
    workspaces = _spellings(workspace) if workspace is not None else None
    if kind == "codex":
        tasks = TaskSwitches()
        return lambda path, state: CodexSession(tasks, paths, workspaces, state, now_ms)
    family = Family(lambda path: _description(root, path))
    return lambda path, state: ClaudeSession(path, family, paths, workspaces, state, now_ms)


def _wants_folder(path: str) -> bool:
    parts = path.split("/") if path else []
    return len(parts) <= _MAX_DEPTH and not any(part.startswith(".") or part in _LEFT_OUT for part in parts)


def _spellings(workspace: str) -> tuple[str, ...]:
    """The ways in which a session may name the workspace it ran in: as it was given, and without links."""
    found = {os.path.abspath(workspace), os.path.realpath(workspace)}
    return tuple(path.replace("\\", "/").rstrip("/") for path in found)


def _description(root: str, path: str) -> Mapping[str, Any]:
    """What lies beside the log of a sub-agent; {} if there is nothing that can be read."""
    try:
        value = msgspec.json.decode(files.read_file(root, path, _MAX_META_BYTES).data)
    except (FileRefused, *NOT_JSON):
        return {}
    return value if isinstance(value, dict) else {}
