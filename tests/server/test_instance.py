"""The record of a running dashboard and the lock of a start, with real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit.paths import SRC

from llm_service.errors import StartFailed
from llm_service.server import instance
from llm_service.server.instance import Instance

HOLD_LOCK = """
import sys, time
from llm_service.server import instance
lock = instance.try_lock(sys.argv[1])
print("locked" if lock else "refused", flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    path = str(tmp_path / ".llm-service")
    instance.make_state_folder(path)
    return path


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is not a dashboard."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def eventually(condition: Callable[[], object], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def write_own_record(folder: str) -> Instance:
    return instance.write_record(folder, url="http://127.0.0.1:8080", host="127.0.0.1", port=8080, workspace="/w")


def write_changed_record(folder: str, **changes: object) -> Path:
    """Write the record of this process with changed values; its path."""
    write_own_record(folder)
    path = Path(folder, instance.RECORD_NAME)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


def test_the_dashboard_of_a_record_is_found(folder: str) -> None:
    running = write_own_record(folder)
    assert instance.find_running(folder) == running
    assert running.pid == os.getpid()
    assert running.is_alive
    assert running.uptime_s >= 0


def test_without_a_record_no_dashboard_runs(tmp_path: Path) -> None:
    assert instance.find_running(str(tmp_path)) is None
    assert instance.find_running(str(tmp_path / "missing")) is None


def test_the_start_time_is_constant_and_differs_between_processes(sleeper: subprocess.Popen[bytes]) -> None:
    own = instance.process_start_time(os.getpid())
    assert own
    assert own == instance.process_start_time(os.getpid())
    assert instance.process_start_time(sleeper.pid) not in (None, own)


def test_a_zombie_has_no_start_time(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    eventually(lambda: instance.process_start_time(sleeper.pid) is None)
    sleeper.wait()
    assert instance.process_start_time(sleeper.pid) is None
    assert instance.process_start_time(0) is None
    assert instance.process_start_time(-1) is None


def test_another_process_with_the_recorded_pid_is_not_the_dashboard(
    folder: str, sleeper: subprocess.Popen[bytes]
) -> None:
    path = write_changed_record(folder, pid=sleeper.pid)
    assert instance.find_running(folder) is None
    assert not path.exists(), "the stale record is removed"


def test_a_record_of_an_earlier_boot_is_not_the_dashboard(folder: str) -> None:
    started, _, boot = write_own_record(folder).process_start_time.partition("@")
    assert boot
    path = write_changed_record(folder, process_start_time=f"{started}@another-boot")
    assert instance.find_running(folder) is None
    assert not path.exists()


def test_the_record_of_the_previous_version_is_read(folder: str) -> None:
    ticks = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    write_changed_record(folder, process_start_time=ticks)
    running = instance.find_running(folder)
    assert running is not None
    assert running.is_alive
    path = write_changed_record(folder, process_start_time=str(int(ticks) + 1))
    assert instance.find_running(folder) is None
    assert not path.exists()


@pytest.mark.parametrize("boot_time", [1_700_000_000.0, 1_800_000_000.0])
def test_setting_the_clock_does_not_change_the_start_time(monkeypatch: pytest.MonkeyPatch, boot_time: float) -> None:
    before = instance.process_start_time(os.getpid())
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot_time)
    monkeypatch.setattr("psutil.boot_time", lambda: boot_time)
    assert instance.process_start_time(os.getpid()) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"pid": "1"},
        {"pid": None},
        {"url": "https://evil.example:8080"},
        {"url": "http://evil.example/?:8080"},
        {"url": "file:///etc/passwd"},
        {"started_at": "yesterday"},
        {"surplus": 1},
    ],
)
def test_an_invalid_record_is_ignored_and_removed(folder: str, changes: dict[str, object]) -> None:
    path = write_changed_record(folder, **changes)
    assert instance.find_running(folder) is None
    assert not path.exists()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 50_000])
def test_a_damaged_record_is_removed(folder: str, data: bytes) -> None:
    path = Path(folder, instance.RECORD_NAME)
    path.write_bytes(data)
    assert instance.find_running(folder) is None
    assert not path.exists()


def test_a_record_that_is_a_link_is_not_followed(folder: str, tmp_path: Path) -> None:
    write_own_record(folder)
    Path(folder, instance.RECORD_NAME).rename(tmp_path / "elsewhere.json")
    Path(folder, instance.RECORD_NAME).symlink_to(tmp_path / "elsewhere.json")
    assert instance.find_running(folder) is None


def test_only_the_own_record_is_removed(folder: str) -> None:
    write_own_record(folder)
    instance.remove_record(folder)
    assert instance.find_running(folder) is None
    parent = os.getppid()
    write_changed_record(folder, pid=parent, process_start_time=instance.process_start_time(parent))
    instance.remove_record(folder)
    running = instance.find_running(folder)
    assert running is not None
    assert running.pid == parent


def test_the_state_folder_is_ignored_by_git(folder: str) -> None:
    assert Path(folder, ".gitignore").read_text() == "*\n"
    Path(folder, ".gitignore").write_text("mine\n")
    instance.make_state_folder(folder)
    assert Path(folder, ".gitignore").read_text() == "mine\n"


def test_an_error_for_a_state_folder_that_cannot_be_created_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartFailed, match="state_dir"):
        instance.make_state_folder(str(tmp_path / "file" / "state"))


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
        assert instance.try_lock(folder) is None
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        first.stdout.close()
    lock = instance.try_lock(folder)
    assert lock is not None
    assert instance.try_lock(folder) is None
    lock.release()
    again = instance.try_lock(folder)
    assert again is not None
    again.release()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("board", "http://board:80"),
    ],
)
def test_the_url_is_for_a_browser_on_this_machine(host: str, url: str) -> None:
    assert instance.url_of(host, 80) == url
