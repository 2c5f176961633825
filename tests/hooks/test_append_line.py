"""The hook itself, run as the programs of agents run it: one line each, no secrets, and never in the agent's way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from kit.hook_payloads import SESSION, asked, claude

from llm_service.hooks.append_line import MAX_TEXT, line_of, name_of, question_at_end, short_command
from llm_service.hooks.install import SCRIPT


def run(folder: Path, payload: bytes, *last: str, workspace: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run it as its installed command does."""
    command = [sys.executable, "-I", "-S", SCRIPT, "claude-code", str(folder), str(workspace or folder.parent), *last]
    return subprocess.run(command, input=payload, capture_output=True, timeout=60, check=False)


def lines(folder: Path, session: str = SESSION) -> list[dict[str, Any]]:
    """The lines of a session's file."""
    return [json.loads(line) for line in (folder / name_of(session)).read_text().splitlines()]


def payload(tmp_path: Path, **more: Any) -> bytes:
    """A prompt in the folder of the test."""
    return json.dumps(
        claude("UserPromptSubmit", prompt="My password is hunter2") | {"cwd": str(tmp_path)} | more
    ).encode()


def test_it_adds_a_line_and_says_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        done = run(tmp_path / "hooks", payload(tmp_path))
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    first, second = lines(tmp_path / "hooks")
    assert first["event"] == second["event"] == "UserPromptSubmit"
    assert (first["client"], first["session"], first["cwd"]) == ("claude-code", SESSION, str(tmp_path))
    assert first["time"] <= second["time"]


def test_notify_of_codex_gives_the_event_as_an_argument(tmp_path: Path) -> None:
    event = {
        "type": "agent-turn-complete",
        "thread-id": "t-1",
        "cwd": str(tmp_path),
        "last-assistant-message": "And now?",
    }
    assert run(tmp_path / "hooks", b"", json.dumps(event)).returncode == 0
    (line,) = lines(tmp_path / "hooks", "t-1")
    assert (line["event"], line["asks"], line["text"]) == ("agent-turn-complete", True, "And now?")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"session_id": 1}',
        b'{"session_id":"a"}',
        b"[" * 100_000,
        b'"' + b"x" * 99,
    ],
)
def test_whatever_comes_the_agent_goes_on(tmp_path: Path, data: bytes) -> None:
    done = run(tmp_path / "hooks", data)
    assert (done.returncode, done.stdout) == (0, b"")
    assert not (tmp_path / "hooks").exists() or not list((tmp_path / "hooks").iterdir())


