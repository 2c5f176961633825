"""Finds claimed files on the disk without opening them and without following links: `Finder.find(paths, bases)`.

A `Finder` lives for one check and caches which folders exist: thousands of tasks name files in a few folders.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from unicodedata import normalize

from ..errors import FileRefused, FileUnreadable, FileVanished, NotRegular
from ..files import SafeRoot
from .paths import is_pattern

_T = TypeVar("_T")
_MAX_ENTRIES = 2_000
_MAX_MATCHES = 200
_MAX_SEARCHED = 20_000
"""Names that are compared for one pattern: a tenth of a second. What is in `_NOT_SEARCHED` does not count."""
_NOT_SEARCHED = frozenset(("node_modules", "__pycache__", "venv"))
"""`**` does not stand for these: what a tool put there is thousands of files, and no work of a task."""


class _Facts(NamedTuple):
    mode: int
    size_bytes: int
    mtime_ns: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Base:
    """A folder to which claimed paths may be relative: `subfolder` of `root`, where links are not followed either."""

    root: str
    subfolder: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A file or folder that was found. `size_bytes` of a folder is the number of its entries, its times the latest of
    theirs and its own. `changed_ns`: when the file was written or put there, whatever its own time says: files that
    come out of an archive have an old one. `matches` is the number of files that a pattern matches; size and times are
    those of the latest file that is not empty, if there is one."""

    root: str
    path: str
    kind: str
    size_bytes: int
    mtime_ns: int
    changed_ns: int
    matches: int | None = None

    @property
    def full_path(self) -> str:
        """Its absolute path."""
        return f"{self.root}/{self.path}"


