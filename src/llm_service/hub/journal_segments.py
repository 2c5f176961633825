"""The segments of the journal: files `<UTC day>.<number>.jsonl`, whose numbers rise in the order of writing.

A segment has one day and at most `max_bytes`; in one, times never go back (a clock that was set back begins another).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..errors import FileRefused
from ..files import scan_folder
from .append_file import AppendFile
from .lines import lines_of

_NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{8})\.jsonl", re.ASCII)
HEAD = re.compile(rb'\{"seq":(\d+),"epoch":"(\d+)","type":"([^"\\]+)","time":"([^"\\]+)"[,}]')
"""How each line begins: number, epoch, type and time of the event."""
_TIME = '"time":"'
_TIME_LENGTH = len("2026-01-01T00:00:00.000Z")
_TAIL_BYTES = 65_536
_MOST = 90_000_000
"""A segment with a greater number is none of ours: then no number would be left."""


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One file of events."""

    number: int
    day: str
    name: str
    size: int


def segments(folder: str) -> list[Segment]:
    """The segments of a folder in the order of writing; [] if it cannot be listed."""
    found = []
    try:
        with scan_folder(folder, "") as entries:
            for entry in entries:
                name = _NAME.fullmatch(entry.name)
                if name is not None and int(name[2]) < _MOST and entry.is_file(follow_symlinks=False):
                    with contextlib.suppress(FileNotFoundError):
                        size = entry.stat(follow_symlinks=False).st_size
                        found.append(Segment(int(name[2]), name[1], entry.name, size))
    except FileRefused:
        return []
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the journal may take: bytes in all, days back from today, and bytes of one segment."""

    total_bytes: int
    days: int

    @property
    def segment_bytes(self) -> int:
        """An eighth of it all, so that little is lost at once; at most 8 MB."""
        return min(8_000_000, self.total_bytes // 8)


class SegmentWriter:
    """Writes events into the current segment, begins others, and removes the oldest. Used by one thread."""

    def __init__(self, folder: str, bounds: Bounds) -> None:
        self._folder = folder
        self._bounds = bounds
        self._file: AppendFile | None = None
        self._day = self._last = ""
        self._number = 0

    @property
    def file(self) -> AppendFile | None:
        """The current segment."""
        return self._file

    def open(self) -> None:
        """Continue the last segment, unless it is full or its end cannot be read. Raises OSError."""
        known = segments(self._folder)
        if known:
            self._number = known[-1].number
            if known[-1].size < self._bounds.segment_bytes:
                self._continue(known[-1])

    def write(self, texts: Iterable[str]) -> Iterable[int]:
        """Write events, as JSON texts; yields how many of them are written, as they are. Raises OSError."""
        batch: list[str] = []
        size, last = 0, self._last
        for text in texts:
            at = text.find(_TIME) + len(_TIME)
            day, time = text[at : at + 10], text[at : at + _TIME_LENGTH]
            is_full = self._file is None or self._file.size + size >= self._bounds.segment_bytes
            if is_full or day != self._day or time < last:
                yield self._flush(batch, last)
                self._begin(day)
                batch, size = [], 0
            last = time
            batch.append(text)
            size += len(text) + 1
        yield self._flush(batch, last)

    def close(self) -> None:
        """Close the current segment."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def prune(self) -> None:
        """Remove what is too old or too much; never the current segment."""
        known = segments(self._folder)
        total = sum(segment.size for segment in known) + self._bounds.segment_bytes  # with what is still to come
        oldest = (datetime.now(UTC) - timedelta(days=self._bounds.days)).strftime("%Y-%m-%d")
        for segment in known:
            if segment.number == self._number:
                break
            if segment.day < oldest or total > self._bounds.total_bytes:
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(self._folder, segment.name))
                total -= segment.size

    def _continue(self, segment: Segment) -> None:
        file = AppendFile(self._folder, segment.name)
        file.open()
        last = self._last_time(file)
        if last is None and file.size:
            file.close()
            return
        self._file, self._day, self._last = file, segment.day, last or ""

    def _last_time(self, file: AppendFile) -> str | None:
        handle = os.open(file.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            *_, line = b"", *lines_of(handle, max(0, file.size - _TAIL_BYTES), file.size)
        finally:
            os.close(handle)
        head = HEAD.match(line)
        return head[4].decode() if head is not None else None

    def _begin(self, day: str) -> None:
        self.close()
        number = self._number + 1
        file = AppendFile(self._folder, f"{day}.{number:08d}.jsonl")
        file.open()
        self._file, self._day, self._number = file, day, number
        self.prune()

    def _flush(self, batch: list[str], last: str) -> int:
        if batch:
            assert self._file is not None  # noqa: S101 - begun before anything is put in a batch
            self._file.append("\n".join([*batch, ""]).encode())
            self._last = last
        return len(batch)
