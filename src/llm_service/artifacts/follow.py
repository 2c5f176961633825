"""`ArtifactTracker` keeps the tree of artifacts equal to the disk, and has each difference published.

Single files are checked when they have settled, many in one folder by scanning it. Folders are scanned one by one from
a stack, for a moment in each turn, so that a walk over a million files holds nothing up.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from ..errors import FileRefused, FileUnreadable
from ..files import SafeRoot
from ..hub.event import Event
from ..watch.hints import Hint, HintKind
from ..watch.retry import SAID_AFTER_S, Retries, reason_of
from ..watch.root import WatchedRoot
from ..watch.settle import Settler
from .announcer import ChangeAnnouncer
from .events import ArtifactsReady
from .ignore import FILE_NAME, IgnoreRules
from .line_counter import LineCounter
from .pending import PendingPaths
from .tree.folder import Change
from .tree.listing import FolderListing, list_folder
from .tree.records import MOST_COUNTED_BYTES, record_of
from .tree.tree import ArtifactTree

_SLICE_S = 0.02
_FOLDERS_OPEN_S = 0.05
_SCAN_FROM, _SCAN_SHARE = 8, 2
"""So many hints about files in one folder, and about so large a part of them, are cheaper to follow by a scan of it."""


@dataclass(slots=True)
class _Walk:
    """A walk over all below a folder that is going on: the folders still to be scanned."""

    folders: list[str]
    began: float
    worked_s: float = 0.0
    left_out: dict[str, str] = field(default_factory=dict)


class ArtifactTracker:
    """Keeps `tree` equal to the disk below `root` and publishes each difference.

    `on_changes` is called after each turn with what it changed, `on_loaded` after the first walk.
    """

    name = "artifacts"

    def __init__(
        self,
        tree: ArtifactTree,
        root: WatchedRoot,
        ignore_rules: IgnoreRules,
        publish: Callable[[Event], object],
        on_changes: Callable[[Sequence[Change]], None] = lambda changes: None,
        on_loaded: Callable[[], None] = lambda: None,
        settler: Settler | None = None,
        window_s: float = 0.25,
        digest_bytes: int = 262_144,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interrupted = False
        self._tree = tree
        self._root = root
        self._ignore_rules = ignore_rules
        self._publish = publish
        self._on_changes = on_changes
        self._on_loaded = on_loaded
        self._clock = clock
        self.counter = LineCounter(tree, lambda: root.root, digest_bytes, self._announce_count, self._is_busy)
        self._announcer = ChangeAnnouncer(tree, publish, self.counter.count, window_s)
        self._pending = PendingPaths(settler or Settler(), clock)
        self._walk: _Walk | None = None
        self._full_walk: _Walk | None = None
        self._full_walk_again_at: float | None = None
        self._unlisted, self._unread = Retries(), Retries()
        self._left_out: dict[str, str] = {}
        self._is_root_there: bool | None = None
        self._has_root_changed = False
        self._changes: list[Change] = []
        # Folders on the way to files that change stay open for a moment. They could become others under the same
        # names; a hint about the folder says so, and comes before those about files in it.
        self._safe_root, self._safe_root_since = SafeRoot(root.root), float("-inf")

    def stop(self) -> None:
        """End the counting and let go of folders, after the follower has ended."""
        self.counter.stop()
        self._safe_root.close()

    # What the follower calls: see `watch.follower.Tracker`.

    def interrupt(self) -> None:
        """The follower ends: what goes on returns early. Called from another thread."""
        self._interrupted = True

    def load(self) -> None:
        """Scan everything that is there, and publish it batch by batch."""
        began = self._clock()
        self._root.check(began)
        self.rescan("")
        while self._full_walk is not None:
            if self._interrupted:
                return
            self._continue(self._full_walk, initial=True)
            self._finish_turn()
        self._tree.set_loaded()
        self._announcer.publish_all(self._clock())
        projects = self._tree.projects()
        load_ms = round((self._clock() - began) * 1000)
        files = sum(project.files for project in projects)
        self._publish(ArtifactsReady(projects=len(projects), files=files, load_ms=load_ms))
        self._on_loaded()
        self.counter.wake()

    def hint(self, hint: Hint, now: float) -> None:
        """Something happened to a path: it is checked in one of the turns to come."""
        folder, _, name = hint.path.rpartition("/")
        if not folder and hint.kind is not HintKind.DIRECTORY:
            self._has_root_changed = True  # a link to a project may have come or gone
        if self._pending.add(hint, now) and name == FILE_NAME:
            self._ignore_rules.invalidate(folder)

    def rescan(self, folder: str) -> None:
        """Begin a walk over a folder and all in it, which goes on in the turns to come."""
        if folder:
            self._pending.add_folder(folder)
        elif self._root.is_lost:
            self._root.scan_finished(self._clock(), 0.0, {})  # all is compared when it is back
        elif self._full_walk is not None:
            self._full_walk_again_at = self._full_walk_again_at or self._clock()
        else:
            self._begin_full_walk(self._clock())

    def turn(self, now: float) -> bool:
        """Check what is due, and go on with the walks."""
        self._is_root_there = None
        if self._root.is_lost:
            self._finish_turn()
            return False
        self._try_again(now)
        busy = bool(self._pending.has_folders or self._walk)
        if busy or self._full_walk or self._clock() - self._safe_root_since > _FOLDERS_OPEN_S:
            self._safe_root.close()
        self._scan_folders()
        due = self._pending.due_files(now)
        if due is not None:
            self._check_files(due)
        if self._full_walk is not None:
            self._continue(self._full_walk)
        self._root.set_folders(self._unlisted.reasons(), self._left_out)
        self._root.set_unread(self._unread.reasons(now - SAID_AFTER_S))
        self._finish_turn()
        return busy or due is not None

    def next_due(self) -> float | None:
        """When a check is due, or something is to be published."""
        if self._root.is_lost:
            return self._announcer.next_due()
        if self._walk or self._full_walk or self._pending.has_folders:
            return self._clock()
        due = [self._pending.next_due(), self._announcer.next_due()]
        due += [self._unlisted.next_due(), self._unread.next_due()]
        if self._safe_root.is_open:
            due.append(self._safe_root_since + _FOLDERS_OPEN_S)
        return min((at for at in due if at is not None), default=None)

    def oldest_pending(self) -> float | None:
        """Since when the oldest change that was seen is not published, or a full walk goes on."""
        walking = self._full_walk is not None and not self._root.is_lost
        since = [self._announcer.oldest_pending(), self._full_walk.began if self._full_walk and walking else None]
        return min((at for at in since if at is not None), default=None)

    # How.

    def _begin_full_walk(self, requested_at: float) -> None:
        self._full_walk = _Walk([""], requested_at)
        self._root.scan_started()

    def _is_busy(self) -> bool:
        return bool(self._walk or self._full_walk or self._pending.file_count() > _SCAN_FROM)

    def _announce_count(self, project: str) -> None:
        self._announcer.add_counted(project)

    def _finish_turn(self) -> None:
        now = self._clock()
        self._announcer.publish_due(now)
        walks = [walk.began for walk in (self._walk, self._full_walk) if walk is not None]
        self._tree.settle(now - min(self._pending.oldest(now), *walks, now))
        if self._changes:
            changes, self._changes = self._changes, []
            self._on_changes(changes)
            self.counter.wake()

    def _continue(self, walk: _Walk, initial: bool = False) -> None:
        """Scan the next folders of a walk, for a moment."""
        began = self._clock()
        with SafeRoot(self._root.root) as safe_root:
            while walk.folders and self._clock() - began < _SLICE_S:
                folder = walk.folders.pop()
                self._scan(safe_root, folder, walk, initial=initial)
        walk.worked_s += self._clock() - began
        if walk.folders:
            return
        self.counter.wake()
        if walk is not self._full_walk:
            self._walk = None
            return
        self._full_walk = None
        self._left_out = walk.left_out
        self._root.scan_finished(self._clock(), walk.worked_s, self._unlisted.reasons(), self._left_out)
        if self._full_walk_again_at is not None:
            requested_at, self._full_walk_again_at = self._full_walk_again_at, None
            self._begin_full_walk(requested_at)

    def _scan_folders(self) -> None:
        """Scan folders that came, went, or have other rights, and all in them, for a moment."""
        until = self._clock() + _SLICE_S
        while self._walk or self._pending.has_folders:
            if self._walk is None:
                folder = self._pending.next_folder()
                if folder is not None and self._is_included(folder):
                    self._walk = _Walk([folder], self._clock())
            else:
                self._continue(self._walk)
            if self._clock() >= until:
                return

    def _is_included(self, folder: str) -> bool:
        parent, _, name = folder.rpartition("/")
        if parent and self._tree.folder_at(parent) is None:
            return False  # ignored, or it comes with its parent
        if not self._ignore_rules.rules(parent).ignores(name, True):
            return True
        if parent:
            with SafeRoot(self._root.root) as safe_root:
                self._scan(safe_root, parent)  # to name what is ignored
        return False

    def _scan(
        self,
        safe_root: SafeRoot,
        folder: str,
        walk: _Walk | None = None,
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
            self._pending.scans.add(folder, at)
        if listing is None and not self._root_is_there():
            return
        if listing is not None and listing.refused is not None:
            self._unlisted.failed(folder, listing.refused, self._clock())
            if not folder or self._tree.folder_at(folder) is not None:
                return
        else:
            self._unlisted.done(folder)
        if listing is not None:
            self._note_listing(folder, listing, walk)
        if not folder:
            present = set(listing.folders) if listing is not None else set()
            for project in [name for name in self._tree.top.folders or () if name not in present]:
                self._apply(self._tree.apply_folder(project, None))
        else:
            change = self._tree.apply_folder(folder, listing, hinted)
            if change and walk is not None and walk is self._full_walk and not initial and not self._unlisted:
                names = (*change.created, *(name for name, _ in change.removed_files))
                self._root.scan_found(f"{folder}/{name}" for name in names)
            self._apply(change, initial)
        if listing is None:
            return
        if walk is not None:
            walk.folders += [f"{folder}/{name}" for name in listing.folders] if folder else listing.folders
        elif rules != self._ignore_rules.version:
            self.rescan(folder)
        else:
            self._scan_new(folder, listing.folders)

    def _note_listing(self, folder: str, listing: FolderListing, walk: _Walk | None) -> None:
        """Remember what of a folder could not be checked, and what is left out."""
        now = self._clock()
        left_out = self._left_out if walk is None else walk.left_out
        for name in listing.links:
            left_out[name] = "left out, as it is a link, and links are not followed"
        if listing.left_out is not None:
            left_out[folder] = listing.left_out
        if len(self._unread):
            for name in listing.files:
                self._unread.done(f"{folder}/{name}")
        for name in listing.unknown:
            self._unread.failed(f"{folder}/{name}", "the system does not say what it is", now)
        if listing.unread is not None:
            self._unread.failed(f"{folder}/{FILE_NAME}", listing.unread, now)

    def _try_again(self, now: float) -> None:
        """Check again what could not be checked, if it is time for that."""
        if self._has_root_changed:
            self._has_root_changed = False
            self._left_out = {path: reason for path, reason in self._left_out.items() if "/" in path}
            with SafeRoot(self._root.root) as safe_root:
                self._scan(safe_root, "")
        for folder in self._unlisted.due(now, limit=16):
            if folder and self._tree.folder_at(folder.rpartition("/")[0]) is None:
                self._unlisted.done(folder)  # it is gone with the folder that it was in
            else:
                self.rescan(folder)
        for path in self._unread.due(now):
            folder = path.rpartition("/")[0]
            if self._tree.folder_at(folder) is None:
                self._unread.done(path)
            else:
                self._pending.add(Hint(HintKind.COMPLETE, path, now), now)

    def _root_is_there(self) -> bool:
        """False if the root cannot be found; asked once in a turn."""
        if self._is_root_there is None:
            self._is_root_there = self._root.mode == "missing" or self._root.is_there()
        return self._is_root_there

    def _scan_new(self, folder: str, names: Sequence[str]) -> None:
        known = self._tree.folder_at(folder)
        for name in names:
            if known is not None and known.child(name) is None:
                self.rescan(f"{folder}/{name}")

    def _check_files(self, by_folder: dict[str, list[str]]) -> None:
        """Check files that were hinted at, folder by folder."""
        if not self._safe_root.is_open:
            self._safe_root, self._safe_root_since = SafeRoot(self._root.root), self._clock()
        for folder, names in by_folder.items():
            known = self._tree.folder_at(folder)
            if known is None:
                continue  # ignored, or gone; if it is new, a walk over it is on its way
            many = len(names) >= max(_SCAN_FROM, len(known.files) / _SCAN_SHARE)
            if many or FILE_NAME in names:
                self._scan(self._safe_root, folder, hinted=frozenset(names))
            else:
                for name in names:
                    self._check_file(self._safe_root, folder, name)

    def _check_file(self, safe_root: SafeRoot, folder: str, name: str) -> None:
        path = f"{folder}/{name}"
        try:
            status = safe_root.status(path)
        except FileUnreadable as refusal:
            self._unread.failed(path, reason_of(refusal.message), self._clock())
            return
        except FileRefused:
            self._unread.done(path)
            if not self._root_is_there():
                return
            self._apply(self._tree.apply_file(path, None))
            if name in self._ignore_rules.names:
                self._scan(safe_root, folder)
            return
        self._unread.done(path)
        if stat.S_ISDIR(status.st_mode):
            self._apply(self._tree.apply_file(path, None))
            self.rescan(path)
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
        self._announcer.announce(change, now, self._full_walk.began if self._full_walk else now, initial)
        self._changes.append(change)
