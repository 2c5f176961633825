"""Artifacts, followed: what is seen under the projects becomes the tree and, by `artifact_news`, events.

Hints about single files are looked at when they have settled, many in one folder by listing it. Folders are listed
one by one from a stack, a moment's worth in each turn, so that a look at a million files holds nothing up.
"""

from __future__ import annotations

import stat
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from ..errors import FileRefused
from ..files.reading import Beneath
from ..hub.event import ArtifactsReady, Event
from ..watch.hints import Hint, HintKind
from ..watch.root import WatchedRoot
from ..watch.settle import Settler
from .announcer import ArtifactNews
from .ignore import FILE_NAME, IgnoreBook
from .line_counter import LineCounter
from .recent_listings import Listed
from .tree.listing import list_folder
from .tree.records import MOST_COUNTED_BYTES, record_of
from .tree.tree import ArtifactTree, Change

_SLICE_S = 0.02
_LOOKS = 2_000
_KEPT_OPEN_S = 0.05
_LIST_FROM, _LIST_SHARE = 8, 2
"""So many hints about files in one folder, and about so large a part of them, are cheaper to follow by listing it."""


@dataclass(slots=True)
class _Walk:
    """A look at all below a folder that is going on: the folders still to be listed."""

    folders: list[str]
    began: float
    worked_s: float = 0.0
    refused: dict[str, str] = field(default_factory=dict)


