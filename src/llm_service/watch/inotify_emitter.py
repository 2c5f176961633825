"""Linux: an emitter for watchdog's observer that reads the kernel's queue as it comes and watches what we add to it.

Why not watchdog's own emitter: it holds a rename whose other half it cannot see for 0.5 s and all events behind it; it
says nothing when watches run out below the root; it stays alive but deaf when the root is deleted and made again; and
it needs 597 bytes for each of 105,000 watched folders, where `watch_table` needs 117.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterable
from typing import Any

from watchdog import events
from watchdog.events import FileSystemEvent
from watchdog.observers.api import EventEmitter

from . import inotify
from .events import EventsLost
from .limits import WatchesExhausted
from .watch_table import WatchTable

_SLOT_S, _READS_IN_SLOT, _GATHER_S = 0.05, 25, 0.002
_MAX_QUEUED = 4_096
"""With more events in the observer's queue, which has no bound, those to come wait in the kernel's, which has one."""
_ROOT_LOST = inotify.DELETE_SELF | inotify.MOVE_SELF | inotify.UNMOUNT | inotify.ATTRIB
_EVENTS: dict[int, type[FileSystemEvent]] = {
    inotify.CREATE: events.FileCreatedEvent,
    inotify.ATTRIB: events.FileAttribEvent,
    inotify.CLOSE_WRITE: events.FileClosedEvent,
    inotify.DELETE: events.FileDeletedEvent,
    inotify.MOVED_FROM: events.FileDeletedEvent,
    inotify.CREATE | inotify.ISDIR: events.DirCreatedEvent,
    inotify.DELETE | inotify.ISDIR: events.DirDeletedEvent,
    inotify.MOVED_FROM | inotify.ISDIR: events.DirDeletedEvent,
}
"""By the mask of an event of the kernel. All others, among them a few that have more than one bit beside ISDIR because
attributes changed together, are a modified file or attributes of a folder."""
_SUPERSEDED = (events.FileCreatedEvent, events.FileModifiedEvent, events.FileAttribEvent)
"""After these more is expected about the same file."""


class InotifyEmitter(EventEmitter):
    """One inotify queue for one root. Folders below the root are added one by one, each before it is listed.

    Both halves of a move are events of their own: a file that arrives has no source, one that leaves is deleted.
    Of events about one file in a row only the last one is given. Raises WatchesExhausted, OSError.
    """

    def __init__(self, event_queue: Any, watch: Any, *, max_watches: int | None = None, **options: Any) -> None:
        super().__init__(event_queue, watch, **options)
        self._events = event_queue
        self._root = os.path.realpath(watch.path)
        self._reads, self._slot_ends = 0, 0.0
        self._is_queueing = False
        try:
            self._queue = inotify.InotifyQueue()
        except OSError as problem:
            raise WatchesExhausted(problem.errno, problem.strerror) from problem
        self.table = WatchTable(self._queue, os.fsencode(self._root))
        try:
            if not self.table.add(""):
                raise FileNotFoundError(errno.ENOENT, "the folder is not there", watch.path)
        except BaseException:
            self._queue.close()
            raise
        self.table.max_watches = max_watches

    def queue_events(self, timeout: float) -> None:
        """Called by watchdog again and again, in the emitter's thread: wait for events and queue them."""
        while self._events.qsize() > _MAX_QUEUED and self.should_keep_running():
            time.sleep(_GATHER_S)
        with contextlib.suppress(InterruptedError):
            data = self._queue.read()
            self._is_queueing = True
            self.queue_all(inotify.parse(data))
        self._is_queueing = False
        self._reads += 1
        if self._reads > _READS_IN_SLOT:
            if time.monotonic() < self._slot_ends:
                time.sleep(_GATHER_S)  # a flood: many at once cost less than one by one
            else:
                self._reads, self._slot_ends = 0, time.monotonic() + _SLOT_S

    def is_behind(self) -> bool:
        """True while events of the kernel wait to be queued."""
        return self._is_queueing or self._queue.has_events()

    def queue_all(self, kernel_events: Iterable[inotify.Event]) -> None:
        """Queue what these events of the kernel mean, without those that the next one makes superfluous."""
        last: FileSystemEvent | None = None
        for kernel_event in kernel_events:
            event = self._event(kernel_event)
            if event is None:
                continue
            if last is not None and not (
                isinstance(last, _SUPERSEDED) and last.src_path == (event.src_path or event.dest_path)
            ):
                self.queue_event(last)
            last = event
        if last is not None:
            self.queue_event(last)

    def on_thread_stop(self) -> None:
        """Called by watchdog from `stop`: end the thread, then give back queue and watches."""
        self._queue.wake()
        if self.is_alive():
            self.join()
        self._queue.close()

    def _event(self, kernel_event: inotify.Event) -> FileSystemEvent | None:
        watch, mask, raw_name = kernel_event
        if mask & inotify.OVERFLOW:
            return EventsLost(self._root)  # the scan that follows renews every watch
        if mask & inotify.IGNORED:
            self.table.drop(watch)
            return None
        folder = self.table.folder_of(watch)
        if folder is None:
            return None
        if not raw_name:
            return self._event_of_folder_itself(folder, mask)
        name = os.fsdecode(raw_name)
        path = f"{self._root}/{folder}/{name}" if folder else f"{self._root}/{name}"
        if mask & inotify.MOVED_TO:
            return events.DirMovedEvent("", path) if mask & inotify.ISDIR else events.FileMovedEvent("", path)
        other = events.DirAttribEvent if mask & inotify.ISDIR else events.FileModifiedEvent
        return _EVENTS.get(mask, other)(path)

    def _event_of_folder_itself(self, folder: str, mask: int) -> FileSystemEvent | None:
        """Its parent's watch reports it too, but nobody else reports the root, or an unmounted file system."""
        if not folder:
            return EventsLost(self._root) if mask & _ROOT_LOST else None
        return events.DirDeletedEvent(f"{self._root}/{folder}") if mask & inotify.UNMOUNT else None
