"""`LogTracker` follows the logs of all runs; driven by a `Follower` over the folder of the runs.

Logs are not watched but polled, 50 times a second while their run goes on: a look at 20 files costs 0.1 ms, and twenty
programs that print 1,000 lines a second each would make 20,000 events a second of a watcher. A log that has just grown
by much is read on after 200 ms, so that blocks are large; one that was silent is read at the next look. Logs are read
in turn, a few blocks each, so that a flood in one delays the others by milliseconds.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Sequence

from ..errors import FileRefused, ServiceError
from ..processes.model import Run
from ..watch.hints import Hint
from ..watch.retry import reason_of
from ..watch.root import WatchedRoot
from .events import RunOutput
from .followed import FollowedLog, LinesListener, has_ended, size_of
from .parsing import MakeParser
from .store import LOG_NAME, LogStore

log = logging.getLogger(__name__)

POLL_S = 0.02
BUSY_S = 0.2
BUSY_BYTES = 4_096
_TURN_S = 0.1
_RETRY_S = 1.0
Signature = tuple[int, int, int]


class _Polled:
    """A followed log, when to look at it next, and what it looked like."""

    __slots__ = ("flush", "followed", "next_at", "pending_since", "problem", "seen")

    def __init__(self, followed: FollowedLog, now: float) -> None:
        self.followed = followed
        self.next_at = now
        self.seen: Signature | None = None
        self.pending_since: float | None = None
        self.flush = False
        self.problem: str | None = None


class LogTracker:
    """All logs that may grow or are not indexed to their end; a `Tracker`."""

    name = "logs"

    def __init__(
        self,
        root: WatchedRoot,
        store: LogStore,
        list_runs: Callable[[], Sequence[Run]],
        make_parser: MakeParser,
        publish: Callable[[RunOutput], object],
        listeners: Sequence[LinesListener],
        tidy: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tidy` removes old logs; called at every scan of everything."""
        self._root = root
        self._store = store
        self._list_runs = list_runs
        self._make_parser = make_parser
        self._publish = publish
        self._listeners = listeners
        self._tidy = tidy
        self._clock = clock
        self._logs: dict[str, _Polled] = {}
        self._changed: deque[Run] = deque()
        self._interrupted = False

    # From any thread.

    def run_changed(self, run: Run) -> None:
        """A run started or ended; wake the follower after it."""
        self._changed.append(run)

    def interrupt(self) -> None:
        """The follower ends."""
        self._interrupted = True

    # From the follower's thread: see `Tracker`.

    def load(self) -> None:
        """Begin with all runs that there are."""
        self._root.check(self._clock())
        self.rescan("")

    def hint(self, hint: Hint, now: float) -> None:
        """A run's folder appeared or went: runs are reported by `run_changed`, logs are polled."""

    def rescan(self, folder: str) -> None:
        """Look at the logs of all runs, also of those that ended."""
        if folder:
            return
        began = self._clock()
        self._root.watch("")
        for run in self._list_runs():
            self._adopt(run)
        for polled in self._logs.values():
            polled.next_at, polled.flush, polled.pending_since = began, True, began
            polled.seen = None
            polled.followed.wanted_bytes = size_of(self._store, polled.followed.run)
        self._tidy()
        self._root.scan_finished(self._clock(), self._clock() - began, {})

    def turn(self, now: float) -> bool:
        """Read what has grown, and publish what is due."""
        while self._changed:
            self._adopt(self._changed.popleft())
        has_grown = False
        until = self._clock() + _TURN_S
        due = [polled for polled in self._logs.values() if polled.next_at <= now]
        while due and not self._interrupted:
            due = [polled for polled in due if self._read(polled)]
            has_grown = has_grown or bool(due)
            self._send()
            if self._clock() > until:
                break
        self._send()
        self._root.set_unread(
            {f"{p.followed.run.run_id}/{LOG_NAME}": p.problem for p in self._logs.values() if p.problem}
        )
        return has_grown

    def next_due(self) -> float | None:
        """The next look at a log, or the next event."""
        if self._changed:
            return self._clock()
        due = [polled.next_at for polled in self._logs.values()]
        due += [at for polled in self._logs.values() if (at := polled.followed.due()) is not None]
        return min(due, default=None)

    def oldest_pending(self) -> float | None:
        """Since when a request to be in sync waits."""
        return min((p.pending_since for p in self._logs.values() if p.pending_since is not None), default=None)

    def _adopt(self, run: Run) -> None:
        """Follow a run's log, unless it has ended and is known to the end.

        A run that is not surely ours is shown once it has ended, and no more: an agent must not add lines to a job.
        """
        if not run.is_proven and not has_ended(run):
            return
        polled = self._logs.get(run.run_id)
        if polled is not None:
            if polled.followed.run != run:
                polled.followed.run, polled.next_at, polled.seen = run, self._clock(), None
            return
        try:
            if has_ended(run) and self._store.is_complete(run):
                return
            listeners = self._listeners if run.is_proven else ()
            followed = FollowedLog(run, self._store, self._make_parser, listeners)
        except (ServiceError, OSError) as problem:
            log.warning("the log of run %s cannot be followed: %s", run.run_id, problem)
            return
        self._logs[run.run_id] = _Polled(followed, self._clock())

    def _read(self, polled: _Polled) -> bool:
        """Look at a log and read on if it has changed; True if there is more to be read at once."""
        now, followed = self._clock(), polled.followed
        signature = self._signature(followed.run)
        if signature == polled.seen and signature is not None and not followed.is_ended:
            polled.next_at, polled.pending_since = now + POLL_S, None
            return False
        try:
            read = followed.read()
            polled.problem = None
        except (FileRefused, OSError) as problem:
            polled.problem, polled.pending_since = _reason(problem), None
            polled.next_at = now + _RETRY_S
            return False
        if read or followed.has_more:
            polled.next_at = now + (BUSY_S if read >= BUSY_BYTES else POLL_S)
            if followed.wanted_bytes is None and polled.pending_since is not None:
                self._flush(polled)
            return True
        polled.seen = signature
        polled.next_at = max(polled.next_at, now + POLL_S)
        if followed.is_complete or polled.flush:
            self._flush(polled)
        if followed.is_complete:
            del self._logs[followed.run.run_id]
            self._store.release(followed.run.run_id)
        return False

    def _flush(self, polled: _Polled) -> None:
        output = polled.followed.output(self._clock())
        if output is not None and polled.followed.run.is_proven:
            self._publish(output)
        polled.flush, polled.pending_since = False, None

    def _send(self) -> None:
        """Publish what is due."""
        now = self._clock()
        for polled in self._logs.values():
            due = polled.followed.due()
            if due is not None and due <= now:
                output = polled.followed.output(now)
                if output is not None and polled.followed.run.is_proven:
                    self._publish(output)

    def _signature(self, run: Run) -> Signature | None:
        """What a log looks like, so that one that has not changed need not be opened. It decides nothing else."""
        try:
            status = os.stat(os.path.join(self._store.workspace, run.folder, LOG_NAME), follow_symlinks=False)
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_ctime_ns


def _reason(problem: FileRefused | OSError) -> str:
    return reason_of(str(problem)) if isinstance(problem, FileRefused) else problem.strerror or str(problem)
