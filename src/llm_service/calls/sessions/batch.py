"""`BatchWriter`: calls and checkpoints that are stored together, and tried again while the store is unavailable."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from ...errors import HistoryUnavailable
from ..model import Call
from .checkpoints import Checkpoint

log = logging.getLogger(__name__)

_FIRST_RETRY_S, _LAST_RETRY_S = 0.5, 30.0
_GATHER_S = 0.2
"""A batch grows for so long while there is more to read: where many folders are read at once, each gets few calls in a
slice, and a transaction costs as much as some hundred of them."""


class IngestCounts(Protocol):
    """How many calls of a batch were new, already known, or known and updated."""

    @property
    def accepted(self) -> int: ...

    @property
    def duplicates(self) -> int: ...

    @property
    def updated(self) -> int: ...


Ingest = Callable[[Sequence[Call], Sequence[Checkpoint]], IngestCounts]
"""Stores calls and checkpoints, all or nothing; they are on disk on return. Raises HistoryUnavailable."""


class BatchWriter:
    """One batch at a time, stored in one transaction. `accepted` and `duplicates` count since the service started."""

    def __init__(self, folder: str, ingest: Ingest, clock: Callable[[], float]) -> None:
        """`folder` is for messages."""
        self._folder = folder
        self._ingest = ingest
        self._clock = clock
        self.accepted = self.duplicates = 0
        self.retry_at: float | None = None
        """When a batch that could not be stored is tried again; None if there is none."""
        self._retry_s = _FIRST_RETRY_S
        self._since: float | None = None
        self.calls: list[Call] = []
        self.checkpoints: dict[str, Checkpoint] = {}
        """By path."""
        self.finished: dict[str, float] = {}
        """The files read to their end: path -> when the content was seen."""

    def may_grow(self, max_calls: int) -> bool:
        """True while it is too early to store the batch if there is more to read."""
        if self._since is None:
            self._since = self._clock()
        return len(self.calls) < max_calls and self._clock() - self._since < _GATHER_S

    def finish(self, path: str, since: float) -> None:
        """A file, whose content was seen at `since`, was read to its end."""
        self.finished[path] = min(since, self.finished.get(path, since))

    def store(self, max_calls: int) -> list[Checkpoint] | None:
        """Store the batch, `max_calls` at once; its checkpoints, or None if the store is unavailable."""
        checkpoints = list(self.checkpoints.values())
        try:
            while len(self.calls) > max_calls:
                self._store_part(self.calls[:max_calls], [])
                del self.calls[:max_calls]
            if self.calls or checkpoints:
                self._store_part(self.calls, checkpoints)
        except HistoryUnavailable as problem:
            self._schedule_retry(str(problem))
            return None
        except Exception as problem:
            self._schedule_retry(repr(problem))
            raise
        self.retry_at, self._retry_s, self._since = None, _FIRST_RETRY_S, None
        self.calls, self.checkpoints, self.finished = [], {}, {}
        return checkpoints

    def _store_part(self, calls: Sequence[Call], checkpoints: Sequence[Checkpoint]) -> None:
        counts = self._ingest(calls, checkpoints)
        self.accepted += counts.accepted
        self.duplicates += counts.duplicates

    def _schedule_retry(self, reason: str) -> None:
        if self.retry_at is None:
            log.warning("calls from %s cannot be stored yet: %s", self._folder, reason)
        self.retry_at = self._clock() + self._retry_s
        self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)
