"""`ClaimedFolders` watches the folders of the workspace, outside the projects, in which tasks claim files.

It is the tracker of one more watched root, the workspace, of which only these folders and those on the way to them are
watched. What happens in one is passed on as its path; what that means is for the evidence thread to find out.
"""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Collection
from itertools import islice

from ..errors import FileRefused
from ..files import SafeRoot
from ..watch.hints import Hint, HintKind
from ..watch.root import WatchedRoot

MOST_FOLDERS = 2_000
"""Files in further folders are noticed by the sweep of the evidence thread."""
_MOST_ENTRIES = 5_000

_Seen = frozenset[tuple[str, int, int, int]]


class ClaimedFolders:
    """See `watch.follower.Tracker`. `on_change(folders)` is called in the follower's thread."""

    name = "claimed files"

    def __init__(self, on_change: Callable[[Collection[str]], None]) -> None:
        self._on_change = on_change
        self._root: WatchedRoot | None = None
        self._lock = threading.Lock()
        self._wanted: frozenset[str] = frozenset()
        self._on_the_way: frozenset[str] = frozenset()
        self._is_new = False
        self._watched: set[str] = set()
        self._seen: dict[str, _Seen | None] = {}
        self._changed: set[str] = set()
        self._rearm = False

    def join(self, root: WatchedRoot) -> None:
        """The root that is made with `wants_folder`."""
        self._root = root

    def want(self, folders: Collection[str]) -> None:
        """Watch these from now on (from the workspace on, "" for itself). For any thread; then wake the follower."""
        wanted = frozenset(sorted(folders, key=lambda folder: (folder.count("/"), folder))[:MOST_FOLDERS])
        with self._lock:
            self._wanted = wanted
            self._on_the_way = frozenset(above for folder in wanted for above in _above(folder))
            self._is_new = True

    def wants_folder(self, folder: str) -> bool:
        """True if something may be claimed in it, or below it."""
        return folder in self._wanted or folder in self._on_the_way

    # What the follower calls.

    def load(self) -> None:
        """Nothing is read: the evidence thread has looked."""

    def interrupt(self) -> None:
        """Nothing takes long."""

    def hint(self, hint: Hint, now: float) -> None:
        """Something happened to a path."""
        folder = hint.path.rpartition("/")[0]
        if hint.kind is HintKind.DIRECTORY:
            self._rearm = True
            self._changed.update(each for each in self._wanted if f"{each}/".startswith(f"{hint.path}/"))
        if folder in self._wanted:
            self._changed.add(folder)

    def rescan(self, folder: str) -> None:
        """Compare all folders with what was seen of them last: hints may have been lost, or there are none."""
        root = self._of_root()
        root.scan_started()
        self._changed |= self._arm()
        with SafeRoot(root.root) as safe_root:
            for each in self._wanted:
                seen = _entries(safe_root, each)
                if each in self._seen and self._seen[each] != seen:
                    self._changed.add(each)
                self._seen[each] = seen
        for gone in self._seen.keys() - self._wanted:
            del self._seen[gone]
        root.scan_finished(_now(), 0.0, {})

    def turn(self, now: float) -> bool:
        """Watch what is new, and pass on what changed."""
        with self._lock:
            is_new, self._is_new = self._is_new, False
        if is_new or self._rearm:
            self._rearm = False
            self._changed |= self._arm()
        changed, self._changed = self._changed, set()
        if changed:
            self._on_change(changed)
        return bool(changed)

    def next_due(self) -> float | None:
        """Now, if something is to be done without a hint."""
        return _now() if self._is_new or self._rearm or self._changed else None

    def oldest_pending(self) -> float | None:
        """Nothing waits for longer than a turn."""
        return None

    # How.

    def _arm(self) -> set[str]:
        """Watch the folders that are there; those that are watched for the first time. No link is followed."""
        root = self._of_root()
        there: set[str] = set()
        with SafeRoot(root.root) as safe_root:
            for folder in sorted(self._wanted | self._on_the_way, key=lambda each: each.count("/")):
                if folder and _is_folder(safe_root, folder) and root.watch(folder):
                    there.add(folder)
        root.forget(self._watched - there)
        new, self._watched = (there - self._watched) & self._wanted, there
        return new

    def _of_root(self) -> WatchedRoot:
        if self._root is None:
            raise RuntimeError("`join` comes first")
        return self._root


def _above(folder: str) -> list[str]:
    found = []
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        found.append(folder)
    return found


def _is_folder(safe_root: SafeRoot, folder: str) -> bool:
    try:
        return stat.S_ISDIR(safe_root.status(folder).st_mode)
    except FileRefused:
        return False


def _entries(safe_root: SafeRoot, folder: str) -> _Seen | None:
    """What is directly in a folder; None if it is not there or cannot be read."""
    found = set()
    try:
        for entry in islice(safe_root.scan(folder), _MOST_ENTRIES):
            status = entry.stat(follow_symlinks=False)
            found.add((entry.name, status.st_ino, status.st_size, max(status.st_mtime_ns, status.st_ctime_ns)))
    except (FileRefused, OSError):
        return None
    return frozenset(found)


_now = time.monotonic
