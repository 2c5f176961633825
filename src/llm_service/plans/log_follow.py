"""`LogFollow`: the new lines of a log, whatever becomes of the file: rotated, cut short, written anew, not there yet.

A file that was renamed is read to its end before the new one is begun, so no line is lost; a line that was written in
two pieces is one line; what was read is recognised by its content, so a file that was cut short and has grown past that
place again is read from its start.
"""

from __future__ import annotations

import os

from ..errors import FileRefused
from ..files import open_file
from ..logs.redaction import Redactor
from ..watch.tail import fingerprint, read_at
from .log_file import decode_line, last_lines

_CHUNK_BYTES = 256 << 10
_MAX_AT_ONCE = 4 << 20


class LogFollow:
    """One log, followed by one thread. Close it, or use it as a context manager."""

    def __init__(self, workspace: str) -> None:
        self._workspace = workspace
        self._path: str | None = None
        self._handle: int | None = None
        self._offset = 0
        self._mark = b""
        self._redactor = Redactor()
        self._waiting: list[str] = []

    def __enter__(self) -> LogFollow:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    @property
    def path(self) -> str | None:
        """The file that is followed, relative to the workspace."""
        return self._path

    def start(self, path: str, count: int, since: float | None = None) -> None:
        """Begin with the last `count` lines of a file, of those from `since` on. Raises FileRefused."""
        self._begin(path)
        if self._handle is not None:
            tail = last_lines(self._handle, count, since)
            self._offset, self._waiting = tail.offset, tail.lines
            self._redactor = Redactor(tail.redaction)
            self._mark = fingerprint(self._handle, self._offset)

    def read(self, path: str | None) -> list[str]:
        """The lines that were written since; `path` is where the log is now, None if it is nowhere.

        Raises FileRefused, but for a file that is gone, of which the rest is read.
        """
        lines, self._waiting = self._waiting, []
        if self._handle is not None:
            lines += self._more()
        if path is not None and (self._handle is None or path != self._path or self._was_replaced(path)):
            if self._handle is not None:
                while more := self._more():
                    lines += more
                lines += _lines(self._redactor.flush())
            self._begin(path)
            lines += self._more()
        return lines

    def close(self) -> None:
        """Close the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _begin(self, path: str) -> None:
        self.close()
        self._path, self._offset, self._mark, self._redactor = path, 0, b"", Redactor()
        self._handle = open_file(self._workspace, path)

    def _was_replaced(self, path: str) -> bool:
        try:
            handle = open_file(self._workspace, path)
        except FileRefused:
            return False  # nothing has come in its place yet
        try:
            return self._handle is not None and not os.path.sameopenfile(handle, self._handle)
        finally:
            os.close(handle)

    def _more(self) -> list[str]:
        """The whole lines behind what was read."""
        if self._handle is None:
            return []
        size = os.fstat(self._handle).st_size
        if size < self._offset or fingerprint(self._handle, self._offset) != (self._mark or self._nothing()):
            self._offset, self._redactor = 0, Redactor()
        found = b""
        begin = self._offset
        while len(found) < _MAX_AT_ONCE:
            data = read_at(self._handle, _CHUNK_BYTES, self._offset)
            if not data:
                break
            self._offset += len(data)
            found += data
        if self._offset != begin or not self._mark:
            self._mark = fingerprint(self._handle, self._offset)
        return _lines(self._redactor.feed(found)) if found else []

    def _nothing(self) -> bytes:
        return fingerprint(self._handle, 0) if self._handle is not None else b""


def _lines(data: bytes) -> list[str]:
    if not data:
        return []
    return [decode_line(line) for line in data.removesuffix(b"\n").split(b"\n")]
