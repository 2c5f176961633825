"""Watching: turns what the operating system says about a folder into hints. The only module that knows watchdog.

On Linux we stand on watchdog's `InotifyFD` (the reader of the kernel's queue) and keep the table of watches
ourselves, because of what watchdog's emitters do with it: they hold a rename whose other half they cannot
see for 0.5 s and everything behind it, say nothing when watches run out below the root, and stay alive but
deaf when the root is deleted and made again. Elsewhere watchdog's `Observer` for the platform is used.
Where neither can work (network file systems, no watches left) the root is polled, and it says so.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from .hints import Hint, HintKind

log = logging.getLogger(__name__)

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

    def ensure(self, folders: Iterable[str]) -> bool:
        """Watch exactly these folders (relative); True if one had to be added, so a second look is due."""

    def stop(self) -> None:
        """Give no more hints and free what was taken."""


MakeBackend = Callable[[str, WantsFolder, Sink], Backend]
"""Makes and starts the watch on a root: (root, wants_folder, sink)."""


class WatchesExhausted(OSError):
    """The system lets us watch no more folders (ENOSPC) or open no more watchers (EMFILE)."""


class InotifyBackend:
    """Linux: one inotify queue per root, its watch table kept here, hints given in kernel order."""

    mode = "inotify"
    _ids = itertools.count(1)

    def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink) -> None:
        from watchdog.observers.inotify_c import InotifyConstants as In
        from watchdog.observers.inotify_c import InotifyFD

        self._root = os.fsencode(os.path.realpath(root))
        self._wants = wants_folder
        self._sink = sink
        self._mask = (
            In.IN_CREATE | In.IN_MODIFY | In.IN_ATTRIB | In.IN_CLOSE_WRITE | In.IN_MOVED_FROM | In.IN_MOVED_TO
            | In.IN_DELETE | In.IN_DELETE_SELF | In.IN_MOVE_SELF | In.IN_ONLYDIR | In.IN_DONT_FOLLOW
        )  # fmt: skip
        self._complete = In.IN_CLOSE_WRITE | In.IN_MOVED_TO
        self._gone = In.IN_DELETE | In.IN_MOVED_FROM
        self._appeared = In.IN_CREATE | In.IN_MOVED_TO
        self._self_lost = In.IN_DELETE_SELF | In.IN_MOVE_SELF
        self._folder = In.IN_ISDIR
        self._table = threading.RLock()
        self._path_of: dict[int, str] = {}
        self._wd_of: dict[str, int] = {}
        self._id_of: dict[int, int] = {}
        self._failed: OSError | None = None
        try:
            self._fd: Any = InotifyFD()
        except OSError as problem:
            raise WatchesExhausted(problem.errno, str(problem)) from problem
        try:
            if not self._add(""):
                raise FileNotFoundError(errno.ENOENT, "the folder is not there", root)
        except BaseException:
            self._fd.start()  # only a started InotifyFD frees what it opened
            self._fd.stop()
            raise
        self._fd.start()

    @property
    def watched_folders(self) -> int:
        """How many folders are watched now."""
        return len(self._wd_of)

    def ensure(self, folders: Iterable[str]) -> bool:
        """See `Backend`. Raises WatchesExhausted when the system's limit is reached."""
        wanted = set(folders) | {""}
        with self._table:
            if self._failed is not None:
                raise WatchesExhausted(self._failed.errno, str(self._failed))
            for path in self._wd_of.keys() - wanted:
                self._forget(path)
            added = [self._add(path) for path in wanted - self._wd_of.keys()]
            return any(added)

    def stop(self) -> None:
        """See `Backend`."""
        self._sink = lambda hint: None
        self._fd.stop()
        if self._fd.is_alive():
            self._fd.join(timeout=2)

    # What InotifyFD calls, from its reading thread.

    def on_event(self, event: Any) -> None:
        """Turn one kernel event into a hint; watch a new folder before anyone looks into it."""
        folder = self._path_of.get(event.wd)
        if folder is None:
            return
        if event.mask & self._self_lost:
            if folder == "":
                self._sink(Hint(HintKind.EVERYTHING))
            return
        name = os.fsdecode(event.name)
        path = f"{folder}/{name}" if folder else name
        if not (event.mask & self._folder and self._wants(path)):
            complete, gone = event.mask & self._complete, event.mask & self._gone
            kind = HintKind.COMPLETE if complete else HintKind.GONE if gone else HintKind.CHANGED
            self._sink(Hint(kind, path))
        elif event.mask & (self._appeared | self._gone):
            with self._table:
                if event.mask & self._gone:
                    self._forget_below(path)
                else:
                    self._add_below(path)
            self._sink(Hint(HintKind.DIRECTORY, path))

    def on_watch_deleted(self, wd: int) -> None:
        """The kernel dropped a watch: its folder is gone."""
        with self._table:
            path = self._path_of.pop(wd, None)
            self._id_of.pop(wd, None)
            if path is not None and self._wd_of.get(path) == wd:
                del self._wd_of[path]

    def on_queue_overflow(self) -> None:
        """The kernel dropped events: nothing known about folders is certain, so all watches are made anew."""
        with self._table:
            self._forget_below("")
            self._add_below("")
        self._sink(Hint(HintKind.EVERYTHING))

    def _add(self, path: str) -> bool:
        where = os.path.join(self._root, os.fsencode(path)) if path else self._root
        if not os.access(where, os.R_OK):
            return False  # inotify_add_watch would fail; the scan reports the folder as unreadable
        number = next(self._ids)
        try:
            wd = self._fd.add_callback(where, self._mask, self, number)
        except OSError as problem:
            if problem.errno in (errno.ENOSPC, errno.EMFILE, errno.ENOMEM):
                self._failed = problem
                raise WatchesExhausted(problem.errno, str(problem)) from problem
            return False  # vanished or turned into something else: the next look will tell
        if wd in self._path_of:
            # The folder was renamed and its event still waits to be read: the kernel gave us the same watch.
            self._wd_of.pop(self._path_of[wd], None)
            self._fd.remove_callbacks([(wd, self._id_of[wd])])
        self._path_of[wd], self._wd_of[path], self._id_of[wd] = path, wd, number
        return True

    def _add_below(self, path: str) -> None:
        """Watch a folder and the wanted folders in it, parents first, so that none can be made unseen."""
        try:
            if path not in self._wd_of and not self._add(path):
                return
            with os.scandir(os.path.join(self._root, os.fsencode(path))) as entries:
                names = [os.fsdecode(entry.name) for entry in entries if entry.is_dir(follow_symlinks=False)]
        except WatchesExhausted:
            self._sink(Hint(HintKind.EVERYTHING))  # the look that follows runs into `ensure`, which reports it
            return
        except OSError:
            return
        for name in names:
            child = f"{path}/{name}" if path else name
            if self._wants(child):
                self._add_below(child)

    def _forget_below(self, path: str) -> None:
        below = f"{path}/"
        for known in [known for known in self._wd_of if not path or known == path or known.startswith(below)]:
            self._forget(known)

    def _forget(self, path: str) -> None:
        wd = self._wd_of.pop(path)
        if self._path_of.get(wd) == path:
            del self._path_of[wd]
            with contextlib.suppress(OSError):
                self._fd.remove_callbacks([(wd, self._id_of.pop(wd))])


class ObserverBackend:
    """macOS, Windows, BSD: watchdog's own Observer for the platform, filtered to what changes files."""

    mode = "native"

    def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink) -> None:
        from watchdog import events
        from watchdog.observers import Observer

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

    def ensure(self, folders: Iterable[str]) -> bool:
        """See `Backend`: the Observer watches recursively by itself."""
        return False

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
