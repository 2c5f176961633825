"""The kinds of logs, `KINDS`, and what they have in common: which folders are read, and the readers of one folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

from ...watch.scan import Filter
from . import claude_folder, codex_folder, copilot, gemini, json_lines, openclaw, opencode, pi, qwen
from .line_reader import NowMs, system_now_ms
from .log_kind import Kind, LogKind, ReaderFactory, ReadScope
from .session_facts import TaskPaths

KINDS: dict[Kind, LogKind] = {
    "lines": json_lines.KIND,
    "claude": claude_folder.KIND,
    "codex": codex_folder.KIND,
    "pi": pi.KIND,
    "openclaw": openclaw.KIND,
    "gemini": gemini.KIND,
    "qwen": qwen.KIND,
    "opencode": opencode.KIND,
    "copilot": copilot.KIND,
}
"""In the order in which folders are read and listed; what a file is, is asked in the reverse order."""

_EXCLUDED_FOLDERS = frozenset(
    {
        "tool-results", "memory", "file-history", "todos", "shell-snapshots", "session-env", "plugins", "skills",
        "worktrees", "tool-outputs", "log", "logs", "debug", "cache", "tmp", "node_modules",
    }
)  # fmt: skip
"""Names of folders in the agents' own folders that contain no session logs."""


def file_filter(kind: Kind) -> Filter:
    """Which folders and files below a folder of this kind are read."""
    return Filter(folder=partial(_includes_folder, KINDS[kind]), file=KINDS[kind].includes)


def reader_factory(
    kind: Kind,
    root: str,
    lanes: Sequence[str],
    workspace: str | None = None,
    now_ms: NowMs = system_now_ms,
    shared: dict[str, Any] | None = None,
) -> ReaderFactory:
    """Creates the readers of the files in one folder.

    `workspace`: only sessions in it count; None: all. `shared`: the same for all folders that belong together.
    """
    workspaces = _spellings(workspace) if workspace is not None else None
    scope = ReadScope(root, TaskPaths(lanes), workspaces, now_ms, {} if shared is None else shared)
    return KINDS[kind].readers(scope)


def _includes_folder(kind: LogKind, path: str) -> bool:
    parts = path.split("/") if path else []
    return (
        len(parts) <= kind.max_depth
        and kind.includes_folder(path)
        and not any(
            (part.startswith(".") and part not in kind.hidden_folders) or part in _EXCLUDED_FOLDERS for part in parts
        )
    )


def _spellings(workspace: str) -> tuple[str, ...]:
    """How a session may name the workspace it ran in: the path as given, and with links resolved."""
    paths = {os.path.abspath(workspace), os.path.realpath(workspace)}
    return tuple(path.replace("\\", "/").rstrip("/") for path in paths)
