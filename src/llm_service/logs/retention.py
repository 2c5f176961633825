"""Removes the logs of ended runs by age and size, the oldest first; logs of runs that go on are never removed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence

from .. import files
from ..errors import FileRefused
from ..processes.model import Run
from .followed import has_ended, size_of
from .parsing import time_ms
from .settings import LogSettings
from .store import LOG_NAME, LogStore

log = logging.getLogger(__name__)

INTERVAL_S = 600.0
_MB = 1_000_000
_DAY_MS = 86_400_000


class LogRetention:
    """Called again and again, it does something every ten minutes."""

    def __init__(
        self,
        settings: LogSettings,
        store: LogStore,
        list_runs: Callable[[], Sequence[Run]],
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._store = store
        self._list_runs = list_runs
        self._now_ms = now_ms
        self._clock = clock
        self._next_at = float("-inf")

    def __call__(self) -> None:
        """Remove what is due."""
        if self._clock() < self._next_at:
            return
        self._next_at = self._clock() + INTERVAL_S
        self._store.tidy()
        with files.SafeRoot(self._store.workspace) as root:
            for run, reason in self._excess():
                try:
                    root.remove(f"{run.folder}/{LOG_NAME}")
                except FileRefused as problem:
                    log.warning("the log of run %s could not be removed: %s", run.run_id, problem)
                    continue
                self._store.forget(run.run_id)
                log.info("the log of run %s was removed: %s", run.run_id, reason)

    def _excess(self) -> Iterator[tuple[Run, str]]:
        """(run, why its log has to go)."""
        own = self._settings
        # What is not surely ours is not ours to remove, such as the runs of a workspace that was cloned.
        own_runs = (run for run in self._list_runs() if run.is_proven and has_ended(run))
        ended = [(_ended_ms(run), run, size_of(self._store, run)) for run in own_runs]
        total = 0
        for at_ms, run, size in sorted(ended, key=lambda one: one[0], reverse=True):
            if not size:
                continue
            if own.logs_run_max_mb and size > own.logs_run_max_mb * _MB:
                yield run, "it is larger than `logs_run_max_mb`"
            elif own.logs_max_age_days and self._now_ms() - at_ms > own.logs_max_age_days * _DAY_MS:
                yield run, "it is older than `logs_max_age_days`"
            elif own.logs_max_mb and total + size > own.logs_max_mb * _MB:
                yield run, "all logs together are larger than `logs_max_mb`"
            else:
                total += size


def _ended_ms(run: Run) -> int:
    return time_ms(run.exit.finished_at if run.exit is not None else run.started_at)
