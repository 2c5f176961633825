"""`locked(root, name)`: the folder of a pipeline, which only the holder writes to, among all threads and processes.

The lock is one of the system on the folder itself, so there is no lock file in git, and it ends with its process. All
goes through descriptors of folders that were opened without following a link. Reading needs no lock: files are replaced
whole, and logs only grow.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import stat
import time
from collections.abc import Iterator

from ..files import require_inside
from .tool_error import ToolError

LOCK_TIMEOUT_S = 0.8
_LONGEST_NAP_S = 0.002
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
# O_NONBLOCK: opening a FIFO would wait for its other end.
_FILE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Folder:
    """An open folder; every name is directly in it. Every method raises OSError."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def replace(self, name: str, data: bytes) -> None:
        """Replace a file so that a reader sees the old or the new content. On the disk when it returns."""
        temporary = f".{name}.new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=self.handle)  # of a writer that was killed
        self._write_new(temporary, data)
        try:
            os.replace(temporary, name, src_dir_fd=self.handle, dst_dir_fd=self.handle)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=self.handle)
            raise

    def create(self, name: str, data: bytes) -> bool:
        """Create a file, whole; False if there is one, which stays as it is."""
        if self.has(name):
            return False
        temporary = f".{name}.{os.getpid():x}{random.getrandbits(32):x}.new"
        self._write_new(temporary, data)
        try:
            os.link(temporary, name, src_dir_fd=self.handle, dst_dir_fd=self.handle, follow_symlinks=False)
        except FileExistsError:
            return False
        finally:
            os.unlink(temporary, dir_fd=self.handle)
        return True

    def has(self, name: str) -> bool:
        """True if something has the name."""
        try:
            os.stat(name, dir_fd=self.handle, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def open_to_append(self, name: str) -> int:
        """A descriptor for reading and appending to a regular file that has no other name; created if missing."""
        handle = os.open(name, os.O_RDWR | os.O_APPEND | os.O_CREAT | _FILE, 0o666, dir_fd=self.handle)
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            os.close(handle)
            raise OSError(errno.EPERM, "it is not a regular file, or has another name elsewhere", name)
        return handle

    @contextlib.contextmanager
    def inner(self, name: str) -> Iterator[Folder]:
        """A folder in this one, made if it is missing."""
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, dir_fd=self.handle)
        handle = os.open(name, _FOLDER, dir_fd=self.handle)
        try:
            yield Folder(handle)
        finally:
            os.close(handle)

    def remove(self, name: str) -> bool:
        """Remove a file, or a link; False if there is none."""
        try:
            os.unlink(name, dir_fd=self.handle)
        except FileNotFoundError:
            return False
        return True

    def remove_if_empty(self, name: str) -> None:
        """Remove a folder in this one, if nothing is in it."""
        with contextlib.suppress(OSError):
            os.rmdir(name, dir_fd=self.handle)

    def _write_new(self, name: str, data: bytes) -> None:
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o666, dir_fd=self.handle)
        try:
            write_all(handle, data)
            os.fsync(handle)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=self.handle)
            raise
        finally:
            os.close(handle)


def write_all(handle: int, data: bytes) -> None:
    """Write all of it. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


@contextlib.contextmanager
def opened(root: str, create: bool = False) -> Iterator[Folder]:
    """The folder of all pipelines. Raises OSError, also if it leaves the workspace by a link."""
    require_inside(root)
    if create:
        os.makedirs(root, exist_ok=True)
    handle = os.open(root, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
    try:
        yield Folder(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(root: str, name: str, create: bool = False, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[Folder]:
    """The folder `name` below the root, with its lock. Raises OSError, ToolError (BUSY)."""
    with opened(root, create) as around:
        if create:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=around.handle)
        handle = _lock(around.handle, name, time.monotonic() + timeout_s)
        try:
            yield Folder(handle)
        finally:
            os.close(handle)


def _lock(around: int, name: str, deadline: float) -> int:
    handle = os.open(name, _FOLDER, dir_fd=around)
    try:
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise ToolError("BUSY", "Others have been writing to this pipeline for too long.", "Call again.")
            time.sleep(random.uniform(0.0001, _LONGEST_NAP_S))  # noqa: S311 - so that those who wait do not march in step
        if not os.path.samestat(os.fstat(handle), os.stat(name, dir_fd=around, follow_symlinks=False)):
            raise FileNotFoundError(errno.ENOENT, "the folder was removed meanwhile", name)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _try_lock(handle: int) -> bool:
    import fcntl  # not on Windows, where descriptors of folders are missing as well

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
