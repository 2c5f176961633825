"""Scanning: which files are below a root now, and what changed since the last scan. Reads names and
`(inode, size, mtime)`, opens no file, follows no link. Measured: 6 / 61 / 340-390 ms for 1k / 10k / 100k files.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..files import Signature, way_out

_RACY_NS = 50_000_000
"""A file whose mtime is this close before our check may be written again within the same clock tick of the
file system, with the same size and inode (git calls such an entry "racily clean"): it is read again."""


@dataclass(slots=True)
class ScanResult:
    """What one walk saw: wanted files with their signatures, folders walked, folders that refused."""

    files: dict[str, Signature] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which relative paths of a root a source cares for."""

    folder: Callable[[str], bool]
    file: Callable[[str], bool]


def signature_of(status: os.stat_result) -> Signature:
    """The signature of a stat result."""
    return Signature(status.st_ino, status.st_size, status.st_mtime_ns)


def walk(
    root: str, wanted: Filter, start: str = "", watch: Callable[[str], object] = lambda folder: None
) -> ScanResult:
    """List the wanted files below `root/start`. Entries that vanish meanwhile are left out, silently.

    `watch(folder)` is called before each folder is listed, so that what comes into it later gives a hint. A root that
    leaves its fence by a link has nothing below it.
    """
    result = ScanResult()
    if way_out(root) is not None:
        return result
    pending = [start]
    while pending:
        folder = pending.pop()
        if not wanted.folder(folder):
            continue
        where = os.path.join(root, folder) if folder else root
        try:
            if folder and not stat.S_ISDIR(os.lstat(where).st_mode):
                continue
            watch(folder)
            with os.scandir(where) as entries:
                result.folders.add(folder)
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False) and not wanted.file(path):
                        pending.append(path)
                    elif wanted.file(path):
                        try:
                            result.files[path] = signature_of(entry.stat(follow_symlinks=False))
                        except OSError:
                            continue
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as problem:
            result.refused[folder] = problem.strerror or str(problem)
    return result


class Mirror:
    """What we believe is below one root: wanted path -> signature. `check` and `rescan` say where that was wrong."""

    def __init__(
        self,
        root: str,
        wanted: Filter,
        watch: Callable[[str], object] = lambda folder: None,
        forget: Callable[[Iterable[str]], None] = lambda folders: None,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.root = root
        self.files: dict[str, Signature] = {}
        self.folders: set[str] = set()
        self.refused: dict[str, str] = {}
        self._wanted = wanted
        self._watch, self._forget = watch, forget
        self._racy: set[str] = set()
        self._clock_ns = clock_ns

    def check(self, path: str) -> bool:
        """Check one path that was hinted at; True if it is there and must be read, False if it is gone.

        A hint is reason enough to read: two writes within one clock tick leave the same signature.
        """
        try:
            signature = signature_of(os.lstat(os.path.join(self.root, path)))
        except OSError:
            self.files.pop(path, None)
            self._racy.discard(path)
            return False
        self._note(path, signature)
        return True

    def rescan(self, start: str = "") -> tuple[list[str], list[str]]:
        """Scan everything below a folder and watch it; returns (to read, gone), each sorted by path."""
        seen = walk(self.root, self._wanted, start, self._watch)
        below = f"{start}/" if start else ""
        known = [path for path in self.files if path.startswith(below)] if start else list(self.files)
        gone = [path for path in known if path not in seen.files]
        to_read = [
            path for path, signature in seen.files.items() if self.files.get(path) != signature or path in self._racy
        ]
        for path in gone:
            del self.files[path]
            self._racy.discard(path)
        for path in to_read:
            self._note(path, seen.files[path])
        outside = {folder for folder in self.folders if folder != start and not folder.startswith(below)}
        folders = (outside if start else set()) | seen.folders
        self._forget(self.folders - folders)
        self.folders = folders
        self.refused = {
            folder: reason for folder, reason in self.refused.items() if folder in outside and start
        } | seen.refused
        return sorted(to_read), sorted(gone)

    def _note(self, path: str, signature: Signature) -> None:
        self.files[path] = signature
        if self._clock_ns() - signature.mtime_ns < _RACY_NS:
            self._racy.add(path)
        else:
            self._racy.discard(path)
