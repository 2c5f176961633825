"""Where a file of a certain name lies, if there is exactly one: `Namesakes.of(name)`.

A claim that gives only a name, or another folder than the file is in, differs from one whose file does not exist.
The names of all files are not stored, as there may be a million. Those that were asked for are searched together, in
the tree of artifacts and in the rest of the workspace, as often as costs little.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from ..artifacts.tree.tree import ArtifactTree
from ..errors import FileRefused
from ..files import SafeRoot

_MAX_NAMES = 20_000
_MAX_ENTRIES = 20_000
_RETAIN_S = 20.0
_COST_SHARE, _NEW_SHARE = 300, 5
"""Searching takes at most one of so many parts of the time, if it is for a new name one of fewer."""
_NOT_SEARCHED = frozenset((
    "node_modules", "__pycache__", "venv", "dist", "build", "target", "site-packages", "vendor", "coverage",
))  # fmt: skip


class Namesakes:
    """Searches names. Thread-safe; at most one search goes on at a time."""

    def __init__(self, workspace: str, projects_root: Callable[[], str], tree: ArtifactTree | None) -> None:
        self._workspace = workspace
        self._projects_root = projects_root
        self._tree = tree
        self._lock = threading.Lock()
        self._wanted: set[str] = set()
        self._searched: set[str] = set()
        self._places: Mapping[str, list[str]] = {}
        self._searched_at = float("-inf")
        self._took_s = 0.0

    def of(self, name: str) -> str | None:
        """The absolute path of the only file with that name; None if there is none, or are several, or it is not known
        that there are no others."""
        with self._lock:
            age_s = time.monotonic() - self._searched_at
            is_known = name in self._searched
            self._wanted.add(name)
            if age_s > self._took_s * (_COST_SHARE if is_known else _NEW_SHARE) and not (
                is_known and age_s < _RETAIN_S
            ):
                self._search(self._wanted)
            places = self._places.get(name, ())
        return places[0] if len(places) == 1 and os.path.lexists(places[0]) else None

    def expect(self, names: Iterable[str]) -> None:
        """These names will be asked for: the next search looks for them too."""
        with self._lock:
            for name in names:
                if len(self._wanted) < _MAX_NAMES:
                    self._wanted.add(name)

    def _search(self, names: set[str]) -> None:
        began = time.monotonic()
        found: defaultdict[str, list[str]] = defaultdict(list)
        root = self._projects_root()
        if self._tree is not None:
            for folder in self._tree.top.below():
                for name in names & folder.files.keys():
                    found[name].append(f"{root}/{folder.path()}/{name}")
        self._search_workspace(names, found, root)
        self._places, self._searched = dict(found), names.copy()
        self._searched_at = time.monotonic()
        self._took_s = self._searched_at - began

    def _search_workspace(self, names: set[str], found: defaultdict[str, list[str]], projects_root: str) -> None:
        """Add the files that are not in projects; where there are too many entries, nothing is known of any name."""
        left = _MAX_ENTRIES
        skipped = os.path.relpath(projects_root, self._workspace) if self._tree is not None else None
        pending = [""]
        with SafeRoot(self._workspace) as safe_root:
            while pending:
                folder = pending.pop()
                try:
                    entries = safe_root.scan(folder)
                    left -= len(entries)
                    for entry in entries:
                        path = f"{folder}/{entry.name}" if folder else entry.name
                        if entry.is_dir(follow_symlinks=False) and not _is_skipped(entry.name) and path != skipped:
                            pending.append(path)
                        elif entry.name in names and entry.is_file(follow_symlinks=False):
                            found[entry.name].append(f"{self._workspace}/{path}")
                except (FileRefused, OSError):
                    continue
                if left < 0:
                    found.clear()
                    return


def _is_skipped(name: str) -> bool:
    return name in _NOT_SEARCHED or (name.startswith(".") and name not in (".github", ".claude", ".vscode"))
