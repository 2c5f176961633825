"""The kinds of log folders: which files are read, in which order, and by which reader."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ... import files
from ...errors import FileRefused, FileUnreadable
from ...watch.scan import Filter
from .claude import ClaudeReader, SharedContext, is_sub_agent_log
from .codex import CodexReader
from .copilot import CopilotReader
from .folders import Kind
from .json_lines import JsonLinesReader
from .line_reader import JSON_ERRORS, LineReader, NowMs, system_now_ms
from .session_facts import TaskPaths, TaskSwitches

ReaderFactory = Callable[[str, Any], LineReader]
"""(path relative to the folder, saved state or None) -> reader"""

_MAX_DEPTH = 8
_MAX_META_BYTES = 64 << 10
_EXCLUDED_FOLDERS = frozenset(
    {
        "tool-results", "memory", "file-history", "todos", "shell-snapshots", "session-env", "plugins", "skills",
        "worktrees", "log", "logs", "debug", "cache", "tmp", "node_modules",
    }
)  # fmt: skip
"""Names of folders in Claude Code's and Codex' own folders that contain no session logs."""
_FILE_NAMES: dict[Kind, re.Pattern[str]] = {
    # Log rotation leaves `calls.jsonl.1` and `calls.jsonl-20261118`, whose last lines may not have been read yet.
    "lines": re.compile(r"[^.].*\.jsonl(?:\.\d{1,3}|[-.]\d{8}(?:-\d+)?)?"),
    "claude": re.compile(r"[^.].*\.jsonl"),
    "codex": re.compile(r"rollout-.*\.jsonl"),
    "copilot": re.compile(r"[^.].*\.jsonl"),
}


def file_filter(kind: Kind) -> Filter:
    """Which folders and files below a folder of this kind are read."""
    name = _FILE_NAMES[kind]
    return Filter(folder=_includes_folder, file=lambda path: name.fullmatch(path.rsplit("/", 1)[-1]) is not None)


def sort_key(kind: Kind, path: str, mtime_ns: int) -> tuple[bool, str, int]:
    """Key by which a file that others refer to comes before them, and otherwise the oldest first.

    The types of Claude Code's sub-agents are in the log of the session that started them. A fork of Codex copies its
    parent; the name of a rollout starts with its start time.
    """
    if kind == "codex":
        return (False, path.rsplit("/", 1)[-1], mtime_ns)
    return (kind == "claude" and is_sub_agent_log(path), "", mtime_ns)


def reader_factory(
    kind: Kind, root: str, lanes: Sequence[str], workspace: str | None = None, now_ms: NowMs = system_now_ms
) -> ReaderFactory:
    """Creates the readers of the files in one folder. `workspace`: only sessions in it count; None: all."""
    if kind == "lines":
        return lambda path, state: JsonLinesReader(now_ms)
    paths = TaskPaths(lanes)
    workspaces = _spellings(workspace) if workspace is not None else None
    if kind == "codex":
        tasks = TaskSwitches()
        return lambda path, state: CodexReader(tasks, paths, workspaces, state, now_ms)
    if kind == "copilot":
        return lambda path, state: CopilotReader(paths, workspaces is None, state, now_ms)
    shared = SharedContext(lambda path: _read_description(root, path))
    return lambda path, state: ClaudeReader(path, shared, paths, workspaces, state, now_ms)


def _includes_folder(path: str) -> bool:
    parts = path.split("/") if path else []
    return len(parts) <= _MAX_DEPTH and not any(part.startswith(".") or part in _EXCLUDED_FOLDERS for part in parts)


def _spellings(workspace: str) -> tuple[str, ...]:
    """How a session may name the workspace it ran in: the path as given, and with links resolved."""
    paths = {os.path.abspath(workspace), os.path.realpath(workspace)}
    return tuple(path.replace("\\", "/").rstrip("/") for path in paths)


def _read_description(root: str, path: str) -> Mapping[str, Any]:
    """The JSON object in a sub-agent's description file; {} if there is none. Raises FileUnreadable."""
    try:
        value = msgspec.json.decode(files.read_file(root, path, _MAX_META_BYTES).data)
    except FileUnreadable:
        raise
    except (FileRefused, *JSON_ERRORS):
        return {}
    return value if isinstance(value, dict) else {}
