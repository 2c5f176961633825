"""How far a growing file has been read: kept in one transaction with the calls that were read from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything before `offset` of the file has been counted; `fingerprint` tells whether it still is that file."""

    path: str
    device: int
    inode: int
    offset: int
    line: int
    fingerprint: bytes
    reader_state: str
    refused: int
