"""What an agent writes to `work/runs` is shown, and never leads to a signal or a start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.live import eventually
from kit.runs import Control, Make, program

from llm_service.errors import Busy, Forbidden, NotFound, StartFailed
from llm_service.processes.identity import identify
from llm_service.processes.model import RunStatus
from llm_service.processes.records import make_key, read_exit, read_key
from llm_service.processes.start_lock import start_lock

SLEEP = "import time; print('there', flush=True); time.sleep(300)"
Facts = dict[str, Any]


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of ours."""
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(300)"])
    yield process
    process.kill()
    process.wait()


def point_at(facts: Facts, pid: int) -> Facts:
    """The record with the identity of another process."""
    identity = identify(pid)
    assert identity is not None
    return facts | {"pid": pid, "process_start_time": identity.started, "boot_id": identity.boot}


def facts_of(runs: Control, run_id: str) -> Facts:
    """What `run.json` says."""
    facts: Facts = json.loads((runs.workspace / "work/runs" / run_id / "run.json").read_text())
    return facts


@pytest.fixture
def before(control: Make) -> Control:
    """One run that has ended, whose files an agent can see."""
    one = program("print('x')")
    runs = control(one)
    runs.ended(runs.start(one))
    return runs


FORGERIES: dict[str, Callable[[Facts, int], Facts]] = {
    "the proof of another run": lambda facts, pid: point_at(facts, pid),
    "no proof": lambda facts, pid: {key: value for key, value in point_at(facts, pid).items() if key != "proof"},
    "a proof that is no text": lambda facts, pid: point_at(facts, pid) | {"proof": None},
    "a proof of ones": lambda facts, pid: point_at(facts, pid) | {"proof": "1" * 64},
    "a proof that is not ASCII": lambda facts, pid: point_at(facts, pid) | {"proof": "é\ud800"},
    "a copy": lambda facts, pid: facts | {"id": "forged"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_record_is_shown_and_not_believed(
    before: Control, control: Make, stranger: subprocess.Popen[bytes], forgery: str
) -> None:
    (known,) = before.processes.runs()
    facts = FORGERIES[forgery](facts_of(before, known.run_id), stranger.pid) | {"id": "forged"}
    folder = before.workspace / "work/runs/forged"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(facts))
    before.dashboard.sync(60)
    for runs in (before, control()):
        run = runs.processes.run("forged")
        assert (run.status, run.is_proven) == (RunStatus.UNKNOWN, False)
        assert "forged" not in [run.run_id for run in runs.processes.runs("job:1")]
        with pytest.raises(Forbidden):
            runs.processes.stop_run("forged")
    assert stranger.poll() is None


def test_a_record_that_is_exchanged_while_a_run_goes_on_changes_nothing(
    control: Make, stranger: subprocess.Popen[bytes]
) -> None:
    one = program(SLEEP)
    runs = control(one)
    run = runs.start(one)
    runs.until_logged(run, "there")
    facts = point_at(facts_of(runs, run.run_id), stranger.pid)
    runs.file(run, "run.json").write_text(json.dumps(facts))
    runs.file(run, "exit.json").write_text('{"code": 0, "signal": null, "finished_at": "now", "reason": "exited"}')
    runs.dashboard.sync(60)
    assert runs.processes.run(run.run_id).status is RunStatus.RUNNING
    runs.processes.stop_run(run.run_id)
    assert runs.ended(run).reason == "stopped"
    assert stranger.poll() is None


def test_a_record_of_another_workspace_is_not_ours(before: Control, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(before.workspace / "work", other / "work")
    runs = Control(other)
    (run,) = runs.processes.runs()
    assert (run.is_proven, run.status) == (False, RunStatus.FINISHED)
    runs.close()


def test_a_record_from_before_the_pid_was_given_to_another_is_not_signalled(
    control: Make, stranger: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed by us, but the process that has the pid now is another one than the shim was."""
    one = program("print('x')")
    runs = control(one)
    real = identify

    def earlier(pid: int) -> object:
        found = real(pid)
        assert found is not None
        return type(found)(stranger.pid, found.started, found.boot)

    monkeypatch.setattr("llm_service.processes.launcher.identify", earlier)
    run = runs.start(one)
    runs.until(run, RunStatus.UNKNOWN, RunStatus.FINISHED)
    runs.processes.stop_run(run.run_id)
    assert facts_of(runs, run.run_id)["pid"] == stranger.pid
    assert control().processes.run(run.run_id).is_proven
    assert stranger.poll() is None


def test_the_key_is_where_no_agent_can_write(before: Control, tmp_path: Path) -> None:
    path = tmp_path / "user/llm-service/runs.key"
    assert read_key(str(path.parent)) is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["runs.key"]
    key = path.read_text()
    for file in before.workspace.rglob("*"):
        assert not file.is_file() or key not in file.read_text()


def test_a_key_that_is_damaged_is_made_anew(tmp_path: Path) -> None:
    folder = str(tmp_path / "user")
    first = make_key(folder)
    assert (len(first), make_key(folder), read_key(folder)) == (32, first, first)
    for text in ("", "not hex", "ab" * 31):
        (tmp_path / "user/runs.key").write_text(text)
        assert read_key(folder) is None
        made = make_key(folder)
        assert read_key(folder) == made != first
        assert [path.name for path in (tmp_path / "user").iterdir()] == ["runs.key"]
    (tmp_path / "file").touch()
    assert len(make_key(str(tmp_path / "file"))) == len(make_key(None)) == 32


def test_a_lock_that_is_not_released_makes_busy(tmp_path: Path) -> None:
    with start_lock(str(tmp_path)), pytest.raises(Busy), start_lock(str(tmp_path), timeout_s=0.05):
        pass
    with start_lock(str(tmp_path)):
        assert (tmp_path / "runs.lock").exists()


def test_without_a_folder_of_the_user_runs_are_ours_only_while_we_run(
    control: Make, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "config"))
    one = program(SLEEP)
    runs = control(one)
    run = runs.start(one)
    runs.until_logged(run, "there")
    assert not (place / "config").exists()
    assert not control().processes.run(run.run_id).is_proven
    runs.processes.stop_run(run.run_id)
    assert runs.ended(run).reason == "stopped"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"id": "x"}',
        b"\xff\xfe",
        b"x" * (5 << 20),
        json.dumps({"id": "x", "pid": 1, "argv": "no list"}).encode(),
    ],
    ids=["empty", "deep", "list", "no fields", "one field", "no text", "huge", "wrong types"],
)
def test_what_is_no_record_is_no_run(control: Make, place: Path, content: bytes) -> None:
    (place / "work/runs/x").mkdir(parents=True)
    (place / "work/runs/x/run.json").write_bytes(content)
    runs = control()
    runs.dashboard.sync(60)
    with pytest.raises(NotFound):
        runs.processes.run("x")


def test_links_and_special_files_are_not_followed(before: Control, control: Make, tmp_path: Path) -> None:
    (known,) = before.processes.runs()
    root = before.workspace / "work/runs"
    outside = tmp_path / "outside"
    shutil.copytree(root / known.run_id, outside)
    (root / "linked").symlink_to(outside)
    (root / "inner").mkdir()
    (root / "inner/run.json").symlink_to(outside / "run.json")
    (root / "pipe").mkdir()
    os.mkfifo(root / "pipe/run.json")
    os.mkfifo(root / "fifo")
    (root / "plain").write_text("no folder")
    before.dashboard.sync(60)
    assert [run.run_id for run in control().processes.runs()] == [known.run_id]


EXITS = {
    "a link": lambda path: path.symlink_to("/etc/passwd"),
    "a FIFO": lambda path: os.mkfifo(path),
    "a folder": lambda path: path.mkdir(),
    "huge": lambda path: path.write_text(" " * 100_000),
    "no JSON": lambda path: path.write_text("{"),
    "a list": lambda path: path.write_text("[1]"),
    "a text as code": lambda path: path.write_text('{"code": "0", "finished_at": "x", "reason": "exited"}'),
    "a huge code": lambda path: path.write_text('{"code": 1e999, "finished_at": "x", "reason": "exited"}'),
    "no reason": lambda path: path.write_text('{"code": 0, "finished_at": "x"}'),
    "a lone surrogate": lambda path: path.write_text('{"code": 0, "finished_at": "x", "reason": "\\ud800"}'),
    "NaN": lambda path: path.write_text('{"code": 0, "finished_at": "x", "reason": "exited", "duration_s": NaN}'),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXITS)
def test_what_is_no_exit_leaves_the_end_unknown(tmp_path: Path, kind: str) -> None:
    (tmp_path / "run").mkdir()
    EXITS[kind](tmp_path / "run/exit.json")
    assert read_exit(str(tmp_path), "run") is None


def test_an_exit_that_is_removed_before_its_end_is_written_anew(control: Make) -> None:
    one = program(SLEEP)
    runs = control(one)
    run = runs.start(one)
    runs.until_logged(run, "there")
    runs.file(run, "exit.json.tmp").unlink()
    runs.processes.stop_run(run.run_id)
    assert runs.ended(run).reason == "stopped"


def test_a_lock_that_is_held_or_replaced_does_not_start_twice(control: Make, place: Path) -> None:
    one = program(SLEEP)
    runs = control(one)
    lock = place / ".llm-service/runs.lock"
    lock.parent.mkdir(exist_ok=True)  # the probe of the watchers makes it too
    lock.symlink_to(place / "elsewhere")
    with pytest.raises(StartFailed, match="Cannot write"):
        runs.start(one)
    lock.unlink()
    run = runs.start(one)
    lock.unlink()
    eventually(lambda: runs.processes.board.is_alive(run.run_id))
    with pytest.raises(Busy, match="goes on"):
        runs.start(one)
