"""Which folder is a root now, and why there is none: it is gone, not mounted any more, or the system does not say."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from ..files import printable, way_out
from .file_systems import is_mount_point
from .retry import is_absence

Identity = tuple[int, int]
"""Device and inode."""
_DEPTH, _MOST_ENTRIES = 3, 100


@dataclass(frozen=True, slots=True)
class Absence:
    """Why there is no root. `mode` is "missing", "unreadable" if it may well be there, or "refused": a link out.

    `is_proven`: it is gone, with all that was in it.
    """

    reason: str
    mode: str = "missing"
    is_proven: bool = True


class RootFolder:
    """The first of some places where there is a folder; `path` is that place."""

    def __init__(self, places: Sequence[str]) -> None:
        self.path = places[0]
        self._places = places
        self._was_mounted = False
        self._identity: Identity | None = None

    def remember(self, identity: Identity) -> None:
        """This folder is watched from now on: if it is a mounted one, an empty one in its place is not the root."""
        self._identity = identity
        self._was_mounted = is_mount_point(self.path)

    def is_unchanged(self) -> bool:
        """True if the folder that is watched is where it was: far cheaper than `find`."""
        try:
            status = os.stat(self.path)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._identity

    def find(self) -> Identity | Absence:
        """The identity of the folder that is the root now, or why there is none."""
        absence, refused = None, None
        for place in self._places:
            try:
                status = os.stat(place)
            except OSError as problem:
                if not is_absence(problem):
                    self.path = place
                    return Absence(problem.strerror or str(problem), "unreadable", False)
                absence = absence or Absence(problem.strerror or str(problem))
                continue
            if (outside := way_out(place)) is not None:
                if refused is None:
                    self.path = place
                    text = f"a link leads out of the workspace, to {printable(outside)}, and is not followed"
                    refused = Absence(text, "refused")
                continue
            if not stat.S_ISDIR(status.st_mode):
                absence = Absence("it is not a folder")
                continue
            identity = status.st_dev, status.st_ino
            self.path = place
            if self._was_mounted and identity != self._identity and _is_left(place):
                return Absence("its file system is not mounted any more", is_proven=False)
            return identity
        if refused is not None:
            return refused
        self.path = self._places[0]
        return absence or Absence("")


def _is_left(place: str) -> bool:
    """True of a folder on which a file system was mounted, when that is gone: there is no file in it."""
    return not is_mount_point(place) and not _holds_files(place, _DEPTH)


def _holds_files(folder: str, depth: int) -> bool:
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry in islice(found, _MOST_ENTRIES) if not entry.name.startswith(".")]
        folders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return True
    return len(folders) < len(entries) or (depth > 1 and any(_holds_files(path, depth - 1) for path in folders))
