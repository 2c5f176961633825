"""What is kept of each file of a tree: 29 bytes, so that a million of them fit.

The first 24 bytes are the signature (inode, size, mtime in ns): two records with equal ones are of the same content.
"""

from __future__ import annotations

import os
import stat
import struct
from typing import NamedTuple

KINDS = ("file", "link", "special")
_KIND = 0b11
OPEN = 0b100
"""The lines are not counted yet; `lines` is what they were before, or UNKNOWN."""
WRITTEN = 0b1000
"""Made or changed while we watched: the lines that it grows by are written ones."""
YOUNG = 0b1_0000
"""So young when it was looked at that it may be written again without another mtime."""

UNKNOWN = -1
NONE = -2
"""There are no lines to count: not text, too large, or nothing that is ever opened."""

_LAYOUT = struct.Struct("<QQqiB")
_SIGNATURE_BYTES = 24
_YOUNG_NS = 50_000_000
_FLAGS_AT = 28


class Record(NamedTuple):
    """A record, unpacked."""

    inode: int
    size_bytes: int
    mtime_ns: int
    lines: int
    flags: int

    @property
    def kind(self) -> str:
        """ "file", "link" or "special"."""
        return KINDS[self.flags & _KIND]

    @property
    def counted(self) -> int | None:
        """The lines, None if they are not counted or there are none to count."""
        return None if self.flags & OPEN or self.lines < 0 else self.lines

    @property
    def known_lines(self) -> int:
        """The lines at the last count, 0 if there was none."""
        return max(0, self.lines)


def record_of(status: os.stat_result, now_ns: int, most_counted_bytes: int) -> bytes:
    """The record of what `os.lstat` gave; lines of files up to `most_counted_bytes` are to be counted."""
    mode, size, mtime_ns = status.st_mode, status.st_size, status.st_mtime_ns
    if stat.S_ISREG(mode):
        flags, lines = (OPEN, UNKNOWN) if size <= most_counted_bytes else (0, NONE)
    else:
        flags, lines = (1 if stat.S_ISLNK(mode) else 2), NONE
    if now_ns - mtime_ns < _YOUNG_NS:
        flags |= YOUNG
    # Times that no clock has (utime takes any) are kept within what fits.
    return _LAYOUT.pack(status.st_ino, size, max(-(1 << 63), min(mtime_ns, (1 << 63) - 1)), lines, flags)


def unpack(record: bytes) -> Record:
    """The fields of a record."""
    return Record(*_LAYOUT.unpack(record))


def same_content(record: bytes, other: bytes) -> bool:
    """True if two records are of a file that was not written in between, as far as its signature tells."""
    return record.startswith(other[:_SIGNATURE_BYTES]) and not (record[_FLAGS_AT] ^ other[_FLAGS_AT]) & _KIND


def is_young(record: bytes) -> bool:
    """See YOUNG."""
    return bool(record[_FLAGS_AT] & YOUNG)


def with_lines(record: bytes, lines: int, flags: int) -> bytes:
    """The record with other lines and flags; its kind stays."""
    return record[:_SIGNATURE_BYTES] + _LINES.pack(lines, (record[_FLAGS_AT] & (_KIND | YOUNG)) | flags)


_LINES = struct.Struct("<iB")
