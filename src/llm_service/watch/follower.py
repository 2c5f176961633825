"""The loop: hints > settle > scan > read > apply > publish, one thread for each watched root.

One thread owns all of it, so nothing is ever applied out of order. What is special to a kind of file is a
`Followed` (see `followed/`); what every kind needs stands here: taking hints, looking after the watch, looking at
everything when that is due, starting again after a failure, and answering whoever waits for all of it (`ask`).
"""

from __future__ import annotations

import contextlib
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..errors import NotInSync
from ..histogram import Histogram
from .hints import Hint, HintInbox, HintKind
from .root import WatchedRoot

log = logging.getLogger(__name__)

_FAILURE_PAUSE_S = 0.5
_SLOT_S = 0.1
_MANY_IN_SLOT = 64


class Followed(Protocol):
    """One kind of thing under one root. Every call comes from the follower's one thread."""

    name: str
    stopping: bool
    """Set by the follower when it ends: a long look returns early."""

    def load(self) -> None:
        """Look at everything for the first time; publishes its own progress."""

    def hint(self, hint: Hint, now: float) -> None:
        """Something happened to a path: COMPLETE, CHANGED, GONE or DIRECTORY. Note it; `turn` looks."""

    def look_below(self, folder: str) -> None:
        """Look at all below a folder, "" for everything; apply what differs, now or in the turns to come.

        Each folder is given to `WatchedRoot.watch` before it is listed, and those that are gone to `forget`; after
        a look at everything `WatchedRoot.scanned` is called. `sources.scan.Mirror` does the first two.
        """

    def turn(self, now: float) -> bool:
        """Do what is due; True if something was looked at."""

    def next_due(self) -> float | None:
        """When `turn` has to be called without a hint; None if nothing waits."""

    def open_since(self) -> float | None:
        """Since when something seen is not applied and published yet; None if nothing is open."""


@dataclass(slots=True, eq=False)
class Barrier:
    """Someone waits until all that was written before `asked_at` has been applied."""

    asked_at: float
    looked_at: float | None = None
    reached: threading.Event = field(default_factory=threading.Event)


class Follower:
    """Keeps one `Followed` equal to the disk under its root."""

    def __init__(
        self,
        followed: Followed,
        root: WatchedRoot,
        inbox: HintInbox,
        clock: Callable[[], float] = time.monotonic,
        gather_s: float = 0.0,
    ) -> None:
        """`gather_s`: while hints pour in, wait so long for more of them before each turn."""
        self._followed = followed
        self._root = root
        self._inbox = inbox
        self._clock = clock
        self._gather_s = gather_s
        self._slot_began, self._in_slot, self._in_slot_before = float("-inf"), 0, 0
        self._barriers: list[Barrier] = []
        self._look_at_everything = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"{followed.name} follower", daemon=True)
        self.last_lag_ms = 0.0
        self.lags = Histogram()

    def start(self) -> None:
        """Begin watching and reading; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the loop and free the watches."""
        self._stopping = self._followed.stopping = True
        self._inbox.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._root.stop()

    def ask(self) -> Barrier:
        """A barrier whose `reached` is set when everything written to the root before this call has been applied.

        Looks at the whole root instead of waiting for the watcher, so it holds even if hints were lost.
        """
        barrier = Barrier(self._clock())
        self._barriers.append(barrier)
        self._inbox.wake()
        return barrier

    def withdraw(self, barrier: Barrier) -> None:
        """Whoever asked waits no longer."""
        with contextlib.suppress(ValueError):  # answered this very moment
            self._barriers.remove(barrier)

    def status(self) -> dict[str, Any]:
        """`{root, mode, last_scan_ms, lag_ms, error?, unreadable?}` for `/health`."""
        return self._root.status() | {"lag_ms": round(self.last_lag_ms, 1)}

    def _run(self) -> None:
        loaded = False
        while not self._stopping:
            try:
                if not loaded:
                    with _collector_paused():
                        self._followed.load()
                    loaded = True
                hints = self._inbox.take(self._patience())
                if self._gather_s and self._pours(len(hints)):
                    time.sleep(self._gather_s)
                    hints += self._inbox.take(0)
                self._turn(hints)
                self._root.fail(None)
            except Exception:
                log.exception("a turn of the %s follower failed; looking at everything again", self._followed.name)
                self._root.fail("the follower met an internal error; see the log")
                self._look_at_everything = True
                time.sleep(_FAILURE_PAUSE_S)

    def _patience(self) -> float:
        """Seconds until something is due without a hint."""
        due = [self._followed.next_due(), self._root.next_check()]
        return max(0.0, min(at for at in due if at is not None) - self._clock())

    def _pours(self, hints: int) -> bool:
        """True if more hints came lately than somebody working by hand or an agent makes."""
        now = self._clock()
        if now - self._slot_began > _SLOT_S:
            passed = now - self._slot_began > 2 * _SLOT_S
            self._slot_began, self._in_slot_before, self._in_slot = now, 0 if passed else self._in_slot, 0
        self._in_slot += hints
        return max(self._in_slot, self._in_slot_before) > _MANY_IN_SLOT

    def _turn(self, hints: Sequence[Hint]) -> None:
        now = self._clock()
        for hint in hints:
            if hint.kind is HintKind.EVERYTHING:
                self._look_at_everything = True
            else:
                self._followed.hint(hint, now)
        asked = [barrier for barrier in self._barriers if barrier.looked_at is None]
        if self._root.check(now, at_once=bool(asked)) or self._look_at_everything or asked:
            self._look_at_everything = False
            self._followed.look_below("")
            for barrier in asked:
                barrier.looked_at = self._clock()
        if self._followed.turn(now):
            oldest = min((hint.at for hint in hints), default=now)
            self.last_lag_ms = (self._clock() - min(oldest, now)) * 1000
            self.lags.observe(self.last_lag_ms)
        self._answer_barriers()

    def _answer_barriers(self) -> None:
        looked = [barrier for barrier in self._barriers if barrier.looked_at is not None]
        if not looked:
            return
        open_since = self._followed.open_since()
        for barrier in looked:
            if open_since is None or open_since > (barrier.looked_at or 0.0):
                self.withdraw(barrier)
                barrier.reached.set()


def wait_for_all(followers: Sequence[Follower], timeout_s: float, clock: Callable[[], float] = time.monotonic) -> None:
    """Wait until everything written to any of the roots before this call has been applied.

    Raises NotInSync when the time is over.
    """
    deadline = clock() + timeout_s
    asked = [(follower, follower.ask()) for follower in followers]
    try:
        for _, barrier in asked:
            if not barrier.reached.wait(max(0.0, deadline - clock())):
                raise NotInSync(f"Not everything written before the call was applied within {timeout_s:g} s.")
    finally:
        for follower, barrier in asked:
            follower.withdraw(barrier)


_pausing = threading.Lock()
_pauses = 0


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Loading makes many objects that all stay: looking through them again and again only costs time.

    Several followers may load at once; the collector goes on when the last of them is done.
    """
    global _pauses
    with _pausing:
        _pauses += 1
        gc.disable()
    try:
        yield
    finally:
        with _pausing:
            _pauses -= 1
            if not _pauses:
                gc.enable()
                gc.freeze()
