"""What the tree stores of each file: `record_of` packs it into 31 bytes, so that a million of them fit, `unpack` and
smaller functions read it.

The first 24 bytes are the signature (inode, size, mtime in ns): two records with equal ones are of the same content.
The last three hold flags, the type as the tree has filled it in, and a check number of the ctime, which tells in
250 of 251 cases that a file was written in place with the size and mtime that it had.
"""

from __future__ import annotations

import os
import stat
import struct
from typing import NamedTuple

KINDS = ("file", "link", "special")
_KIND = 0b11
UNCOUNTED = 0b100
"""The lines are not counted yet; `lines` is what they were before, or UNKNOWN."""
WRITTEN = 0b1000
"""Made or changed while we watched: the lines that it grows by are written ones."""
YOUNG = 0b1_0000
"""So young when it was seen that it may be written again without another mtime."""
LINKED = 0b10_0000
"""It had more than one name."""

UNKNOWN = -1
NONE = -2
"""There are no lines to count: not text, too large, or nothing that is ever opened."""

MOST_COUNTED_BYTES = 4 << 20
"""Lines are counted in files up to this size."""

_LAYOUT = struct.Struct("<QQqiBBB")
_INODE = struct.Struct("<Q")
_MTIME = struct.Struct("<q")
_LINES = struct.Struct("<iB")
_LINES_AT = 24
_SIGNATURE_BYTES = 24
_LATEST_NS, _EARLIEST_NS = (1 << 63) - 1, -(1 << 63)
_YOUNG_NS = 50_000_000
_FLAGS_AT, _TYPE_AT, _CHECK_AT = 28, 29, 30
_CHECK_MODULUS = 251


class FileRecord(NamedTuple):
    """A record, unpacked."""

    inode: int
    size_bytes: int
    mtime_ns: int
    lines: int
    flags: int
    type: int
    check: int

    @property
    def kind(self) -> str:
        """ "file", "link" or "special"."""
        return KINDS[self.flags & _KIND]

    @property
    def counted(self) -> int | None:
        """The lines, None if they are not counted or there are none to count."""
        return None if self.flags & UNCOUNTED or self.lines < 0 else self.lines

    @property
    def known_lines(self) -> int:
        """The lines at the last count, 0 if there was none."""
        return max(0, self.lines)


def record_of(status: os.stat_result, now_ns: int, most_counted_bytes: int) -> bytes:
    """The record of what `os.lstat` gave; lines of files up to `most_counted_bytes` are to be counted."""
    mode, size, mtime_ns = status.st_mode, status.st_size, status.st_mtime_ns
    if stat.S_ISREG(mode):
        flags, lines = (UNCOUNTED, UNKNOWN) if size <= most_counted_bytes else (0, NONE)
    else:
        flags, lines = (1 if stat.S_ISLNK(mode) else 2), NONE
    if status.st_nlink > 1:
        flags |= LINKED
    if now_ns - mtime_ns < _YOUNG_NS:
        flags |= YOUNG
        if mtime_ns > _LATEST_NS:  # `utime` takes times that no clock has
            mtime_ns = _LATEST_NS
    elif mtime_ns < _EARLIEST_NS:
        mtime_ns = _EARLIEST_NS
    return _LAYOUT.pack(status.st_ino, size, mtime_ns, lines, flags, 0, status.st_ctime_ns % _CHECK_MODULUS)


def unpack(record: bytes) -> FileRecord:
    """The fields of a record."""
    return FileRecord(*_LAYOUT.unpack(record))


def same_content(record: bytes, other: bytes) -> bool:
    """True if two records are of a file that was not written in between, as far as its signature shows."""
    return record.startswith(other[:_SIGNATURE_BYTES]) and not (record[_FLAGS_AT] ^ other[_FLAGS_AT]) & _KIND


def same_change(record: bytes, other: bytes) -> bool:
    """False if something happened to the file between two records of the same content: it may have been written."""
    return record[_CHECK_AT] == other[_CHECK_AT]


def signature_of(record: bytes) -> bytes:
    """The part of a record that says which content it is of."""
    return record[:_SIGNATURE_BYTES]


def is_uncounted(record: bytes) -> bool:
    """See UNCOUNTED."""
    return bool(record[_FLAGS_AT] & UNCOUNTED)


def inode(record: bytes) -> int:
    """The number that the file system gives the file, whatever its name."""
    found: int = _INODE.unpack_from(record)[0]
    return found


def mtime_ns(record: bytes) -> int:
    """When the file was written."""
    found: int = _MTIME.unpack_from(record, 16)[0]
    return found


def lines(record: bytes) -> int:
    """The lines at the last count, UNKNOWN or NONE."""
    found: int = _LINES.unpack_from(record, _LINES_AT)[0]
    return found


def count_flags(record: bytes) -> int:
    """Its flags UNCOUNTED and WRITTEN."""
    return record[_FLAGS_AT] & (UNCOUNTED | WRITTEN)


def is_file(record: bytes) -> bool:
    """True for a regular file."""
    return not record[_FLAGS_AT] & _KIND


def is_too_large(record: bytes) -> bool:
    """True if its lines are not counted because of its size."""
    return size_time_uncounted(record)[0] > MOST_COUNTED_BYTES


def is_written(record: bytes) -> bool:
    """See WRITTEN."""
    return bool(record[_FLAGS_AT] & WRITTEN)


def is_linked(record: bytes) -> bool:
    """See LINKED."""
    return bool(record[_FLAGS_AT] & LINKED)


def is_young(record: bytes) -> bool:
    """See YOUNG."""
    return bool(record[_FLAGS_AT] & YOUNG)


def with_lines(record: bytes, lines: int, flags: int) -> bytes:
    """The record with other lines and flags; its kind stays."""
    flags |= record[_FLAGS_AT] & ~(UNCOUNTED | WRITTEN)
    return record[:_SIGNATURE_BYTES] + _LINES.pack(lines, flags) + record[_TYPE_AT:]


def with_recount(known: bytes, seen: bytes) -> bytes:
    """The known record, seen again with the same signature, with its lines to be counted once more."""
    flags = known[_FLAGS_AT] & ~YOUNG | seen[_FLAGS_AT] & YOUNG | UNCOUNTED
    return known[:_FLAGS_AT] + _BYTES[flags] + known[_TYPE_AT:]


def with_type(record: bytes, index: int) -> bytes:
    """The record with its type, an index in `languages.TYPES`."""
    return record[:_TYPE_AT] + _BYTES[index] + record[_CHECK_AT:]


def size_time_uncounted(record: bytes) -> tuple[int, int, bool]:
    """(size in bytes, when the file was written, True if its lines are to be counted: see UNCOUNTED)."""
    _, size, time_ns, _, flags, _, _ = _LAYOUT.unpack(record)
    return size, time_ns, (flags & UNCOUNTED) != 0


def linked_as(record: bytes, other: bytes) -> bytes:
    """The record with as many names as another has: see LINKED. To give a file a name is no change of its content."""
    flags = record[_FLAGS_AT] & ~LINKED | other[_FLAGS_AT] & LINKED
    return record[:_FLAGS_AT] + _BYTES[flags] + record[_TYPE_AT:_CHECK_AT] + other[_CHECK_AT:]


def type_of(record: bytes) -> int:
    """The type that `with_type` gave it."""
    return record[_TYPE_AT]


_BYTES = tuple(bytes((number,)) for number in range(256))
