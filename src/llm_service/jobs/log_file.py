"""The log of a run as a file: how many lines it has, and its blocks from the start."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..errors import FileRefused
from ..files import open_file
from ..processes.model import Run

_BLOCK_BYTES = 1 << 20
LOG_NAME = "output.log"


def blocks(workspace: str, run: Run) -> Iterator[bytes]:
    """The log in blocks of whole lines; the last may be without its end. Raises FileRefused, OSError."""
    handle = open_file(workspace, f"{run.folder}/{LOG_NAME}")
    try:
        rest = b""
        while data := os.read(handle, _BLOCK_BYTES):
            whole, newline, tail = data.rpartition(b"\n")
            if newline:
                yield rest + whole + newline
                rest = tail
            else:
                rest += data
        if rest:
            yield rest
    finally:
        os.close(handle)


def count_lines(workspace: str, run: Run) -> int | None:
    """The lines of a log that nobody writes any more; None if it cannot be read."""
    try:
        return sum(block.count(b"\n") + (not block.endswith(b"\n")) for block in blocks(workspace, run))
    except (FileRefused, OSError):
        return None
