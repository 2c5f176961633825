"""Lines of a file, forwards and backwards, read in blocks; only `\\n` ends a line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

CHUNK = 131_072
MAX_LINE = 4_000_000
"""A longer line is none of ours, and left out."""


def lines_of(handle: int, start: int, end: int) -> Iterator[bytes]:
    """The lines of `lines_with_ends`."""
    return (line for line, _ in lines_with_ends(handle, start, end))


def lines_with_ends(handle: int, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    """(line with its `\\n`, offset behind it) between two offsets; what has no `\\n` at the end, or is longer than
    `MAX_LINE` bytes, is left out."""
    rest, at, begin = b"", start, start
    while at < end:
        chunk = read_at(handle, min(CHUNK, end - at), at)
        if not chunk:
            return
        at += len(chunk)
        if len(rest) > MAX_LINE:
            cut = chunk.find(b"\n") + 1
            if not cut:
                continue
            rest, chunk = b"", chunk[cut:]
            begin = at - len(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            begin += len(line) + 1
            yield line + b"\n", begin


def lines_backwards(handle: int, end: int) -> Iterator[tuple[bytes, int]]:
    """(line, offset at which it begins), the last one before `end` first; what has no newline there, or is longer than
    `MAX_LINE`, is left out."""
    rest, at, limit = b"", end, end
    is_whole = False
    while at > 0:
        start = max(0, at - CHUNK)
        chunk = read_at(handle, at - start, start)
        at = start
        if len(rest) > MAX_LINE:
            cut = chunk.rfind(b"\n") + 1
            if not cut:
                continue
            chunk, rest, limit, is_whole = chunk[:cut], b"", start + cut, False
        first, *lines = (chunk + rest).split(b"\n")
        for line in reversed(lines):
            begin = limit - len(line) - (1 if is_whole else 0)
            if is_whole:
                yield line + b"\n", begin
            is_whole, limit = True, begin
        rest = first
    if is_whole and len(rest) <= MAX_LINE:
        yield rest + b"\n", 0


def end_of_lines(handle: int, size: int) -> int:
    """The offset behind the last `\\n`."""
    end = size
    while end > 0:
        start = max(0, end - CHUNK)
        found = read_at(handle, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in blocks of about `CHUNK` bytes."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= CHUNK:
            yield b"".join(batch)
            batch, size = [], 0
    if batch:
        yield b"".join(batch)


def read_at(handle: int, size: int, offset: int) -> bytes:
    """Up to `size` bytes from an offset on. Raises OSError."""
    if hasattr(os, "pread"):
        return os.pread(handle, size, offset)
    os.lseek(handle, offset, os.SEEK_SET)  # pragma: no cover - Windows
    return os.read(handle, size)  # pragma: no cover - Windows