def test_it_does_not_wait_for_an_input_that_has_no_end(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", SCRIPT, "claude-code", str(tmp_path / "hooks"), str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(payload(tmp_path))
        process.stdin.flush()
        assert process.wait(timeout=60) == 0  # its input is still open
    assert len(lines(tmp_path / "hooks")) == 1


def test_a_session_outside_of_the_workspace_leaves_no_line(tmp_path: Path) -> None:
    inside = tmp_path / "ws"
    inside.mkdir()
    (tmp_path / "link").symlink_to(inside)
    for cwd, count in (
        (tmp_path, 0),
        (tmp_path / "ws2", 0),
        (inside, 1),
        (inside / "a/b", 2),
        (tmp_path / "link/c", 3),
    ):
        run(inside / "hooks", payload(tmp_path, cwd=str(cwd)), workspace=inside)
        assert (len(lines(inside / "hooks")) if (inside / "hooks").exists() else 0) == count, cwd


def test_a_link_or_a_pipe_at_the_place_of_the_file_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "hooks"
    folder.mkdir()
    secret = tmp_path / "secret"
    secret.write_text("")
    for make in (
        lambda path: path.symlink_to(secret),
        lambda path: os.mkfifo(path),
        lambda path: os.link(secret, path),
    ):
        place = folder / name_of(SESSION)
        make(place)
        assert run(folder, payload(tmp_path)).returncode == 0
        place.unlink()
    assert secret.read_text() == ""


@pytest.mark.parametrize("session", ["../../etc/x", "a/b", ".hidden", "x" * 200, "ä", "a\nb", "con:1", "-x"])
def test_the_name_of_a_file_never_leads_elsewhere(session: str) -> None:
    name = name_of(session)
    assert name.startswith("session-")
    assert "/" not in name
    assert len(name) < 64
    assert name_of(session) == name != name_of(session + "y")


def test_many_at_once_tear_no_line_apart(tmp_path: Path) -> None:
    long = "why " * 50
    event = claude("PreToolUse", tool_name="AskUserQuestion", tool_input={"questions": [{"question": long}]})
    data = json.dumps(event | {"cwd": str(tmp_path)}).encode()
    with ThreadPoolExecutor(8) as pool:
        assert all(done.returncode == 0 for done in pool.map(lambda _: run(tmp_path / "hooks", data), range(40)))
    assert len(lines(tmp_path / "hooks")) == 40


SECRETS = ("hunter2", "sk-ant-api03-AbCdEf0123456789AbCdEf", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "s3cr3t")


@pytest.mark.parametrize(
    "event",
    [
        claude("PreToolUse", **asked(f"curl -u ada:{SECRETS[0]} https://x.example")),
        claude("PermissionRequest", **asked(f"TOKEN={SECRETS[1]} PASS={SECRETS[3]} ./deploy --key {SECRETS[2]}")),
        claude("PermissionRequest", **asked(f"vault login {SECRETS[3]}")),
        claude("PreToolUse", tool_name="Write", tool_input={"file_path": "/ws/.env", "content": f"A={SECRETS[3]}"}),
        claude(
            "PreToolUse",
            tool_name="WebFetch",
            tool_input={"url": f"https://ada:{SECRETS[0]}@x.example/?k={SECRETS[3]}"},
        ),
        claude("PreToolUse", tool_name="mcp__db__query", tool_input={"sql": f"set password = '{SECRETS[0]}'"}),
        claude("PostToolUse", tool_name="Read", tool_input={}, tool_response={"content": SECRETS[0]}),
        claude("Notification", notification_type="permission_prompt", message=f"May I use {SECRETS[1]}?"),
        claude("Stop", last_assistant_message=f"The key is {SECRETS[0]}. Shall I store {SECRETS[2]}?"),
        claude("UserPromptSubmit", prompt=SECRETS[0]),
    ],
    ids=lambda event: f"{event['hook_event_name']}-{event.get('tool_name', '')}",
)
def test_no_secret_of_an_input_is_in_a_line(event: dict[str, Any]) -> None:
    text = json.dumps(line_of("claude-code", event, 0.0))
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("npm test", "npm test"), ("git push --force origin main", "git push …"), ("rm -rf node_modules", "rm …"),
        ("/usr/bin/make", "make"), ("A=1 B=2 make all", "make all"), ("A=1", "…"), ("", "…"), ("psql 'x'", "psql …"),
        ("docker compose up -d", "docker compose …"), ("login h4x", "login …"),
    ],
)  # fmt: skip
def test_of_a_command_the_first_words_are_shown(command: str, shown: str) -> None:
    assert short_command(command) == shown


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("Done. Shall I push it?", "Shall I push it?"),
        ("I fixed it.\n\n**Shall I push?**\n", "Shall I push?"),
        ("- Which port?", "Which port?"),
        ("push する？", "push する？"),
        ("Why did it fail? Because of x.", None),
        ("Done.", None), ("", None), (None, None), ("?", "?"),
        ("See https://x.example/a?b=1", None),
    ],
)  # fmt: skip
def test_a_message_that_ends_with_a_question_asks(message: str | None, question: str | None) -> None:
    assert question_at_end(message) == question


def test_a_long_text_is_cut_and_a_line_stays_short() -> None:
    event = claude("Stop", last_assistant_message="why " * 5_000 + "?", cwd="/" + "d" * 5_000, model="m" * 5_000)
    line = line_of("claude-code", event, 0.0)
    assert line is not None
    assert len(line["text"]) == MAX_TEXT
    assert len(json.dumps(line)) < 4_096


def test_paths_and_descriptions_say_what_is_asked() -> None:
    edit = claude("PermissionRequest", tool_name="Edit", tool_input={"file_path": "/ws/src/a.py", "old_string": "x"})
    push = claude("PermissionRequest", **asked("git push origin main"))
    push["tool_input"]["description"] = "Push the branch"
    assert (line_of("c", edit, 0.0) or {})["text"] == "src/a.py"
    assert (line_of("c", push, 0.0) or {})["text"] == "git push … (Push the branch)"
