"""The record of a running dashboard, `<workspace>/.llm-service/dashboard.json`, and the lock of a start.

`find_running(folder)` gives the dashboard that runs, or None. A process is known by its pid and its start
time together, never by the pid alone: pids are used again. All functions take the state folder
(`Settings.state_path`).
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from .. import __version__
from ..errors import FileRefused, StartFailed
from ..files import reading as files

RECORD = "dashboard.json"
LOCK = "dashboard.lock"
_KINDS: dict[str, tuple[type, ...]] = {"int": (int,), "str": (str,), "float": (int, float)}


@dataclass(frozen=True, slots=True)
class Running:
    """A dashboard that runs, or ran. `started_at` is seconds since 1970; `process_start_time` is opaque."""

    pid: int
    process_start_time: str
    url: str
    host: str
    port: int
    workspace: str
    started_at: float
    version: str

    @property
    def alive(self) -> bool:
        """True if that very process runs now."""
        started = process_start_time(self.pid)
        # Versions up to 0.1 wrote no boot id. What they wrote elsewhere than on Linux is taken for another process.
        return started is not None and self.process_start_time in (started, started.partition("@")[0])

    @property
    def uptime_s(self) -> float:
        """Seconds since the start."""
        return max(0.0, time.time() - self.started_at)


def url_of(host: str, port: int) -> str:
    """Where a browser on this machine reaches a server that listens on `host`."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name and not name.startswith("[") else f"http://{name}:{port}"


def find_running(folder: str) -> Running | None:
    """The dashboard that runs for this state folder; the record of one that died is removed."""
    try:
        running = _parse(files.read_file(folder, RECORD, max_bytes=65_536).data)
    except FileRefused:
        return None
    if running is not None and running.alive:
        return running
    with contextlib.suppress(StartFailed):
        # Under the lock: otherwise the record of another start could be removed.
        lock = try_lock(folder)
        if lock is not None:
            _remove(folder)
            lock.release()
    return None


def record(folder: str, *, url: str, host: str, port: int, workspace: str) -> Running:
    """Store that this process serves `workspace` at `url`; returns the record."""
    pid = os.getpid()
    started = process_start_time(pid) or ""
    running = Running(pid, started, url, host, port, workspace, time.time(), __version__)
    files.write_atomic(Path(folder, RECORD), json.dumps(asdict(running), indent=2).encode())
    return running


def clear(folder: str) -> None:
    """Remove the record if it is this process's own."""
    running = find_running(folder)
    if running is not None and running.pid == os.getpid():
        _remove(folder)


def make_state_folder(folder: str) -> None:
    """Make the folder, with a `.gitignore` so that nothing in it is ever committed. Raises StartFailed."""
    try:
        os.makedirs(folder, exist_ok=True)
        with contextlib.suppress(FileExistsError), open(os.path.join(folder, ".gitignore"), "x") as ignore:
            ignore.write("*\n")
    except OSError as problem:
        raise StartFailed(
            f"Cannot write to {folder} ({problem.strerror}); choose another folder with the setting state_dir."
        ) from problem


class Lock:
    """The exclusive right to serve one workspace; ends with `release()` or with the process.

    A forked child has it too: no other dashboard starts while an orphaned worker serves.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def release(self) -> None:
        """Release the lock."""
        self._file.close()


def try_lock(folder: str) -> Lock | None:
    """The lock, or None if another process has it. The folder must exist. Raises StartFailed."""
    # The lock file is never removed: that would let two starts lock two files of one name.
    try:
        file = open(os.path.join(folder, LOCK), "ab")  # noqa: SIM115 - the Lock closes it
    except OSError as problem:
        raise StartFailed(f"Cannot write to {folder}: {problem.strerror}.") from problem
    try:
        _lock_file(file)
    except (BlockingIOError, PermissionError):
        file.close()
        return None
    except OSError as problem:
        # A file system without locks: a second start finds the first by its record only.
        if sys.platform == "win32":
            raise StartFailed(f"Cannot lock {file.name}: {problem.strerror}.") from problem
    return Lock(file)


def process_start_time(pid: int) -> str | None:
    """When the process started, as an opaque text that never changes for it; None if none runs.

    On Linux it is `<hundredths of a second since boot>@<boot id>`: the clock of the machine may be set, the boot never.
    """
    import psutil  # 15 ms, which commands that find no record do not pay

    if pid <= 0:
        return None
    try:
        process = psutil.Process(pid)
        started_s, status = process.create_time(), process.status()
    except psutil.Error:
        return None
    if status in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
        return None
    if sys.platform != "linux":
        return f"{started_s:.2f}"
    return f"{round((started_s - psutil.boot_time()) * 100)}@{_boot_id()}"


def _boot_id() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _remove(folder: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(folder, RECORD))


def _parse(data: bytes) -> Running | None:
    # Agents can write to this folder too: a record that we would not have written is ignored.
    try:
        values = json.loads(data)
        running = Running(**values)
        fits = all(
            isinstance(getattr(running, name), _KINDS[str(kind)]) for name, kind in Running.__annotations__.items()
        )
        ours = fits and running.url == url_of(running.host, running.port)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return running if ours else None


def _lock_file(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
