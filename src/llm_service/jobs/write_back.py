"""`WriteBack`: the file of a job says what became of it, as its runner knows."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

from ..errors import FileRefused
from .ledger import Ledger
from .model import Job, JobFile
from .store import JobStore
from .writer import is_written, write_job

log = logging.getLogger(__name__)

_LEAST_S = 1.0
"""A file is not written more often, no matter what else writes to it."""


class WriteBack:
    """Called by the scheduler's thread, only where control is on: the observer writes nothing."""

    def __init__(
        self, store: JobStore, ledger: Ledger, folder: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._folder = folder
        self._clock = clock
        self._written: dict[str, tuple[float, str]] = {}

    def turn(self) -> None:
        """Write the files that do not say what is known: at once for another status, else once a second."""
        for job in self._store.jobs():
            file = self._store.file(job.id)
            if file is None or file.problem is not None or is_written(job, file):
                continue
            if job.runs or self._ledger.request(job.id) is not None:
                self._write(job, file)

    def _write(self, job: Job, file: JobFile) -> None:
        at, status = self._written.get(job.id, (float("-inf"), ""))
        now = self._clock()
        if now - at < _LEAST_S and status == job.status:
            return
        if not os.path.lexists(os.path.join(self._folder, os.path.basename(job.file))):
            return  # it was removed a moment ago
        self._written[job.id] = (now, job.status)
        try:
            write_job(self._folder, job, file.more)
        except (OSError, FileRefused) as problem:
            log.warning("%s could not be written: %s", job.file, problem)
