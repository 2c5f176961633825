"""`AllNames` finds every name that the files of an inode have in the tree.

Only files with several names need that, so what it takes, 100 bytes a file, is built when it is needed and dropped
some seconds later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from . import records
from .folder import Folder

Place = tuple[Folder, str]


class AllNames:
    """The names of the files in `folders()`, but for those to which something happened after it was built."""

    def __init__(self, folders: Callable[[], Iterable[Folder]]) -> None:
        self._folders = folders
        self._first: dict[int, Place] | None = None
        self._more: dict[int, list[Place]] = {}

    def of(self, inode: int) -> list[Place]:
        """Where files of that inode are."""
        if self._first is None:
            self._first = self._build()
        first = self._first.get(inode)
        places = [] if first is None else [first, *self._more.get(inode, ())]
        return [
            (folder, name)
            for folder, name in places
            if name in folder.files and records.inode(folder.files[name]) == inode
        ]

    def clear(self) -> None:
        """Build it anew when it is needed again."""
        self._first, self._more = None, {}

    def _build(self) -> dict[int, Place]:
        first: dict[int, Place] = {}
        more: dict[int, list[Place]] = defaultdict(list)
        for folder in self._folders():
            for name, record in folder.files.items():
                place = folder, name
                inode = records.inode(record)
                if first.setdefault(inode, place) is not place:
                    more[inode].append(place)
        self._more = dict(more)
        return first
