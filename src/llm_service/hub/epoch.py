"""The epoch of a start of the service: milliseconds since 1970 in decimal digits, which only rise.

Clients compare two of them for equality; where several observers are joined, the later of two is the greater. So an
epoch is greater than the last one of this state folder, also if the clock was set back.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..errors import FileRefused
from ..files import read_file, write_atomic

NAME = "epoch"
_MAX_DIGITS = 15
"""Until the year 33658. What has more is no epoch of ours."""


def next_epoch(folder: str | None, now_ms: int) -> str:
    """The epoch of a start now; kept in the state folder for the next one, if there is one that can be written to."""
    last = _last(folder) if folder is not None else 0
    epoch = str(max(now_ms, last + 1))
    if folder is not None:
        with contextlib.suppress(OSError):
            write_atomic(Path(folder, NAME), epoch.encode())
    return epoch


def _last(folder: str) -> int:
    """The epoch of the start before this one, 0 if it is not known."""
    try:
        data = read_file(os.path.abspath(folder), NAME, max_bytes=_MAX_DIGITS).data
    except FileRefused:
        return 0
    return int(data) if data.isdigit() else 0
