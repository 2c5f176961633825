"""Where Claude Code and Claude Cowork keep their session logs.

Sources: code.claude.com/docs (`CLAUDE_CONFIG_DIR`, `projects/`); github.com/ryoppippi/ccusage (the variable may list
several folders, separated by commas); pull requests 681 of github.com/kenn-io/agentsview and 572 of
github.com/rajbos/ai-engineering-fluency (Cowork, the desktop app's local agent mode, runs Claude Code with a hidden
configuration folder for each task: `local-agent-mode-sessions/<organisation>/<account>/local_<id>/.claude/projects/`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ... import files
from ...errors import FileRefused, FileUnreadable
from .agent_folders import first_set, listed
from .claude import ClaudeReader, SharedContext, is_sub_agent_log
from .line_reader import JSON_ERRORS
from .log_kind import LogKind, ReaderFactory, ReadScope

_COWORK = "Claude/local-agent-mode-sessions"
_COWORK_STORE = "Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming"
"""Where the app from Microsoft's store writes."""
_COWORK_STREAM = "audit.jsonl"
"""Repeats the messages of a task in another form, beside its configuration folder."""
_MAX_META_BYTES = 64 << 10


def _default_folders(environ: Mapping[str, str], home: str) -> list[str]:
    folders = [
        *listed(environ, "CLAUDE_CONFIG_DIR", os.path.join(home, ".claude")),
        os.path.join(home, ".config/claude"),
    ]
    config = first_set(environ, "XDG_CONFIG_HOME", default=os.path.join(home, ".config"))
    apps = [config, os.path.join(home, "Library/Application Support"), environ.get("APPDATA")]
    if environ.get("LOCALAPPDATA"):
        apps.append(os.path.join(environ["LOCALAPPDATA"], _COWORK_STORE))
    return [_projects(folder) for folder in folders] + [os.path.join(app, _COWORK) for app in apps if app]


def _projects(folder: str) -> str:
    return folder if os.path.basename(folder.rstrip("/")) == "projects" else os.path.join(folder, "projects")


def _includes(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(".jsonl") and not name.startswith(".") and name != _COWORK_STREAM


def _readers(scope: ReadScope) -> ReaderFactory:
    shared = SharedContext(lambda path: _read_description(scope.root, path))
    return lambda path, state: ClaudeReader(path, shared, scope.paths, scope.workspaces, state, scope.now_ms)


def _recognises(lines: Sequence[bytes]) -> bool:
    return any(b'"type"' in line and (b'"sessionId"' in line or b'"parentUuid"' in line) for line in lines)


def _read_description(root: str, path: str) -> Mapping[str, Any]:
    """The JSON object in a sub-agent's description file; {} if there is none. Raises FileUnreadable."""
    try:
        value = msgspec.json.decode(files.read_file(root, path, _MAX_META_BYTES).data)
    except FileUnreadable:
        raise
    except (FileRefused, *JSON_ERRORS):
        return {}
    return value if isinstance(value, dict) else {}


KIND = LogKind(
    agent="Claude Code",
    setting="claude_folders",
    default_folders=_default_folders,
    includes=_includes,
    readers=_readers,
    recognises=lambda path, lines: _recognises(lines),
    # The types of sub-agents are in the log of the session that started them.
    sort_key=lambda path, mtime_ns: (is_sub_agent_log(path), "", mtime_ns),
    hidden_folders=frozenset({".claude"}),
    max_depth=12,
)
