"""One start at a time in a workspace, among all processes: `start_lock(folder)`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..errors import Busy, StartFailed
from ..settings.state_folder import make_folder

_NAME = "runs.lock"
_TIMEOUT_S = 10.0
_POLL_S = 0.005


@contextmanager
def start_lock(folder: str, timeout_s: float = _TIMEOUT_S) -> Iterator[None]:
    """Hold the lock in the state folder, which is made if it is missing. Raises Busy, StartFailed."""
    deadline = time.monotonic() + timeout_s
    handle = _try(folder)
    while handle is None:
        if time.monotonic() > deadline:
            raise Busy("Another process has been starting a program for too long; try again.")
        time.sleep(_POLL_S)
        handle = _try(folder)
    try:
        yield
    finally:
        os.close(handle)


def _try(folder: str) -> int | None:
    """The locked descriptor; None if another one has it."""
    path = os.path.join(folder, _NAME)
    try:
        make_folder(folder)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        handle = os.open(path, flags, 0o600)
    except OSError as problem:
        raise StartFailed(f"Cannot write to {folder}: {problem.strerror}.") from problem
    if sys.platform == "win32":
        return handle
    import fcntl

    with suppress(OSError):  # locked by another one, or removed this moment
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), os.lstat(path)):  # else it was removed, and another one may be locked
            return handle
    os.close(handle)
    return None
