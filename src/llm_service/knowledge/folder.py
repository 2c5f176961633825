"""Writing to folders that agents write to as well: `append_line` to a file that is a regular one, `make` a folder."""

from __future__ import annotations

import errno
import os
import stat

from ..errors import NotRegular, ServiceError
from ..files import printable, require_inside

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# O_NONBLOCK: opening a FIFO would wait for a reader.
_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class CannotWrite(ServiceError):
    """A folder of the workspace cannot be written."""

    code = "CANNOT_WRITE"
    http_status = 503


def make(folder: str) -> None:
    """Create the folder; not where a link leads out of the workspace. Raises CannotWrite."""
    try:
        require_inside(folder)
        os.makedirs(folder, exist_ok=True)
    except OSError as problem:
        raise CannotWrite(f"{printable(folder)} cannot be created: {problem.strerror or problem}.") from problem


def append_line(folder: str, name: str, line: bytes) -> None:
    """Add a line, without its end, to a file in the folder, in one write. A link is not followed.

    Raises CannotWrite, NotRegular.
    """
    make(folder)
    try:
        handle = os.open(os.path.join(folder, name), _FLAGS | _SAFE, 0o666)
    except OSError as problem:
        if problem.errno in (errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO):
            raise NotRegular(f"{name} is not a regular file.") from problem
        raise CannotWrite(f"{name} cannot be written: {problem.strerror}.") from problem
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise NotRegular(f"{name} is not a regular file, or has another name elsewhere.")
        os.write(handle, (b"" if _ends_its_line(handle, status.st_size) else b"\n") + line + b"\n")
    except OSError as problem:
        raise CannotWrite(f"{name} cannot be written: {problem.strerror}.") from problem
    finally:
        os.close(handle)


def _ends_its_line(handle: int, size: int) -> bool:
    """False if somebody left a last line without its end, to which ours must not be added."""
    if size == 0:
        return True
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"
