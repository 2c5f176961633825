"""`ArtifactTree` is every file of every project, in memory, small enough for a million of them.

A folder has its files as name -> record (31 packed bytes, see `records`): 190 bytes for a file in all, 10 times less
than an object with fields. Names and paths in here are those of the disk.

Only the follower's thread and the line counter write, under a lock. Readers (see `reader`) take copies of single
folders, so they never wait for each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from itertools import islice

from ..contents.languages import sort_of
from . import records
from .folder import Change, Folder
from .listing import FolderListing
from .reader import TreeReader
from .totals import ProjectTotals

_MAX_DIGESTS = 10_000
_MAX_DROPPED = 20_000


class ArtifactTree(TreeReader):
    """The tree as the disk is: `apply_folder`, `apply_file` and `apply_count` take what was seen of it."""

    def __init__(
        self,
        root_mode: Callable[[], str] = lambda: "missing",
        clock_ns: Callable[[], int] = time.time_ns,
        birth_ns: Callable[[str, int], int | None] = lambda path, inode: None,
    ) -> None:
        super().__init__(root_mode, clock_ns, birth_ns)
        self._lock = threading.RLock()

    def set_loaded(self) -> None:
        """The first walk is complete: what comes from now on is new."""
        self._live_since_ns = self._clock_ns()
        self._written.start()

    def apply_folder(self, path: str, listing: FolderListing | None, hinted: Collection[str] = ()) -> Change | None:
        """Apply what was seen in a folder, None: that it does not exist; `hinted`: names of files that were hinted at.
        None if its parent is not known (any more)."""
        with self._lock:
            parent_path, _, name = path.rpartition("/")
            parent = self.folder_at(parent_path)
            if parent is None:
                return None
            if listing is None:
                return self._drop_folder(parent, name)
            folder = parent.child(name)
            if folder is not None:
                return self._apply(folder, listing, Change(folder.project(), folder), hinted)
            folder = self._new_folder(parent, name)
            change = Change(folder.project(), folder, folders_changed=True)
            self._remove(self._totals[change.project], parent, name, change)  # it took the place of a file
            return self._apply(folder, listing, change, hinted)

    def apply_file(self, path: str, record: bytes | None) -> Change | None:
        """Apply what was seen at the path of a file, after a hint about it. None if its folder is not known."""
        parent, _, name = path.rpartition("/")
        with self._lock:
            folder = self.folder_at(parent)
            if folder is None or folder is self.top:
                return None
            change = Change(folder.project(), folder)
            totals = self._totals[change.project]
            if record is None:
                self._remove(totals, folder, name, change)
            else:
                self._put(totals, folder, name, record, change, True)
            if change:
                self._touch(totals, folder)
            return change

    def apply_count(self, path: str, record: bytes, lines: int | None, sha256: str | None) -> str | None:
        """Apply the lines counted of a file that had that record; the project whose totals that changed."""
        parent, _, name = path.rpartition("/")
        with self._lock:
            folder = self.folder_at(parent)
            known = folder.files.get(name) if folder is not None else None
            if folder is None or known is None or not records.same_content(known, record):
                return None
            if sha256 is not None:
                if len(self._digests) >= _MAX_DIGESTS:
                    del self._digests[next(iter(self._digests))]
                self._digests[records.signature_of(known)] = sha256
            if not records.is_uncounted(known):
                return None
            project = folder.project()
            before = records.unpack(known)
            counted = records.NONE if lines is None else lines
            folder.files[name] = records.with_lines(known, counted, 0)
            self._totals[project].count(before.known_lines, max(0, counted))
            if self._live_since_ns is not None:
                self._written.count(folder, name, known, max(0, counted), project)
            return project

    def settle(self, pending_s: float) -> None:
        """Make final what was written some seconds ago. `pending_s`: how long the oldest path to be checked waits."""
        with self._lock:
            files = sum(totals.files for totals in self._totals.values())
            self._written.settle(int(pending_s * 1e9), files)

    @property
    def recent_files(self) -> int:
        """How many files are remembered because something happened to them in the last seconds."""
        return len(self._written.files)

    def settle_all(self) -> None:
        """Make final what was written until now: for tests that do not wait until it is."""
        with self._lock:
            self._written.settle_all()

    # How.

    def _new_folder(self, parent: Folder, name: str) -> Folder:
        folder = Folder(name, parent)
        folders = parent.folders = parent.folders or {}
        folders[name] = folder
        if parent is self.top:
            self._totals[name] = ProjectTotals()
        else:
            self._totals[folder.project()].folders += 1
        return folder

    def _apply(self, folder: Folder, listing: FolderListing, change: Change, hinted: Collection[str]) -> Change:
        totals = self._totals[change.project]
        if not folder.files and self._live_since_ns is None:
            folder.files, folder.changed_ns = totals.add_folder(folder, listing.files)
            change.created = list(listing.files)
        else:
            for name in [name for name in folder.files if name not in listing.files and name not in listing.unknown]:
                self._remove(totals, folder, name, change)
            for name, record in listing.files.items():
                self._put(totals, folder, name, record, change, name in hinted)
        present = set(listing.folders)
        for name in [name for name in folder.folders or () if name not in present]:
            dropped = self._drop_folder(folder, name)
            if dropped is not None:
                change.take(dropped)
        totals.set_ignored(folder, listing.ignored)
        if change and self._live_since_ns is not None:
            self._touch(totals, folder)
        return change

    def _put(
        self, totals: ProjectTotals, folder: Folder, name: str, record: bytes, change: Change, hinted: bool
    ) -> None:
        known = folder.files.get(name)
        if known is not None and records.same_content(known, record):
            if records.is_linked(known) is not records.is_linked(record):
                known = folder.files[name] = records.linked_as(known, record)
            is_other = not records.same_change(known, record)
            if not is_other and not records.is_young(known):
                return
            if not hinted and not is_other:
                # It may have been written again within the same tick of the clock: its lines are counted again.
                if records.is_uncounted(record):
                    with_recount = records.with_recount(known, record)
                    if self._live_since_ns is not None:
                        with_recount = self._written.change(folder, name, known, with_recount)
                    self._replace(totals, folder, name, with_recount)
                return
        record = records.with_type(record, sort_of(name, folder.documents)[0])
        if self._live_since_ns is not None:
            if known is not None and records.inode(known) == records.inode(record):
                record = self._written.change(folder, name, known, record)
            else:
                if known is not None:
                    self._written.leave(folder, name, known)
                record = self._written.appear(folder, name, record, known)
        if known is not None:
            change.updated.append(name)
            self._replace(totals, folder, name, record)
            return
        change.created.append(name)
        if folder.child(name) is not None:  # it took the place of a folder
            dropped = self._drop_folder(folder, name)
            if dropped is not None:
                change.take(dropped)
        folder.files[name] = record
        totals.add(folder, name, record, 1)

    def _replace(self, totals: ProjectTotals, folder: Folder, name: str, record: bytes) -> None:
        totals.add(folder, name, folder.files[name], -1)
        folder.files[name] = record
        totals.add(folder, name, record, 1)

    def _remove(self, totals: ProjectTotals, folder: Folder, name: str, change: Change) -> None:
        record = folder.files.pop(name, None)
        if record is None:
            return
        totals.add(folder, name, record, -1)
        change.removed += 1
        change.removed_files.append((name, record))
        if self._live_since_ns is not None:
            self._written.leave(folder, name, record)

    def _drop_folder(self, parent: Folder, name: str) -> Change | None:
        """Take a folder with all in it out of the tree; None if it was not in it."""
        folder = parent.child(name)
        if folder is None or parent.folders is None:
            return None
        project = folder.project()
        totals = self._totals[project]
        change = Change(project, parent, folders_changed=True)
        for inner in list(folder.below()):
            change.gone.append(inner.path())
            totals.set_ignored(inner, [])
            totals.folders -= inner.parent is not self.top
            for file, record in inner.files.items():
                totals.add(inner, file, record, -1)
                if self._live_since_ns is not None:
                    self._written.leave(inner, file, record)
            change.removed += len(inner.files)
            room = _MAX_DROPPED - len(change.dropped_files)
            change.dropped_files += ((inner, *entry) for entry in islice(inner.files.items(), max(0, room)))
        del parent.folders[name]
        if not parent.folders:
            parent.folders = None
        if parent is self.top:
            del self._totals[name]
        else:
            self._touch(totals, parent)
        return change

    def _touch(self, totals: ProjectTotals, folder: Folder) -> None:
        folder.changed_ns = totals.changed_ns = self._clock_ns()
