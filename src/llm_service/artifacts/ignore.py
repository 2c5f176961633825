"""`IgnoreRules` says what is ignored in projects: some names always, and what each `.gitignore` says.

The patterns are git's (gitignore(5); `wildmatch.c` for the fine points). They are written by agents, so their cost is
bounded: a `*` commits to the first place where what follows it fits, which is all that a `*` needs, instead of
trying them all. (The library `pathspec` makes `*a*a*a*a*a*a*a*ab` a regular expression that takes half a minute for
one name of 60 letters, and costs 9 us for each file where this takes 1.)
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ..errors import FileRefused
from ..files import printable, read_file
from .gitignore import Patterns

log = logging.getLogger(__name__)

ALWAYS_IGNORED = frozenset(
    {
        ".git", "node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache",
        "dist", "build", "target", ".next", ".DS_Store",
    }
)  # fmt: skip
FILE_NAME = ".gitignore"
_MAX_BYTES = 65_536
_MAX_CACHED = 1_024


@dataclass(frozen=True, slots=True)
class FolderRules:
    """What is ignored in one folder. `files`: the pattern files that apply, the nearest first, each with the path
    from its folder to this one, as bytes, ending with a slash."""

    names: Collection[str]
    files: tuple[tuple[Patterns, bytes], ...] = ()

    def ignores(self, name: str, is_folder: bool) -> bool:
        """True if an entry of the folder is ignored."""
        if name in self.names:
            return True
        if self.files:
            raw = os.fsencode(name)
            for patterns, prefix in self.files:
                verdict = patterns.ignores(prefix, raw, is_folder)
                if verdict is not None:
                    return verdict
        return False


class IgnoreRules:
    """The rules of every folder below one root. First-level folders are projects; above them only names count.

    Belongs to one thread, but for `wants_folder`. `version` rises whenever what some `.gitignore` says is another.
    """

    def __init__(self, ignore: Collection[str] = (), unignore: Collection[str] = ()) -> None:
        self.names = frozenset((ALWAYS_IGNORED | set(ignore)) - set(unignore))
        self.version = 0
        self._files: dict[str, tuple[object, bytes, Patterns]] = {}
        self._rules: dict[str, FolderRules] = {}

    def wants_folder(self, path: str) -> bool:
        """False for a folder that is ignored for its own name; for any thread."""
        return path.rpartition("/")[2] not in self.names

    def rules(self, folder: str) -> FolderRules:
        """The rules for the entries of a folder (relative to the root, POSIX)."""
        known = self._rules.get(folder)
        if known is None:
            if len(self._rules) > _MAX_CACHED:
                self._rules.clear()
            known = self._rules[folder] = FolderRules(self.names, tuple(self._above(folder)) if self._files else ())
        return known

    def ignores(self, path: str, is_folder: bool) -> bool:
        """True if a path is ignored, or is in a folder that is."""
        parts = path.split("/")
        folder = ""
        for part in parts[:-1]:
            if self.rules(folder).ignores(part, True):
                return True
            folder = f"{folder}/{part}" if folder else part
        return self.rules(folder).ignores(parts[-1], is_folder)

    def learn(self, root: str, folder: str, signature: object) -> None:
        """A folder was seen with a `.gitignore` of that signature; None: with none. Reads it if it is another."""
        known = self._files.get(folder)
        if (known and known[0]) == signature or not folder:
            return
        data = b""
        if signature is not None:
            try:
                data = read_file(root, f"{folder}/{FILE_NAME}", _MAX_BYTES).data
            except FileRefused as refusal:
                log.warning("a .gitignore is not used: %s", refusal.message)
        if known is not None and signature is not None and known[1] == data:
            self._files[folder] = (signature, *known[1:])
            return
        self._rules.clear()
        self.version += 1
        if signature is None:
            del self._files[folder]
            return
        patterns = Patterns(data)
        if patterns.refused:
            log.warning("%s: %s patterns are too complicated", printable(f"{folder}/{FILE_NAME}"), patterns.refused)
        self._files[folder] = (signature, data, patterns)

    def invalidate(self, folder: str) -> None:
        """Read the `.gitignore` of a folder again when it is seen next, whatever its signature."""
        if folder in self._files:
            self._files[folder] = (object(), *self._files[folder][1:])

    def forget(self, folders: Collection[str]) -> None:
        """These folders are gone."""
        gone = self._files.keys() & set(folders) if self._files else ()
        for folder in gone:
            del self._files[folder]
        if gone:
            self._rules.clear()

    def _above(self, folder: str) -> Iterator[tuple[Patterns, bytes]]:
        prefix = ""
        while folder:
            found = self._files.get(folder)
            if found is not None and found[2]:
                yield found[2], os.fsencode(prefix)
            folder, _, name = folder.rpartition("/")
            prefix = f"{name}/{prefix}"
