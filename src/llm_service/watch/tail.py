"""Reading a file that grows: whole new lines since the last read, each once, however the file was treated meanwhile.

What has been read is recognised by its content, not by its name or inode: a hash over the first KiB and over the
last bytes before the place where reading stopped. So a log that was cut short, written anew, or copied away and
emptied is read from its start, even if it has grown past that place again; and one that was renamed, restored
from a backup or seen on another device number goes on where it stopped.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from .. import files

MAX_LINE_BYTES = 16 << 20
_CHUNK_BYTES = 512 << 10
_PART_BYTES = 4 << 20
"""One read stops behind the line with which it holds this much: lines of logs may have megabytes each."""
_SEARCH_BYTES = 64 << 20
"""Searched at once, at most, for the end of a line that is too long to be read."""
_HEAD_BYTES = 1024
_ANCHOR_BYTES = 256
_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\x00"
"""Left out around a line. NUL: what some file systems leave where a line was being written when the power failed."""


class Position(NamedTuple):
    """Everything before byte `offset`, which is `line` lines, has been read; `fingerprint` recognises it."""

    device: int = 0
    inode: int = 0
    offset: int = 0
    line: int = 0
    fingerprint: bytes = b""


@dataclass(slots=True)
class Part:
    """What one read gave: (line number from 1, line without its end), lines refused as (number, reason)."""

    lines: list[tuple[int, bytes]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    more: bool = False
    """There is more to be read at once."""
    restarted: bool = False
    """The file is another one than before, or was cut short: line 1 is the first line of `lines`."""


_START = Position()


class Tail:
    """One growing file below `root`. Keeps no descriptor open and no bytes between reads."""

    def __init__(self, root: str, path: str, position: Position = _START, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._root = root
        self._path = path
        self._max_line_bytes = max_line_bytes
        self._searched = 0  # bytes behind the offset that are known to hold no line end
        self.position = position
        self.size_bytes = 0

    def read(self, max_lines: int) -> Part:
        """Up to `max_lines` new whole lines, not many bytes at once; a last line without its end waits.

        Raises FileRefused, OSError.
        """
        handle = files.open_file(self._root, self._path)
        try:
            return self._read(handle, max_lines)
        finally:
            os.close(handle)

    def recognises(self) -> bool:
        """True if the file at the path holds what was read before. Raises FileRefused, OSError."""
        handle = files.open_file(self._root, self._path)
        try:
            return self._is_known(handle, os.fstat(handle).st_size)
        finally:
            os.close(handle)

    def _read(self, handle: int, max_lines: int) -> Part:
        part = Part()
        status = os.fstat(handle)
        self.size_bytes = status.st_size
        if not self._is_known(handle, status.st_size):
            self.position = _START
            self._searched = 0
            part.restarted = True
        same_file = (status.st_dev, status.st_ino) == self.position[:2]
        if not same_file or status.st_size < self.position.offset + self._searched:
            self._searched = 0
        before = self.position.offset
        offset, line = before, self.position.line
        searched_here = 0
        stop = before + _PART_BYTES
        while len(part.lines) < max_lines and offset < stop and offset + self._searched < status.st_size:
            chunk = read_at(handle, _CHUNK_BYTES, offset + self._searched)
            end = chunk.rfind(b"\n")
            if end < 0:
                self._searched += len(chunk)
                searched_here += len(chunk)
                if not chunk:
                    break  # cut short this very moment; the next read sees it
                if searched_here >= _SEARCH_BYTES:
                    part.more = True
                    break
                continue
            if self._searched > self._max_line_bytes:
                line += 1
                part.refused.append((line, self._too_long()))
                offset += self._searched + chunk.find(b"\n") + 1
                self._searched = 0
                continue
            if self._searched:
                chunk = read_at(handle, self._searched, offset) + chunk
                end = chunk.rfind(b"\n")
            wanted = max_lines - len(part.lines)
            found = chunk[:end].split(b"\n", wanted)
            if len(found) > wanted:
                end -= len(found.pop()) + 1
            if offset == 0 and found[0].startswith(_BOM):
                found[0] = found[0][len(_BOM) :]
            for data in found:
                line += 1
                if len(data) > self._max_line_bytes:
                    part.refused.append((line, self._too_long()))
                    continue
                data = data.strip(_BLANK)
                if data:
                    part.lines.append((line, data))
            offset += end + 1
            self._searched = 0
        else:
            part.more = offset + self._searched < status.st_size
        mark = self.position.fingerprint if offset == before else fingerprint(handle, offset)
        self.position = Position(status.st_dev, status.st_ino, offset, line, mark)
        return part

    def _is_known(self, handle: int, size: int) -> bool:
        offset = self.position.offset
        return offset == 0 or (size >= offset and fingerprint(handle, offset) == self.position.fingerprint)

    def _too_long(self) -> str:
        return f"This line has more than {self._max_line_bytes:,} bytes."


def fingerprint(handle: int, offset: int) -> bytes:
    """Recognises the bytes before `offset` by the first and the last of them."""
    head = read_at(handle, min(_HEAD_BYTES, offset), 0)
    anchor = b""
    if offset > _HEAD_BYTES:
        anchor = read_at(handle, _ANCHOR_BYTES, offset - _ANCHOR_BYTES)
    return blake2b(head + anchor, digest_size=16).digest()


def read_at(handle: int, size: int, offset: int) -> bytes:
    """Up to `size` bytes from `offset`; fewer only at the end of the file."""
    os.lseek(handle, offset, os.SEEK_SET)
    data = os.read(handle, size)
    while len(data) < size:
        more = os.read(handle, size - len(data))
        if not more:
            break
        data += more
    return data
