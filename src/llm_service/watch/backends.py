"""Watching: turns what the operating system says about a folder into hints. The only module that knows watchdog.

On Linux we read the kernel's queue ourselves (`inotify`) and keep the table of watches, because of what watchdog's
emitters do: they hold a rename whose other half they cannot see for 0.5 s and everything behind it, say nothing
when watches run out below the root, and stay alive but deaf when the root is deleted and made again. Elsewhere
watchdog's `Observer` for the platform is used. Where neither can work (network file systems, no watches left) the
root is polled, and it says so.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from . import inotify
from .hints import Hint, HintKind

Sink = Callable[[Hint], None]
WantsFolder = Callable[[str], bool]

_NETWORK_FILE_SYSTEMS = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "fuse.sshfs",
    "fuse.s3fs",
    "vboxsf",
    "prl_fs",
)


class Backend(Protocol):
    """One way of being told about changes below a folder; `mode` is its name in `/health`."""

    mode: str
    max_watches: int | None
    """Watch no more folders than this, if set."""

    def watch(self, folder: str) -> bool:
        """Give hints about this folder (relative; its parent is watched already) from now on.

        To be called before the folder is listed, so that nothing is missed between the two. False if it is not
        there or cannot be read. Raises WatchesExhausted.
        """

    def forget(self, folders: Iterable[str]) -> None:
        """Give no more hints about these folders."""

    def stop(self) -> None:
        """Give no more hints and free what was taken."""


MakeBackend = Callable[[str, WantsFolder, Sink], Backend]
"""Makes and starts the watch on a root: (root, wants_folder, sink)."""


class WatchesExhausted(OSError):
    """The system lets us watch no more folders (ENOSPC) or open no more watchers (EMFILE)."""


class InotifyBackend:
    """Linux: one inotify queue per root, its watch table kept here, hints given in kernel order.

    The table belongs to the thread that calls `watch` and `forget`; the reading thread only looks things up in it
    and takes out the watches that the kernel has ended. A folder that was renamed and is watched again under its
    new name keeps its watch: the kernel gives the same number, and the table its new name.
    """

    mode = "inotify"

    def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink) -> None:
        self.max_watches: int | None = None
        self._root = os.fsencode(os.path.realpath(root))
        self._wants = wants_folder
        self._sink = sink
        self._table = threading.Lock()
        self._path_of: dict[int, str] = {}
        self._watch_of: dict[str, int] = {}
        try:
            self._queue = inotify.Inotify(self._on_events)
        except OSError as problem:
            raise WatchesExhausted(problem.errno, problem.strerror) from problem
        try:
            if not self.watch(""):
                raise FileNotFoundError(errno.ENOENT, "the folder is not there", root)
        except BaseException:
            self._queue.stop()
            raise
        self._queue.start()

    @property
    def watched_folders(self) -> int:
        """How many folders are watched now."""
        return len(self._watch_of)

    def watch(self, folder: str) -> bool:
        """See `Backend`."""
        known = self._watch_of.get(folder)
        if known is None and self.max_watches is not None and len(self._watch_of) >= self.max_watches:
            raise WatchesExhausted(errno.ENOSPC, f"our share of {self.max_watches:,} inotify watches is used up")
        try:
            watch = self._queue.add(b"%b/%b" % (self._root, os.fsencode(folder)) if folder else self._root, _MASK)
        except OSError as problem:
            if problem.errno in (errno.ENOSPC, errno.EMFILE, errno.ENOMEM):
                raise WatchesExhausted(problem.errno, "inotify watch limit reached") from problem
            return False  # vanished, unreadable or turned into something else: the look that follows will tell
        if watch == known:
            return True
        with self._table:
            before = self._path_of.get(watch)
            if before is not None and self._watch_of.get(before) == watch:
                del self._watch_of[before]
            if known is not None:
                self._path_of.pop(known, None)
            self._path_of[watch], self._watch_of[folder] = folder, watch
        if known is not None:
            self._queue.remove(known)
        return True

    def forget(self, folders: Iterable[str]) -> None:
        """See `Backend`."""
        for folder in folders:
            with self._table:
                watch = self._watch_of.pop(folder, None)
                if watch is not None:
                    self._path_of.pop(watch, None)
            if watch is not None:
                self._queue.remove(watch)

    def stop(self) -> None:
        """See `Backend`."""
        self._sink = lambda hint: None
        self._queue.stop()

    def _on_events(self, events: Iterator[inotify.Event]) -> None:
        """Turn kernel events into hints. Of hints about one file in a row the last one says it all."""
        waiting: Hint | None = None
        for hint in filter(None, map(self._hint, events)):
            if waiting is not None and (waiting.kind is not HintKind.CHANGED or waiting.path != hint.path):
                self._sink(waiting)
            waiting = hint
        if waiting is not None:
            self._sink(waiting)

    def _hint(self, event: inotify.Event) -> Hint | None:
        watch, mask, raw_name = event
        if mask & inotify.OVERFLOW:
            return Hint(HintKind.EVERYTHING)  # the look that follows renews every watch
        if mask & inotify.IGNORED:
            self._ended(watch)
            return None
        folder = self._path_of.get(watch)
        if folder is None:
            return None
        if not raw_name:
            if mask & inotify.UNMOUNT:
                return Hint(HintKind.DIRECTORY, folder) if folder else Hint(HintKind.EVERYTHING)
            # About the folder itself, which its parent's watch tells too; of the root nobody else does.
            return Hint(HintKind.EVERYTHING) if folder == "" and mask & (_SELF_LOST | inotify.ATTRIB) else None
        name = os.fsdecode(raw_name)
        path = f"{folder}/{name}" if folder else name
        if mask & inotify.ISDIR and self._wants(path):
            return Hint(HintKind.DIRECTORY, path)
        complete, gone = mask & _COMPLETE, mask & _GONE
        return Hint(HintKind.COMPLETE if complete else HintKind.GONE if gone else HintKind.CHANGED, path)

    def _ended(self, watch: int) -> None:
        """The kernel dropped a watch: its folder is gone, or we gave it up."""
        with self._table:
            path = self._path_of.pop(watch, None)
            if path is not None and self._watch_of.get(path) == watch:
                del self._watch_of[path]


_COMPLETE = inotify.CLOSE_WRITE | inotify.MOVED_TO
_GONE = inotify.DELETE | inotify.MOVED_FROM
_SELF_LOST = inotify.DELETE_SELF | inotify.MOVE_SELF
_MASK = (
    _COMPLETE | _GONE | _SELF_LOST | inotify.CREATE | inotify.MODIFY | inotify.ATTRIB
    | inotify.ONLYDIR | inotify.DONT_FOLLOW
)  # fmt: skip


class ObserverBackend:
    """macOS, Windows, BSD: watchdog's own Observer for the platform, filtered to what changes files."""

    mode = "native"

    def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink) -> None:
        from watchdog import events
        from watchdog.observers import Observer

        self.max_watches: int | None = None
        self._root = os.path.realpath(root)
        self._wants = wants_folder
        self._sink = sink
        self._gone = (events.EVENT_TYPE_DELETED,)
        self._complete = (events.EVENT_TYPE_CLOSED, events.EVENT_TYPE_MOVED)
        kinds = [
            events.FileCreatedEvent, events.FileModifiedEvent, events.FileMovedEvent, events.FileDeletedEvent,
            events.FileClosedEvent, events.DirCreatedEvent, events.DirMovedEvent, events.DirDeletedEvent,
        ]  # fmt: skip
        handler = events.FileSystemEventHandler()
        handler.on_any_event = self._on_any_event  # type: ignore[method-assign]
        self._observer: Any = Observer()
        self._observer.schedule(handler, self._root, recursive=True, event_filter=kinds)
        self._observer.start()

    def watch(self, folder: str) -> bool:
        """See `Backend`: the Observer watches recursively by itself."""
        return True

    def forget(self, folders: Iterable[str]) -> None:
        """See `Backend`: nothing to do."""

    def stop(self) -> None:
        """See `Backend`."""
        self._sink = lambda hint: None
        self._observer.stop()
        self._observer.join(timeout=2)

    def _on_any_event(self, event: Any) -> None:
        for place, gone in (
            (event.src_path, event.event_type in ("deleted", "moved")),
            (event.dest_path, False),
        ):
            if not place:
                continue
            path = os.path.relpath(os.fsdecode(place), self._root).replace(os.sep, "/")
            if path == ".":
                self._sink(Hint(HintKind.EVERYTHING))
            elif event.is_directory:
                self._sink(Hint(HintKind.DIRECTORY, path))
            elif gone:
                self._sink(Hint(HintKind.GONE, path))
            else:
                kind = HintKind.COMPLETE if event.event_type in self._complete else HintKind.CHANGED
                self._sink(Hint(kind, path))


def backend_for(root: str, wants_folder: WantsFolder, sink: Sink) -> Backend:
    """The way to watch `root` on this system, started. OSError or WatchesExhausted if it cannot be watched."""
    kind = InotifyBackend if sys.platform.startswith("linux") else ObserverBackend
    return kind(root, wants_folder, sink)


def watch_limit() -> int | None:
    """How many folders one user may watch on this system; None if there is no such limit."""
    try:
        with open("/proc/sys/fs/inotify/max_user_watches", encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def network_file_system(path: str) -> str | None:
    """The type of the network file system `path` lies on (changes made elsewhere are not told), else None."""
    best, kind = "", None
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as mounts:
            for line in mounts:
                left, _, right = line.partition(" - ")
                point = left.split()[4].replace("\\040", " ")
                inside = path == point or path.startswith(point.rstrip("/") + "/")
                if inside and len(point) >= len(best):
                    best, kind = point, right.split()[0]
    except (OSError, IndexError):
        return None
    return kind if kind and kind.startswith(_NETWORK_FILE_SYSTEMS) else None
