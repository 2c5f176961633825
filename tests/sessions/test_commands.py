"""`llm-service sessions list | show | tail`, without a dashboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kit.settings import user_file
from kit.transcripts import SECRET, claude_session

from llm_service.cli.main import cli
from llm_service.cli.sections import load_settings
from llm_service.sessions.settings import SessionSettings


@pytest.fixture
def logs(workspace: Path) -> Path:
    """A workspace with a session."""
    log = claude_session("s1", str(workspace))
    log.write(workspace / "logs/p/s1.jsonl")
    (workspace / "llm-service.yaml").write_text("claude_folders: [logs]\n")
    return workspace


def run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["sessions", *arguments, "--workspace", str(workspace)])


def test_list_show_and_tail(logs: Path) -> None:
    (line,) = run(logs, "list").output.splitlines()
    assert "Show the state of each berth" in line
    assert "Claude Code" in line
    assert json.loads(run(logs, "list", "--json").output)["total"] == 1
    assert "no such sessions" in run(logs, "list", "--text", "nothing").output
    shown = run(logs, "show", "s1").output
    assert "1  Bash" in shown
    assert "in_progress Write the words" in shown
    assert json.loads(run(logs, "show", "s1", "--json").output)["lines"] == 10
    tail = run(logs, "tail", "s1", "-n", "3").output.splitlines()
    assert [each.split()[0] for each in tail] == ["8", "9", "10"]
    assert "* Edit:" in tail[0]
    everything = run(logs, "tail", "s1", "--all", "--json", "-n", "50").output
    assert len(everything.splitlines()) == 10
    assert SECRET not in shown + everything
    assert "[redacted:" in everything


def test_what_is_not_there_or_switched_off_is_said(logs: Path) -> None:
    missing = run(logs, "tail", "s2")
    assert missing.exit_code != 0
    assert "There is no session" in missing.output
    (logs / "llm-service.yaml").write_text("claude_folders: [logs]\nsessions: false\n")
    off = run(logs, "list")
    assert off.exit_code != 0
    assert "`sessions` is off" in off.output


def test_the_file_of_a_workspace_cannot_switch_on_what_the_user_switched_off(
    logs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    user_file(monkeypatch, tmp_path_factory.mktemp("user"), "sessions: false\n")
    (logs / "llm-service.yaml").write_text("claude_folders: [logs]\nsessions: true\n")
    settings = load_settings(str(logs))
    assert not settings.of(SessionSettings).sessions
