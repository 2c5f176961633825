"""The loop: hints > settle > scan > read > apply > publish, one thread for each watched root.

One thread owns all of it, so nothing is ever applied out of order. What is special to a kind of file is a `Tracker`,
which a feature brings; what every kind needs is here: taking hints, watching the root, scanning everything when that is
due, starting again after a failure, and answering requests to be in sync.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..errors import NotInSync
from ..histogram import Histogram
from .flood import FloodDetector
from .gc_pause import collector_paused
from .hints import Hint, HintInbox, HintKind
from .root import RootChange, WatchedRoot
from .sync import SyncRequest, SyncRequests

log = logging.getLogger(__name__)

_FAILURE_PAUSE_S = 0.5
_HINTS_FIRST_S, _HINTS_POLL_S = 1.0, 0.005
"""The scan for a request to be in sync waits so long, at most, for hints that are on their way."""


class Tracker(Protocol):
    """One kind of file under one root. Every call comes from the follower's one thread, but for `interrupt`."""

    name: str

    def load(self) -> None:
        """Scan and read everything for the first time; publishes its own progress."""

    def interrupt(self) -> None:
        """The follower ends: what goes on returns early. Called from another thread."""

    def hint(self, hint: Hint, now: float) -> None:
        """Something happened to a path: COMPLETE, CHANGED, GONE or DIRECTORY. Note it; `turn` checks it."""

    def rescan(self, folder: str) -> None:
        """Scan everything below a folder, "" for all; apply what differs, now or in the turns to come.

        Each folder is given to `WatchedRoot.watch` before it is listed, and those that are gone to `forget`; after
        a scan of everything `WatchedRoot.scan_finished` is called. `scan.Mirror` does the first two.
        """

    def turn(self, now: float) -> bool:
        """Do what is due; True if something was checked."""

    def next_due(self) -> float | None:
        """When `turn` has to be called without a hint; None if nothing waits."""

    def oldest_pending(self) -> float | None:
        """Since when something seen is not applied and published yet; None if all is."""


class Follower:
    """Keeps one `Tracker` equal to the disk under its root."""

    def __init__(
        self,
        tracker: Tracker,
        root: WatchedRoot,
        inbox: HintInbox,
        clock: Callable[[], float] = time.monotonic,
        gather_s: float = 0.0,
    ) -> None:
        """`gather_s`: in a flood of hints, wait so long for more of them before each turn."""
        self._tracker = tracker
        self._root = root
        self._inbox = inbox
        self._clock = clock
        self._gather_s = gather_s
        self._flood = FloodDetector()
        self._sync_requests = SyncRequests()
        self._scan_everything = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"{tracker.name} follower", daemon=True)
        self.last_lag_ms: float | None = None
        self.lags = Histogram()

    def start(self) -> None:
        """Begin watching and reading; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the loop and free the watches."""
        self._stopping = True
        self._tracker.interrupt()
        self._inbox.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._root.stop()

    def request_sync(self) -> SyncRequest:
        """A request whose `reached` is set when everything written to the root before this call has been applied.

        The whole root is scanned instead of waiting for the observer, so it holds even if hints were lost.
        """
        request = self._sync_requests.add(self._clock() + _HINTS_FIRST_S)
        self._inbox.wake()
        return request

    def cancel(self, request: SyncRequest) -> None:
        """The caller waits no longer."""
        self._sync_requests.remove(request)

    @property
    def root(self) -> str:
        """The folder that is followed, now."""
        return self._root.root

    def status(self) -> dict[str, Any]:
        """`{root, mode, last_scan_ms, lag_ms, error?, unreadable?, skipped?}` for `/health`.

        lag_ms is that of the last change, None without one.
        """
        lag_ms = self.last_lag_ms
        return self._root.status() | {"lag_ms": None if lag_ms is None else round(lag_ms, 1)}

    def troubles(self) -> list[RootChange]:
        """The root, folders and files that are not followed as they should be, now."""
        return self._root.troubles()

    def _run(self) -> None:
        loaded = False
        while not self._stopping:
            try:
                if not loaded:
                    with collector_paused():
                        self._tracker.load()
                    loaded = True
                hints = self._inbox.take(self._timeout())
                if self._gather_s and self._flood.is_flooded(len(hints), self._clock()):
                    time.sleep(self._gather_s)
                    hints += self._inbox.take(0)
                self._turn(hints)
                self._root.fail(None)
            except Exception:
                log.exception("a turn of the %s follower failed; everything is scanned again", self._tracker.name)
                self._root.fail("the follower met an internal error; see the log")
                self._scan_everything = True
                time.sleep(_FAILURE_PAUSE_S)

    def _is_behind(self) -> bool:
        return self._root.is_behind() or len(self._inbox) > 0

    def _timeout(self) -> float:
        """Seconds until something is due without a hint."""
        due = [self._tracker.next_due(), self._root.next_check()]
        if self._sync_requests.unscanned():
            due.append(self._clock() + _HINTS_POLL_S)
        return max(0.0, min(at for at in due if at is not None) - self._clock())

    def _turn(self, hints: Sequence[Hint]) -> None:
        now = self._clock()
        for hint in hints:
            if hint.kind is HintKind.EVERYTHING:
                self._scan_everything = True
            else:
                self._tracker.hint(hint, now)
        unscanned = self._sync_requests.unscanned() and self._sync_requests.due(now, self._is_behind())
        at_once = self._scan_everything or bool(unscanned)  # the root itself may be what changed
        if self._root.check(now, at_once) or at_once:
            self._scan_everything = False
            self._tracker.rescan("")
            for request in unscanned:
                request.scanned_at = self._clock()
        if self._tracker.turn(now):
            oldest = min((hint.at for hint in hints), default=now)
            lag_ms = (self._clock() - min(oldest, now)) * 1000
            self.lags.observe(lag_ms)
            if hints:
                self.last_lag_ms = lag_ms
        if self._sync_requests:
            self._sync_requests.answer(self._tracker.oldest_pending())


def wait_until_synced(
    followers: Sequence[Follower], timeout_s: float, clock: Callable[[], float] = time.monotonic
) -> None:
    """Wait until everything written to any of the roots before this call has been applied.

    Raises NotInSync when the time is over.
    """
    deadline = clock() + timeout_s
    requests = [(follower, follower.request_sync()) for follower in followers]
    try:
        for _, request in requests:
            if not request.reached.wait(max(0.0, deadline - clock())):
                raise NotInSync(f"Not everything written before the call was applied within {timeout_s:g} s.")
    finally:
        for follower, request in requests:
            follower.cancel(request)
