"""Whole lines of a log in blocks: `BlockReader` reads on while it grows, `segment_bytes` reads a segment again.

Of a line of more than 128 KiB only its beginning is read; it is a segment of its own. So no program makes us hold more
than that, and both ways of reading give the same lines.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import FileChanging
from ..watch.tail import read_at
from .marks import OVERLONG, SEGMENT_BYTES, Segment

READ_BYTES = 131_072
_SEARCHES = 64


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines: their bytes, and the offset behind them. `is_overlong`: it is one line, of which `data` is only the
    beginning."""

    data: bytes
    end: int
    is_overlong: bool = False


class BlockReader:
    """Reads a growing log block by block."""

    def __init__(self) -> None:
        self._searched = 0
        self.has_more = False
        """The last `next` found no end of a line, but has not searched everything."""

    def next(self, handle: int, offset: int, filled: int, is_final: bool) -> Block | None:
        """The next lines behind `offset`; None if no line has ended since. The open segment has `filled` bytes: a block
        ends with the line that completes it. `is_final`: nothing is written any more, so what is left is a line."""
        self.has_more = False
        data = read_at(handle, READ_BYTES, offset)
        end = data.find(b"\n", max(0, SEGMENT_BYTES - filled - 1))
        if end < 0:
            end = data.rfind(b"\n")
        if end >= 0:
            self._searched = 0
            return Block(data[: end + 1], offset + end + 1)
        if len(data) < READ_BYTES:
            return Block(data, offset + len(data)) if is_final and data else None
        return self._overlong(handle, offset, data, is_final)

    def reset(self) -> None:
        """It is another log."""
        self._searched = 0

    def _overlong(self, handle: int, offset: int, data: bytes, is_final: bool) -> Block | None:
        at = max(self._searched, len(data))
        self.has_more = True
        for _ in range(_SEARCHES):
            chunk = read_at(handle, READ_BYTES, offset + at)
            end = chunk.find(b"\n")
            at += len(chunk) if end < 0 else end + 1
            is_at_end = len(chunk) < READ_BYTES
            if end >= 0 or (is_at_end and is_final):
                self._searched, self.has_more = 0, False
                return Block(data + b"\n", offset + at, True)
            if is_at_end:
                self.has_more = False
                break
        self._searched = at
        return None


def segment_bytes(handle: int, segment: Segment) -> bytes:
    """The whole lines of a segment, as `BlockReader` gave them. Raises FileChanging if they are not there any more."""
    size = segment.end.offset - segment.begin.offset
    wanted = min(size, READ_BYTES) if segment.flags & OVERLONG else size
    data = read_at(handle, wanted, segment.begin.offset)
    if len(data) < wanted:
        raise FileChanging("The log has been cut short; it is read again.")
    return data + b"\n" if segment.flags & OVERLONG else data
