"""`RecentFiles` finds files that changed in the last seconds, by their inode or by a name that they had.

What happens to a file is seen in parts: under a new name before it is missed under the old one, or the other way
round. Both parts find it here. Files are forgotten after 5 to 10 seconds in which nothing happened to them, later if a
folder or path that was reported before is still to be checked, and earlier when there are many of them.
"""

from __future__ import annotations

from collections.abc import Callable

from . import records
from .folder import Folder

_RETAIN_NS = 5_000_000_000
_MANY, _RETAIN_MANY_NS = 20_000, 1_000_000_000
_PENDING_NS = 1_000_000_000
_MOST = 100_000
_TICK_NS = 10_000_000
"""A file system's clock is behind ours by up to this."""

UNKNOWN_BASE = 1 << 40
"""More lines than any file has: one that had so many at first did not grow."""

Name = tuple[Folder, str, "RecentFile | None"]
"""A folder, the name in it, and the file that had it at first: None for the file itself, NO_FILE if there was none."""


class RecentFile:
    """A file with all its names, and how it was when it was first seen, some seconds ago.

    `base`: its lines then. `lines`: those counted last, None before the first count. `credited`: the lines counted as
    written in `project` since then, `final` of which stay whatever happens to the file. `born_by_ns`: a file of the
    same inode that was made later is another one; of those at the names `unchecked` that is not known. `has_moved`: it
    had other names before. `heirs` have a name that was its own.
    """

    __slots__ = (
        "base",
        "born_by_ns",
        "credited",
        "final",
        "has_moved",
        "heirs",
        "is_new",
        "lines",
        "names",
        "project",
        "record",
        "since_ns",
        "unchecked",
    )  # fmt: skip

    def __init__(self, record: bytes, base: int, is_new: bool, project: str, born_by_ns: int, now_ns: int) -> None:
        self.record = record
        self.base = base
        self.is_new = is_new
        self.has_moved = False
        self.project = project
        self.born_by_ns = born_by_ns
        self.since_ns = now_ns
        self.lines: int | None = None
        self.credited = self.final = 0
        self.names: tuple[Name, ...] = ()
        self.unchecked: tuple[Name, ...] = ()
        self.heirs: list[RecentFile] = []

    def base_now(self) -> int:
        """The lines that do not count: its own at first; of a new file those of the file whose name it has now."""
        if not self.is_new or not self.names:
            return self.base
        return min(
            self.base if before is None else 0 if before.names else before.base + before.final
            for _, _, before in self.names
        )

    def has_name(self, folder: Folder, name: str) -> bool:
        """True if that is one of its names."""
        return any(entry == name and place is folder for place, entry, _ in self.names)

    def settle(self, now_ns: int) -> None:
        """What was counted until now is final; what it has now is where it grows from."""
        if self.lines is None or not self.names:
            return
        self.since_ns = now_ns
        if self.is_new and self.lines >= self.base_now() + self.credited:
            self.base, self.names = self.base_now(), tuple((folder, name, None) for folder, name, _ in self.names)
            self.final = self.credited  # it goes on being written: its name may still be a temporary one
        else:
            self.is_new, self.base, self.credited, self.final = False, self.lines, 0, 0


NO_FILE = RecentFile(b"", 0, False, "", 0, 0)


class RecentFiles:
    """The files that changed lately. Not for several threads at once."""

    def __init__(self, clock_ns: Callable[[], int]) -> None:
        self._clock_ns = clock_ns
        self._since_ns = self.complete_since_ns = clock_ns()
        """`complete_since_ns`: all that happened after it is remembered."""
        self._most = _MOST
        self._by_inode: dict[int, RecentFile] = {}
        self._by_inode_before: dict[int, RecentFile] = {}
        self._by_name: dict[str, RecentFile] = {}
        self._by_name_before: dict[str, RecentFile] = {}

    def __len__(self) -> int:
        return len(self._by_inode) + len(self._by_inode_before)

    def at(self, inode: int) -> RecentFile | None:
        """The file of that inode, which something happens to now."""
        file = self._by_inode.get(inode)
        if file is None:
            file = self._by_inode_before.pop(inode, None)
            if file is None:
                return None
            self._by_inode[inode] = file
        now_ns = self._clock_ns()
        if now_ns - file.since_ns > _RETAIN_NS:
            file.settle(now_ns)
        return file

    def put(self, inode: int, file: RecentFile) -> None:
        """From now on this is the file of that inode."""
        self._by_inode_before.pop(inode, None)
        self._by_inode[inode] = file

    def leave(self, path: str, file: RecentFile) -> None:
        """The file had that path; what had it before is more to the point."""
        self._by_name.setdefault(path, file)

    def had(self, path: str) -> RecentFile | None:
        """The first of the files that had that path lately."""
        return self._by_name_before.get(path) or self._by_name.get(path)

    def forget(self, pending_ns: int, files: int, is_needed: Callable[[RecentFile], bool]) -> bool:
        """Forget files to which nothing happened lately, but for those needed; True if it was time for it.

        `pending_ns`: how long the oldest path to be checked has waited. `files`: how many there are in all, as many as
        may be remembered.
        """
        now_ns = self._clock_ns()
        age_ns, number = now_ns - self._since_ns, len(self._by_inode)
        if number <= self._most:
            if age_ns < (_RETAIN_NS if number < _MANY else _RETAIN_MANY_NS):
                return False
            if pending_ns > age_ns - _PENDING_NS and self._by_inode_before:
                return False
        self._most = max(_MOST, 2 * files)
        needed = {inode: file for inode, file in self._by_inode_before.items() if is_needed(file)}
        self._by_inode_before, self._by_inode = self._by_inode, needed
        self._by_name_before, self._by_name = self._by_name, {}
        self.complete_since_ns, self._since_ns = self._since_ns, now_ns
        return True

    def clear(self) -> None:
        """Forget all of them."""
        self._since_ns = self._clock_ns()
        self.complete_since_ns = self._since_ns - _TICK_NS
        for files in (self._by_inode, self._by_inode_before):
            files.clear()
        for names in (self._by_name, self._by_name_before):
            names.clear()


def base_of(record: bytes) -> int:
    """The lines that a file is known to have."""
    lines = records.lines(record)
    if lines == records.NONE and not records.is_too_large(record):
        return 0
    return lines if lines >= 0 else UNKNOWN_BASE
