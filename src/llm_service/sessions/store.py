"""`Indexes`: the indexes of the logs that were asked for last, within a limit of memory."""

from __future__ import annotations

import threading
from collections import OrderedDict

from .index import LogIndex
from .opencode.index import EntryIndex
from .opencode.sources import source_of
from .reader import Log
from .rows_index import RowsIndex

_MOST_LOGS = 24
_MOST_LINES = 4_000_000
"""In all, at twelve bytes each."""


class Indexes:
    """May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Log, RowsIndex] = OrderedDict()

    def of(self, log: Log) -> RowsIndex:
        """The index of a log, new or as it was when it was asked for last."""
        with self._lock:
            index = self._known.get(log)
            if index is None:
                index = self._known[log] = _index_of(log)
            self._known.move_to_end(log)
            while len(self._known) > 1 and self._is_over():
                self._known.popitem(last=False)
            return index

    def forget(self, log: Log) -> None:
        """The log is gone."""
        with self._lock:
            self._known.pop(log, None)

    def _is_over(self) -> bool:
        return len(self._known) > _MOST_LOGS or sum(each.lines for each in self._known.values()) > _MOST_LINES


def _index_of(log: Log) -> RowsIndex:
    if log.kind == "opencode":
        return EntryIndex(source_of(log.root, log.path, log.inner))
    return LogIndex(log.root, log.path, lambda: log.format)
