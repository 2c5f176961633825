"""Keeps the board equal to the task files: changes under the lanes are applied to the board and published on the
hub."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..errors import FileChanging, FileUnreadable
from ..files import printable
from ..hub.event import Event, ServiceProgress, ServiceReady
from ..hub.ring import Hub
from ..times import unix_time
from ..watch.hints import Hint, HintKind
from ..watch.retry import SAID_AFTER_S, reason_of
from ..watch.root import WatchedRoot
from ..watch.scan import Mirror
from ..watch.settle import Settler
from .board import TaskBoard, TaskChange
from .model import TaskFile
from .reader import TaskSource
from .trails import Trails

_PROGRESS_INTERVAL_S = 0.2
_MAX_PENDING_S = 5.0
_UNREAD_GRACE_S = 1.0
"""So long what is known of a file that cannot be read is shown as if nothing were, and a new one not at all."""
_MAX_HOLDING_S = 2.0
"""So long a file that vanished may have gone where nothing can be read."""
_HOLDING_PAUSE_S = 0.05
_MAX_ORIGINS = 16
"""So many files of one id are asked whether one of them was moved; of more, each waits for its window."""


class TaskUpdater:
    """Keeps `board` equal to the files under the root of the lanes, and publishes each difference on `hub`."""

    name = "tasks"

    def __init__(
        self,
        source: TaskSource,
        root: WatchedRoot,
        board: TaskBoard,
        hub: Hub,
        settler: Settler,
        clock: Callable[[], float] = time.monotonic,
        lane_arrivals: Callable[[], Mapping[tuple[str, str], tuple[str, str]]] = dict,
    ) -> None:
        """`lane_arrivals()` says when files came to their lanes, as recorded: (id, path) -> (lane, time)."""
        self._interrupted = False
        self._source = source
        self._root = root
        self._board = board
        self._hub = hub
        self._settler = settler
        self._clock = clock
        self._lane_arrivals = lane_arrivals
        self._mirror = Mirror(source.root, source.filter, root.watch, root.forget, found=root.scan_found, clock=clock)
        self._deferred: dict[str, float] = {}
        self._trails = Trails()
        self._pending_removals: dict[str, TaskFile] = {}
        self._held: set[str] = set()
        """Files that vanished together with the root: they are gone if they are not there when it is back."""

    # Called by the follower: see `Tracker`.

    def interrupt(self) -> None:
        """The follower ends: what goes on returns early. Called from another thread."""
        self._interrupted = True

    def load(self) -> None:
        """Read all files, publishing only the progress and that the board is complete."""
        started = published_at = self._clock()
        progress = self._hub.progress
        self._root.check(started)
        paths, _ = self._mirror.rescan()
        progress.total = len(paths)
        with self._source.folders:
            for path in paths:
                if self._interrupted:
                    return
                self._load(path)
                progress.done += 1
                if self._clock() - published_at > _PROGRESS_INTERVAL_S:
                    published_at = self._clock()
                    self._publish([ServiceProgress(done=progress.done, total=progress.total)])
        self._root.scan_finished(self._clock(), self._clock() - started, self._mirror.refused)
        self._board.recall_lanes(self._lane_arrivals())
        progress.complete()
        tasks = self._board.tasks()
        invalid = sum(1 for task in tasks if task.error)
        load_ms = round((self._clock() - started) * 1000)
        self._publish([ServiceReady(tasks=len(tasks), invalid=invalid, load_ms=load_ms)])

    def hint(self, hint: Hint, now: float) -> None:
        """Schedule a check of the hinted path; a hint about a folder is handled at once."""
        if hint.kind is HintKind.DIRECTORY:
            self.rescan(hint.path)
            return
        location = self._source.location(hint.path)
        if location is None:
            self._mirror.check_left_out(hint.path)
            return
        if hint.kind is not HintKind.GONE:
            self._trails.add(location, now)
        self._settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

    def rescan(self, folder: str) -> None:
        """Scan and watch everything below a folder, and apply what differs."""
        started = self._clock()
        if not self._root.is_lost:
            to_read, gone = self._mirror.rescan(folder)
            if not folder:
                gone += sorted(path for path in self._held if path not in self._mirror.files)
                self._held.clear()
            self._read_and_apply(to_read, gone, self._clock())
        if not folder:
            took_s = self._clock() - started
            self._root.scan_finished(self._clock(), took_s, self._mirror.refused, self._mirror.skipped)

    def turn(self, now: float) -> bool:
        """Check the paths that are due, and apply what has been pending long enough."""
        self._try_again(now)
        due = self._settler.due(now)
        if due:
            self._check_paths([str(path) for path in due], now)
        self._expire(now, backlog=bool(due))
        self._root.set_folders(self._mirror.refused, self._mirror.skipped)
        self._root.set_unread(self._mirror.unread.reasons(now - SAID_AFTER_S))
        return bool(due)

    def next_due(self) -> float | None:
        """When the next check is due, the next pending change expires, or something is tried again."""
        expiry = self._board.next_expiry()
        if expiry is not None and (self._is_holding() or self._root.is_behind()):
            expiry = max(expiry, self._clock() + _HOLDING_PAUSE_S)
        due = [self._settler.next_due(), expiry]
        if not self._root.is_lost:
            due += [self._mirror.unread.next_due(), self._mirror.unlisted.next_due()]
        return min((at for at in due if at is not None), default=None)

    def oldest_pending(self) -> float | None:
        """Since when the oldest deferred read or pending change waits."""
        if self._root.is_lost:
            return None  # nothing can be applied; when it is back, all is compared
        pending = self._board.oldest_pending()
        return min([*self._deferred.values(), *([] if pending is None else [pending])], default=None)

    # Internals.

    def _load(self, path: str) -> None:
        try:
            file = self._source.read(path, None, time.time())
        except FileChanging:
            self._settler.check_again(path, self._clock() + self._settler.window_s)
            return
        if file is not None:
            self._note_unread(path, file, self._clock())
            self._board.load({path: file})

    def _check_paths(self, paths: list[str], now: float) -> None:
        """Check single paths that are due: existing files first, so that a move is not taken for a removal."""
        present = [path for path in paths if self._mirror.check(path)]
        gone = [path for path in paths if self._mirror.is_gone(path)]
        for path in paths:
            if path in self._mirror.unread and path not in self._mirror.files:
                self._defer_unread(path, now)
        self._read_and_apply(present, gone, now)

    def _read_and_apply(self, present: Iterable[str], gone: Iterable[str], now: float) -> None:
        """Apply and publish path by path, so that an exception at one loses no event of those before it."""
        with self._source.folders:
            for path in present:
                change = self._read(path, now)
                if change is not None:
                    self._note_departures(change, now)
                    # A deferred path counts from when it was first read, so that `sync` also waits for what is pending
                    # because of it.
                    self._publish(self._board.apply([change], self._deferred.pop(path, now)))
        self._apply_gone(list(gone), now)

    def _note_departures(self, change: TaskChange, now: float) -> None:
        """A file came with the id of others: those about which a hint waits may be where it came from. The end
        of a move must not wait until the place that was left has settled."""
        if change.file is None or self._board.file_at(change.path) is not None:
            return
        hinted = [path for path in self._board.paths_of(change.file.summary.id, _MAX_ORIGINS) if path in self._settler]
        self._apply_gone([path for path in hinted if not self._mirror.check(path) and self._mirror.is_gone(path)], now)

    def _apply_gone(self, gone: Sequence[str], now: float) -> None:
        board = self._board
        for path in gone:
            self._deferred.pop(path, None)
        if gone and not self._root.is_there():
            self._held.update(gone)
            return
        for path in gone:
            file = board.file_at(path)
            if file is not None:
                self._pending_removals[path] = file
                self._publish(board.apply([TaskChange(path, None)], now))

    def _read(self, path: str, now: float) -> TaskChange | None:
        """What is at a path now; None if reading it is deferred because it is still being written."""
        known = self._board.file_at(path)
        deferred_since = self._deferred.get(path, now)
        time_left = deferred_since + self._settler.max_wait_s - now
        try:
            file = self._source.read(path, known, time.time())
        except FileChanging:
            self._deferred[path] = deferred_since
            self._settler.check_again(path, now + min(0.02, self._settler.window_s))
            return None
        if file is not None and self._note_unread(path, file, now):
            if self._defer_unread(path, now):
                return None
            if known is not None and known.summary == file.summary:
                return TaskChange(path, known)
        elif file is not None and file.summary.error is not None and (known is None or known.digest != file.digest):
            # Of what was read: it may have been written again since it was looked at.
            age = time.time() - (unix_time(file.summary.modified_at) or 0.0)
            if 0 <= age < self._settler.window_s and time_left > 0:
                self._deferred[path] = deferred_since
                self._settler.check_again(path, now + self._settler.window_s)
                return None
        if file is None:
            return TaskChange(path, None)
        return TaskChange(path, file, self._trails.take(printable(path), self._source.location(path), now))

    def _note_unread(self, path: str, file: TaskFile, now: float) -> bool:
        """True if the file could not be read: then it is read again."""
        error = file.summary.error
        if error is None or error.code != FileUnreadable.code:
            self._mirror.unread.done(path)
            return False
        self._mirror.unread.failed(path, reason_of(error.message), now)
        return True

    def _defer_unread(self, path: str, now: float) -> bool:
        """True while it is too early to say that a file cannot be read."""
        since = self._mirror.unread.since(path)
        if since is not None and now - since < _UNREAD_GRACE_S:
            self._deferred.setdefault(path, since)
            return True
        self._deferred.pop(path, None)
        return False

    def _try_again(self, now: float) -> None:
        """Read what could not be read, if it is time for that."""
        if self._root.is_lost:
            return
        for folder in self._mirror.unlisted.due(now, limit=4):
            self.rescan(folder)
        for path in self._mirror.unread.due(now):
            self._settler.check_again(path, now)

    def _is_holding(self) -> bool:
        """True while a file that vanished may have gone where nothing can be read for a moment."""
        since = self._clock() - _MAX_HOLDING_S
        return self._mirror.unlisted.any_since(since) or self._mirror.unread.any_since(since)

    def _expire(self, now: float, backlog: bool) -> None:
        """Apply what has been pending long enough, but not while checks that may contradict it are due, or on their
        way."""
        pending_since = self._board.oldest_pending()
        if pending_since is None:
            self._pending_removals.clear()
            return
        waited_s = now - pending_since
        # On a busy machine the two hints of a move may come far apart.
        is_contestable = backlog or self._root.is_behind()
        if (is_contestable and waited_s <= _MAX_PENDING_S) or (waited_s <= _MAX_HOLDING_S and self._is_holding()):
            return
        if self._pending_removals and not self._root.is_there():
            self._hold_removals(now)
            return
        self._publish(self._board.expire(now))

    def _hold_removals(self, now: float) -> None:
        """The root itself is not there: that a file in it is not either means nothing."""
        for path, file in self._pending_removals.items():
            if self._board.file_at(path) is file:
                self._held.add(path)
                self._publish(self._board.apply([TaskChange(path, file)], now))
        self._pending_removals.clear()

    def _publish(self, events: Iterable[Event]) -> None:
        for event in events:
            self._hub.publish(event)
