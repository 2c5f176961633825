"""`Ahead` finds the newest lines of a log that grows faster than it is parsed: a page then shows those, and how many it
skips, while the index follows.

What lies between is redacted, as a secret may begin there, and its lines are counted; that is ten times as fast as
parsing.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..watch.tail import read_at
from .batch import MAX_LINES
from .marks import AheadBlock
from .model import ParsedLine
from .parsing import Parser

AHEAD_BYTES = 4_000_000
"""So far behind a log is before its newest lines are shown first."""
_BLOCK_BYTES = 256 << 10
"""Larger ones took 14 MB more of memory in a flood of 20 s, and no less time."""
_LONG_BYTES = 1 << 20
"""Of a line that is longer than a block."""
_MOST_BLOCKS = 64
"""At one look: other logs wait meanwhile."""
_SHOWN_BYTES = 256 << 10


class Ahead:
    """Goes over a log from a place that is parsed."""

    def __init__(self, redacting: Parser, offset: int, lines: int) -> None:
        """`redacting`: a parser in the state that it has at the offset, before which there are so many lines."""
        self._redacting = redacting
        self.offset, self._lines = offset, lines
        self._newest = b""
        self.blocks: tuple[AheadBlock, ...] = ()
        """What it went over."""

    def newest(self, handle: int, size: int, parser: Parser) -> tuple[int, Sequence[ParsedLine]]:
        """(number of the first, the newest lines, at most 500). `size` of the log; `parser`: a new one."""
        found: list[AheadBlock] = []
        for _ in range(_MOST_BLOCKS):
            if self.offset >= size:
                break
            data = read_at(handle, _BLOCK_BYTES, self.offset)
            end = data.rfind(b"\n") + 1
            if not end:
                data = read_at(handle, _LONG_BYTES, self.offset)
                end = data.rfind(b"\n") + 1
            if not end:
                break
            found.append(AheadBlock(self.offset, self.offset + end, self._lines, self._redacting.state()))
            text = self._redacting.redact(data[:end])
            self.offset += end
            self._lines += data.count(b"\n", 0, end)
            self._newest = text if end >= _SHOWN_BYTES else (self._newest + text)[-2 * _SHOWN_BYTES :]
        self.blocks = (*self.blocks, *found)
        lines = self._newest[-_SHOWN_BYTES:].split(b"\n")[1:-1][-MAX_LINES:]
        parsed: Sequence[ParsedLine] = parser.parse(b"\n".join(lines) + b"\n") if lines else []
        return self._lines - len(parsed) + 1, parsed
