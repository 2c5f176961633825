"""Tasks, followed: what is seen under the lanes becomes cards of the board and events on the hub."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..errors import FileChanging
from ..files import printable
from ..hub.event import Event, ServiceProgress, ServiceReady
from ..hub.ring import Hub
from ..watch.hints import Hint, HintKind
from ..watch.root import WatchedRoot
from ..watch.scan import Mirror
from ..watch.settle import Settler
from .board import TaskBoard, TaskChange
from .model import Place
from .reader import TaskSource

_PROGRESS_S = 0.2
_RESTING_LIMIT_S = 5.0
_TRAIL_S = 2.0
_TRAILS = 4096


@dataclass(slots=True)
class _Trail:
    """Where files of one name were seen to arrive lately, in order."""

    since: float
    steps: list[Place] = field(default_factory=list)


class TaskFollowed:
    """Keeps `board` equal to the disk under the root of the lanes and publishes each difference on `hub`."""

    name = "tasks"

    def __init__(
        self,
        source: TaskSource,
        root: WatchedRoot,
        board: TaskBoard,
        hub: Hub,
        settler: Settler,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interrupted = False
        self._source = source
        self._root = root
        self._board = board
        self._hub = hub
        self._settler = settler
        self._clock = clock
        self._mirror = Mirror(source.root, source.wanted, root.watch, root.forget)
        self._held: dict[str, float] = {}
        self._trails: dict[str, _Trail] = {}

    # What the follower calls: see `Followed`.

    def interrupt(self) -> None:
        """The follower ends: what goes on returns early. Called from another thread."""
        self._interrupted = True

    def load(self) -> None:
        """Read everything that is there, announcing only how far it is."""
        started = shown_at = self._clock()
        progress = self._hub.progress
        self._root.check(started)
        paths, _ = self._mirror.look_below()
        progress.total = len(paths)
        for path in paths:
            if self._interrupted:
                return
            try:
                file = self._source.read(path, None, time.time())
            except FileChanging:
                self._settler.again(path, self._clock() + self._settler.window_s)
                file = None
            if file is not None:
                self._board.load({path: file})
            progress.done += 1
            if self._clock() - shown_at > _PROGRESS_S:
                shown_at = self._clock()
                self._publish([ServiceProgress(done=progress.done, total=progress.total)])
        self._root.scanned(self._clock(), self._clock() - started, self._mirror.refused)
        progress.complete()
        tasks = self._board.tasks()
        invalid = sum(1 for task in tasks if task.error)
        load_ms = round((self._clock() - started) * 1000)
        self._publish([ServiceReady(tasks=len(tasks), invalid=invalid, load_ms=load_ms)])

    def hint(self, hint: Hint, now: float) -> None:
        """Sort a hint into the looks to come."""
        if hint.kind is HintKind.DIRECTORY:
            self.look_below(hint.path)
            return
        place = self._source.place(hint.path)
        if place is None:
            return
        if hint.kind is not HintKind.GONE:
            self._follow(place, now)
        self._settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

    def look_below(self, folder: str) -> None:
        """Scan a folder, watch all in it, and apply what differs."""
        started = self._clock()
        to_read, gone = self._mirror.look_below(folder)
        if not folder:
            self._root.scanned(self._clock(), self._clock() - started, self._mirror.refused)
        self._read_and_apply(to_read, gone, self._clock())

    def turn(self, now: float) -> bool:
        """Look at the paths that are due, and believe what has rested."""
        due = self._settler.due(now)
        if due:
            self._look_at([str(path) for path in due], now)
        self._rest(now, backlog=bool(due))
        return bool(due)

    def next_due(self) -> float | None:
        """When a look is due or something has rested long enough."""
        due = [self._settler.next_due(), self._board.next_expiry()]
        return min((at for at in due if at is not None), default=None)

    def open_since(self) -> float | None:
        """Since when something held back or resting waits."""
        resting = self._board.resting_since()
        return min([*self._held.values(), *([] if resting is None else [resting])], default=None)

    # How.

    def _follow(self, place: Place, now: float) -> None:
        """Remember where a file arrived, for naming the lanes that it has left again before we look."""
        name = place.path.rsplit("/", 1)[-1]
        trail = self._trails.get(name)
        if trail is None or now - trail.since > _TRAIL_S:
            if len(self._trails) > _TRAILS:
                self._trails = {key: kept for key, kept in self._trails.items() if now - kept.since <= _TRAIL_S}
            trail = self._trails[name] = _Trail(now)
        if len(trail.steps) < 32 and (not trail.steps or trail.steps[-1] != place):
            trail.steps.append(place)

    def _look_at(self, paths: list[str], now: float) -> None:
        """Look at single paths that are due. Arrivals first, so that a move is not taken for a removal."""
        there = [path for path in paths if self._mirror.look(path)]
        gone = [path for path in paths if path not in self._mirror.files]
        self._read_and_apply(there, gone, now)

    def _read_and_apply(self, there: Iterable[str], gone: Iterable[str], now: float) -> None:
        """Apply and publish path by path, so that whatever happens at one leaves none before it untold."""
        board = self._board
        for path in there:
            change = self._read(path, now)
            if change is not None:
                # What was held back counts from when it was first seen, so that whoever waits for it in `sync`
                # also waits for what follows from it.
                self._publish(board.apply([change], self._held.pop(path, now)))
        for path in gone:
            self._held.pop(path, None)
            self._publish(board.apply([TaskChange(path, None)], now))

    def _read(self, path: str, now: float) -> TaskChange | None:
        """What lies at a path now; None if that is to be decided a moment later."""
        known = self._board.file_at(path)
        held_since = self._held.get(path, now)
        patience_left = held_since + self._settler.max_wait_s - now
        try:
            file = self._source.read(path, known, time.time())
        except FileChanging:
            self._held[path] = held_since
            self._settler.again(path, now + min(0.02, self._settler.window_s))
            return None
        if file is not None and file.summary.error is not None and (known is None or known.digest != file.digest):
            age = time.time() - _mtime_s(self._mirror, path)
            if 0 <= age < self._settler.window_s and patience_left > 0:
                self._held[path] = held_since
                self._settler.again(path, now + self._settler.window_s)
                return None
        return TaskChange(path, file, self._steps_to(path, now) if file is not None else ())

    def _steps_to(self, path: str, now: float) -> list[Place]:
        """Where the file now read at `path` was seen to arrive before; what came after stays for the next look."""
        name = printable(path).rsplit("/", 1)[-1]
        trail = self._trails.pop(name, None)
        if trail is None or now - trail.since > _TRAIL_S:
            return []
        here = max((i for i, place in enumerate(trail.steps) if place == self._source.place(path)), default=None)
        if here is None:
            return trail.steps
        later = trail.steps[here + 1 :]
        if later:
            self._trails[name] = _Trail(trail.since, later)
        return trail.steps[: here + 1]

    def _rest(self, now: float, backlog: bool) -> None:
        """Believe what has rested, but not while looks that may contradict it are still waiting."""
        waiting_since = self._board.resting_since()
        if waiting_since is None:
            return
        if not backlog or now - waiting_since > _RESTING_LIMIT_S:
            self._publish(self._board.expire(now))

    def _publish(self, events: Iterable[Event]) -> None:
        for event in events:
            self._hub.publish(event)


def _mtime_s(mirror: Mirror, path: str) -> float:
    signature = mirror.files.get(path)
    return signature.mtime_ns / 1e9 if signature else 0.0
