"""`Indexes`: the indexes of the logs that were asked for last, within a limit of memory."""

from __future__ import annotations

import threading
from collections import OrderedDict

from .index import LogIndex
from .reader import Log

_MOST_LOGS = 24
_MOST_LINES = 4_000_000
"""In all, at twelve bytes each."""


class Indexes:
    """May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], LogIndex] = OrderedDict()

    def of(self, log: Log) -> LogIndex:
        """The index of a log, new or as it was when it was asked for last."""
        key = log.root, log.path
        with self._lock:
            index = self._known.get(key)
            if index is None:
                index = self._known[key] = LogIndex(log.root, log.path, lambda: log.format)
            self._known.move_to_end(key)
            while len(self._known) > 1 and self._is_over():
                self._known.popitem(last=False)
            return index

    def forget(self, log: Log) -> None:
        """The log is gone."""
        with self._lock:
            self._known.pop((log.root, log.path), None)

    def _is_over(self) -> bool:
        return len(self._known) > _MOST_LOGS or sum(each.lines for each in self._known.values()) > _MOST_LINES
