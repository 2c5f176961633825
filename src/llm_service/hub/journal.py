"""The journal: every event of the hub as a line of a file, so that later the past can be shown. `Journal(folder, ...)`.

A separate thread writes in batches, so `on_event` takes a microsecond, never blocks and never fails. Whatever is
wrong with the files (disk full, folder removed), the dashboard goes on: `trouble` and `health` say it, what is queued
is kept within a bound, the rest is dropped and counted, and the writer tries until it is over. Besides the events there
may be files with records of features (`record_file`), which are kept by rules of their own.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from ..errors import HistoryUnavailable
from ..settings.troubles import Troubles
from .append_file import AppendFile, Transform
from .journal_queue import JournalQueue
from .journal_reader import Page, read
from .journal_segments import Bounds, segments
from .journal_writer import RECORD_BYTES, Item, JournalWriter, Records
from .ring import Envelope

CHECK_INTERVAL_S = 1.0
"""So often the writer checks, without events, that its files are at their place, and tries again what failed."""
_STOP_S = 5.0
Call = tuple[Callable[[], None], Future[None]]
"""What the writer is to do with its files, and for whom."""


class RecordFile:
    """A file of records beside the segments: `append` from the publishing thread, `rewrite` from any."""

    def __init__(self, journal: Journal, records: Records) -> None:
        self.file = records.file
        self._records = records
        self._journal = journal

    def append(self, record: Any) -> None:
        """Queue one record, a dataclass or plain JSON; like `Journal.on_event`."""
        self._journal.add(self._records, record, RECORD_BYTES)

    def rewrite(self, transform: Transform, timeout_s: float = 5.0) -> None:
        """Replace the content, after all that was queued is written. Raises HistoryUnavailable."""
        self._journal.call(lambda: self.file.replace(transform), timeout_s)

    def flush(self, timeout_s: float = 5.0) -> bool:
        """See `Journal.flush`; False at once while the journal cannot be written."""
        return self._journal.trouble is None and self._journal.flush(timeout_s)


class Journal:
    """The journal in one folder. Thread-safe; `on_event` is called by the publishing thread."""

    def __init__(
        self,
        folder: str,
        bounds: Bounds,
        on_trouble: Callable[[str | None], None] = lambda reason: None,
        reclaim: Callable[[], str | None] = lambda: None,
    ) -> None:
        """`on_trouble(reason)` is called when something goes wrong, and with None when it is over. `reclaim()` makes
        the state folder around `folder` again if it was removed, or returns why that cannot be."""
        self.folder = folder
        self._troubles = Troubles(on_trouble)
        self._queue: JournalQueue[Item] = JournalQueue()
        self._writer = JournalWriter(folder, bounds, self._queue, reclaim)
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._tried = threading.Event()

    def record_file(self, name: str, compact: Transform, max_bytes: int) -> RecordFile:
        """A file of records in the folder; `compact(lines)` returns what to keep when it has more than `max_bytes`, or
        twice what was kept the last time. Before `start`."""
        records = Records(AppendFile(self.folder, name), compact, max_bytes)
        self._writer.records.append(records)
        return RecordFile(self, records)

    @property
    def trouble(self) -> str | None:
        """Why it cannot be written, or for some seconds that removed files were made again; else None."""
        return self._troubles.shown

    @property
    def waiting(self) -> int:
        """How many events and records are not written yet."""
        return self._queue.waiting

    def on_event(self, envelope: Envelope) -> None:
        """Queue an event, if its class is one to be kept."""
        if envelope.journaled:
            self.add(None, envelope.text, len(envelope.text))

    def add(self, records: Records | None, item: Any, size: int) -> None:
        """Queue the text of an event (`records` is None), or a record for a file."""
        if self._thread is not None:
            self._queue.add((records, item), size)

    def start(self) -> None:
        """Start the writer, which opens the files; returns once that was tried, or after a second."""
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()
        self._tried.wait(1.0)

    def stop(self) -> None:
        """Write what is queued, and end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping.set()
            self._queue.hurry()
            thread.join(_STOP_S)

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until all that was published before is written; False if it is not within `timeout_s`."""
        return self._thread is None or self._queue.flush(timeout_s)

    def read(
        self,
        since: str | None = None,
        until: str | None = None,
        types: Iterable[str] | None = None,
        limit: int = 500,
        *,
        is_backwards: bool = False,
        cursor: str | None = None,
    ) -> Page:
        """See `journal_reader.read`. Raises HistoryUnavailable too."""
        try:
            return read(self.folder, since, until, types, limit, is_backwards=is_backwards, cursor=cursor)
        except OSError as problem:
            raise HistoryUnavailable(f"The journal cannot be read: {problem}.") from problem

    def call(self, work: Callable[[], None], timeout_s: float) -> None:
        """Let the writer do something with its files. Raises HistoryUnavailable."""
        done: Future[None] = Future()
        try:
            if self._thread is None:
                raise HistoryUnavailable("The journal is not open.")
            self._calls.put((work, done))
            self._queue.hurry()
            done.result(timeout_s)
        except (TimeoutError, OSError) as problem:
            raise HistoryUnavailable(f"The journal could not be written: {str(problem) or 'no answer'}.") from problem

    def health(self) -> dict[str, Any]:
        """`{path, ok, problem, dropped, pending, segments, size_bytes, restored?}` for `/health`."""
        known = segments(self.folder)
        body: dict[str, Any] = {"path": self.folder, "ok": self._troubles.problem is None}
        body |= {"problem": self._troubles.problem, "dropped": self._queue.dropped, "pending": self._queue.waiting}
        size = sum(one.size for one in known) + sum(records.file.size for records in self._writer.records)
        body |= {"segments": len(known), "size_bytes": size}
        return body | ({"restored": self._troubles.restored} if self._troubles.restored else {})

    # The writer's thread.

    def _run(self) -> None:
        self._turn()
        self._tried.set()
        while not self._stopping.is_set():
            self._queue.wait(CHECK_INTERVAL_S)
            if self._troubles.problem is None or self._troubles.is_retry_due(CHECK_INTERVAL_S):
                self._turn()
        self._turn()
        self._writer.close()
        _refuse(self._take_calls(), OSError("the service ends"))

    def _turn(self) -> None:
        """Write all there is, and do what was called for before that: what is called for meanwhile may be about what
        was queued meanwhile, which is not written yet."""
        calls = self._take_calls()
        try:
            self._writer.turn(self._troubles)
        except OSError as problem:
            self._troubles.begin(f"the journal cannot be written: {problem.strerror or problem}")
            _refuse([*calls, *self._take_calls()], problem)
            return
        for work, done in calls:
            try:
                work()
            except Exception as problem:  # noqa: BLE001 - the caller gets it
                done.set_exception(problem)
            else:
                done.set_result(None)
        self._troubles.end()
        self._troubles.settle()

    def _take_calls(self) -> list[Call]:
        calls: list[Call] = []
        with suppress(queue.Empty):
            while True:
                calls.append(self._calls.get_nowait())
        return calls


def _refuse(calls: list[Call], problem: OSError) -> None:
    for _, done in calls:
        done.set_exception(problem)
