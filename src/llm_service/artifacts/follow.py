"""`ArtifactTracker` keeps the tree of artifacts equal to the disk, and has each difference published.

Single files are checked when they have settled, many in one folder by scanning it. Folders are scanned one by one from
a stack, for a moment in each turn, so that a walk over a million files holds nothing up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..files import SafeRoot
from ..hub.event import Event
from ..watch.hints import Hint, HintKind
from ..watch.root import WatchedRoot
from ..watch.settle import Settler
from .announcer import ChangeAnnouncer
from .events import ArtifactsReady
from .ignore import FILE_NAME, IgnoreRules
from .line_counter import LineCounter
from .pending import PendingPaths
from .tree.folder import Change
from .tree.tree import ArtifactTree
from .updater import TreeUpdater, Walk, Walks

_SLICE_S = 0.02
_FOLDERS_OPEN_S = 0.05
_SCAN_FROM, _SCAN_SHARE = 8, 2
"""So many hints about files in one folder, and about so large a part of them, are cheaper to follow by a scan of it."""


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
        self._walks = Walks()
        self._updater = TreeUpdater(
            tree, root, ignore_rules, self._announcer, self._walks, self._pending.scans.add, self.rescan, clock
        )
        self._full_walk_again_at: float | None = None
        self._has_root_changed = False
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
        while self._walks.full is not None:
            if self._interrupted:
                return
            self._continue(self._walks.full, initial=True)
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
        elif self._walks.full is not None:
            self._full_walk_again_at = self._full_walk_again_at or self._clock()
        else:
            self._begin_full_walk(self._clock())

    def turn(self, now: float) -> bool:
        """Check what is due, and go on with the walks."""
        self._updater.begin_turn()
        if self._root.is_lost:
            self._finish_turn()
            return False
        self._try_again(now)
        busy = bool(self._pending.has_folders or self._walks.one)
        if busy or self._walks.full or self._clock() - self._safe_root_since > _FOLDERS_OPEN_S:
            self._safe_root.close()
        self._scan_folders()
        due = self._pending.due_files(now)
        if due is not None:
            self._check_files(due)
        if self._walks.full is not None:
            self._continue(self._walks.full)
        self._updater.rechecks.report(now)
        self._finish_turn()
        return busy or due is not None

    def next_due(self) -> float | None:
        """When a check is due, or something is to be published."""
        if self._root.is_lost:
            return self._announcer.next_due()
        if self._walks.one or self._walks.full or self._pending.has_folders:
            return self._clock()
        due = [self._pending.next_due(), self._announcer.next_due()]
        due += self._updater.rechecks.next_due()
        if self._safe_root.is_open:
            due.append(self._safe_root_since + _FOLDERS_OPEN_S)
        return min((at for at in due if at is not None), default=None)

    def oldest_pending(self) -> float | None:
        """Since when the oldest change that was seen is not published, or a full walk goes on."""
        walking = self._walks.full is not None and not self._root.is_lost
        since = [self._announcer.oldest_pending(), self._walks.full.began if self._walks.full and walking else None]
        return min((at for at in since if at is not None), default=None)

    # How.

    def _begin_full_walk(self, requested_at: float) -> None:
        self._walks.full = Walk([""], requested_at)
        self._root.scan_started()

    def _is_busy(self) -> bool:
        return bool(self._walks.one or self._walks.full or self._pending.file_count() > _SCAN_FROM)

    def _announce_count(self, project: str) -> None:
        self._announcer.add_counted(project)

    def _finish_turn(self) -> None:
        now = self._clock()
        self._announcer.publish_due(now)
        self._tree.settle(now - min(self._pending.oldest(now), *self._walks.began(), now))
        if self._updater.changes:
            changes, self._updater.changes = self._updater.changes, []
            self._on_changes(changes)
            self.counter.wake()

    def _continue(self, walk: Walk, initial: bool = False) -> None:
        """Scan the next folders of a walk, for a moment."""
        began = self._clock()
        with SafeRoot(self._root.root) as safe_root:
            while walk.folders and self._clock() - began < _SLICE_S:
                folder = walk.folders.pop()
                self._updater.scan(safe_root, folder, walk, initial=initial)
        walk.worked_s += self._clock() - began
        if walk.folders:
            return
        self.counter.wake()
        if walk is not self._walks.full:
            self._walks.one = None
            return
        self._walks.full = None
        rechecks = self._updater.rechecks
        rechecks.left_out = walk.left_out
        self._root.scan_finished(self._clock(), walk.worked_s, rechecks.folders.reasons(), rechecks.left_out)
        if self._full_walk_again_at is not None:
            requested_at, self._full_walk_again_at = self._full_walk_again_at, None
            self._begin_full_walk(requested_at)

    def _scan_folders(self) -> None:
        """Scan folders that came, went, or have other rights, and all in them, for a moment."""
        until = self._clock() + _SLICE_S
        while self._walks.one or self._pending.has_folders:
            if self._walks.one is None:
                folder = self._pending.next_folder()
                if folder is not None and self._is_included(folder):
                    self._walks.one = Walk([folder], self._clock())
            else:
                self._continue(self._walks.one)
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
                self._updater.scan(safe_root, parent)  # to name what is ignored
        return False

    def _try_again(self, now: float) -> None:
        """Check again what could not be checked, if it is time for that."""
        rechecks = self._updater.rechecks
        if self._has_root_changed:
            self._has_root_changed = False
            rechecks.forget_links()
            with SafeRoot(self._root.root) as safe_root:
                self._updater.scan(safe_root, "")
        for folder in rechecks.due_folders(now):
            self.rescan(folder)
        for path in rechecks.due_files(now):
            self._pending.add(Hint(HintKind.COMPLETE, path, now), now)

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
                self._updater.scan(self._safe_root, folder, hinted=frozenset(names))
            else:
                for name in names:
                    self._updater.check_file(self._safe_root, folder, name)
