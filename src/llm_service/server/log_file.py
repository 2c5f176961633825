"""The log of a dashboard in the background, which is its standard output: `open_log`, `reopen_removed`."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import IO

from ..errors import StartFailed
from ..files import printable

LOG_NAME = "dashboard.log"
_STDOUT, _STDERR = 1, 2


def open_log(path: str) -> IO[bytes]:
    """A new log; the last one is kept. Raises StartFailed."""
    try:
        with suppress(FileNotFoundError):
            os.replace(path, path + ".1")
        return open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600))
    except OSError as problem:
        raise StartFailed(f"Cannot write {printable(path)}: {problem.strerror}.") from problem


def reopen_removed(folder: str) -> bool:
    """If the file that this process writes its output to was removed, write to a new log in the state folder; True if
    it does so now.

    Gunicorn's parent process keeps the old file: what it writes after the start are the last words before its end.
    """
    with suppress(OSError):
        status = os.fstat(_STDOUT)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink:
            return False
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(os.path.join(folder, LOG_NAME), flags, 0o600)
        try:
            for stream in (_STDOUT, _STDERR):
                os.dup2(handle, stream)
        finally:
            os.close(handle)
        return True
    return False
