"""Finds claimed files on the disk without opening them and without following links: `Finder.find(paths, bases)`.

A `Finder` lives for one check and caches which folders exist: thousands of tasks name files in a few folders.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from ..errors import FileRefused, FileUnreadable, FileVanished, NotRegular
from ..files import SafeRoot
from .model import is_pattern

_MAX_ENTRIES = 2_000
_MAX_MATCHES = 200


@dataclass(frozen=True, slots=True)
class Base:
    """A folder to which claimed paths may be relative: `subfolder` of `root`, where links are not followed either."""

    root: str
    subfolder: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A file or folder that was found. `size_bytes` of a folder is the number of its entries, its time the latest of
    theirs and its own. `matches` is the number of files that a pattern matches; size and time are those of the latest
    file that is not empty, if there is one."""

    root: str
    path: str
    kind: str
    size_bytes: int
    mtime_ns: int
    matches: int | None = None


class Finder:
    """Finds many files. Close it after use; not thread-safe."""

    def __init__(self) -> None:
        self._safe_root: dict[str, SafeRoot] = {}
        self._folders: dict[tuple[str, str], bool | FileRefused] = {}

    def __enter__(self) -> Finder:
        return self

    def __exit__(self, *reason: object) -> None:
        for safe_root in self._safe_root.values():
            safe_root.close()

    def find(self, paths: Sequence[str], bases: Sequence[Base]) -> Found | None:
        """The first file or folder at one of `paths` below one of `bases`; None if there is none.

        Raises FileRefused if there is only something that must not be checked, such as a link.
        """
        refusal: FileRefused | None = None
        for path in paths:
            for base in bases:
                try:
                    found = self._check_path(base.root, f"{base.subfolder}/{path}" if base.subfolder else path)
                except FileRefused as problem:
                    refusal = refusal or problem
                else:
                    if found is not None:
                        return found
        if refusal is not None:
            raise refusal
        return None

    def _check_path(self, root: str, path: str) -> Found | None:
        facts = self._status(root, path)
        if facts is None:
            return self._matching(root, path) if is_pattern(path) else None
        mode, size_bytes, mtime_ns = facts
        if stat.S_ISREG(mode):
            return Found(root, path, "file", size_bytes, mtime_ns)
        if stat.S_ISDIR(mode):
            return self._folder(root, path, mtime_ns)
        raise NotRegular("it is a link, which is not followed" if stat.S_ISLNK(mode) else "it is a special file")

    def _folder(self, root: str, path: str, mtime_ns: int) -> Found:
        entries, latest = 0, mtime_ns
        for entry in self._entries(root, path):
            entries += 1
            if entries <= _MAX_MATCHES and (facts := self._status(root, f"{path}/{entry}")) is not None:
                latest = max(latest, facts[2])
            if entries >= _MAX_ENTRIES:
                break
        return Found(root, path, "folder", entries, latest)

    def _matching(self, root: str, pattern: str) -> Found | None:
        """All files that match, as one. Raises FileUnreadable if none was found within the limit of entries."""
        best: Found | None = None
        matches = 0
        try:
            for path in self._walk(root, pattern):
                facts = self._status(root, path)
                if facts is None or not stat.S_ISREG(facts[0]):
                    continue
                matches += 1
                file = Found(root, path, "file", facts[1], facts[2])
                if best is None or _rank(file) > _rank(best):
                    best = file
                if matches >= _MAX_MATCHES:
                    break
        except FileUnreadable:
            if best is None:
                raise
        return None if best is None else Found(root, best.path, "file", best.size_bytes, best.mtime_ns, matches)

    def _walk(self, root: str, pattern: str) -> Iterator[str]:
        """The paths that match a pattern; `**` stands for any number of folders. Raises FileUnreadable at the limit of
        entries."""
        remaining = _MAX_ENTRIES
        pending: list[tuple[str, tuple[str, ...]]] = [("", tuple(pattern.split("/")))]
        while pending:
            folder, parts = pending.pop()
            first, remaining_parts = parts[0], parts[1:]
            if not is_pattern(first):
                path = _join(folder, first)
                if not remaining_parts:
                    yield path
                elif self._is_folder(root, path):
                    pending.append((path, remaining_parts))
                continue
            if first == "**" and remaining_parts:
                pending.append((folder, remaining_parts))
            matches = _matcher(first)
            for name in self._entries(root, folder):
                remaining -= 1
                if remaining < 0:
                    raise FileUnreadable(f"finding it would take comparing more than {_MAX_ENTRIES:,} names")
                if name.startswith(".") and not first.startswith("."):
                    continue
                path = _join(folder, name)
                if first == "**":
                    if self._is_folder(root, path):
                        pending.append((path, parts))
                    elif not remaining_parts:
                        yield path
                elif matches(name):
                    if not remaining_parts:
                        yield path
                    elif self._is_folder(root, path):
                        pending.append((path, remaining_parts))

    def _entries(self, root: str, folder: str) -> Iterator[str]:
        try:
            for entry in self._folder_access(root).entries(folder):
                yield entry.name
        except FileRefused:
            return

    def _is_folder(self, root: str, path: str) -> bool:
        try:
            facts = self._status(root, path)
        except FileRefused:
            return False
        return facts is not None and stat.S_ISDIR(facts[0])

    def _status(self, root: str, path: str) -> tuple[int, int, int] | None:
        """(mode, size, mtime) of a path, None if it does not exist. Raises FileRefused."""
        folder = path.rpartition("/")[0]
        if folder and not self._folder_exists(root, folder):
            return None
        try:
            facts = self._folder_access(root).status(path)
        except FileVanished:
            return None
        return facts.st_mode, facts.st_size, facts.st_mtime_ns

    def _folder_exists(self, root: str, folder: str) -> bool:
        """True if the folder exists. Raises FileRefused if it is a link, is behind a link, or cannot be accessed."""
        known = self._folders.get((root, folder))
        if known is None:
            try:
                facts = self._status(root, folder)
                known = facts is not None and stat.S_ISDIR(facts[0])
                if facts is not None and stat.S_ISLNK(facts[0]):
                    known = NotRegular("it is behind a link, which is not followed")
            except FileRefused as refusal:
                known = refusal
            self._folders[root, folder] = known
        if isinstance(known, FileRefused):
            raise known
        return known

    def _folder_access(self, root: str) -> SafeRoot:
        safe_root = self._safe_root.get(root)
        if safe_root is None:
            safe_root = self._safe_root[root] = SafeRoot(root)
        return safe_root


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _rank(file: Found) -> tuple[bool, int]:
    """The order by which one of several files represents all: they are empty or old only if each of them is."""
    return file.size_bytes > 0, file.mtime_ns


@lru_cache(256)
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(pattern)).match
