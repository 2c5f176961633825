"""The files outside the projects that tasks claim, as the viewer of artifacts shows them: `ClaimedFiles`.

They look like one more project, called OUTSIDE, with the paths from the workspace on. What is not claimed by a task is
not in it, nor what is never shown: ignored folders, and the folder in which the dashboard keeps its state.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from ..artifacts.tree.listing import FolderListing
from ..artifacts.tree.records import MOST_COUNTED_BYTES, record_of
from ..artifacts.tree.tree import ArtifactTree
from ..errors import FileRefused
from ..files import SafeRoot

OUTSIDE = "(workspace)"
_RETAIN_S = 1.0
_MOST_FILES = 20_000


class ClaimedFiles:
    """`claimed()` gives the paths, relative to the workspace, that are claimed and were found. For any thread."""

    def __init__(
        self, workspace: str, state_path: str, ignored: Collection[str], claimed: Callable[[], Iterable[str]]
    ) -> None:
        self.name = OUTSIDE
        self.root = workspace
        self._state = os.path.relpath(state_path, workspace)
        self._ignored = frozenset(ignored)
        self._claimed = claimed
        self._lock = threading.Lock()
        self._tree = ArtifactTree()
        self._made_at = float("-inf")

    def tree(self) -> ArtifactTree:
        """The files as they are, at most a second ago."""
        with self._lock:
            if time.monotonic() - self._made_at > _RETAIN_S:
                self._tree = self._made()
                self._made_at = time.monotonic()
            return self._tree

    def place(self, full_path: str) -> tuple[str | None, str | None]:
        """(project, path in it) under which a file can be opened, by its absolute path; None for what is not shown."""
        if not full_path.startswith(self.root.rstrip("/") + "/"):
            return None, None
        path = full_path[len(self.root.rstrip("/")) + 1 :]
        return (OUTSIDE, path) if self.shows(path) else (None, None)

    def shows(self, path: str) -> bool:
        """False for what is never shown, even if a task claims it."""
        return self._ignored.isdisjoint(path.split("/")) and not f"{path}/".startswith(f"{self._state}/")

    def _made(self) -> ArtifactTree:
        by_folder: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
        now_ns = time.time_ns()
        with SafeRoot(self.root) as safe_root:
            for path in sorted(set(self._claimed()))[:_MOST_FILES]:
                folder, _, name = path.rpartition("/")
                try:
                    if self.shows(path):
                        by_folder[folder][name] = record_of(safe_root.status(path), now_ns, MOST_COUNTED_BYTES)
                except FileRefused:
                    continue
        inner: defaultdict[str, set[str]] = defaultdict(set)
        for folder in list(by_folder):
            while folder:
                above, _, name = folder.rpartition("/")
                inner[above].add(name)
                folder = above
        tree = ArtifactTree()
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            listing = FolderListing(files=by_folder.get(folder, {}), folders=sorted(inner[folder]))
            tree.apply_folder(f"{OUTSIDE}/{folder}" if folder else OUTSIDE, listing)
            waiting += [f"{folder}/{name}" if folder else name for name in listing.folders]
        tree.set_loaded()
        return tree
