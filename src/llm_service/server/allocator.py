"""The C library's allocator: `limit_arenas` keeps it from having a heap for each thread."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

_M_ARENA_MAX = -8
"""From glibc's `malloc.h`."""
_ARENAS = 2


def limit_arenas() -> None:
    """Let glibc have two heaps instead of eight for each core. Call it before threads are started.

    A heap retains what was freed in it for the threads that use it, and our threads come and go: 23 MB more after 20
    minutes of load. Python's own lock lets one thread allocate at a time, so two are enough. Elsewhere nothing happens.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
