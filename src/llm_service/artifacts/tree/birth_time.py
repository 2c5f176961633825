"""`birth_time_ns(path, inode)` gives when a file was made, where the system says so.

`os.stat` does not on Linux before Python 3.15, though the file systems know: ext4, XFS, Btrfs and tmpfs.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable

_AT_FDCWD, _AT_SYMLINK_NOFOLLOW = -100, 0x100
_STATX_INO, _STATX_BTIME = 0x100, 0x800
_MASK, _INODE, _BIRTH = struct.Struct("<I"), struct.Struct("<Q"), struct.Struct("<qI")
_INODE_AT, _BIRTH_AT, _STATX_BYTES = 32, 80, 256


def _load_statx() -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        statx = ctypes.CDLL(None).statx
    except (OSError, AttributeError):  # a C library older than 2018
        return None
    statx.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_char_p)
    return statx


_statx = _load_statx()


def birth_time_ns(path: str, inode: int) -> int | None:
    """When the file with that inode was made, None if it is not at that path or that is not known."""
    if _statx is None:
        return _from_stat(path, inode)
    found = ctypes.create_string_buffer(_STATX_BYTES)
    if _statx(_AT_FDCWD, os.fsencode(path), _AT_SYMLINK_NOFOLLOW, _STATX_INO | _STATX_BTIME, found):
        return None
    data = found.raw
    if not _MASK.unpack_from(data)[0] & _STATX_BTIME or _INODE.unpack_from(data, _INODE_AT)[0] != inode:
        return None
    seconds, nanoseconds = _BIRTH.unpack_from(data, _BIRTH_AT)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)


def _from_stat(path: str, inode: int) -> int | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    seconds = getattr(status, "st_birthtime", None)
    return None if seconds is None or status.st_ino != inode else int(seconds * 1e9)
