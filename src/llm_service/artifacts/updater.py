"""`TreeUpdater` compares one folder or file with the disk, puts the tree right, and has the difference published."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from ..errors import FileRefused, FileUnreadable
from ..files import SafeRoot
from ..watch.retry import reason_of
from ..watch.root import WatchedRoot
from .announcer import ChangeAnnouncer
from .ignore import IgnoreRules
from .rechecks import Rechecks
from .tree.folder import Change
from .tree.listing import list_folder
from .tree.records import MOST_COUNTED_BYTES, record_of
from .tree.tree import ArtifactTree


@dataclass(slots=True)
class Walk:
    """A walk over all below a folder that is going on: the folders still to be scanned."""

    folders: list[str]
    began: float
    worked_s: float = 0.0
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Walks:
    """The walks that go on: over one folder and all in it, and over everything."""

    one: Walk | None = None
    full: Walk | None = None

    def began(self) -> list[float]:
        """When they began."""
        return [walk.began for walk in (self.one, self.full) if walk is not None]


class TreeUpdater:
    """Belongs to the follower's thread. `rescan(folder)` begins a walk; what changed is added to `changes`."""

    def __init__(
        self,
        tree: ArtifactTree,
        root: WatchedRoot,
        ignore_rules: IgnoreRules,
        announcer: ChangeAnnouncer,
        walks: Walks,
        on_scan: Callable[[str, float], object],
        rescan: Callable[[str], object],
        clock: Callable[[], float],
    ) -> None:
        self._tree = tree
        self._root = root
        self._ignore_rules = ignore_rules
        self._announcer = announcer
        self._on_scan = on_scan
        self._rescan = rescan
        self._clock = clock
        self._root_exists: bool | None = None
        self.walks = walks
        self.rechecks = Rechecks(tree, root)
        self.changes: list[Change] = []

    def begin_turn(self) -> None:
        """A new turn: whether the root exists is asked again."""
        self._root_exists = None

    def scan(
        self,
        safe_root: SafeRoot,
        folder: str,
        walk: Walk | None = None,
        hinted: Collection[str] = (),
        initial: bool = False,
    ) -> None:
        """Scan one folder and apply what differs; as a step of a walk watch it and add the folders in it to the walk.
        What is in one that cannot be listed now is not gone."""
        at = self._clock()
        if walk is not None:
            self._root.watch(folder)
        rules = self._ignore_rules.version
        listing = list_folder(safe_root, folder, self._ignore_rules)
        if walk is not None:
            self._on_scan(folder, at)
        if listing is None and not self._is_root_there():
            return
        if listing is not None and listing.refused is not None:
            self.rechecks.folders.failed(folder, listing.refused, self._clock())
            if not folder or self._tree.folder_at(folder) is not None:
                return
        else:
            self.rechecks.folders.done(folder)
        if listing is not None:
            left_out = self.rechecks.left_out if walk is None else walk.left_out
            self.rechecks.note(folder, listing, left_out, self._clock())
        if not folder:
            present = set(listing.folders) if listing is not None else set()
            for project in [name for name in self._tree.top.folders or () if name not in present]:
                self._apply(self._tree.apply_folder(project, None))
        else:
            change = self._tree.apply_folder(folder, listing, hinted)
            if change and walk is not None and walk is self.walks.full and not initial and not self.rechecks.folders:
                names = (*change.created, *(name for name, _ in change.removed_files))
                self._root.scan_found(f"{folder}/{name}" for name in names)
            self._apply(change, initial)
        if listing is None:
            return
        if walk is not None:
            walk.folders += [f"{folder}/{name}" for name in listing.folders] if folder else listing.folders
        elif rules != self._ignore_rules.version:
            self._rescan(folder)
        else:
            self._scan_new(folder, listing.folders)

    def _scan_new(self, folder: str, names: Sequence[str]) -> None:
        known = self._tree.folder_at(folder)
        for name in names:
            if known is not None and known.child(name) is None:
                self._rescan(f"{folder}/{name}")

    def check_file(self, safe_root: SafeRoot, folder: str, name: str) -> None:
        path = f"{folder}/{name}"
        try:
            status = safe_root.status(path)
        except FileUnreadable as refusal:
            self.rechecks.files.failed(path, reason_of(refusal.message), self._clock())
            return
        except FileRefused:
            self.rechecks.files.done(path)
            if not self._is_root_there():
                return
            self._apply(self._tree.apply_file(path, None))
            if name in self._ignore_rules.names:
                self.scan(safe_root, folder)
            return
        self.rechecks.files.done(path)
        if stat.S_ISDIR(status.st_mode):
            self._apply(self._tree.apply_file(path, None))
            self._rescan(path)
        elif not self._ignore_rules.rules(folder).ignores(name, False):
            self._apply(self._tree.apply_file(path, record_of(status, time.time_ns(), MOST_COUNTED_BYTES)))

    def _apply(self, change: Change | None, initial: bool = False) -> None:
        if not change:
            return
        if change.gone:
            self._root.forget(change.gone)
            self._ignore_rules.forget(change.gone)
        now = self._clock()
        # During a full walk, whatever finds it: it may have been there when that began.
        self._announcer.announce(change, now, self.walks.full.began if self.walks.full else now, initial)
        self.changes.append(change)

    def _is_root_there(self) -> bool:
        """False if the root cannot be found; asked once in a turn."""
        if self._root_exists is None:
            self._root_exists = self._root.mode == "missing" or self._root.is_there()
        return self._root_exists
