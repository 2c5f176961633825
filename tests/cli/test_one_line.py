"""Whatever the system refuses to a command, the user sees one line, and no traceback."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kit.paths import SRC
from kit.processes import run_command

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
ENVIRONMENT |= {"PYTHONPATH": str(SRC)}
"""Without coverage, which would have to write its data where nothing can be written, and fails with a traceback."""


def run(
    *arguments: str, before: Callable[[], None] = lambda: None, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "llm_service", *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env=ENVIRONMENT | environment,
        preexec_fn=before,
        timeout=60,
    )


def is_one_line(answer: subprocess.CompletedProcess[bytes], words: str) -> bool:
    text = answer.stderr.decode()
    return answer.returncode > 0 and text.startswith("Error: ") and text.count("\n") == 1 and words in text


def full_disk() -> None:
    """No file can be written: each write fails as on a full disk, with another reason."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def in_removed(folder: Path) -> Callable[[], None]:
    def enter() -> None:
        os.chdir(folder)
        os.rmdir(folder)

    return enter


@pytest.mark.parametrize(
    "words",
    [
        ["dashboard", "start"],
        ["dashboard", "status"],
        ["dashboard", "stop"],
        ["doctor"],
        ["init"],
        ["telemetry", "export"],
    ],
)
def test_in_a_folder_that_was_removed(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "gone").mkdir()
    answer = run(*words, before=in_removed(tmp_path / "gone"))
    assert is_one_line(answer, "The current folder was removed"), answer


@pytest.mark.parametrize("words", [["dashboard", "start"], ["dashboard", "start", "--background"], ["init"]])
@pytest.mark.parametrize("is_used", [False, True])
def test_on_a_full_disk(workspace: Path, words: list[str], is_used: bool) -> None:
    if is_used:
        (workspace / ".llm-service").mkdir()
        (workspace / ".llm-service/.gitignore").write_text("*\n")
    where = ["--workspace", str(workspace)] if words[0] == "dashboard" else [str(workspace / "new")]
    answer = run(*words, *where, before=full_disk)
    # The log of the process in the background cannot be written either.
    reason = "The dashboard did not start" if is_used and "--background" in words else "File too large"
    assert is_one_line(answer, reason), answer


def test_a_log_that_cannot_be_written(workspace: Path) -> None:
    (workspace / ".llm-service/dashboard.log.1/full").mkdir(parents=True)
    (workspace / ".llm-service/dashboard.log").write_text("")
    answer = run("dashboard", "start", "--background", "--workspace", str(workspace))
    assert is_one_line(answer, "Cannot write "), answer


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_of_another_encoding(tmp_path: Path, encoding: str) -> None:
    folder = tmp_path / "wörk-日本"
    for words in (["init", str(folder)], ["doctor", "--workspace", str(folder)]):
        answer = run(*words, PYTHONIOENCODING=encoding)
        assert (answer.returncode, answer.stderr) == (0, b""), answer
        assert encoding == "ascii" or b"w\xf6rk-??" in answer.stdout  # click writes UTF-8 instead of ASCII
    refused = run("dashboard", "status", "--workspace", str(folder), PYTHONIOENCODING=encoding)
    assert refused.returncode == 4
    assert refused.stderr.startswith(b"Error: No dashboard is running for ")


def test_an_export_is_utf_8_whatever_the_terminal_is(workspace: Path) -> None:
    line = '{"timestamp": "2026-11-01T10:00:00Z", "agent_name": "\u65e5\u672c", "prompt_tokens": 1}\n'
    (workspace / "calls.jsonl").write_text(line, encoding="utf-8")
    where = ("--workspace", str(workspace))
    assert run_command("telemetry", "import", str(workspace / "calls.jsonl"), *where).returncode == 0
    exported = run("telemetry", "export", "--format", "csv", *where, PYTHONIOENCODING="ascii")
    assert "日本" in exported.stdout.decode()
    with open("/dev/full", "w") as full:
        answer = subprocess.run(
            [sys.executable, "-m", "llm_service", "telemetry", "export", *where],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
    assert (answer.returncode, answer.stderr) == (1, "Error: Cannot write standard output: No space left on device.\n")
