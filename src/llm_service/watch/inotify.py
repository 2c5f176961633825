"""The kernel's queue of file events (Linux, inotify(7)): three system calls and the layout of an event.

This module has no thread and keeps nothing; `inotify_emitter` reads the queue under watchdog's observer. The binding is
our own because the kernel's interface never changes, while watchdog's (`observers.inotify_c`) is not documented, was
rewritten in 7.0, and keeps an object and a dict of callbacks for every watch. 105,000 folders are ordinary here:
measured with watchdog 7.1 and 110,470 folders, 597 bytes a watch with it and 117 with this, which is 53 MB.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
from collections.abc import Iterator

MODIFY = 0x2
ATTRIB = 0x4
CLOSE_WRITE = 0x8
MOVED_FROM = 0x40
MOVED_TO = 0x80
CREATE = 0x100
DELETE = 0x200
DELETE_SELF = 0x400
MOVE_SELF = 0x800
UNMOUNT = 0x2000
OVERFLOW = 0x4000
IGNORED = 0x8000
ONLYDIR = 0x1000000
DONT_FOLLOW = 0x2000000
ISDIR = 0x40000000

_CLOEXEC = 0o2000000
_HEADER = struct.Struct("iIII")
_BUFFER_BYTES = 1 << 18

Event = tuple[int, int, bytes]
"""(watch, mask, name in the watched folder or b"" for the folder itself); the watch is -1 for OVERFLOW."""


class InotifyQueue:
    """One queue and its watches.

    Raises NotImplementedError where the C library has no inotify, OSError when there are no more queues (EMFILE).
    """

    def __init__(self) -> None:
        self._closed = False
        try:
            self._libc = ctypes.CDLL(None, use_errno=True)
            init, add, remove = self._libc.inotify_init1, self._libc.inotify_add_watch, self._libc.inotify_rm_watch
        except (AttributeError, OSError, TypeError) as problem:
            raise NotImplementedError(f"the C library has no inotify: {problem}") from problem
        add.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
        remove.argtypes = (ctypes.c_int, ctypes.c_int)
        self._handle = init(_CLOEXEC)
        if self._handle < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"no inotify queue: instance limit reached ({os.strerror(number)})")
        try:
            self._wake_read, self._wake_write = os.pipe()
        except OSError:
            os.close(self._handle)
            raise
        self._poller = select.poll()
        self._poller.register(self._handle, select.POLLIN)
        self._poller.register(self._wake_read, select.POLLIN)

    def add(self, path: bytes, mask: int) -> int:
        """The number of the watch on a path: the one it has, if its inode is watched already. Raises OSError."""
        watch: int = self._libc.inotify_add_watch(self._handle, path, mask)
        if watch < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return watch

    def remove(self, watch: int) -> None:
        """End a watch; it may have ended already."""
        self._libc.inotify_rm_watch(self._handle, watch)

    def read(self) -> bytes:
        """The events that are queued, as the kernel lays them out (see `parse`); waits for the first one.

        b"" once `wake` was called.
        """
        ready = {handle for handle, _ in self._poller.poll()}
        return b"" if self._wake_read in ready else os.read(self._handle, _BUFFER_BYTES)

    def has_events(self) -> bool:
        """True if `read` would give events at once."""
        if self._closed:
            return False
        poller = select.poll()
        poller.register(self._handle, select.POLLIN)
        return bool(poller.poll(0))

    def wake(self) -> None:
        """Make `read` return b"", now and from now on."""
        if not self._closed:
            os.write(self._wake_write, b"!")

    def close(self) -> None:
        """End the queue and all its watches. Nobody may be in `read`."""
        if self._closed:
            return
        self._closed = True
        for handle in (self._handle, self._wake_read, self._wake_write):
            os.close(handle)
        self._handle = -1  # the system refuses it, instead of taking it for a file opened since


def parse(data: bytes) -> Iterator[Event]:
    """The events in what the queue gave (inotify(7): watch, mask, cookie, length of the name, name)."""
    at, end, unpack, size = 0, len(data), _HEADER.unpack_from, _HEADER.size
    while at < end:
        watch, mask, _, length = unpack(data, at)
        at += size
        yield watch, mask, data[at : at + length].rstrip(b"\0") if length else b""
        at += length
