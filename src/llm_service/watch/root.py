"""One watched root: chooses how to be told of changes, notices when the folder itself is lost, says so.

A watch follows the folder's inode, not its name: when the root is deleted, renamed or made again, the old
watch stays "alive" and tells nothing. So the root's identity is compared a few times a second, and a full
look is due at every change of it, at overflow, and now and then in any case (`sweep`).
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .events import Sink, WantsFolder
from .limits import WatchesExhausted, network_file_system, watch_limit
from .observer import MakeObserver, RootObserver

log = logging.getLogger(__name__)

_IDENTITY_CHECK_S = 0.5
_RETRY_S = 30.0
_SWEEP_SHARE = 300.0
"""A sweep may take this part of the time at most: 0.33 % of a core, whatever the number of files."""
_POLL_SHARE = 10.0


@dataclass(frozen=True, slots=True)
class RootChange:
    """How a root is watched changed: `mode` is "inotify", "native", "polling" or "missing"."""

    root: str
    mode: str
    reason: str | None


class WatchedRoot:
    """The watch on one root. Used by the follower's thread only, but for `status`.

    An `optional` root need not be there: that it is missing is no problem to be told, only a `mode`. With `elsewhere`
    it may lie in other places too: the first one that is there counts. Of the system's watches it takes `watch_share`
    at most, so that other roots and programs get some too.
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
        make_backend: MakeObserver = RootObserver,
        optional: bool = False,
        elsewhere: Sequence[str] = (),
        watch_share: float = 1.0,
    ) -> None:
        self.root = root
        self._places = (root, *elsewhere)
        self.mode = "missing"
        self.reason: str | None = "not looked at yet"
        self._wants = wants_folder
        self._sink = sink
        self._on_change = on_change
        self._sweep_interval_s = sweep_interval_s
        self._poll_interval_s = poll_interval_s
        self._force_polling = force_polling
        self._make_observer = make_backend
        self._optional = optional
        self._watch_share = watch_share
        self._observer: RootObserver | None = None
        self._identity: tuple[int, int] | None = None
        self._checked_at = float("-inf")
        self._armed_at = float("-inf")
        self._scanned_at: float | None = None
        self._scan_s = 0.0
        self._refused: dict[str, str] = {}
        self._failure: str | None = None
        self._short: str | None = None
        self._looking = False

    def check(self, now: float, at_once: bool = False) -> bool:
        """Look after the watch, if that is due or wanted `at_once`; True if everything under the root must be looked
        at now."""
        if at_once or now - self._checked_at >= _IDENTITY_CHECK_S:
            self._checked_at = now
            if self._renew(now):
                return True
        return not self._looking and (self._scanned_at is None or now >= self._scan_due())

    def next_check(self) -> float:
        """When `check` has to be called next."""
        next_look = self._checked_at + _IDENTITY_CHECK_S
        if self._looking:
            return next_look
        return min(next_look, self._scan_due() if self._scanned_at is not None else self._checked_at)

    def watch(self, folder: str) -> bool:
        """Be told of changes in a folder (relative) from now on; to be called before the folder is listed.

        False if it is not watched: it is gone, cannot be read, or has to be polled.
        """
        if self._observer is None:
            return False
        try:
            watched = self._observer.watch(folder)
            if not watched and not folder:
                self._identity = None  # made again, it may have the inode that it had: only a new watch tells of it
            return watched
        except WatchesExhausted as problem:
            self._short = f"no more watches: {problem.strerror or problem}; what is not watched is polled"
            self._become("polling", self._short)
            return False

    def forget(self, folders: Iterable[str]) -> None:
        """These folders are gone or not wanted any more: their watches end."""
        if self._observer is not None:
            self._observer.forget(folders)

    def scanning(self) -> None:
        """A full look has begun that takes several turns: `check` asks for no other one until `scanned`."""
        self._looking = True

    def scanned(self, now: float, took_s: float, refused: dict[str, str]) -> None:
        """A full look was finished at `now`."""
        self._scanned_at, self._scan_s, self._refused = now, took_s, refused
        self._looking = False
        if self._observer is not None and self._short is None and self.mode == "polling":
            self._become(self._observer.mode, None)  # every folder has a watch again
        self._short = None

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
        report: dict[str, Any] = {
            "root": self.root,
            "mode": self.mode,
            "last_scan_ms": round(self._scan_s * 1000, 1) if self._scanned_at is not None else None,
        }
        problem = self._failure or (None if self._may_be_missing(self.mode) else self.reason)
        if problem:
            report["error"] = problem
        if self._refused:
            report["unreadable"] = dict(list(self._refused.items())[:20])
        return report

    def _scan_due(self) -> float:
        interval, share = self._sweep_interval_s, _SWEEP_SHARE
        if self.mode == "polling":
            interval, share = self._poll_interval_s, _POLL_SHARE
        return (self._scanned_at or 0.0) + max(interval, self._scan_s * share)

    def _renew(self, now: float) -> bool:
        """Compare the root's identity with the one watched, and watch anew if it is another."""
        found = self._find()
        if isinstance(found, str):
            was_there = self._identity is not None or self.reason == "not looked at yet"
            self.stop()
            self._identity = None
            self._become("missing", found)
            return was_there
        died = self._observer is not None and not self._observer.is_alive()
        if died:
            log.error("the observer of %s has ended; it is watched anew", self.root)
        if died or found != self._identity:
            self.stop()
            self._identity = found
            self._arm(now)
            return True
        alone = self.mode == "polling" and self._observer is None
        if alone and not self._force_polling and now - self._armed_at > _RETRY_S:
            self._arm(now)
            return self._observer is not None
        return False

    def _find(self) -> tuple[int, int] | str:
        """The identity of the folder that is the root now, or why there is none."""
        reason = ""
        for place in self._places:
            try:
                status = os.stat(place)
            except OSError as problem:
                reason = reason or problem.strerror or str(problem)
                continue
            if stat.S_ISDIR(status.st_mode):
                self.root = place
                return status.st_dev, status.st_ino
            reason = "it is not a folder"
        self.root = self._places[0]
        return reason

    def _arm(self, now: float) -> None:
        self._armed_at = now
        remote = network_file_system(os.path.realpath(self.root))
        if self._force_polling or remote:
            self._become("polling", "polling is set" if self._force_polling else f"network file system ({remote})")
            return
        try:
            limit = watch_limit()
            max_watches = None if limit is None else int(limit * self._watch_share)
            self._observer = self._make_observer(self.root, self._wants, self._sink, max_watches)
        except WatchesExhausted as problem:
            self._fall_back(f"no more watches: {problem.strerror or problem}")
        except OSError as problem:
            self._fall_back(f"cannot be watched: {problem.strerror or problem}")
        else:
            self._become(self._observer.mode, None)

    def _fall_back(self, reason: str) -> None:
        self.stop()
        self._become("polling", reason)

    def _become(self, mode: str, reason: str | None) -> None:
        if (mode, reason) == (self.mode, self.reason):
            return
        before, first_time = self.mode, self.reason == "not looked at yet"
        if mode == "polling" or (mode == "missing" and not self._optional):
            log.warning("%s is %s: %s", self.root, mode, reason)
        self.mode, self.reason = mode, reason
        nothing_to_tell = self._may_be_missing(mode) or (
            reason is None and (first_time or self._may_be_missing(before))
        )
        if not nothing_to_tell:
            self._on_change(RootChange(self.root, mode, reason))

    def _may_be_missing(self, mode: str) -> bool:
        return self._optional and mode == "missing"
