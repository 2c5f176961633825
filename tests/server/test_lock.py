"""The lock of a workspace: one process has it, also when the folder with the lock file was removed or moved."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kit.descriptors import open_descriptors
from kit.paths import SRC

from llm_service.errors import StartFailed
from llm_service.server import lock
from llm_service.settings.state_folder import make_state_folder

HOLD_LOCK = """
import sys, time
from llm_service.server.lock import try_lock
lock = try_lock(sys.argv[1])
print("locked" if lock else "refused", flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    path = str(tmp_path / "workspace/.llm-service")
    make_state_folder(path)
    return path


def locked(folder: str) -> lock.Lock:
    held = lock.try_lock(folder)
    assert held is not None
    return held


def test_one_of_two_starts_gets_the_lock_and_the_other_gets_it_after_a_kill(folder: str) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, folder],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SRC)},
    )
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == "locked\n"
        assert lock.try_lock(folder) is None
        assert lock.is_held(folder) is True
        assert lock.holders(folder) == [first.pid]
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        first.stdout.close()
    assert lock.is_held(folder) is False
    held = locked(folder)
    assert lock.try_lock(folder) is None
    held.release()
    locked(folder).release()


def test_asking_does_not_disturb_and_creates_nothing(folder: str) -> None:
    assert lock.is_held(folder) is False
    assert not Path(folder, lock.LOCK_NAME).exists()
    held = locked(folder)
    assert [lock.is_held(folder) for _ in range(3)] == [True] * 3
    assert held.is_current()
    held.release()


def test_removing_the_lock_file_or_its_folder_does_not_let_a_second_start(folder: str) -> None:
    held = locked(folder)
    Path(folder, lock.LOCK_NAME).unlink()
    assert not held.is_current()
    assert lock.try_lock(folder) is None
    shutil.rmtree(folder)
    assert lock.workspace_is_held(folder)
    make_state_folder(folder)
    assert lock.is_held(folder) is False
    assert lock.try_lock(folder) is None
    assert held.renew()
    assert held.is_current()
    assert lock.is_held(folder) is True
    held.release()
    locked(folder).release()


def test_a_moved_workspace_stays_locked_until_another_is_at_its_place(folder: str, tmp_path: Path) -> None:
    held = locked(folder)
    (tmp_path / "workspace").rename(tmp_path / "elsewhere")
    moved = str(tmp_path / "elsewhere/.llm-service")
    assert not held.is_current()
    assert lock.is_held(moved) is True
    make_state_folder(folder)
    assert held.renew()
    assert held.is_current()
    assert lock.is_held(moved) is False
    locked(moved).release()
    held.release()


def test_a_copy_is_not_locked(folder: str, tmp_path: Path) -> None:
    held = locked(folder)
    copy = str(shutil.copytree(tmp_path / "workspace", tmp_path / "copy") / ".llm-service")
    assert lock.is_held(copy) is False
    locked(copy).release()
    held.release()


@pytest.mark.parametrize("is_new_workspace", [False, True])
def test_what_another_process_has_locked_is_not_taken_over(folder: str, tmp_path: Path, is_new_workspace: bool) -> None:
    held = locked(folder)
    if is_new_workspace:
        (tmp_path / "workspace").rename(tmp_path / "elsewhere")
        make_state_folder(folder)
        other = locked(folder)
    else:
        Path(folder, lock.LOCK_NAME).unlink()
        handle = lock._open(folder)
        assert lock._try_flock(handle)
        other = lock.Lock(folder, handle, None, True)
    before = open_descriptors()
    assert not held.renew()
    assert not held.is_current()
    assert open_descriptors() <= before
    other.release()
    assert held.renew()
    assert held.is_current()
    held.release()


def test_a_lock_file_that_is_a_link_is_not_followed(folder: str, tmp_path: Path) -> None:
    Path(folder, lock.LOCK_NAME).symlink_to(tmp_path / "target")
    with pytest.raises(StartFailed, match="Cannot write to"):
        lock.try_lock(folder)
    assert not (tmp_path / "target").exists()


def test_on_a_file_system_without_locks_a_lock_is_not_sure(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    held = locked(folder)
    assert not held.is_sure
    assert lock.is_held(folder) is None
    held.release()
