"""The observer: hints > settle > scan > read > apply > publish, as a loop.

One thread owns all of it, so nothing is ever applied out of order. Everything it learns goes into `State` and
out through the `Hub`; nobody calls it but to start, stop, or ask for a full look (`sync`).
"""

from __future__ import annotations

import contextlib
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from .domain.tasks import Place
from .errors import FileChanging, NotInSync
from .events import Event, ServiceDegraded, ServiceProgress, ServiceReady, ServiceRecovered
from .files import printable
from .hub import Hub
from .sources.hints import Hint, HintInbox, HintKind
from .sources.root import RootChange, WatchedRoot
from .sources.scan import Mirror
from .sources.settle import Settler
from .sources.tasks import TaskSource
from .stores.state import State
from .stores.tasks import TaskChange

log = logging.getLogger(__name__)

_PROGRESS_S = 0.2
_RESTING_LIMIT_S = 5.0
_TRAIL_S = 2.0
_TRAILS = 4096
_FAILURE_PAUSE_S = 0.5


@dataclass(slots=True)
class _Barrier:
    """Someone waits until all that was written before `asked_at` has been applied."""

    asked_at: float
    looked_at: float | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    seq: int = 0


@dataclass(slots=True)
class _Trail:
    """Where files of one name were seen to arrive lately, in order."""

    since: float
    steps: list[Place] = field(default_factory=list)


