"""Fences: folders that are not left by a link. `fence(workspace)` sets one up for this process.

Agents write to a workspace, and a cloned one has the links that its author wants. So no root below it is opened through
a link that leads out, however it got there: everything that opens a root asks `entry`, so that no caller can forget
to. From the root on, `safe_open` follows no link at all.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_MAX_CACHED = 1_000
_CAN_TELL_LINKS = os.sep == "/"
"""On Windows a junction leads out too, and is no link for Python."""


@dataclass(frozen=True, slots=True)
class _Fence:
    folder: str
    approved: Mapping[str, str]

    def tops(self, path: str) -> Iterator[str]:
        """The real folders in which the real path of `path` may be."""
        yield os.path.realpath(self.folder)
        for link, target in self.approved.items():
            if _is_below(path, link) and os.path.realpath(link) == target:
                yield target


_lock = threading.Lock()
_fences: dict[str, _Fence] = {}
_around_cache: dict[str, tuple[_Fence, list[str]] | None] = {}


def fence(folder: str, approved: Mapping[str, str] | None = None) -> None:
    """From now on, roots below `folder` must not leave it by a link, except those `approved`: path -> real path."""
    folder = os.path.abspath(folder)
    with _lock:
        _fences[folder] = _Fence(folder, dict(approved or {}))
        _around_cache.clear()


def way_out(root: str) -> str | None:
    """Where a root leads to that leaves its fence by a link; None if it stays inside, is approved, or has no fence."""
    around = _around(root)
    if around is None:
        return None
    real = os.path.realpath(root)
    return None if any(_is_below(real, top) for top in around[0].tops(os.path.abspath(root))) else real


def require_inside(folder: str) -> None:
    """Before something is written to a folder: raises OSError if it leaves its fence by a link."""
    outside = way_out(folder)
    if outside is not None:
        raise OSError(errno.ELOOP, f"{folder} leads out of the workspace by a link, to {outside}")


def entry(root: str) -> tuple[str, list[str]]:
    """How to open a root: an existing folder, and the names below it, none of which may be a link when it is opened.

    Raises OSError if the root leaves its fence.
    """
    around = _around(root)
    if around is None:
        return root, []
    found, names = around
    if not _has_link(found.folder, names):
        return found.folder, names
    real = os.path.realpath(root)
    for top in found.tops(os.path.abspath(root)):
        if _is_below(real, top):
            return top, [] if real == top else os.path.relpath(real, top).split(os.sep)
    raise OSError(errno.ELOOP, "a link that leads out of the workspace")


def real_place(path: str, folder: str) -> str | None:
    """The real path of `path` if it leaves `folder` by a link; None if it stays inside."""
    real = os.path.realpath(path)
    return None if _is_below(real, os.path.realpath(folder)) else real


def _around(root: str) -> tuple[_Fence, list[str]] | None:
    """The innermost fence around a root, and the names from there to the root."""
    try:
        return _around_cache[root]
    except KeyError:
        pass
    path = os.path.abspath(root)
    with _lock:
        fences = [one for one in _fences.values() if path != one.folder and _is_below(path, one.folder)]
        found = max(fences, key=lambda one: len(one.folder), default=None)
        if len(_around_cache) >= _MAX_CACHED:
            _around_cache.clear()
        around = None if found is None else (found, os.path.relpath(path, found.folder).split(os.sep))
        _around_cache[root] = around
    return around


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _has_link(folder: str, names: list[str]) -> bool:
    path = folder
    for name in names:
        path = os.path.join(path, name)
        if os.path.islink(path) or not _CAN_TELL_LINKS:
            return True
    return False
