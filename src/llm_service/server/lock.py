"""The lock of a workspace: `try_lock` acquires it, `is_held` and `holders` tell about it without acquiring it.

`dashboard.lock` in the state folder is locked with flock. In a state folder of the usual name, so is the folder around
it, the workspace: removing the state folder removes the lock file, but not that.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress

from ..errors import StartFailed

LOCK_NAME = "dashboard.lock"
_USUAL_NAME = ".llm-service"
_LOCKED = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class Lock:
    """The exclusive right to serve one workspace, until `release()` or the end of the process.

    A forked child holds it too: no other dashboard starts while an orphaned worker serves.
    """

    def __init__(self, folder: str, handle: int, workspace: int | None, is_sure: bool) -> None:
        self._folder = folder
        self._handle = handle
        self._workspace = workspace
        self.is_sure = is_sure
        """False on a file system without locks."""

    def is_current(self) -> bool:
        """True if what is locked is what is at the path: nobody else can get the lock of this folder."""
        return _same(self._handle, _lock_path(self._folder)) and (
            self._workspace is None or _same(self._workspace, os.path.dirname(self._folder))
        )

    def renew(self) -> bool:
        """Lock what is at the path now, after it was removed or moved; False if another process has locked it.

        Raises StartFailed if the file cannot be created.
        """
        workspace = self._workspace
        if workspace is None or not _same(workspace, os.path.dirname(self._folder)):
            workspace, is_free = _lock_workspace(self._folder)
            if not is_free:
                return False
        handle = self._handle if _same(self._handle, _lock_path(self._folder)) else _open(self._folder)
        is_sure = _try_flock(handle)
        if is_sure is False:
            for new, old in ((handle, self._handle), (workspace, self._workspace)):
                if new is not None and new != old:
                    os.close(new)
            return False
        for new, old in ((handle, self._handle), (workspace, self._workspace)):
            if old is not None and new != old:
                _release(old)
        self._handle, self._workspace, self.is_sure = handle, workspace, is_sure is True
        return True

    def release(self) -> None:
        """Release the lock."""
        for handle in (self._handle, self._workspace):
            if handle is not None:
                os.close(handle)


def try_lock(folder: str) -> Lock | None:
    """The lock, or None if another process holds it. The folder must exist. Raises StartFailed."""
    # The lock file is never removed: otherwise two starts could lock two files of the same name.
    handle = _open(folder)
    is_sure = _try_flock(handle)
    workspace, is_free = (None, False) if is_sure is False else _lock_workspace(folder)
    if is_sure is False or not is_free:
        os.close(handle)
        return None
    return Lock(folder, handle, workspace, is_sure is True)


def is_held(folder: str) -> bool | None:
    """True if a process holds the lock in this very folder; None if that cannot be told here."""
    try:
        # Windows locks only what may be written.
        handle = os.open(_lock_path(folder), (os.O_RDWR if sys.platform == "win32" else os.O_RDONLY) | _NO_FOLLOW)
    except OSError:
        return False
    try:
        # Shared, so that two that ask do not take each other for a dashboard.
        is_free = _try_flock(handle, shared=True)
    finally:
        os.close(handle)
    return None if is_free is None else not is_free


def workspace_is_held(folder: str) -> bool:
    """True if a process serves the workspace around this folder, even if the folder or the lock in it was removed."""
    workspace, is_free = _lock_workspace(folder, shared=True)
    if workspace is not None:
        os.close(workspace)
    return not is_free


def holders(folder: str) -> list[int]:
    """The processes that hold the lock, as far as this one sees them and the system tells (Linux)."""
    try:
        status = os.stat(_lock_path(folder))
        with open("/proc/locks", encoding="ascii") as file:
            lines = [line.split() for line in file]
    except OSError:
        return []
    device = (os.major(status.st_dev), os.minor(status.st_dev))
    found = []
    for words in lines:
        if len(words) >= 6 and words[1] == "FLOCK":
            major, minor, inode = words[5].split(":")
            if (int(major, 16), int(minor, 16)) == device and int(inode) == status.st_ino and int(words[4]) > 0:
                found.append(int(words[4]))
    return found


def _lock_path(folder: str) -> str:
    return os.path.join(folder, LOCK_NAME)


def _open(folder: str) -> int:
    try:
        return os.open(_lock_path(folder), os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o600)
    except OSError as problem:
        raise StartFailed(f"Cannot write to {folder}: {problem.strerror}.") from problem


def _lock_workspace(folder: str, shared: bool = False) -> tuple[int | None, bool]:
    """(descriptor of the locked workspace or None, False if another process has locked it)."""
    if os.path.basename(folder) != _USUAL_NAME or sys.platform == "win32":
        return None, True
    try:
        handle = os.open(os.path.dirname(folder), os.O_RDONLY)
    except OSError:
        return None, True
    is_locked = _try_flock(handle, shared)
    if is_locked:
        return handle, True
    os.close(handle)
    return None, is_locked is None


def _same(handle: int, path: str) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(handle), os.stat(path))
    return False


def _try_flock(handle: int, shared: bool = False) -> bool | None:
    """True: locked; False: another process has it; None: a file system without locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as problem:
        return False if problem.errno in _LOCKED else None
    return True


def _release(handle: int) -> None:
    """Unlock, also for other processes that inherited the descriptor, and close."""
    if sys.platform != "win32":
        import fcntl

        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)