class Observer:
    """Keeps `state` equal to the disk under one root and publishes each difference on `hub`."""

    def __init__(
        self,
        source: TaskSource,
        root: WatchedRoot,
        inbox: HintInbox,
        state: State,
        hub: Hub,
        settler: Settler,
        on_published: Callable[[list[Event]], None] = lambda events: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._root = root
        self._inbox = inbox
        self._state = state
        self._hub = hub
        self._settler = settler
        self._on_published = on_published
        self._clock = clock
        self._mirror = Mirror(source.root, source.wanted)
        self._held: dict[str, float] = {}
        self._trails: dict[str, _Trail] = {}
        self._barriers: list[_Barrier] = []
        self._look_at_everything = False
        self._stopping = False
        root.on_change = self._on_root_change
        self._thread = threading.Thread(target=self._run, name="observer", daemon=True)
        self.last_lag_ms = 0.0

    def start(self) -> None:
        """Begin watching and reading; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the loop and free the watches."""
        self._stopping = True
        self._inbox.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._root.stop()

    def sync(self, timeout_s: float) -> int:
        """Wait until everything written to the root before this call has been applied; returns the `seq` by then.

        Looks at the whole root instead of waiting for the watcher, so it holds even if hints were lost.
        Raises NotInSync when the time is over.
        """
        barrier = _Barrier(self._clock())
        self._barriers.append(barrier)
        self._inbox.wake()
        if not barrier.reached.wait(timeout_s):
            with contextlib.suppress(ValueError):  # answered this very moment
                self._barriers.remove(barrier)
            raise NotInSync(f"Not everything written before the call was applied within {timeout_s:g} s.")
        return barrier.seq

    # The loop.

    def _run(self) -> None:
        loaded = False
        while not self._stopping:
            try:
                if not loaded:
                    with _collector_paused():
                        self._load()
                    loaded = True
                self._turn(self._inbox.take(self._patience()))
                self._root.fail(None)
            except Exception:
                log.exception("a turn of the observer failed; looking at everything again")
                self._root.fail("the observer met an internal error; see the log")
                self._look_at_everything = True
                time.sleep(_FAILURE_PAUSE_S)

    def _patience(self) -> float:
        """Seconds until something is due without a hint."""
        now = self._clock()
        due = [self._settler.next_due(), self._state.tasks.next_expiry(), self._root.next_check()]
        return max(0.0, min(at for at in due if at is not None) - now)

    def _turn(self, hints: Iterable[Hint]) -> None:
        now = self._clock()
        oldest = now
        for hint in hints:
            oldest = min(oldest, hint.at)
            self._note(hint, now)
        asked = [barrier for barrier in self._barriers if barrier.looked_at is None]
        if self._root.check(now) or self._look_at_everything or asked:
            self._look_at_everything = False
            self._look_below("")
            for barrier in asked:
                barrier.looked_at = self._clock()
        due = self._settler.due(now)
        if due:
            self._look_at([str(path) for path in due], now)
            self.last_lag_ms = (self._clock() - oldest) * 1000
        self._rest(now, backlog=bool(due))
        self._answer_barriers()

    def _note(self, hint: Hint, now: float) -> None:
        """Sort a hint into the looks to come."""
        if hint.kind is HintKind.EVERYTHING:
            self._look_at_everything = True
        elif hint.kind is HintKind.DIRECTORY:
            self._look_below(hint.path)
        else:
            place = self._source.place(hint.path)
            if place is None:
                return
            if hint.kind is not HintKind.GONE:
                self._follow(place, now)
            self._settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)

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

    def _look_below(self, folder: str) -> None:
        """Scan a folder, make sure that all in it is watched, and apply what differs."""
        started = self._clock()
        to_read, gone = self._mirror.look_below(folder)
        while self._root.ensure(self._mirror.folders):
            more, vanished = self._mirror.look_below(folder)  # what came between the scan and the new watch
            to_read, gone = sorted({*to_read, *more}), sorted({*gone, *vanished})
        if not folder:
            self._root.scanned(self._clock(), self._clock() - started, self._mirror.refused)
        self._read_and_apply(to_read, gone, self._clock())

    def _look_at(self, paths: list[str], now: float) -> None:
        """Look at single paths that are due. Arrivals first, so that a move is not taken for a removal."""
        there = [path for path in paths if self._mirror.look(path)]
        gone = [path for path in paths if path not in self._mirror.files]
        self._read_and_apply(there, gone, now)

    def _read_and_apply(self, there: Iterable[str], gone: Iterable[str], now: float) -> None:
        """Apply and publish path by path, so that whatever happens at one leaves none before it untold."""
        board = self._state.tasks
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
        known = self._state.tasks.file_at(path)
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
        waiting_since = self._state.tasks.resting_since()
        if waiting_since is None:
            return
        if not backlog or now - waiting_since > _RESTING_LIMIT_S:
            self._publish(self._state.tasks.expire(now))

    def _answer_barriers(self) -> None:
        for barrier in [barrier for barrier in self._barriers if barrier.looked_at is not None]:
            open_since = [*self._held.values()]
            resting = self._state.tasks.resting_since()
            if resting is not None:
                open_since.append(resting)
            if not any(since <= (barrier.looked_at or 0.0) for since in open_since):
                self._barriers.remove(barrier)
                barrier.seq = self._hub.seq
                barrier.reached.set()

    def _publish(self, events: Iterable[Event]) -> None:
        events = list(events)
        for event in events:
            self._hub.publish(event)
        if events:
            self._on_published(events)

    def _on_root_change(self, change: RootChange) -> None:
        if change.mode in ("polling", "missing"):
            degraded = ServiceDegraded(root=change.root, mode=change.mode, reason=change.reason or "unknown")
            self._publish([degraded])
        else:
            self._publish([ServiceRecovered(root=change.root, mode=change.mode)])

    # The first reading.

    def _load(self) -> None:
        """Read everything that is there, announcing only how far it is."""
        started = shown_at = self._clock()
        progress = self._state.progress
        self._root.check(started)
        paths, _ = self._mirror.look_below()
        while self._root.ensure(self._mirror.folders):
            paths = sorted({*paths, *self._mirror.look_below()[0]})
        progress.total = len(paths)
        for path in paths:
            if self._stopping:
                return
            try:
                file = self._source.read(path, None, time.time())
            except FileChanging:
                self._settler.again(path, self._clock() + self._settler.window_s)
                file = None
            if file is not None:
                self._state.tasks.load({path: file})
            progress.done += 1
            if self._clock() - shown_at > _PROGRESS_S:
                shown_at = self._clock()
                self._publish([ServiceProgress(done=progress.done, total=progress.total)])
        self._root.scanned(self._clock(), self._clock() - started, self._mirror.refused)
        progress.ready = True
        tasks = self._state.tasks.tasks()
        invalid = sum(1 for task in tasks if task.error)
        load_ms = round((self._clock() - started) * 1000)
        self._publish([ServiceReady(tasks=len(tasks), invalid=invalid, load_ms=load_ms)])


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Loading makes many objects that all stay: looking through them again and again only costs time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def _mtime_s(mirror: Mirror, path: str) -> float:
    signature = mirror.files.get(path)
    return signature.mtime_ns / 1e9 if signature else 0.0
