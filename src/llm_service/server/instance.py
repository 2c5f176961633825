"""The running dashboard of a workspace: `find_running(folder)` gives its `Instance` or None, `try_lock` the lock.

`dashboard.json` in the state folder (`Settings.state_path`), which all functions take, describes the instance. A
process is identified by its pid and its start time, as pids are reused.
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
from ..files import read_file, write_atomic

RECORD_NAME = "dashboard.json"
LOCK_NAME = "dashboard.lock"
_TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "str": (str,), "float": (int, float)}


@dataclass(frozen=True, slots=True)
class Instance:
    """A dashboard that runs or has run. `started_at` is seconds since 1970; `process_start_time` is opaque."""

    pid: int
    process_start_time: str
    url: str
    host: str
    port: int
    workspace: str
    started_at: float
    version: str

    @property
    def is_alive(self) -> bool:
        """True if the same process still runs."""
        started = process_start_time(self.pid)
        # Versions up to 0.1 wrote no boot id; their records from other systems than Linux do not match.
        return started is not None and self.process_start_time in (started, started.partition("@")[0])

    @property
    def uptime_s(self) -> float:
        """Seconds since the start."""
        return max(0.0, time.time() - self.started_at)


def url_of(host: str, port: int) -> str:
    """The URL for a browser on this machine of a server that listens on `host`."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name and not name.startswith("[") else f"http://{name}:{port}"


def find_running(folder: str) -> Instance | None:
    """The running dashboard of this state folder, or None; a stale record is removed."""
    try:
        running = _parse(read_file(folder, RECORD_NAME, max_bytes=65_536).data)
    except FileRefused:
        return None
    if running is not None and running.is_alive:
        return running
    with contextlib.suppress(StartFailed):
        # With the lock, so that the record of another start is not removed.
        lock = try_lock(folder)
        if lock is not None:
            _remove(folder)
            lock.release()
    return None


def write_record(folder: str, *, url: str, host: str, port: int, workspace: str) -> Instance:
    """Store that this process serves `workspace` at `url`. Raises OSError."""
    pid = os.getpid()
    started = process_start_time(pid) or ""
    instance = Instance(pid, started, url, host, port, workspace, time.time(), __version__)
    write_atomic(Path(folder, RECORD_NAME), json.dumps(asdict(instance), indent=2).encode())
    return instance


def remove_record(folder: str) -> None:
    """Remove the record if it describes this process."""
    running = find_running(folder)
    if running is not None and running.pid == os.getpid():
        _remove(folder)


def make_state_folder(folder: str) -> None:
    """Create the folder, with a `.gitignore` so that nothing in it is committed. Raises StartFailed."""
    try:
        os.makedirs(folder, exist_ok=True)
        with contextlib.suppress(FileExistsError), open(os.path.join(folder, ".gitignore"), "x") as ignore:
            ignore.write("*\n")
    except OSError as problem:
        raise StartFailed(
            f"Cannot write to {folder} ({problem.strerror}); choose another folder with the setting state_dir."
        ) from problem


class Lock:
    """The exclusive right to serve one workspace, until `release()` or the end of the process.

    A forked child holds it too: no other dashboard starts while an orphaned worker serves.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def release(self) -> None:
        """Release the lock."""
        self._file.close()


def try_lock(folder: str) -> Lock | None:
    """The lock, or None if another process holds it. The folder must exist. Raises StartFailed."""
    # The lock file is never removed: otherwise two starts could lock two files of the same name.
    try:
        file = open(os.path.join(folder, LOCK_NAME), "ab")  # noqa: SIM115 - the Lock closes it
    except OSError as problem:
        raise StartFailed(f"Cannot write to {folder}: {problem.strerror}.") from problem
    try:
        _lock_file(file)
    except (BlockingIOError, PermissionError):
        file.close()
        return None
    except OSError as problem:
        # A file system without locks: a second start finds the first only by its record.
        if sys.platform == "win32":
            raise StartFailed(f"Cannot lock {file.name}: {problem.strerror}.") from problem
    return Lock(file)


def process_start_time(pid: int) -> str | None:
    """When the process started, as an opaque text that is constant for it; None if there is no such process.

    On Linux `<hundredths of a second since boot>@<boot id>`, which does not change when the clock is set.
    """
    import psutil  # takes 15 ms, not needed without a record

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
        os.unlink(os.path.join(folder, RECORD_NAME))


def _parse(data: bytes) -> Instance | None:
    # Agents can write to this folder too: a record that this module would not write is ignored.
    try:
        values = json.loads(data)
        instance = Instance(**values)
        is_valid = all(
            isinstance(getattr(instance, name), _TYPES[str(kind)]) for name, kind in Instance.__annotations__.items()
        )
        is_valid = is_valid and instance.url == url_of(instance.host, instance.port)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return instance if is_valid else None


def _lock_file(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
