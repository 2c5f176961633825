"""Places in a log, and what lies between them (pure values)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .tally import NOTHING, Tally, minus

SEGMENT_BYTES = 100_000
_DIGEST_BYTES = 16
FACTS, OVERLONG = 2, 4
"""Flags of a segment: a line in it has facts; it is one line that is too long to be read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a log. `counts` and `time_ms` (the latest time, since 1970; 0: none) are of the lines before it."""

    offset: int = 0
    counts: Tally = NOTHING
    time_ms: int = 0
    phase: str = "idle"
    state: bytes = b""

    @property
    def lines(self) -> int:
        """The number of lines before it."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class PhaseStart:
    """A phase begins with line `seq`; `counts` are of the lines before it."""

    phase: str
    seq: int
    time: str | None
    counts: Tally


@dataclass(frozen=True, slots=True)
class Segment:
    """What lies between two marks; `number` counts from 0. `digest`: `digest_of` its bytes if redaction left them as
    they are, empty if it did not, or that is not known."""

    number: int
    begin: Mark
    end: Mark
    flags: int
    digest: bytes = b""

    @property
    def counts(self) -> Tally:
        """The number of lines of each class in it."""
        return minus(self.end.counts, self.begin.counts)


@dataclass(frozen=True, slots=True)
class AheadBlock:
    """Whole lines behind the end of the index, of a log that grows faster than it is parsed: before them are `lines`
    lines. `state` is that of a parser as far as redaction needs it."""

    begin: int
    end: int
    lines: int
    state: bytes


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Which file the index is of, as of the last read: if all of it is the same, so is the content."""

    device: int
    inode: int
    size: int
    changed_ns: int


class Digest:
    """Says of bytes that come in parts whether they are the same bytes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        """The next part."""
        self._hash.update(data)

    def value(self) -> bytes:
        """Of all parts so far."""
        return self._hash.digest()[:_DIGEST_BYTES]


def digest_of(data: bytes) -> bytes:
    """The digest of bytes that are there as a whole."""
    return hashlib.sha256(data).digest()[:_DIGEST_BYTES]
