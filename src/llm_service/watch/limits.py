"""What the operating system lets us watch: how many folders."""

from __future__ import annotations


class WatchesExhausted(OSError):
    """The system lets us watch no more folders (ENOSPC) or open no more queues (EMFILE)."""


def watch_limit() -> int | None:
    """How many folders one user may watch on this system; None if there is no such limit."""
    try:
        with open("/proc/sys/fs/inotify/max_user_watches", encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None
