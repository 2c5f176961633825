"""`AppendFile`: a file of ours that only grows, line by line, for this user alone (0600), in a folder agents can reach.

No link is followed, and nothing but a plain file of ours is written to. What a killed process left of a line at the end
is cut off when the file is opened; a failed write leaves nothing behind, so the same lines can be written again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator

from ..files import require_inside
from .lines import blocks, end_of_lines, lines_of

_FLAGS = os.O_RDWR | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# O_NONBLOCK: otherwise opening a FIFO waits for its other end.
_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_HAS_DIR_FD = os.open in os.supports_dir_fd
Transform = Callable[[Callable[[], Iterator[bytes]]], Iterable[bytes]]
"""Given a function that iterates over the lines of a file (each with its `\\n`), returns those of a new one."""


class AppendFile:
    """Used by one thread; `size` and `generation` may be read by any."""

    def __init__(self, folder: str, name: str) -> None:
        self.folder = folder
        self.name = name
        self.path = os.path.join(folder, name)
        self.size = 0
        """The bytes of whole lines."""
        self.generation = 0
        """Rises whenever there is another file at the path than before."""
        self._handle: int | None = None

    @property
    def is_open(self) -> bool:
        """True between `open` and `close`."""
        return self._handle is not None

    def open(self) -> None:
        """Open or create it, and cut off a line without an end. Raises OSError."""
        handle = _open(self.folder, self.name, os.O_CREAT)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                raise OSError(errno.EPERM, f"{self.path} is no plain file of ours; remove it")
            if stat.S_IMODE(status.st_mode) != 0o600:
                os.chmod(self.path if os.chmod not in os.supports_fd else handle, 0o600)
            whole = end_of_lines(handle, status.st_size)
            if whole != status.st_size:
                os.ftruncate(handle, whole)
        except BaseException:
            os.close(handle)
            raise
        self.close()
        self._handle, self.size = handle, whole
        self.generation += 1

    def append(self, lines: bytes) -> None:
        """Write whole lines at the end, all of them or none. Raises OSError."""
        handle, rest = self._opened(), memoryview(lines)
        try:
            while rest:
                rest = rest[os.write(handle, rest) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, self.size)
            raise
        self.size += len(lines)

    def lost(self) -> str | None:
        """What happened to the file that is open: "x.jsonl was removed"; None if it is at its path."""
        handle = self._handle
        if handle is None:
            return None
        opened = os.fstat(handle)
        try:
            found = os.lstat(self.path)
        except OSError:
            return f"{self.name} was removed"
        is_same = (found.st_dev, found.st_ino) == (opened.st_dev, opened.st_ino)
        return None if is_same else f"{self.name} was replaced by another file"

    def restore(self) -> None:
        """Put what is open at the path again, complete or not at all. Raises OSError."""
        self.replace(lambda lines: lines())

    def replace(self, transform: Transform) -> None:
        """Replace the content, complete or not at all. Raises OSError."""
        old, copy = self._opened(), f"{self.name}.new"
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self.folder, copy))
        handle, size = _open(self.folder, copy, os.O_CREAT | os.O_EXCL), 0
        try:
            for block in blocks(transform(lambda: lines_of(old, 0, self.size))):
                size += len(block)
                rest = memoryview(block)
                while rest:
                    rest = rest[os.write(handle, rest) :]
            os.replace(os.path.join(self.folder, copy), self.path)
        except BaseException:
            os.close(handle)
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(self.folder, copy))
            raise
        self.close()
        self._handle, self.size = handle, size
        self.generation += 1

    def close(self) -> None:
        """Close it; it can be opened again."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _opened(self) -> int:
        if self._handle is None:
            raise OSError(errno.EBADF, f"{self.path} is not open")
        return self._handle


def _open(folder: str, name: str, flags: int) -> int:
    """Open a file for appending; neither the folder nor the file may be a link. Raises OSError."""
    require_inside(folder)
    flags |= _FLAGS | _SAFE
    if not _HAS_DIR_FD:  # pragma: no cover - Windows
        path = os.path.join(folder, name)
        if os.path.islink(folder) or os.path.islink(path):
            raise OSError(errno.ELOOP, f"{path} is a link")
        return os.open(path, flags, 0o600)
    inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return os.open(name, flags, 0o600, dir_fd=inside)
    finally:
        os.close(inside)
