"""The descriptors of this process, to see that none stays open."""

from __future__ import annotations

import contextlib
import os


def open_descriptors() -> set[tuple[str, str]]:
    """(number, what it leads to) of each. Compare by `<=`: those that earlier tests left may be closed at any time."""
    found = set[tuple[str, str]]()
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # that of the list itself
            found.add((number, os.readlink(f"/proc/self/fd/{number}")))
    return found
