"""`llm-service hooks install`: other hooks survive, nothing is written unasked, and what is written works."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from kit.hook_payloads import SESSION, claude

from llm_service.cli.main import cli
from llm_service.hooks.clients import CLIENTS
from llm_service.hooks.install import MARK

OTHER = {"matcher": "Bash", "hooks": [{"type": "command", "command": "./lint.sh"}]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace."""
    folder = tmp_path / "ws"
    folder.mkdir()
    return folder


def run(place: Path, *arguments: str, answer: str = "") -> Result:
    """Run `llm-service hooks` for the workspace; an answer comes from a terminal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("llm_service.hooks.commands._may_ask", lambda: bool(answer))
        return CliRunner().invoke(cli, ["hooks", *arguments, "--workspace", str(place)], input=answer)


def test_without_a_terminal_it_says_how_to_write(place: Path) -> None:
    done = CliRunner().invoke(cli, ["hooks", "install", "--client", "codex", "--workspace", str(place)])
    assert done.exit_code == 1
    assert "no terminal to ask on; --yes writes what is shown" in done.output
    assert not (place / ".codex").exists()


def hooks_of(path: Path) -> dict[str, Any]:
    """The hooks in a settings file."""
    found: dict[str, Any] = json.loads(path.read_text())["hooks"]
    return found


def ours(groups: list[dict[str, Any]]) -> list[str]:
    """The commands of ours in the groups of an event."""
    return [each["command"] for group in groups for each in group["hooks"] if MARK in each["command"]]


@pytest.mark.parametrize(
    ("client", "file"), [("claude-code", ".claude/settings.local.json"), ("codex", ".codex/hooks.json")]
)
def test_it_shows_the_change_and_writes_it_when_asked(place: Path, client: str, file: str) -> None:
    shown = run(place, "install", "--client", client, answer="n\n")
    assert shown.exit_code == 0
    assert '+    "PermissionRequest": [' in shown.output
    assert not (place / file).exists()
    assert run(place, "install", "--client", client, answer="y\n").exit_code == 0
    found = hooks_of(place / file)
    assert set(found) == set(CLIENTS[client].events)
    assert all(len(ours(groups)) == 1 for groups in found.values())
    again = run(place, "install", "--client", client, "--yes")
    assert "nothing has to be changed" in again.output


def test_other_settings_and_hooks_survive_and_ours_is_replaced(place: Path) -> None:
    path = place / ".claude/settings.local.json"
    path.parent.mkdir()
    old = {"type": "command", "command": f"sh -c x {MARK} /old/python /old/script claude-code f w"}
    mixed = {"matcher": "Edit", "hooks": [{"type": "command", "command": "./a.sh"}, old]}
    before = {
        "model": "opus",
        "hooks": {"PreToolUse": [OTHER, mixed], "Stop": [{"hooks": [old]}], "Mine": [OTHER]},
        "é": 1,
    }
    path.write_text(json.dumps(before, indent=4, ensure_ascii=False))
    path.chmod(0o640)
    assert run(place, "install", "--client", "claude-code", "--yes").exit_code == 0
    after = json.loads(path.read_text())
    assert (after["model"], after["é"], after["hooks"]["Mine"]) == ("opus", 1, [OTHER])
    assert after["hooks"]["PreToolUse"][:2] == [OTHER, {"matcher": "Edit", "hooks": mixed["hooks"][:1]}]
    assert len(ours(after["hooks"]["PreToolUse"])) == len(ours(after["hooks"]["Stop"])) == 1
    assert "/old/script" not in path.read_text()
    assert path.read_text().startswith('{\n    "model"')
    assert path.stat().st_mode & 0o777 == 0o640
    assert run(place, "remove", "--client", "claude-code", "--yes").exit_code == 0
    assert hooks_of(path) == {"PreToolUse": after["hooks"]["PreToolUse"][:2], "Mine": [OTHER]}


def test_removing_leaves_nothing_of_ours(place: Path) -> None:
    path = place / ".codex/hooks.json"
    assert "nothing has to be changed" in run(place, "remove", "--client", "codex", "--yes").output
    run(place, "install", "--client", "codex", "--yes")
    run(place, "remove", "--client", "codex", "--yes")
    assert json.loads(path.read_text()) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ // mine\n}", "is no JSON"), ("[]", "no JSON object"), ('{"hooks": []}', "is not what Claude Code takes"),
        ('{"hooks": {"Stop": {}}}', "is not what Claude Code takes"), ("\udcff", "no text in UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_understood_is_not_touched(place: Path, text: str, reason: str) -> None:
    path = place / ".claude/settings.local.json"
    path.parent.mkdir()
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    failed = run(place, "install", "--client", "claude-code", "--yes")
    assert failed.exit_code != 0
    assert reason in failed.output
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")


def test_settings_of_the_user_may_be_a_link_and_stay_one(place: Path, home: Path) -> None:
    (home / "dotfiles").mkdir()
    (home / ".claude").mkdir()
    (home / "dotfiles/settings.json").write_text("{}")
    (home / ".claude/settings.json").symlink_to(home / "dotfiles/settings.json")
    assert run(place, "install", "--client", "claude-code", "--user", "--yes").exit_code == 0
    assert (home / ".claude/settings.json").is_symlink()
    assert "Stop" in hooks_of(home / "dotfiles/settings.json")


def test_a_link_out_of_the_workspace_is_not_followed(place: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (place / ".claude").symlink_to(tmp_path / "elsewhere")
    failed = run(place, "install", "--client", "claude-code", "--yes")
    assert failed.exit_code != 0
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("shell", [["sh", "-c"], ["bash", "-lc"]])
def test_what_is_installed_works_with_no_dashboard(place: Path, shell: list[str]) -> None:
    run(place, "install", "--client", "claude-code", "--yes")
    found = hooks_of(place / ".claude/settings.local.json")
    event = json.dumps(claude("PermissionRequest", tool_name="Bash", tool_input={}) | {"cwd": str(place)})
    command = ours(found["PermissionRequest"])[0]
    # Nothing of ours is on PATH, and the folder is another one.
    done = subprocess.run(
        [*shell, command], input=event.encode(), capture_output=True, cwd="/", timeout=60, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(place)},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (line,) = (place / f"work/hooks/{SESSION}.jsonl").read_text().splitlines()
    assert json.loads(line)["event"] == "PermissionRequest"


def test_what_is_missing_is_said_and_stops_no_agent(place: Path) -> None:
    run(place, "install", "--client", "claude-code", "--yes")
    path = place / ".claude/settings.local.json"
    script = next(word for word in ours(hooks_of(path)["Stop"])[0].split() if word.endswith("append_line.py"))
    path.write_text(path.read_text().replace(script, "/gone/append_line.py"))
    for event, code in (("SessionStart", 1), ("PreToolUse", 0), ("Stop", 0)):  # of a hook, only 2 stops an agent
        command = ours(hooks_of(path)[event])[0]
        done = subprocess.run(["sh", "-c", command], input=b"{}", capture_output=True, timeout=60, check=False)
        assert done.returncode == code
        assert b"/gone/append_line.py is missing. Run: llm-service hooks install" in done.stderr
    assert "missing: /gone/append_line.py" in run(place, "list").output
    checked = CliRunner().invoke(cli, ["doctor", "--workspace", str(place)])
    assert "/gone/append_line.py is missing" in checked.output