class ArtifactFollowed:
    """Keeps `tree` equal to the disk below `root` and publishes each difference."""

    name = "artifacts"

    def __init__(
        self,
        tree: ArtifactTree,
        root: WatchedRoot,
        book: IgnoreBook,
        publish: Callable[[Event], object],
        applied: Callable[[Sequence[Change]], None] = lambda changes: None,
        loaded: Callable[[], None] = lambda: None,
        settler: Settler | None = None,
        window_s: float = 0.25,
        digest_bytes: int = 262_144,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stopping = False
        self._tree = tree
        self._root = root
        self._book = book
        self._publish = publish
        self._applied = applied
        self._loaded = loaded
        self._settler = settler or Settler()
        self._clock = clock
        self.counter = LineCounter(tree, lambda: root.root, digest_bytes, self._counted, self._is_busy)
        self._news = ArtifactNews(tree, publish, self.counter.count, window_s)
        self._waiting: OrderedDict[str, float] = OrderedDict()
        self._hinted: dict[str, float] = {}
        self._listed = Listed(clock)
        self._walk: _Walk | None = None
        self._everything: _Walk | None = None
        self._everything_again: float | None = None
        self._changes: list[Change] = []
        # Folders on the way to files that change stay open for a moment. They could become others under the same
        # names, but of that a hint about a folder tells, which comes before those about files in it.
        self._beneath, self._opened_at = Beneath(root.root), float("-inf")

    def stop(self) -> None:
        """End the counting and let go of folders, after the follower has ended."""
        self.counter.stop()
        self._beneath.close()

    # What the follower calls: see `Followed`.

    def load(self) -> None:
        """List everything that is there, telling it batch by batch."""
        began = self._clock()
        self._root.check(began)
        self.look_below("")
        while self._everything is not None:
            if self.stopping:
                return
            self._work_on(self._everything, listed=True)
            self._turn_end()
        self._tree.loaded()
        self._news.flush(self._clock())
        projects = self._tree.projects()
        load_ms = round((self._clock() - began) * 1000)
        files = sum(project.files for project in projects)
        self._publish(ArtifactsReady(projects=len(projects), files=files, load_ms=load_ms))
        self._loaded()
        self.counter.wake()

    def hint(self, hint: Hint, now: float) -> None:
        """Sort a hint into the looks to come."""
        folder, _, name = hint.path.rpartition("/")
        if hint.kind is HintKind.DIRECTORY:
            self._waiting[hint.path] = hint.at
        elif folder and self._listed.at(folder) < hint.at:
            if name == FILE_NAME:
                self._book.doubt(folder)
            self._hinted[hint.path] = hint.at
            self._settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

    def look_below(self, folder: str) -> None:
        """Begin to look at a folder and all in it; what is not done at once goes on in the turns to come."""
        if folder:
            self._waiting[folder] = self._clock()
        elif self._everything is not None:
            self._everything_again = self._everything_again or self._clock()
        else:
            self._begin(self._clock())

    def turn(self, now: float) -> bool:
        """Look at what is due, and go on with what is going on."""
        busy = bool(self._waiting or self._walk)
        if busy or self._everything or self._clock() - self._opened_at > _KEPT_OPEN_S:
            self._beneath.close()
        self._look_at_folders()
        due = [str(path) for path in self._settler.due(now, _LOOKS)]
        if due:
            self._look_at_files(due)
        if self._everything is not None:
            self._work_on(self._everything)
        self._turn_end()
        return busy or bool(due)

    def next_due(self) -> float | None:
        """When a look is due, or something is to be told."""
        if self._walk or self._everything or self._waiting:
            return self._clock()
        due = [self._settler.next_due(), self._news.next_due()]
        if self._beneath.is_open:
            due.append(self._opened_at + _KEPT_OPEN_S)
        return min((at for at in due if at is not None), default=None)

    def open_since(self) -> float | None:
        """Since when something seen waits to be told, or everything is being looked at."""
        since = [self._news.open_since(), self._everything.began if self._everything else None]
        return min((at for at in since if at is not None), default=None)

    # How.

    def _begin(self, asked_at: float) -> None:
        """Look at everything; it counts as open from when it was asked for."""
        self._everything = _Walk([""], asked_at)
        self._root.scanning()

    def _is_busy(self) -> bool:
        return bool(self._walk or self._everything or len(self._settler) > _LIST_FROM)

    def _oldest_pending(self, now: float) -> float:
        """Since when the first of the paths to be checked waits."""
        since = [walk.began for walk in (self._walk, self._everything) if walk is not None]
        since += (next(iter(waiting.values()), now) for waiting in (self._waiting, self._hinted))
        return min(since)

    def _counted(self, project: str) -> None:
        self._news.counted(project)

    def _turn_end(self) -> None:
        now = self._clock()
        self._news.turn(now)
        self._tree.settle(now - self._oldest_pending(now))
        if self._changes:
            changes, self._changes = self._changes, []
            self._applied(changes)
            self.counter.wake()

    def _work_on(self, walk: _Walk, listed: bool = False) -> None:
        """List the next folders of a walk, for a moment."""
        began = self._clock()
        with Beneath(self._root.root) as beneath:
            while walk.folders and self._clock() - began < _SLICE_S:
                folder = walk.folders.pop()
                refused = self._list(beneath, folder, walk, listed=listed)
                if refused is not None:
                    walk.refused[folder] = refused
        walk.worked_s += self._clock() - began
        if walk.folders:
            return
        self.counter.wake()
        if walk is not self._everything:
            self._walk = None
            return
        self._everything = None
        self._root.scanned(self._clock(), walk.worked_s, walk.refused)
        if self._everything_again is not None:
            asked_at, self._everything_again = self._everything_again, None
            self._begin(asked_at)

    def _look_at_folders(self) -> None:
        """Look at folders that came, went, or have other rights, and at all in them, for a moment."""
        until = self._clock() + _SLICE_S
        while self._walk or self._waiting:
            if self._walk is None:
                folder, hinted_at = self._waiting.popitem(last=False)
                if self._listed.at(folder) < hinted_at and self._is_wanted(folder):
                    self._walk = _Walk([folder], self._clock())
            else:
                self._work_on(self._walk)
            if self._clock() >= until:
                return

    def _is_wanted(self, folder: str) -> bool:
        parent, _, name = folder.rpartition("/")
        if parent and self._tree.folder_at(parent) is None:
            return False  # left out, or it comes with its parent
        if not self._book.rules(parent).ignores(name, True):
            return True
        if parent:
            with Beneath(self._root.root) as beneath:
                self._list(beneath, parent)  # to name what is left out
        return False

    def _list(
        self,
        beneath: Beneath,
        folder: str,
        walk: _Walk | None = None,
        hinted: Collection[str] = (),
        listed: bool = False,
    ) -> str | None:
        """List one folder and apply what differs; as a step of a walk watch it and let the folders in it follow. Says
        why if it could not be listed."""
        at = self._clock()
        if walk is not None:
            self._root.watch(folder)
        rules = self._book.version
        found = list_folder(beneath, folder, self._book)
        if walk is not None:
            self._listed.note(folder, at)
        if not folder:
            there = set(found.folders) if found is not None else set()
            for project in [name for name in self._tree.top.folders or () if name not in there]:
                self._apply(self._tree.take_folder(project, None))
        else:
            self._apply(self._tree.take_folder(folder, found, hinted), listed)
        if found is None:
            return None
        if walk is not None:
            walk.folders += [f"{folder}/{name}" for name in found.folders] if folder else found.folders
        elif rules != self._book.version:
            self.look_below(folder)
        else:
            self._look_into_new(folder, found.folders)
        return found.refused

    def _look_into_new(self, folder: str, names: Sequence[str]) -> None:
        known = self._tree.folder_at(folder)
        for name in names:
            if known is not None and known.child(name) is None:
                self.look_below(f"{folder}/{name}")

    def _look_at_files(self, paths: list[str]) -> None:
        """Look at files that were hinted at, folder by folder."""
        by_folder: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            folder, _, name = path.rpartition("/")
            if self._hinted.pop(path, 0.0) > self._listed.at(folder):
                by_folder[folder].append(name)
        if not self._beneath.is_open:
            self._beneath, self._opened_at = Beneath(self._root.root), self._clock()
        for folder, names in by_folder.items():
            known = self._tree.folder_at(folder)
            if known is None:
                continue  # left out, or gone; if it is new, a look at all in it is on its way
            many = len(names) >= _LIST_FROM and len(names) * _LIST_SHARE >= len(known.files)
            if many or FILE_NAME in names:
                self._list(self._beneath, folder, hinted=frozenset(names))
            else:
                for name in names:
                    self._look_at_file(self._beneath, folder, name)

    def _look_at_file(self, beneath: Beneath, folder: str, name: str) -> None:
        path = f"{folder}/{name}"
        try:
            status = beneath.status(path)
        except FileRefused:
            self._apply(self._tree.take_file(path, None))
            if name in self._book.names:
                self._list(beneath, folder)
            return
        if stat.S_ISDIR(status.st_mode):
            self._apply(self._tree.take_file(path, None))
            self.look_below(path)
        elif not self._book.rules(folder).ignores(name, False):
            self._apply(self._tree.take_file(path, record_of(status, time.time_ns(), MOST_COUNTED_BYTES)))

    def _apply(self, change: Change | None, listed: bool = False) -> None:
        if not change:
            return
        if change.gone:
            self._root.forget(change.gone)
            self._book.forget(change.gone)
        now = self._clock()
        # While everything is being looked at, whatever finds it: it may have been there when that began.
        self._news.take(change, now, self._everything.began if self._everything else now, listed)
        self._changes.append(change)
