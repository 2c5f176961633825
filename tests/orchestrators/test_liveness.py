"""Which process is meant: pid and start time, in both dialects."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from llm_service.orchestrators.liveness import life_of, seconds_of
from llm_service.orchestrators.model import Entry
from llm_service.orchestrators.permission import Command, descends_from, runs_profile
from llm_service.processes.identity import boot_id, identify
from llm_service.processes.model import Profile


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"])
    yield process
    process.kill()
    process.wait()


def entry(pid: int | None, **fields: Any) -> Entry:
    values: dict[str, Any] = {
        "id": "o", "plan": "p", "plan_path": None, "said": "running", "started_at": None, "last_heartbeat": None,
        "mode": None, "worktree_path": None,
    }  # fmt: skip
    return Entry(pid=pid, **values | fields)


def began(pid: int) -> datetime:
    return datetime.fromtimestamp(psutil.Process(pid).create_time(), UTC)


@pytest.mark.parametrize(("off_s", "is_alive"), [(0, True), (1.9, True), (-1.9, True), (2.2, False), (-3600, False)])
def test_without_a_start_time_it_has_to_have_started_within_two_seconds(
    child: subprocess.Popen[bytes], off_s: float, is_alive: bool
) -> None:
    at = (began(child.pid) + timedelta(seconds=off_s)).isoformat()
    assert life_of(entry(child.pid, started_at=at)).is_alive is is_alive


def test_a_time_without_a_zone_is_that_of_this_machine(child: subprocess.Popen[bytes]) -> None:
    at = began(child.pid).astimezone().replace(tzinfo=None).isoformat()
    assert life_of(entry(child.pid, started_at=at)).is_alive


def test_the_start_time_of_the_process_counts_if_it_is_said(child: subprocess.Popen[bytes]) -> None:
    identity = identify(child.pid)
    assert identity is not None
    assert life_of(entry(child.pid, start_mark=identity.started)).is_alive
    assert life_of(entry(child.pid, start_mark=identity.started, boot_id=boot_id())).is_alive
    assert not life_of(entry(child.pid, start_mark=identity.started, boot_id="another")).is_alive
    assert not life_of(entry(child.pid, start_mark=str(int(identity.started) + 1))).is_alive
    assert life_of(entry(child.pid, start_mark=began(child.pid).timestamp())).is_alive
    assert not life_of(entry(child.pid, start_mark=began(child.pid).timestamp() - 60)).is_alive


@pytest.mark.parametrize("at", [None, "", "yesterday", "2026-99-99", "9" * 400])
def test_a_pid_without_any_time_proves_nothing(child: subprocess.Popen[bytes], at: str | None) -> None:
    life = life_of(entry(child.pid, started_at=at))
    assert not life.is_alive and "may be another one" in life.reason


def test_a_zombie_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    at = datetime.now(UTC).isoformat()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not life_of(entry(process.pid, started_at=at)).is_alive
    process.wait()
    assert not life_of(entry(None)).is_alive


def test_seconds() -> None:
    assert seconds_of("2026-11-20T09:00:00Z") == seconds_of("2026-11-20T10:00:00+01:00") == 1_795_165_200.0


def test_descent_is_followed_to_the_ancestor(child: subprocess.Popen[bytes]) -> None:
    one, own = identify(child.pid), identify(os.getpid())
    assert one is not None and own is not None
    assert descends_from(one, own) and not descends_from(own, one)


ORCHESTRATOR = Profile(
    name="orchestrator",
    argv=("python3", "scripts/plan_orchestrator.py", "--plan", "{plan}", "--daemon", "{continuous}", "{tasks}"),
    origin="workspace",
)


@pytest.mark.parametrize(
    ("argv", "answer"),
    [
        ("python3 scripts/plan_orchestrator.py --plan docs/plans/a.md --daemon", True),
        ("/usr/bin/python3.11 scripts/plan_orchestrator.py --plan {ws}/docs/plans/a.md --daemon --continuous", True),
        ("python3 {ws}/scripts/plan_orchestrator.py --plan docs/plans/a.md --daemon --tasks 1.1,1.2", True),
        ("python3 scripts/plan_orchestrator.py --plan docs/plans/b.md --daemon", False),
        ("python3 scripts/plan_orchestrator.py --plan docs/plans/a.md", False),
        ("python3 scripts/plan_orchestrator.py --plan docs/plans/a.md --daemon --force", False),
        ("python3 other.py --plan docs/plans/a.md --daemon", False),
        ("bash scripts/plan_orchestrator.py --plan docs/plans/a.md --daemon", False),
        ("", False),
    ],
)
def test_only_the_command_of_the_profile_is_the_profile(tmp_path: Path, argv: str, answer: bool) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/plan_orchestrator.py").touch()
    words = tuple(argv.format(ws=tmp_path).split())
    command = Command(words, str(tmp_path), os.getuid())
    assert runs_profile(command, ORCHESTRATOR, f"{tmp_path}/docs/plans/a.md", str(tmp_path)) is answer


def test_the_same_words_in_another_folder_are_another_program(tmp_path: Path) -> None:
    for folder in ("ws", "other"):
        (tmp_path / folder / "scripts").mkdir(parents=True)
        (tmp_path / folder / "scripts/plan_orchestrator.py").touch()
    plan = f"{tmp_path}/ws/docs/plans/a.md"
    words = ("python3", "scripts/plan_orchestrator.py", "--plan", plan, "--daemon")
    assert not runs_profile(Command(words, f"{tmp_path}/other", os.getuid()), ORCHESTRATOR, plan, f"{tmp_path}/ws")
    assert runs_profile(Command(words, f"{tmp_path}/ws", os.getuid()), ORCHESTRATOR, plan, f"{tmp_path}/ws")
