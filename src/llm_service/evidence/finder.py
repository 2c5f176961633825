"""Looking for the artefacts of tasks on the disk, without opening one and without following a link.

A `Look` remembers for its short life which folders are there: thousands of tasks name files in a few of them.
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

_LISTED = 2_000
_MATCHES = 200


@dataclass(frozen=True, slots=True)
class Base:
    """Where relative paths may begin: the folder `inside` (itself looked for without following links) of a `root`."""

    root: str
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies at one of the places: `size_bytes` of a folder is how many entries it has, its time that of the latest
    among them and itself. `matches` is how many files a pattern stands for; what is said is of all of them."""

    root: str
    path: str
    kind: str
    size_bytes: int
    mtime_ns: int
    matches: int | None = None


class Look:
    """One look at many places; closed after use. Not for several threads at once."""

    def __init__(self) -> None:
        self._safe_root: dict[str, SafeRoot] = {}
        self._folders: dict[tuple[str, str], bool | FileRefused] = {}

    def __enter__(self) -> Look:
        return self

    def __exit__(self, *reason: object) -> None:
        for safe_root in self._safe_root.values():
            safe_root.close()

    def find(self, paths: Sequence[str], bases: Sequence[Base]) -> Found | None:
        """The first of the places at which there is something; None if there is nothing at any.

        Raises FileRefused if something is there that is not looked at, such as a link.
        """
        refusal: FileRefused | None = None
        for path in paths:
            for base in bases:
                try:
                    found = self._at(base.root, f"{base.inside}/{path}" if base.inside else path)
                except FileRefused as problem:
                    refusal = refusal or problem
                else:
                    if found is not None:
                        return found
        if refusal is not None:
            raise refusal
        return None

    def _at(self, root: str, path: str) -> Found | None:
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
            if entries <= _MATCHES and (facts := self._status(root, f"{path}/{entry}")) is not None:
                latest = max(latest, facts[2])
            if entries >= _LISTED:
                break
        return Found(root, path, "folder", entries, latest)

    def _matching(self, root: str, pattern: str) -> Found | None:
        """All files that match, as one. Raises FileUnreadable if it would take too long to say that there is none."""
        best: Found | None = None
        matches = 0
        try:
            for path in self._walk(root, pattern):
                facts = self._status(root, path)
                if facts is None or not stat.S_ISREG(facts[0]):
                    continue
                matches += 1
                one = Found(root, path, "file", facts[1], facts[2])
                if best is None or _weight(one) > _weight(best):
                    best = one
                if matches >= _MATCHES:
                    break
        except FileUnreadable:
            if best is None:
                raise
        return None if best is None else Found(root, best.path, "file", best.size_bytes, best.mtime_ns, matches)

    def _walk(self, root: str, pattern: str) -> Iterator[str]:
        """The paths that match a pattern; `**` stands for any number of folders. Raises FileUnreadable when a bounded
        look ends before all was seen."""
        left = _LISTED
        waiting: list[tuple[str, tuple[str, ...]]] = [("", tuple(pattern.split("/")))]
        while waiting:
            folder, parts = waiting.pop()
            first, rest = parts[0], parts[1:]
            if not is_pattern(first):
                path = _join(folder, first)
                if not rest:
                    yield path
                elif self._is_folder(root, path):
                    waiting.append((path, rest))
                continue
            if first == "**" and rest:
                waiting.append((folder, rest))
            matches = _matcher(first)
            for name in self._entries(root, folder):
                left -= 1
                if left < 0:
                    raise FileUnreadable(f"it stands for more than the {_LISTED:,} names that are looked through")
                if name.startswith(".") and not first.startswith("."):
                    continue
                path = _join(folder, name)
                if first == "**":
                    if self._is_folder(root, path):
                        waiting.append((path, parts))
                    elif not rest:
                        yield path
                elif matches(name):
                    if not rest:
                        yield path
                    elif self._is_folder(root, path):
                        waiting.append((path, rest))

    def _entries(self, root: str, folder: str) -> Iterator[str]:
        try:
            for entry in self._below(root).entries(folder):
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
        """(mode, size, mtime) of what lies there, None if nothing does. Raises FileRefused."""
        folder = path.rpartition("/")[0]
        if folder and not self._there(root, folder):
            return None
        try:
            facts = self._below(root).status(path)
        except FileVanished:
            return None
        return facts.st_mode, facts.st_size, facts.st_mtime_ns

    def _there(self, root: str, folder: str) -> bool:
        """True if the folder is there. Raises FileRefused if it is or lies behind a link, or cannot be looked into."""
        known = self._folders.get((root, folder))
        if known is None:
            try:
                facts = self._status(root, folder)
                known = facts is not None and stat.S_ISDIR(facts[0])
                if facts is not None and stat.S_ISLNK(facts[0]):
                    known = NotRegular("it lies behind a link, which is not followed")
            except FileRefused as refusal:
                known = refusal
            self._folders[root, folder] = known
        if isinstance(known, FileRefused):
            raise known
        return known

    def _below(self, root: str) -> SafeRoot:
        safe_root = self._safe_root.get(root)
        if safe_root is None:
            safe_root = self._safe_root[root] = SafeRoot(root)
        return safe_root


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _weight(file: Found) -> tuple[bool, int]:
    """Of several files the heaviest speaks for all: they are empty or old only if all of them are."""
    return file.size_bytes > 0, file.mtime_ns


@lru_cache(256)
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(pattern)).match
