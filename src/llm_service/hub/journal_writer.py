"""The side of the journal that its thread sees: writes what is queued, mends what was removed, compacts records."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from ..files import require_inside
from ..json_values import as_json
from ..settings.state_folder import make_private
from ..settings.troubles import Troubles
from .append_file import AppendFile, Transform
from .journal_queue import JournalQueue
from .journal_segments import Bounds, SegmentWriter
from .ring import encode

_BATCH_BYTES = 1_000_000
RECORD_BYTES = 200
"""What a record counts for in the queue, where it is not encoded yet."""
Item = tuple["Records | None", Any]
"""What is queued: the text of an event, or a record with its file."""


class Records:
    """A file of records beside the segments, as the writer has it."""

    def __init__(self, file: AppendFile, compact: Transform, max_bytes: int) -> None:
        self.file = file
        self.pending: list[bytes] = []
        """Encoded and not written yet."""
        self._compact = compact
        self._max_bytes = self._compact_above = max_bytes

    def compact(self) -> None:
        """Make the file smaller if it has grown over its bound. Raises OSError."""
        if self.file.size > self._compact_above:
            self.file.replace(self._compact)
            self._compact_above = max(self._max_bytes, self.file.size * 2)


class JournalWriter:
    """Used by one thread, but for `files` and `queue`. What could not be written is kept for the next `turn`."""

    def __init__(
        self, folder: str, bounds: Bounds, queue: JournalQueue[Item], reclaim: Callable[[], str | None]
    ) -> None:
        self.records: list[Records] = []
        self._folder = folder
        self._queue = queue
        self._reclaim = reclaim
        self._segments = SegmentWriter(folder, bounds)
        self._texts: list[str] = []
        """Taken from the queue and not written yet."""
        self._encoder = msgspec.json.Encoder()

    def turn(self, troubles: Troubles) -> None:
        """Write all there is. Raises OSError."""
        mended = self._mend()
        if mended:
            troubles.restore(mended)
        while self._write_batch():
            pass
        for records in self.records:
            records.compact()

    def close(self) -> None:
        """Close all files."""
        for file in self._files():
            file.close()

    def _write_batch(self) -> bool:
        """Write some of what is queued; True if there may be more."""
        taken = self._queue.take(_BATCH_BYTES)
        for (records, item), _ in taken:
            if records is None:
                self._texts.append(item)
            else:
                records.pending.append(self._line(item))
        for count in self._segments.write(list(self._texts)):
            size = sum(map(len, self._texts[:count]))
            del self._texts[:count]
            self._queue.done(count, size)
        for records in self.records:
            if records.pending:
                records.file.append(b"".join(records.pending))
                self._queue.done(len(records.pending), len(records.pending) * RECORD_BYTES)
                records.pending.clear()
        return bool(taken)

    def _line(self, record: Any) -> bytes:
        try:
            return self._encoder.encode(record) + b"\n"
        except (TypeError, UnicodeEncodeError):  # half of a character, as in names of files
            return encode(as_json(record)).encode() + b"\n"

    def _files(self) -> list[AppendFile]:
        current = self._segments.file
        return [records.file for records in self.records] + ([current] if current is not None else [])

    def _mend(self) -> str | None:
        """Open what is not open, and put back what was removed while it was in use; what that was. Raises OSError."""
        lost = [(file, how) for file in self._files() if (how := file.lost()) is not None]
        if lost or not os.path.isdir(self._folder):
            self._make_folder()
        for file, _ in lost:
            file.restore()
        for records in self.records:
            if not records.file.is_open:
                records.file.open()
        if self._segments.file is None:
            self._segments.open()
            self._segments.prune()
        if not lost:
            return None
        return (
            f"{' and '.join(how for _, how in lost)} while it was in use; what was open was put back into the journal"
        )

    def _make_folder(self) -> None:
        if not os.path.isdir(os.path.dirname(self._folder)):
            reason = self._reclaim()
            if reason is not None:
                raise OSError(reason)
        require_inside(self._folder)
        with suppress(FileExistsError):
            os.mkdir(self._folder, 0o700)
        make_private(self._folder)
