"""One watched root: chooses how it is watched, notices when the folder itself is lost, and says so.

A watch follows the folder's inode, not its name: when the root is deleted, renamed or made again, the old watch stays
"alive" and reports nothing. So the root's identity is compared twice a second, and a scan of everything is due at every
change of it, at overflow, and now and then in any case (`sweep`). Where the system cannot be trusted to report every
change (`file_systems`, `probe`, `silence`), it is polled as well as watched.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..files import printable
from .events import Sink, WantsFolder
from .file_systems import unreported
from .hints import Hint, HintKind
from .limits import WatchesExhausted, watch_limit
from .observer import MakeObserver, RootObserver
from .root_folder import Absence, Identity, RootFolder
from .silence import SilenceDetector
from .sweep import SweepSchedule
from .troubles import RootChange, Troubles

__all__ = ["RootChange", "WatchedRoot"]

log = logging.getLogger(__name__)

_IDENTITY_CHECK_S = 0.5
_RETRY_S = 30.0
_NOT_CHECKED = "not checked yet"
_NOT_REPORTED = "a change that we made was not reported within a second"


class WatchedRoot:
    """The watch on one root. Used by the follower's thread only, but for `status` and `troubles`.

    `mode` is "inotify", "native", "polling", "missing", "unreadable" if the system does not say whether it is there, or
    "refused": a link out of the workspace.
    That an `optional` root is missing is no problem to report, only a `mode`. With `alternatives` it may be in other
    places too: the first one that is there counts. Of the system's watches it takes `watch_share` at most, so that
    other roots and programs get some too. `probe(root)`: False if the system does not report changes there.
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
        probe: Callable[[str], bool | None] = lambda root: None,
    ) -> None:
        self.mode = "missing"
        self.reason: str | None = _NOT_CHECKED
        self._folder = RootFolder((root, *alternatives))
        self._wants = wants_folder
        self._sink = sink
        self._force_polling = force_polling
        self._make_observer = make_observer
        self._optional = optional
        self._watch_share = watch_share
        self._probe = probe
        self._sweep = SweepSchedule(sweep_interval_s, poll_interval_s)
        self._troubles = Troubles(on_change)
        self._silence = SilenceDetector()
        self._is_sweep = False
        self._observer: RootObserver | None = None
        self._identity: Identity | None = None
        self._absence: Absence | None = None
        self._checked_at = float("-inf")
        self._armed_at = float("-inf")
        self._failure: str | None = None
        self._exhausted: str | None = None
        self._met_limit: str | None = None
        self._doubt: str | None = None

    @property
    def root(self) -> str:
        """The folder that is followed, now."""
        return self._folder.path

    @property
    def is_lost(self) -> bool:
        """True while there is no root although there should be one: what is known of it is kept."""
        absence = self._absence
        return absence is not None and absence.mode != "refused" and not (self._optional and absence.is_proven)

    def is_there(self) -> bool:
        """False if the root cannot be found this very moment, so that nothing is known of what is in it."""
        if self._folder.is_unchanged():
            return True
        found = self._folder.find()
        return not isinstance(found, Absence) or found.mode == "refused"

    def check(self, now: float, at_once: bool = False) -> bool:
        """Check the watch, if that is due or wanted `at_once`; True if everything must be scanned now."""
        if at_once or now - self._checked_at >= _IDENTITY_CHECK_S:
            self._checked_at = now
            if self._rearm(now):
                self._is_sweep = False
                return True
            self._update_mode()
        due = self._sweep.next_due(self.mode == "polling")
        if due is None:
            return False
        self._is_sweep = now >= due
        return self._is_sweep

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
            self._met_limit = self._exhausted
            self._update_mode()
            return False
        if not watched and not folder:
            self._identity = None  # made again, it may have the inode that it had: only a new watch reports it
        return watched

    def forget(self, folders: Iterable[str]) -> None:
        """These folders are gone or not wanted any more: their watches end."""
        if self._observer is not None:
            self._observer.forget(folders)

    def is_behind(self) -> bool:
        """True while something that the system reported is not given as a hint yet."""
        return self._observer is not None and self._observer.is_behind()

    def scan_started(self) -> None:
        """A scan of everything that takes several turns started: `check` asks for no other until `scan_finished`."""
        self._sweep.begin()

    def scan_found(self, paths: Iterable[str]) -> None:
        """The scan of everything that goes on found that these came or went."""
        # Where watches ran out, what came without a hint says nothing about the system.
        if self._is_sweep and self._observer is not None and not (self._exhausted or self._met_limit):
            self._silence.found(paths, time.monotonic())

    def scan_finished(
        self, now: float, took_s: float, refused: Mapping[str, str], skipped: Mapping[str, str] | None = None
    ) -> None:
        """A scan of everything ended at `now`; `refused` are the folders that could not be listed, `skipped` those
        that are left out though somebody may think they are not, and why."""
        self._sweep.end(now, took_s)
        self._exhausted, self._met_limit = self._met_limit, None
        if self._observer is not None:
            self._doubt = self._find_doubt()
            self._update_mode()
        if self._absence is None:
            self._troubles.set_folders(self.root, refused, skipped or {})
        elif not self.is_lost:
            self._troubles.set_folders(self.root, {}, {})

    def set_unread(self, files: Mapping[str, str]) -> None:
        """These files could not be read, and why, at the last try."""
        self._troubles.set_files(self.root, files)

    def set_folders(self, refused: Mapping[str, str], skipped: Mapping[str, str]) -> None:
        """These folders could not be listed at the last try, these are left out, and why."""
        if self._absence is None:
            self._troubles.set_folders(self.root, refused, skipped)

    def fail(self, reason: str | None) -> None:
        """Say in `status` that this root is not followed as it should be; None takes it back."""
        self._failure = reason

    def stop(self) -> None:
        """Free the watches."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()

    def status(self) -> dict[str, Any]:
        """`{root, mode, last_scan_ms, error?, unreadable?, skipped?}` for `/health`."""
        scan_s = self._sweep.scan_s
        report: dict[str, Any] = {
            "root": self.root,
            "mode": self.mode,
            "last_scan_ms": None if scan_s is None else round(scan_s * 1000, 1),
        }
        own = None if self._may_be_missing() else self.reason
        problem = self._failure or own or self._troubles.error()
        if problem:
            report["error"] = problem
        return report | self._troubles.status()

    def troubles(self) -> list[RootChange]:
        """What is not as it should be, now: the root itself, folders, and files that cannot be read."""
        found = self._troubles.said()
        if self._failure is not None:
            found = [RootChange(self.root, self.mode, self._failure), *found]
        return found

    def _rearm(self, now: float) -> bool:
        """Compare the root's identity with the one watched, and watch anew if it is another or the watch has ended."""
        found = self._folder.find()
        if isinstance(found, Absence):
            return self._lose(found)
        returned, self._absence = self._absence is not None, None
        if found != self._identity:
            self.stop()
            self._identity = None  # until it is armed
            self._arm(found, now)
            self._identity = found
            return True
        if self._observer is not None and not self._observer.is_alive():
            self.stop()
            log.error("the observer of %s has ended; the folder is polled until it is started again", self.root)
            self._set_mode("polling", "its observer has ended; it will be started again")
            return True
        is_late = not self._force_polling and now - self._armed_at > _RETRY_S
        if self._observer is None and (returned or is_late):
            self._arm(found, now)
            return self._observer is not None or returned
        if returned:
            self._update_mode()
        return returned

    def _lose(self, absence: Absence) -> bool:
        """There is no root; True if that was not known yet."""
        known, self._absence = self._absence, absence
        if absence.mode != "unreadable":
            self.stop()
            self._identity = None
        self._set_mode(absence.mode, absence.reason)
        return known is None or (known.mode, known.is_proven) != (absence.mode, absence.is_proven)

    def _arm(self, identity: Identity, now: float) -> None:
        self._armed_at = now
        self._folder.remember(identity)
        if self._force_polling:
            self._set_mode("polling", "polling is set")
            return
        self._doubt = self._find_doubt()
        limit = watch_limit()
        max_watches = None if limit is None else int(limit * self._watch_share)
        try:
            self._observer = self._make_observer(self.root, self._wants, self._take, max_watches)
        except WatchesExhausted as problem:
            self._set_mode("polling", f"no more watches: {problem.strerror or problem}")
        except OSError as problem:
            self._set_mode("polling", f"cannot be watched: {problem.strerror or problem}")
        else:
            self._update_mode()

    def _take(self, hint: Hint) -> None:
        """A hint from the observer, in its thread."""
        self._silence.hinted("" if hint.kind is HintKind.EVERYTHING else hint.path, time.monotonic())
        self._sink(hint)

    def _find_doubt(self) -> str | None:
        """Why the system may not report everything."""
        return unreported(self.root, self._wants) or (_NOT_REPORTED if self._probe(self.root) is False else None)

    def _update_mode(self) -> None:
        """The mode while an observer is there: its own, or polling where it does not see everything."""
        if self._observer is None or self._absence is not None:
            return
        doubt = self._exhausted or self._doubt
        path = self._silence.unreported(time.monotonic(), self.is_behind())
        if doubt is None and path is not None:
            doubt = f"a change that the system did not report was found ({printable(path)})"
        self._set_mode(self._observer.mode if doubt is None else "polling", doubt)

    def _set_mode(self, mode: str, reason: str | None) -> None:
        if (mode, reason) == (self.mode, self.reason):
            return
        self.mode, self.reason = mode, reason
        shown = None if self._may_be_missing() else reason
        if shown is not None:
            log.warning("%s is %s: %s", self.root, mode, reason)
        self._troubles.set_root(self.root, mode, shown)

    def _may_be_missing(self) -> bool:
        return self.mode == "missing" and self._optional and (self._absence is None or self._absence.is_proven)
