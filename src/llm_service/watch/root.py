"""One watched root: chooses how it is watched, notices when the folder itself is lost, and says so.

A watch follows the folder's inode, not its name: when the root is deleted, renamed or made again, the old watch stays
"alive" and reports nothing. So the root's identity is compared twice a second, and a scan of everything is due at every
change of it, at overflow, and now and then in any case (`sweep`).
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..files import printable, way_out
from .events import Sink, WantsFolder
from .limits import WatchesExhausted, network_file_system, watch_limit
from .observer import MakeObserver, RootObserver
from .sweep import SweepSchedule

log = logging.getLogger(__name__)

_IDENTITY_CHECK_S = 0.5
_RETRY_S = 30.0
_NOT_CHECKED = "not checked yet"
_MAX_UNREADABLE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class RootChange:
    """How a root is watched changed: `mode` is "inotify", "native", "polling", "missing", or "refused": a link out."""

    root: str
    mode: str
    reason: str | None


class WatchedRoot:
    """The watch on one root. Used by the follower's thread only, but for `status`.

    That an `optional` root is missing is no problem to report, only a `mode`. With `alternatives` it may be in other
    places too: the first one that is there counts. Of the system's watches it takes `watch_share` at most, so that
    other roots and programs get some too.
    """

    def __init__(
        self,
        root: str,
        wants_folder: WantsFolder,
        sink: Sink,
        on_change: Callable[[RootChange], None] = lambda change: None,
        sweep_interval_s: float = 30.0,
        poll_interval_s: float = 1.0,
        force_polling: bool = False,
        make_observer: MakeObserver = RootObserver,
        optional: bool = False,
        alternatives: Sequence[str] = (),
        watch_share: float = 1.0,
    ) -> None:
        self.root = root
        self.mode = "missing"
        self.reason: str | None = _NOT_CHECKED
        self._places = (root, *alternatives)
        self._wants = wants_folder
        self._sink = sink
        self._on_change = on_change
        self._force_polling = force_polling
        self._make_observer = make_observer
        self._optional = optional
        self._watch_share = watch_share
        self._sweep = SweepSchedule(sweep_interval_s, poll_interval_s)
        self._observer: RootObserver | None = None
        self._identity: tuple[int, int] | None = None
        self._checked_at = float("-inf")
        self._armed_at = float("-inf")
        self._unreadable: dict[str, str] = {}
        self._failure: str | None = None
        self._exhausted: str | None = None
        self._leads_out = False

    def check(self, now: float, at_once: bool = False) -> bool:
        """Check the watch, if that is due or wanted `at_once`; True if everything must be scanned now."""
        if at_once or now - self._checked_at >= _IDENTITY_CHECK_S:
            self._checked_at = now
            if self._rearm(now):
                return True
        due = self._sweep.next_due(self.mode == "polling")
        return due is not None and now >= due

    def next_check(self) -> float:
        """When `check` has to be called next."""
        due = self._sweep.next_due(self.mode == "polling")
        next_check = self._checked_at + _IDENTITY_CHECK_S
        return next_check if due is None else min(next_check, due)

    def watch(self, folder: str) -> bool:
        """Give hints about a folder (relative) from now on; to be called before the folder is listed.

        False if it is not watched: it is gone, cannot be read, or has to be polled.
        """
        if self._observer is None:
            return False
        try:
            watched = self._observer.watch(folder)
        except WatchesExhausted as problem:
            self._exhausted = f"no more watches: {problem.strerror or problem}; what is not watched is polled"
            self._set_mode("polling", self._exhausted)
            return False
        if not watched and not folder:
            self._identity = None  # made again, it may have the inode that it had: only a new watch reports it
        return watched

    def forget(self, folders: Iterable[str]) -> None:
        """These folders are gone or not wanted any more: their watches end."""
        if self._observer is not None:
            self._observer.forget(folders)

    def scan_started(self) -> None:
        """A scan of everything that takes several turns started: `check` asks for no other until `scan_finished`."""
        self._sweep.begin()

    def scan_finished(self, now: float, took_s: float, refused: dict[str, str]) -> None:
        """A scan of everything ended at `now`; `refused` are the folders that could not be listed, and why."""
        self._sweep.end(now, took_s)
        self._unreadable = refused
        if self._observer is not None and self._exhausted is None and self.mode == "polling":
            self._set_mode(self._observer.mode, None)  # every folder has a watch again
        self._exhausted = None

    def fail(self, reason: str | None) -> None:
        """Say in `status` that this root is not followed as it should be; None takes it back."""
        self._failure = reason

    def stop(self) -> None:
        """Free the watches."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()

    def status(self) -> dict[str, Any]:
        """`{root, mode, last_scan_ms, error?, unreadable?}` for `/health`."""
        scan_s = self._sweep.scan_s
        report: dict[str, Any] = {
            "root": self.root,
            "mode": self.mode,
            "last_scan_ms": None if scan_s is None else round(scan_s * 1000, 1),
        }
        problem = self._failure or (None if self._may_be_missing(self.mode) else self.reason)
        if problem:
            report["error"] = problem
        if self._unreadable:
            report["unreadable"] = dict(list(self._unreadable.items())[:_MAX_UNREADABLE_SHOWN])
        return report

    def _rearm(self, now: float) -> bool:
        """Compare the root's identity with the one watched, and watch anew if it is another or the watch has ended."""
        found = self._find()
        if isinstance(found, str):
            was_there = self._identity is not None or self.reason == _NOT_CHECKED
            self.stop()
            self._identity = None
            self._set_mode("refused" if self._leads_out else "missing", found)
            return was_there
        if found != self._identity:
            self.stop()
            self._arm(now)
            self._identity = found
            return True
        if self._observer is not None and not self._observer.is_alive():
            self.stop()
            log.error("the observer of %s has ended; the folder is polled until it is started again", self.root)
            self._set_mode("polling", "its observer has ended; it will be started again")
            return True
        retries = self.mode == "polling" and self._observer is None and not self._force_polling
        if retries and now - self._armed_at > _RETRY_S:
            self._arm(now)
            return self._observer is not None
        return False

    def _find(self) -> tuple[int, int] | str:
        """The identity of the folder that is the root now, or why there is none."""
        reason, refused, self._leads_out = "", "", False
        for place in self._places:
            try:
                status = os.stat(place)
            except OSError as problem:
                reason = reason or problem.strerror or str(problem)
                continue
            if (outside := way_out(place)) is not None:
                if not refused:
                    refused = f"a link leads out of the workspace, to {printable(outside)}, and is not followed"
                    self.root = place
                continue
            if stat.S_ISDIR(status.st_mode):
                self.root = place
                return status.st_dev, status.st_ino
            reason = "it is not a folder"
        if refused:
            self._leads_out = True
            return refused
        self.root = self._places[0]
        return reason

    def _arm(self, now: float) -> None:
        self._armed_at = now
        remote = network_file_system(os.path.realpath(self.root))
        if self._force_polling or remote:
            self._set_mode("polling", "polling is set" if self._force_polling else f"network file system ({remote})")
            return
        limit = watch_limit()
        max_watches = None if limit is None else int(limit * self._watch_share)
        try:
            self._observer = self._make_observer(self.root, self._wants, self._sink, max_watches)
        except WatchesExhausted as problem:
            self._set_mode("polling", f"no more watches: {problem.strerror or problem}")
        except OSError as problem:
            self._set_mode("polling", f"cannot be watched: {problem.strerror or problem}")
        else:
            self._set_mode(self._observer.mode, None)

    def _set_mode(self, mode: str, reason: str | None) -> None:
        if (mode, reason) == (self.mode, self.reason):
            return
        before, is_first = self.mode, self.reason == _NOT_CHECKED
        if mode == "polling" or (mode == "missing" and not self._optional):
            log.warning("%s is %s: %s", self.root, mode, reason)
        self.mode, self.reason = mode, reason
        was_fine = is_first or self._may_be_missing(before)
        if not self._may_be_missing(mode) and not (reason is None and was_fine):
            self._on_change(RootChange(self.root, mode, reason))

    def _may_be_missing(self, mode: str) -> bool:
        return self._optional and mode == "missing"
