"""The record of a running dashboard, and when it is believed. With real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from kit.live import eventually

from llm_service.errors import StartFailed
from llm_service.server import instance, lock
from llm_service.server.instance import Instance, Sighting
from llm_service.server.sighting import cannot_start, describe
from llm_service.settings.state_folder import make_state_folder


@pytest.fixture
def folder(tmp_path: Path) -> str:
    path = str(tmp_path / ".llm-service")
    make_state_folder(path)
    return path


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is not a dashboard."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """The lock is held by this process."""
    held = lock.try_lock(folder)
    assert held is not None
    yield
    held.release()


def own_record() -> Instance:
    return instance.new_record(url="http://127.0.0.1:9", host="127.0.0.1", port=9, workspace="/w")


def write_own_record(folder: str) -> Instance:
    record = own_record()
    instance.write_record(folder, record)
    return record


def write_changed_record(folder: str, **changes: object) -> Path:
    """Write the record of this process with changed values; its path."""
    write_own_record(folder)
    path = Path(folder, instance.RECORD_NAME)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


def test_the_dashboard_of_a_record_is_found_while_it_holds_the_lock(folder: str) -> None:
    record = write_own_record(folder)
    with locked(folder):
        assert instance.find_running(folder) == record
        assert instance.look(folder) == Sighting("running", record, os.getpid())
    assert record.pid == os.getpid()
    assert record.is_alive
    assert record.uptime_s >= 0


def test_a_record_without_the_lock_is_not_believed_and_removed(folder: str) -> None:
    write_own_record(folder)
    assert instance.look(folder) == Sighting("none")
    assert not Path(folder, instance.RECORD_NAME).exists()


def test_a_copy_of_the_folder_has_no_dashboard(folder: str, tmp_path: Path) -> None:
    record = write_own_record(folder)
    with locked(folder):
        copy = shutil.copytree(folder, tmp_path / "copy/.llm-service")
        assert instance.look(str(copy)) == Sighting("none")
        assert instance.find_running(folder) == record


def test_a_forged_record_beside_a_held_lock_is_not_believed(folder: str, sleeper: subprocess.Popen[bytes]) -> None:
    started = instance.process_start_time(sleeper.pid)
    with locked(folder):
        for pid in (sleeper.pid, os.getppid(), 1):
            write_changed_record(folder, pid=pid, process_start_time=instance.process_start_time(pid) or started)
            found = instance.look(folder)
            assert (found.state, found.holder) == ("unclear", os.getpid())
            assert describe(found, folder) == (
                f"Process {os.getpid()} has locked this workspace ({folder}/dashboard.lock), "
                f"but the record names process {pid}."
            )
            assert instance.find_running(folder) is None


def test_a_dashboard_of_another_set_of_processes_is_elsewhere(folder: str) -> None:
    with locked(folder):
        write_changed_record(folder, pid_namespace="pid:[1]@another", pid=7)
        found = instance.look(folder)
        assert (found.state, found.record and found.record.pid) == ("elsewhere", 7)
        text = describe(found, folder)
        assert "runs where this command cannot see its process, such as in a container" in text
        assert "http://127.0.0.1:9, process 7 there, since 20" in text
        with pytest.raises(StartFailed, match="cannot see its process"):
            cannot_start(found, folder)
        assert instance.find_running(folder) is None


def test_a_held_lock_of_a_process_that_is_not_visible_is_elsewhere(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(folder):
        write_changed_record(folder, pid=2**22 - 3)
        monkeypatch.setattr(lock, "holders", lambda folder: [])
        assert instance.look(folder).state == "elsewhere"


def test_a_lock_without_a_record_is_unclear(folder: str) -> None:
    with locked(folder):
        found = instance.look(folder)
    assert found == Sighting("unclear", None, os.getpid())
    assert "but its record is missing" in describe(found, folder)


def test_a_file_system_without_locks_needs_the_proof_of_the_listener(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = write_own_record(folder)
    monkeypatch.setattr(lock, "is_held", lambda folder: None)
    monkeypatch.setattr(lock, "holders", lambda folder: [])
    assert instance.look(folder).state == "none"
    monkeypatch.setattr("llm_service.server.proof.is_proven", lambda found, where: (found, where) == (record, folder))
    assert instance.find_running(folder) == record


def test_without_a_record_no_dashboard_runs(tmp_path: Path) -> None:
    assert instance.find_running(str(tmp_path)) is None
    assert instance.look(str(tmp_path / "missing")) == Sighting("none")


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


def test_the_same_pid_of_another_boot_or_another_time_is_not_the_dashboard(folder: str) -> None:
    started, _, boot = own_record().process_start_time.partition("@")
    assert boot
    with locked(folder):
        for changed in (f"{started}@another-boot", f"{int(started) + 1}@{boot}", f"{int(started) + 1}"):
            write_changed_record(folder, process_start_time=changed)
            assert instance.find_running(folder) is None


def test_the_record_of_the_previous_version_is_read(folder: str) -> None:
    ticks = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    with locked(folder):
        path = write_changed_record(folder, process_start_time=ticks)
        values = json.loads(path.read_text())
        del values["pid_namespace"]
        path.write_text(json.dumps(values))
        running = instance.find_running(folder)
        assert running is not None
        assert running.is_alive


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
def test_an_invalid_record_is_ignored(folder: str, changes: dict[str, object]) -> None:
    with locked(folder):
        write_changed_record(folder, **changes)
        assert instance.look(folder).record is None


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 50_000])
def test_a_damaged_record_is_removed_if_nothing_runs(folder: str, data: bytes) -> None:
    path = Path(folder, instance.RECORD_NAME)
    path.write_bytes(data)
    assert instance.find_running(folder) is None
    assert not path.exists()


def test_a_record_that_is_a_link_is_not_followed(folder: str, tmp_path: Path) -> None:
    write_own_record(folder)
    Path(folder, instance.RECORD_NAME).rename(tmp_path / "elsewhere.json")
    Path(folder, instance.RECORD_NAME).symlink_to(tmp_path / "elsewhere.json")
    with locked(folder):
        assert instance.find_running(folder) is None


def test_only_the_own_record_is_removed(folder: str) -> None:
    record = write_own_record(folder)
    instance.remove_record(folder, replace(record, started_at=record.started_at - 1))
    assert instance.read_record(folder) == record
    instance.remove_record(folder, record)
    assert instance.read_record(folder) is None


def test_the_state_folder_is_ignored_by_git_and_for_the_user_only(folder: str) -> None:
    assert Path(folder, ".gitignore").read_text() == "*\n"
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    Path(folder).chmod(0o755)
    make_state_folder(folder)
    assert Path(folder).stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_use_too_keeps_its_rights(folder: str) -> None:
    Path(folder, ".gitignore").write_text("mine\n")
    Path(folder).chmod(0o755)
    make_state_folder(folder)
    assert Path(folder, ".gitignore").read_text() == "mine\n"
    assert Path(folder).stat().st_mode & 0o777 == 0o755


def test_an_error_for_a_state_folder_that_cannot_be_created_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartFailed, match="state_dir"):
        make_state_folder(str(tmp_path / "file" / "state"))


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
