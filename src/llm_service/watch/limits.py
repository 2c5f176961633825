"""What the operating system lets us watch: how many folders, and on which file systems it reports changes."""

from __future__ import annotations

_NETWORK_FILE_SYSTEMS = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "fuse.sshfs",
    "fuse.s3fs",
    "vboxsf",
    "prl_fs",
)


class WatchesExhausted(OSError):
    """The system lets us watch no more folders (ENOSPC) or open no more queues (EMFILE)."""


def watch_limit() -> int | None:
    """How many folders one user may watch on this system; None if there is no such limit."""
    try:
        with open("/proc/sys/fs/inotify/max_user_watches", encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def network_file_system(path: str) -> str | None:
    """The type of the network file system that holds `path` (changes made elsewhere are not reported), else None."""
    best, kind = "", None
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as mounts:
            for line in mounts:
                left, _, right = line.partition(" - ")
                point = left.split()[4].replace("\\040", " ")
                inside = path == point or path.startswith(point.rstrip("/") + "/")
                if inside and len(point) >= len(best):
                    best, kind = point, right.split()[0]
    except (OSError, IndexError):
        return None
    return kind if kind and kind.startswith(_NETWORK_FILE_SYSTEMS) else None
