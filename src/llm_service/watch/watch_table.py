"""Which folder each inotify watch is on, and which watch each folder has."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterable

from . import inotify
from .limits import WatchesExhausted

MASK = (
    inotify.CREATE | inotify.MODIFY | inotify.ATTRIB | inotify.CLOSE_WRITE | inotify.MOVED_TO
    | inotify.DELETE | inotify.MOVED_FROM | inotify.DELETE_SELF | inotify.MOVE_SELF
    | inotify.ONLYDIR | inotify.DONT_FOLLOW
)  # fmt: skip
"""What changes files and folders. Not opening and reading, which would fill the queue with what we do ourselves."""


class WatchTable:
    """The watches of one queue, by folder (relative to the root, "" for the root itself) and by number.

    Folders are added and removed by the thread that lists them. The reading thread only looks numbers up, and drops the
    watches that the kernel has ended. A folder that was renamed and is added again under its new name keeps its watch:
    the kernel gives the same number, and the table its new name. So no renamed folder can go deaf.
    """

    def __init__(self, queue: inotify.InotifyQueue, root: bytes) -> None:
        self.max_watches: int | None = None
        """Watch no more folders than this, if set."""
        self._queue = queue
        self._root = root
        self._lock = threading.Lock()
        self._folder_of: dict[int, str] = {}  # these two are always each other's inverse
        self._watch_of: dict[str, int] = {}
        self.folder_of = self._folder_of.get
        """The folder of a watch, None if it is not watched any more. A bound method: it is asked for every event."""

    def __len__(self) -> int:
        return len(self._watch_of)

    def add(self, folder: str) -> bool:
        """Watch a folder. False if it is not there or cannot be read. Raises WatchesExhausted."""
        known = self._watch_of.get(folder)
        if known is None and self.max_watches is not None and len(self._watch_of) >= self.max_watches:
            raise WatchesExhausted(errno.ENOSPC, f"our share of {self.max_watches:,} inotify watches is used up")
        try:
            watch = self._queue.add(b"%b/%b" % (self._root, os.fsencode(folder)) if folder else self._root, MASK)
        except OSError as problem:
            if problem.errno in (errno.ENOSPC, errno.EMFILE, errno.ENOMEM):
                raise WatchesExhausted(problem.errno, "inotify watch limit reached") from problem
            return False  # vanished, unreadable or no folder any more: the scan that follows finds out
        if watch == known:
            return True
        with self._lock:
            before = self._folder_of.get(watch)
            if before is not None:
                del self._watch_of[before]
            if known is not None:
                self._folder_of.pop(known, None)
            self._folder_of[watch], self._watch_of[folder] = folder, watch
        if known is not None:
            self._queue.remove(known)
        return True

    def remove(self, folders: Iterable[str]) -> None:
        """End the watches of these folders."""
        for folder in folders:
            with self._lock:
                watch = self._watch_of.pop(folder, None)
                if watch is not None:
                    del self._folder_of[watch]
            if watch is not None:
                self._queue.remove(watch)

    def drop(self, watch: int) -> None:
        """The kernel ended a watch: its folder is gone, or we removed it."""
        with self._lock:
            folder = self._folder_of.pop(watch, None)
            if folder is not None:
                del self._watch_of[folder]
