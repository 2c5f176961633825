"""Scanning: which files are below a root now, and what changed since the last scan. Reads names and
`(inode, size, mtime)`, opens no file, follows no link. Measured: 6 / 61 / 340-390 ms for 1k / 10k / 100k files.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ..files import Signature, way_out
from .retry import Retries, is_absence

_RACY_NS = 50_000_000
"""A file whose mtime is this close before our check may be written again within the same clock tick of the
file system, with the same size and inode (git calls such an entry "racily clean"): it is read again."""


@dataclass(slots=True)
class ScanResult:
    """What one walk saw: wanted files with their signatures, folders walked, folders that refused.

    `unknown`: wanted names of which the system did not say what they are. `skipped`: what is left out though somebody
    may think that it is not, and why. `devices`: folder -> the number of its file system. `root_is_gone`: nothing was
    seen, which proves nothing about the files.
    """

    files: dict[str, Signature] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    skipped: dict[str, str] = field(default_factory=dict)
    devices: dict[str, int] = field(default_factory=dict)
    root_is_gone: bool = False

    def may_be_there(self, path: str) -> bool:
        """True if a path that was not seen may be there: it, or a folder on the way to it, could not be accessed."""
        folder = path.rpartition("/")[0]
        if path in self.unknown or self.root_is_gone:
            return True
        if folder in self.folders and folder not in self.refused:
            return False
        return any(above in self.refused for above in _folders_of(path))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which relative paths of a root a source cares for."""

    folder: Callable[[str], bool]
    file: Callable[[str], bool]
    expected: Callable[[str], bool] = lambda path: False
    """True for a wanted folder whose place nothing else may take unnoticed."""
    namesake: Callable[[str], str | None] = lambda path: None
    """The expected folder from which the name of another one differs only in how it is written."""


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
            if folder:
                status = os.lstat(where)
                if not stat.S_ISDIR(status.st_mode):
                    continue
                result.devices[folder] = status.st_dev
            watch(folder)
            with os.scandir(where) as entries:
                result.folders.add(folder)
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if wanted.file(path):
                        _note_file(path, entry, result)
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(path)
                    if wanted.folder(path) or wanted.namesake(path) is not None:
                        reason = why_left_out(root, path, wanted)
                        if reason is not None:
                            result.skipped[path] = reason
        except OSError as problem:
            if not is_absence(problem):
                result.refused[folder] = problem.strerror or str(problem)
            elif not folder:
                result.root_is_gone = True
    return result


def _note_file(path: str, entry: os.DirEntry[str], result: ScanResult) -> None:
    try:
        result.files[path] = signature_of(entry.stat(follow_symlinks=False))
    except OSError as problem:
        if not is_absence(problem):
            result.unknown.add(path)


def why_left_out(root: str, path: str, wanted: Filter) -> str | None:
    """Why what is at a path, no wanted file, is left out, None if nobody can expect to see what is in it."""
    place = os.path.join(root, path)
    namesake = wanted.namesake(path)
    if namesake is not None:
        return f"left out, as it is not named exactly “{namesake}”" if os.path.isdir(place) else None
    try:
        mode = os.lstat(place).st_mode
    except OSError:
        return None
    if not wanted.folder(path) or stat.S_ISDIR(mode):
        return None
    if stat.S_ISLNK(mode):
        is_shown = wanted.expected(path) or os.path.isdir(place)
        return "left out, as it is a link, and links are not followed" if is_shown else None
    return "left out, as it is not a folder" if wanted.expected(path) else None


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _folders_of(path: str) -> Iterator[str]:
    """The folders that a path is in, the nearest first, "" last."""
    while path:
        path = path.rpartition("/")[0]
        yield path


