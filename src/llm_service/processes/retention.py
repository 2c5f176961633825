"""Removes the folders of ended runs by age and number, the oldest first; those of runs that go on are never removed."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence

from ..errors import FileRefused
from ..files import SafeRoot
from ..times import unix_time
from .model import Run, RunStatus
from .records import LOG_NAME
from .settings import ProcessSettings

log = logging.getLogger(__name__)

INTERVAL_S = 600.0
_DAY_S = 86_400.0

IsNeeded = Callable[[Run], bool]


class RunRetention:
    """Called again and again, it does something every ten minutes, and not in the first ones: what a run that ended
    while we did not run is charged for has to be counted first."""

    def __init__(
        self,
        settings: ProcessSettings,
        root: str,
        list_runs: Callable[[], Sequence[Run]],
        is_alive: Callable[[str], bool],
        needed_by: Sequence[IsNeeded],
        now_s: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`list_runs()` of the folder `root`, the oldest first. A run that one of `needed_by` needs is not removed."""
        self._settings = settings
        self._root = root
        self._list_runs = list_runs
        self._is_alive = is_alive
        self._needed_by = needed_by
        self._now_s = now_s
        self._clock = clock
        self._next_at = clock() + INTERVAL_S

    def __call__(self) -> None:
        """Remove what is due."""
        if self._clock() < self._next_at:
            return
        self._next_at = self._clock() + INTERVAL_S
        with SafeRoot(self._root) as root:
            for run, reason in list(self._excess(root)):
                if self._is_alive(run.run_id) or any(needs(run) for needs in self._needed_by):
                    continue
                try:
                    root.remove_folder(run.run_id)
                except FileRefused as problem:
                    log.warning("the run %s could not be removed: %s", run.run_id, problem)
                    continue
                log.info("the run %s was removed: %s", run.run_id, reason)

    def _excess(self, root: SafeRoot) -> Iterator[tuple[Run, str]]:
        """(run, why it has to go)."""
        own = self._settings
        # What is not surely ours is not ours to remove, such as the runs of a workspace that was cloned.
        ended = [run for run in self._list_runs() if run.is_proven and _has_ended(run)]
        newest_first = sorted(((_ended_s(root, run), run) for run in ended), key=lambda one: one[0], reverse=True)
        for number, (at_s, run) in enumerate(newest_first):
            if own.runs_max and number >= own.runs_max:
                yield run, "there are more than `runs_max`"
            elif own.runs_max_age_days and self._now_s() - at_s > own.runs_max_age_days * _DAY_S:
                yield run, "it is older than `runs_max_age_days`"


def _has_ended(run: Run) -> bool:
    return run.status in (RunStatus.FINISHED, RunStatus.UNKNOWN) and not run.survivors


def _ended_s(root: SafeRoot, run: Run) -> float:
    """When it ended, in seconds since 1970; of one whose end is not known when it printed last."""
    times = [unix_time(run.started_at) or 0.0, unix_time(run.exit.finished_at if run.exit is not None else None) or 0.0]
    if run.exit is None:
        with contextlib.suppress(FileRefused):
            times.append(root.status(f"{run.run_id}/{LOG_NAME}").st_mtime)
    return max(times)
