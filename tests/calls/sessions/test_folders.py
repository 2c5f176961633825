"""Where agents keep their logs: by environment and home folder, the hidden ones of Claude Cowork."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kit.session_logs import open_log_store

from llm_service.calls.sessions.folders import discover_session_folders, session_settings
from llm_service.calls.sessions.kinds import file_filter
from llm_service.calls.sessions.log_kind import Kind
from llm_service.settings.load import Settings


def found(environ: dict[str, str], *folders: Path | str) -> list[str]:
    for folder in folders:
        Path(folder).mkdir(parents=True)
    return [folder for _, folder in discover_session_folders(Settings(), environ)]


def test_the_folders_of_every_agent_are_found_in_the_home_folder(tmp_path: Path) -> None:
    names = (
        ".claude/projects", ".config/Claude/local-agent-mode-sessions", ".codex/sessions", ".codex/archived_sessions",
        ".pi/agent/sessions", ".openclaw/agents", ".gemini/tmp", ".qwen/projects", ".local/share/opencode",
    )  # fmt: skip
    environ = {"HOME": str(tmp_path)}
    assert found(environ, *(tmp_path / name for name in names)) == [f"~/{name}" for name in names]
    lines = session_settings(Settings(), discover_session_folders(Settings(), environ))
    assert lines["codex_folders"] == "[~/.codex/sessions, ~/.codex/archived_sessions]"
    assert set(lines) == {
        f"{name}_folders" for name in ("claude", "codex", "pi", "openclaw", "gemini", "qwen", "opencode")
    }


def test_a_variable_of_claude_code_may_list_several_folders(tmp_path: Path) -> None:
    work, home = tmp_path / "work", tmp_path / "private"
    environ = {"HOME": str(tmp_path / "none"), "CLAUDE_CONFIG_DIR": f"{work}, {home}/projects,,{work}"}
    assert found(environ, work / "projects", home / "projects") == [f"{work}/projects", f"{home}/projects"]


@pytest.mark.parametrize(
    ("name", "value", "folder"),
    [
        ("CODEX_HOME", "codex", "codex/archived_sessions"),
        ("PI_CODING_AGENT_DIR", "pi", "pi/sessions"),
        ("OPENCLAW_STATE_DIR", "claw", "claw/agents"),
        ("GEMINI_CLI_HOME", "google", "google/.gemini/tmp"),
        ("QWEN_RUNTIME_DIR", "qwen", "qwen/projects"),
        ("XDG_DATA_HOME", "share", "share/opencode"),
        ("XDG_CONFIG_HOME", "config", "config/Claude/local-agent-mode-sessions"),
        ("APPDATA", "roaming", "roaming/Claude/local-agent-mode-sessions"),
    ],
)
def test_variables_of_the_agents_move_their_folders(tmp_path: Path, name: str, value: str, folder: str) -> None:
    environ = {"HOME": str(tmp_path / "none"), name: str(tmp_path / value)}
    assert found(environ, tmp_path / folder) == [str(tmp_path / folder)]


def test_the_hidden_folders_of_claude_cowork_are_read_and_other_hidden_ones_are_not(tmp_path: Path) -> None:
    usage = {"input_tokens": 5, "output_tokens": 1}
    message = {"id": "msg_01AAAAAAAAAAAAAAAAAAAAAA", "model": "claude-sonnet-4-5", "usage": usage}
    line = {"type": "assistant", "sessionId": "s", "timestamp": "2026-11-20T10:00:00Z", "message": message}
    task = tmp_path / "sessions/8d1f/a2b4/local_77c0"
    other = line | {"message": message | {"id": "msg_01BBBBBBBBBBBBBBBBBBBBBB"}}
    for path, content in {
        ".claude/projects/-sessions-77c0/3f25.jsonl": line,
        "audit.jsonl": {"type": "assistant", "session_id": "s", "message": message | {"id": "msg_other"}},
        ".git/objects.jsonl": other,
    }.items():
        (task / path).parent.mkdir(parents=True, exist_ok=True)
        (task / path).write_text(json.dumps(content, separators=(",", ":")) + "\n")
    with open_log_store(tmp_path) as store:
        assert store.read("claude", tmp_path / "sessions").status()["refused"] == 0
        assert [call["invocation_id"] for call in store.calls()] == ["claude:msg_01AAAAAAAAAAAAAAAAAAAAAA"]


@pytest.mark.parametrize(
    ("kind", "path", "is_read"),
    [
        ("codex", "2026/11/20/rollout-2026-11-20T10-00-00-01.jsonl", True),
        ("codex", "rollout-2026-11-20T10-00-00-01.jsonl.zst", True),
        ("codex", "history.jsonl", False),
        ("openclaw", "main/sessions/3f25.jsonl", True),
        ("openclaw", "main/sessions/3f25.jsonl.reset.2026-11-20T10-00-00.000Z", True),
        ("openclaw", "main/sessions/3f25.jsonl.deleted.2026-11-20T10-00-00.000Z.zst", True),
        ("openclaw", "main/session-sqlite-import-archive/main.3f25.jsonl.imported-2026", True),
        ("openclaw", "agents/main/sessions/3f25.jsonl", True),
        ("openclaw", "sessions/3f25.jsonl", True),
        ("openclaw", "3f25.jsonl", True),
        ("openclaw", "main/agent/openclaw-agent.sqlite-wal", True),
        ("openclaw", "main/agent/incognito-openclaw-agent.sqlite", False),
        ("openclaw", "main/sessions/3f25.jsonl.bak-1795", False),
        ("openclaw", "main/agent/codex-home/sessions/2026/11/20/rollout-2026.jsonl", False),
        ("gemini", "b5/chats/session-2026-11-20T10-00-3f25.json", True),
        ("gemini", "quayside/chats/session-2026-11-20T10-00-3f25.jsonl", True),
        ("gemini", "quayside/chats/3f25/77c0.jsonl", True),
        ("gemini", "quayside/logs.json", False),
        ("opencode", "opencode.db", True),
        ("opencode", "opencode-dev.db-wal", True),
        ("opencode", "opencode.db-shm", False),
        ("opencode", "storage/message/ses_1/msg_1.json", True),
        ("opencode", "storage/part/msg_1/prt_1.json", False),
        ("lines", "calls.jsonl.1", True),
        ("lines", ".hidden.jsonl", False),
    ],
)
def test_which_files_are_read(kind: Kind, path: str, is_read: bool) -> None:
    assert file_filter(kind).file(path) == is_read


def test_the_snapshots_of_opencode_are_not_looked_into() -> None:
    folders = ("", "storage", "storage/message", "storage/message/ses_1", "snapshot", "storage/part", "bin")
    assert [file_filter("opencode").folder(folder) for folder in folders] == [True] * 4 + [False] * 3