class Mirror:
    """What we believe is below one root: wanted path -> signature. `check` and `rescan` say where that was wrong."""

    def __init__(
        self,
        root: str,
        wanted: Filter,
        watch: Callable[[str], object] = lambda folder: None,
        forget: Callable[[Iterable[str]], None] = lambda folders: None,
        clock_ns: Callable[[], int] = time.time_ns,
        clock: Callable[[], float] = time.monotonic,
        found: Callable[[Iterable[str]], None] = lambda paths: None,
    ) -> None:
        """`found(paths)` is called by a scan of everything with the files that came or went since the last one."""
        self.root = root
        self.files: dict[str, Signature] = {}
        self.folders: set[str] = set()
        self.refused: dict[str, str] = {}
        self.skipped: dict[str, str] = {}
        self.unread = Retries()
        """Files that could not be accessed or read. Their reader reports each result: `failed`, `done`."""
        self.unlisted = Retries()
        """Folders that could not be listed; `rescan` keeps it."""
        self._devices: dict[str, int] = {}
        self._wanted = wanted
        self._watch, self._forget, self._found = watch, forget, found
        self._racy: set[str] = set()
        self._apart: set[str] = set()
        """Known files of folders that were not scanned yet."""
        self._clock_ns = clock_ns
        self._clock = clock

    def check(self, path: str) -> bool:
        """Check one path that was hinted at; True if it is there and must be read, False if it is gone.

        A hint is reason enough to read: two writes within one clock tick leave the same signature. What cannot be
        accessed is not gone: False too, but it stays in `files` and is in `unread`.
        """
        try:
            signature = signature_of(os.lstat(os.path.join(self.root, path)))
        except OSError as problem:
            if is_absence(problem):
                self._drop(path)
            else:
                self.unread.failed(path, problem.strerror or str(problem), self._clock())
            return False
        self._note(path, signature)
        return True

    def is_gone(self, path: str) -> bool:
        """True after `check` if nothing is at the path: it is not known, and its access did not fail."""
        return path not in self.files and path not in self.unread

    def check_left_out(self, path: str) -> None:
        """Check one path that was hinted at and is no wanted file: `skipped` says if it is left out."""
        reason = why_left_out(self.root, path, self._wanted)
        if reason is not None:
            self.skipped[path] = reason
        else:
            self.skipped.pop(path, None)

    def rescan(self, start: str = "") -> tuple[list[str], list[str]]:
        """Scan everything below a folder and watch it; returns (to read, gone), each sorted by path.

        What could not be read the last time is to be read. What is below a folder that cannot be listed is not gone.
        """
        start = self._unmounted_above(start) or start
        seen = walk(self.root, self._wanted, start, self._watch)
        now = self._clock()
        if seen.root_is_gone:
            return [], []
        below = f"{start}/" if start else ""
        is_new = bool(start) and start not in self.folders
        # Of a folder that was not scanned before little is known: all of what is would be a lot to look through.
        possible = {*self._apart, *(self.files.keys() & seen.files)} if is_new else self.files
        known = {path for path in {*possible, *self.unread.paths()} if path.startswith(below)}
        self._refuse_unmounted(seen, known)
        for path in seen.unknown:
            self.unread.failed(path, "the system does not say what it is", now)
        missing = [path for path in known if path not in seen.files]
        gone = [path for path in missing if not seen.may_be_there(path)]
        to_read = [
            path
            for path, signature in seen.files.items()
            if self.files.get(path) != signature or path in self._racy or path in self.unread
        ]
        if not start and not self.refused:  # what a folder that could not be listed has now may have been there before
            self._found([*(path for path in to_read if path not in known), *gone])
        for path in gone:
            self._drop(path)
        for path in to_read:
            self._note(path, seen.files[path])
        self._keep_folders(start, below, seen, now, is_new)
        return sorted(to_read), sorted(gone)

    def _keep_folders(self, start: str, below: str, seen: ScanResult, now: float, is_new: bool) -> None:
        if is_new:
            self.folders |= seen.folders
            self._devices |= seen.devices
        else:
            outside = {folder for folder in self.folders if folder != start and not folder.startswith(below)}
            inside = self.folders - outside - seen.folders
            folders = outside | seen.folders | {folder for folder in inside if seen.may_be_there(folder)}
            self._forget(self.folders - folders)
            self.folders = folders
            devices = {folder: device for folder, device in self._devices.items() if folder in folders}
            self._devices = devices | seen.devices
        self._apart = {path for path in self._apart if _folder_of(path) not in self.folders}
        self.refused = _merged(self.refused, seen.refused, start, below)
        self.skipped = _merged(self.skipped, seen.skipped, start, below)
        for folder in self.unlisted.paths():
            if folder not in self.refused:
                self.unlisted.done(folder)
        for folder, reason in seen.refused.items():
            self.unlisted.failed(folder, reason, now)

    def _unmounted_above(self, start: str) -> str | None:
        """The folder above one to be scanned that is on another file system than before: then all of it is scanned."""
        for folder in _folders_of(start):
            device = self._devices.get(folder)
            with contextlib.suppress(OSError):
                if device is not None and os.lstat(os.path.join(self.root, folder)).st_dev != device:
                    return folder
        return None

    def _refuse_unmounted(self, seen: ScanResult, known: Iterable[str]) -> None:
        """An empty folder on another file system than before, of which files are known: theirs is not mounted now."""
        moved = {folder for folder, device in seen.devices.items() if self._devices.get(folder, device) != device}
        for folder in moved:
            files = (path for path in seen.files if path.startswith(f"{folder}/"))
            if any(path.startswith(f"{folder}/") for path in known) and next(files, None) is None:
                seen.refused[folder] = "its file system is not mounted any more"
                seen.devices[folder] = self._devices[folder]

    def _drop(self, path: str) -> None:
        self.files.pop(path, None)
        self._apart.discard(path)
        self._racy.discard(path)
        self.unread.done(path)

    def _note(self, path: str, signature: Signature) -> None:
        self.files[path] = signature
        if _folder_of(path) not in self.folders:
            self._apart.add(path)
        if self._clock_ns() - signature.mtime_ns < _RACY_NS:
            self._racy.add(path)
        else:
            self._racy.discard(path)


def _merged(before: dict[str, str], seen: dict[str, str], start: str, below: str) -> dict[str, str]:
    """Reasons by path: of what is outside of the folder that was scanned those before, of the rest those seen."""
    return {path: why for path, why in before.items() if path != start and not path.startswith(below)} | seen
