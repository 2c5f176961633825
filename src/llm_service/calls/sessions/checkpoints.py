"""`Checkpoint`: how far a growing file has been read, stored in the same transaction as the calls from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first `offset` bytes, `line` lines, have been counted; `fingerprint` identifies that content.

    `path` is absolute and printable, `reader_state` is JSON text, `refused` the number of refused lines.
    """

    path: str
    device: int
    inode: int
    offset: int
    line: int
    fingerprint: bytes
    reader_state: str
    refused: int
