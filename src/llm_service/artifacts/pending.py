"""`PendingPaths` gives the folders to scan and the files to check, from hints: a file once it has settled.

A hint from before the last scan of its folder needs no other check.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable

from ..watch.hints import Hint, HintKind
from ..watch.settle import Settler

_MAX_CHECKS = 2_000
_RETAIN_S = 1.0
_MAX_SCANS = 20_000
_NEVER = float("-inf")


class RecentScans:
    """Folder -> when its last scan began; forgets after a second or two. What is forgotten is checked twice."""

    def __init__(self) -> None:
        self._new: dict[str, float] = {}
        self._old: dict[str, float] = {}
        self._rotated_at = _NEVER

    def add(self, folder: str, at: float) -> None:
        """A scan of the folder began."""
        if len(self._new) >= _MAX_SCANS or at - self._rotated_at > _RETAIN_S:
            self._old, self._new, self._rotated_at = self._new, {}, at
        self._new[folder] = at

    def last(self, folder: str) -> float:
        """When the last scan of the folder began; long ago if that is not known."""
        found = self._new.get(folder)
        return self._old.get(folder, _NEVER) if found is None else found


class PendingPaths:
    """Hints sorted into scans and checks. Belongs to one thread."""

    def __init__(self, settler: Settler, clock: Callable[[], float]) -> None:
        self._settler = settler
        self._clock = clock
        self._folders: OrderedDict[str, float] = OrderedDict()
        self._files: dict[str, float] = {}
        self.scans = RecentScans()

    @property
    def has_folders(self) -> bool:
        """True if folders are to be scanned."""
        return bool(self._folders)

    def file_count(self) -> int:
        """How many files have not settled yet."""
        return len(self._settler)

    def add(self, hint: Hint, now: float) -> bool:
        """Something happened to a path; False if a scan has seen it already."""
        if hint.kind is HintKind.DIRECTORY:
            self._folders[hint.path] = hint.at
            return True
        folder = hint.path.rpartition("/")[0]
        if not folder or self.scans.last(folder) >= hint.at:
            return False
        self._files[hint.path] = hint.at
        self._settler.hint(hint.path, hint.kind is not HintKind.CHANGED, now)
        return True

    def add_folder(self, folder: str) -> None:
        """Scan a folder, whatever scans there were until now."""
        self._folders[folder] = self._clock()

    def next_folder(self) -> str | None:
        """The next folder to scan, None if it was scanned meanwhile; only if `has_folders`."""
        folder, hinted_at = self._folders.popitem(last=False)
        return folder if self.scans.last(folder) < hinted_at else None

    def due_files(self, now: float) -> dict[str, list[str]] | None:
        """Folder -> names in it that have settled, without those that a scan has seen; None if nothing settled."""
        paths = [str(path) for path in self._settler.due(now, _MAX_CHECKS)]
        if not paths:
            return None
        by_folder: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            folder, _, name = path.rpartition("/")
            if self._files.pop(path, _NEVER) > self.scans.last(folder):
                by_folder[folder].append(name)
        return by_folder

    def next_due(self) -> float | None:
        """When a file has settled."""
        return self._settler.next_due()

    def oldest(self, now: float) -> float:
        """When the first of all that is pending was reported."""
        return min(next(iter(pending.values()), now) for pending in (self._folders, self._files))