class Finder:
    """Finds many files. Close it after use; not thread-safe."""

    def __init__(self) -> None:
        self._safe_root: dict[str, SafeRoot] = {}
        self._folders: dict[tuple[str, str], bool | FileRefused] = {}
        self._names: dict[tuple[str, str], dict[str, str]] = {}
        self._cache: dict[Hashable, Any] = {}

    def __enter__(self) -> Finder:
        return self

    def __exit__(self, *reason: object) -> None:
        for safe_root in self._safe_root.values():
            safe_root.close()

    def find(self, paths: Sequence[str], bases: Sequence[Base], only_files: bool = False) -> Found | None:
        """The first file or folder at one of `paths` below one of `bases`; None if there is none.

        Raises FileRefused if there is only something that must not be checked, such as a link; FileUnreadable, which
        is one, if something could not be accessed, so that a file may be there.
        """
        refusal: FileRefused | None = None
        for path in paths:
            for base in bases:
                try:
                    found = self._check_path(base.root, f"{base.subfolder}/{path}" if base.subfolder else path)
                except FileRefused as problem:
                    if refusal is None or isinstance(problem, FileUnreadable):
                        refusal = problem
                else:
                    if found is not None and not (only_files and found.kind == "folder"):
                        return found
        if refusal is not None:
            raise refusal
        return None

    def is_there(self, root: str) -> bool:
        """False if a root cannot be found or entered now."""
        return self.cached(f"root {root}", lambda: os.path.isdir(root))

    def cached(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What `make` gives, which is called once in the life of this finder."""
        if key not in self._cache:
            self._cache[key] = make()
        found: _T = self._cache[key]
        return found

    def folders(self, root: str) -> Sequence[str]:
        """The names of the folders directly in a root."""
        found = self._names.get((root, "/"))
        if found is None:
            try:
                entries = self._folder_access(root).entries("")
                found = {entry.name: entry.name for entry in islice(entries, _MAX_ENTRIES) if entry.kind == "folder"}
            except FileRefused:
                found = {}
            self._names[root, "/"] = found
        return list(found)

    def _check_path(self, root: str, path: str) -> Found | None:
        facts = self._status(root, path)
        if facts is None and not path.isascii() and (respelled := self._respelled(root, path)) is not None:
            path, facts = respelled, self._status(root, respelled)
        if facts is None:
            return self._matching(root, path) if is_pattern(path) else None
        if stat.S_ISREG(facts.mode):
            return Found(root, path, "file", facts.size_bytes, facts.mtime_ns, facts.changed_ns)
        if stat.S_ISDIR(facts.mode):
            return self._folder(root, path, facts)
        raise NotRegular("it is a link, which is not followed" if stat.S_ISLNK(facts.mode) else "it is a special file")

    def _respelled(self, root: str, path: str) -> str | None:
        """The path as the disk has it: one letter can be written as one character or as two (NFC, NFD)."""
        found = ""
        for name in path.split("/"):
            if not name.isascii():
                known = self._names.get((root, found))
                if known is None:
                    entries = islice(self._entries(root, found), _MAX_ENTRIES)
                    known = {normalize("NFC", entry): entry for entry in entries if not entry.isascii()}
                    self._names[root, found] = known
                name = known.get(normalize("NFC", name), name)
            found = _join(found, name)
        return found if found != path else None

    def _folder(self, root: str, path: str, facts: _Facts) -> Found:
        entries, latest, changed = 0, facts.mtime_ns, facts.changed_ns
        for entry in self._entries(root, path):
            entries += 1
            if entries <= _MAX_MATCHES and (inner := self._status(root, f"{path}/{entry}")) is not None:
                latest, changed = max(latest, inner.mtime_ns), max(changed, inner.changed_ns)
            if entries >= _MAX_ENTRIES:
                break
        return Found(root, path, "folder", entries, latest, changed)

    def _matching(self, root: str, pattern: str) -> Found | None:
        """All files that match, as one. Raises FileUnreadable if none was found within the limit of entries, or in
        folders of which some could not be read."""
        best: Found | None = None
        matches = 0
        try:
            for path in self._walk(root, pattern):
                facts = self._status(root, path)
                if facts is None or not stat.S_ISREG(facts.mode):
                    continue
                matches += 1
                file = Found(root, path, "file", facts.size_bytes, facts.mtime_ns, facts.changed_ns)
                if best is None or _rank(file) > _rank(best):
                    best = file
                if matches >= _MAX_MATCHES:
                    break
        except FileUnreadable:
            if best is None:
                raise
        return None if best is None else replace(best, matches=matches)

    def _walk(self, root: str, pattern: str) -> Iterator[str]:
        """The paths that match a pattern; `**` stands for any number of folders. Raises FileUnreadable at the limit of
        entries, and at the end if a folder could not be read."""
        remaining = _MAX_SEARCHED
        unreadable: FileUnreadable | None = None
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
            try:
                entries = list(islice(self._folder_access(root).entries(folder), remaining + 1))
            except FileUnreadable as problem:
                unreadable = problem
                continue
            except FileRefused:
                continue
            for name, is_folder in ((entry.name, entry.kind == "folder") for entry in entries):
                remaining -= 1
                if remaining < 0:
                    raise FileUnreadable(f"finding it would take comparing more than {_MAX_SEARCHED:,} names")
                if name.startswith(".") and not first.startswith("."):
                    continue
                path = _join(folder, name)
                if first == "**":
                    if name not in _NOT_SEARCHED and is_folder:
                        pending.append((path, parts))
                    elif not remaining_parts:
                        yield path
                elif matches(name):
                    if not remaining_parts:
                        yield path
                    elif is_folder:
                        pending.append((path, remaining_parts))
        if unreadable is not None:
            raise unreadable

    def _entries(self, root: str, folder: str) -> Iterator[str]:
        try:
            for entry in self._folder_access(root).entries(folder):
                yield entry.name
        except FileUnreadable:
            raise
        except FileRefused:
            return

    def _is_folder(self, root: str, path: str) -> bool:
        try:
            facts = self._status(root, path)
        except FileRefused:
            return False
        return facts is not None and stat.S_ISDIR(facts.mode)

    def _status(self, root: str, path: str) -> _Facts | None:
        """What the system says of a path, None if it does not exist. Raises FileRefused."""
        folder = path.rpartition("/")[0]
        if folder and not self._folder_exists(root, folder):
            return None
        try:
            facts = self._folder_access(root).status(path)
        except FileVanished:
            return None
        changed_ns = max(facts.st_mtime_ns, facts.st_ctime_ns)
        return _Facts(facts.st_mode, facts.st_size, facts.st_mtime_ns, changed_ns)

    def _folder_exists(self, root: str, folder: str) -> bool:
        """True if the folder exists. Raises FileRefused if it is a link, is behind a link, or cannot be accessed."""
        known = self._folders.get((root, folder))
        if known is None:
            try:
                facts = self._status(root, folder)
                known = facts is not None and stat.S_ISDIR(facts.mode)
                if facts is not None and stat.S_ISLNK(facts.mode):
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
    return file.size_bytes > 0, file.changed_ns


@lru_cache(256)
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(pattern)).match
