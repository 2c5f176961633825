"""Starting a run: `launch(order, ...)` makes its folder, starts its shim, and lets that go once all is on the disk.

The shim starts the program only after it was told to. So if this process ends meanwhile, or the disk is full, nothing
was started half.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import signal
import struct
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER

from ..errors import DiskFull, ServiceError, StartFailed
from ..files import require_inside
from ..times import iso_time
from . import shim
from .identity import Identity, identify
from .model import Profile
from .records import LOG_NAME, RunRecord, write_record
from .run_mark import MARK_NAME, mark_of

_RESULT_BYTES = 4_096
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_IGNORED = "*\n"
_UNFINISHED = ".new-"
"""How a folder is called until all is in it; one is made at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be started."""

    owner: str
    profile: Profile
    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    attempt: int
    workspace: str
    min_disk_bytes: int


def launch(root: str, order: Order, key: bytes) -> RunRecord:
    """Start it in a new folder below `root`; returns when its shim has been told to go.

    Raises DiskFull, StartFailed.
    """
    if not hasattr(os, "fork"):
        raise StartFailed("Programs cannot be started on this system yet.")
    folder = None
    try:
        _make_root(root)
        disk = os.statvfs(root)
        if disk.f_bavail * disk.f_frsize < order.min_disk_bytes:
            raise DiskFull(
                f"Less than {order.min_disk_bytes / 1e6:,.0f} MB are free (setting min_disk_space_mb), "
                "so nothing was started."
            )
        now = time.time()
        run_id = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(now))}-{secrets.token_hex(4)}"
        folder = os.path.join(root, _UNFINISHED + run_id)
        os.mkdir(folder, 0o700)
        return _launch_in(folder, os.path.join(root, run_id), order, key, iso_time(now))
    except (OSError, ServiceError) as problem:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(problem, ServiceError):
            raise
        if problem.errno in _FULL:
            raise DiskFull("The disk is full, so nothing was started.") from problem
        raise StartFailed(f"The program could not be started: {problem.strerror or problem}.") from problem


def _make_root(root: str) -> None:
    """The folder of all runs, which git ignores; without what a start that was killed left. Raises OSError."""
    require_inside(root)
    os.makedirs(root, mode=0o700, exist_ok=True)
    for name in os.listdir(root):
        if name.startswith(_UNFINISHED):
            shutil.rmtree(os.path.join(root, name), ignore_errors=True)
    with suppress(FileExistsError):
        handle = os.open(os.path.join(root, ".gitignore"), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(handle, "w") as file:
            file.write(_IGNORED)


def _launch_in(folder: str, final: str, order: Order, key: bytes, started_at: str) -> RunRecord:
    handles = []
    go = None
    pid: int | None = None
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        handles.append(place)
        new = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        log = os.open(LOG_NAME, os.O_WRONLY | os.O_APPEND | new, 0o600, dir_fd=place)
        handles.append(log)
        result = os.open(shim.RESULT_NAME, os.O_WRONLY | new, 0o600, dir_fd=place)
        handles.append(result)
        os.write(result, b" " * _RESULT_BYTES)
        waiting, go = os.pipe()
        try:
            mark = mark_of(key, order.workspace, os.path.basename(final))
            pid = _spawn(final, order, mark, waiting, log, place)
        finally:
            os.close(waiting)  # so that telling a shim that has ended to go fails
        identity = identify(pid)
        if identity is None:
            raise StartFailed("The shim of the run ended at once.")
        record = _record(os.path.basename(final), order, started_at, identity)
        write_record(folder, record, key)
        os.rename(folder, final)
        try:
            os.write(go, b"g")
        except OSError:
            shutil.rmtree(final, ignore_errors=True)
            raise
        return record
    except BaseException:
        if pid is not None and go is not None:
            os.close(go)  # it ends without having started anything
            go = None
            with suppress(OSError):
                os.waitpid(pid, 0)
        raise
    finally:
        for handle in handles if go is None else [*handles, go]:
            os.close(handle)


def _spawn(final: str, order: Order, mark: str, waiting: int, log: int, place: int) -> int:
    """The pid of the shim, which waits for the word on its descriptor 0."""
    profile = order.profile
    options = ":".join(
        (
            f"{profile.grace_s:g}",
            f"{profile.timeout_s or 0:.17g}",
            str(profile.max_log_bytes),
            str(order.min_disk_bytes),
            "1" if profile.pty else "0",
        )
    )
    command = [sys.executable, "-I", "-S", shim_file(), final, options, order.cwd, *order.argv]
    # Not subprocess: an object of it has to outlive the run, which outlives us.
    return os.posix_spawn(
        sys.executable,
        command,
        {**order.env, MARK_NAME: mark},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, waiting, 0),
            (os.POSIX_SPAWN_DUP2, log, 1),
            (os.POSIX_SPAWN_DUP2, log, 2),
            (os.POSIX_SPAWN_DUP2, place, 3),
        ],
        setsigmask=list(shim.STOPPED_BY),
        setsigdef=[signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD, *shim.STOPPED_BY],
    )


def _record(run_id: str, order: Order, started_at: str, identity: Identity) -> RunRecord:
    return RunRecord(
        id=run_id,
        owner=order.owner,
        profile=order.profile.name,
        digest=order.profile.digest(),
        argv=order.argv,
        cwd=order.cwd,
        attempt=order.attempt,
        grace_s=order.profile.grace_s,
        workspace=order.workspace,
        started_at=started_at,
        pid=identity.pid,
        process_start_time=identity.started,
        boot_id=identity.boot,
    )


def shim_file() -> str:
    """What is run as the shim: compiled, if Python has compiled just this source, as it starts sooner then."""
    source, compiled = shim.__file__, shim.__spec__.cached if shim.__spec__ else None
    with suppress(OSError, TypeError):
        status = os.stat(source)
        with open(compiled or source, "rb") as file:
            head = file.read(16)
        # PEP 552: the magic number, 0 as flags, time and size of the source.
        made_of = (0, int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
        if head == MAGIC_NUMBER + struct.pack("<3I", *made_of):
            return str(compiled)
    return source
