"""The running dashboard of a workspace: `look(folder)` gives what is known, `find_running(folder)` its `Instance`.

`dashboard.json` in the state folder (`Settings.state_path`), which all functions take, describes the instance. Anybody
may have written it, and it may be a copy, so it is believed only while the lock in this very folder is held, by that
process where this can be told. A process is identified by its pid and its start time, as pids are reused.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from .. import __version__
from ..errors import FileRefused
from ..files import read_file, write_atomic
from . import lock, proof

RECORD_NAME = "dashboard.json"
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
    pid_namespace: str = ""
    """In which set of processes `pid` counts: containers have their own. Empty where there is only one."""

    @property
    def is_visible(self) -> bool:
        """True if `pid` means the same process here."""
        return self.pid_namespace in ("", _pid_namespace())

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


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known of the dashboard of a state folder.

    `state`: "none" runs; it is "running"; it runs "elsewhere", where this process cannot see it; "unclear": the lock is
    held, but not by the process of the record. `record` is the record, None without a valid one. `holder` is the
    process that holds the lock, None if that is not known.
    """

    state: Literal["none", "running", "elsewhere", "unclear"]
    record: Instance | None = None
    holder: int | None = None


def url_of(host: str, port: int) -> str:
    """The URL for a browser on this machine of a server that listens on `host`."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name and not name.startswith("[") else f"http://{name}:{port}"


def look(folder: str) -> Sighting:
    """What is known of the dashboard of this state folder; a stale record is removed."""
    record = read_record(folder)
    is_held = lock.is_held(folder)
    if is_held is False:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, RECORD_NAME))
        return Sighting("unclear") if lock.workspace_is_held(folder) else Sighting("none")
    holders = lock.holders(folder)
    holder = holders[0] if holders else None
    if record is None:
        return Sighting("unclear" if is_held else "none", None, holder)
    if not record.is_visible or (is_held and not record.is_alive and not holders):
        return Sighting("elsewhere", record, holder)
    # After the folder was made again, the lock is held by the serving child of the recorded process.
    if record.is_alive and (record.pid in holders or proof.is_proven(record, folder)):
        return Sighting("running", record, record.pid)
    return Sighting("unclear" if is_held else "none", record, holder)


def find_running(folder: str) -> Instance | None:
    """The running dashboard of this state folder, if this process can see it; else None."""
    found = look(folder)
    return found.record if found.state == "running" else None


def is_same_folder(one: str, other: str) -> bool:
    """True if both paths lead to the same folder."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def new_record(*, url: str, host: str, port: int, workspace: str) -> Instance:
    """The record of a dashboard that this process serves."""
    pid = os.getpid()
    started = process_start_time(pid) or ""
    return Instance(pid, started, url, host, port, workspace, time.time(), __version__, _pid_namespace())


def write_record(folder: str, record: Instance) -> None:
    """Store a record. Raises OSError."""
    write_atomic(Path(folder, RECORD_NAME), json.dumps(asdict(record), indent=2).encode())


def read_record(folder: str) -> Instance | None:
    """The record in the folder, not yet verified; None if there is no valid one."""
    try:
        return _parse(read_file(folder, RECORD_NAME, max_bytes=65_536).data)
    except FileRefused:
        return None


def remove_record(folder: str, record: Instance) -> None:
    """Remove the record, with the key, if it is this one."""
    if read_record(folder) == record:
        for name in (RECORD_NAME, proof.KEY_NAME):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, name))


def halted_processes(record: Instance) -> list[int]:
    """Those of a dashboard's processes that are stopped, as by SIGSTOP or Ctrl-Z, and go on after SIGCONT."""
    import psutil

    try:
        first = psutil.Process(record.pid)
        return [one.pid for one in (first, *first.children()) if one.status() == psutil.STATUS_STOPPED]
    except psutil.Error:
        return []


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


def _pid_namespace() -> str:
    """Which set of processes this one sees, with the boot: an opaque text, empty where there is only one set."""
    try:
        return f"{os.readlink('/proc/self/ns/pid')}@{_boot_id()}"
    except OSError:
        return ""


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
