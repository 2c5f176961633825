"""What the operating system allows: how many folders we may watch, and whom to link files."""

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


def links_are_unprotected() -> bool:
    """True if users may make hard links to files that they cannot read: see fs.protected_hardlinks in proc(5)."""
    try:
        with open("/proc/sys/fs/protected_hardlinks", encoding="ascii") as file:
            return file.read().strip() == "0"
    except OSError:
        return False
