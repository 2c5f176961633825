"""`IgnoreRules` says what is ignored in projects: some names always, and what each `.gitignore` says.

The patterns are git's (gitignore(5); `wildmatch.c` for the fine points). They are written by agents, so their cost is
bounded: a `*` commits to the first place where what follows it fits, which is all that a `*` needs, instead of trying
them all, and a `MatchBudget` bounds the sum over all names. What is not used of a file is a trouble. (The library
`pathspec` makes `*a*a*a*a*a*a*a*ab` a regular expression that takes half a minute for one name of 60 letters, and costs
9 us for each file where this takes 1.)
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from ..errors import FileRefused, FileUnreadable
from ..files import printable, read_file
from .gitignore import MAX_EXPRESSION_BYTES, Patterns
from .match_budget import MatchBudget

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
_MAX_EXPRESSION_BYTES = 500_000
"""All regular expressions of all files together."""

OnTrouble = Callable[[str, str | None], None]


@dataclass(frozen=True, slots=True)
class FolderRules:
    """What is ignored in one folder. `files`: the pattern files that apply, the nearest first, each with the path
    from its folder to this one, as bytes, ending with a slash."""

    names: Collection[str]
    budget: MatchBudget
    files: tuple[tuple[Patterns, bytes], ...] = ()

    def ignores(self, name: str, is_folder: bool) -> bool:
        """True if an entry of the folder is ignored."""
        if name in self.names:
            return True
        if self.files:
            raw = os.fsencode(name)
            self.budget.spend(self.files, raw, is_folder)
            for patterns, prefix in self.files:
                verdict = patterns.ignores(prefix, raw, is_folder)
                if verdict is not None:
                    return verdict
        return False


class IgnoreRules:
    """The rules of every folder below one root. First-level folders are projects; above them only names count.

    Belongs to one thread, but for `wants_folder` and `troubles`. `version` rises whenever what some `.gitignore` says
    is another. `on_trouble(folder, reason)` is called when some of it is not used, and with None when that is over.
    """

    def __init__(
        self,
        ignore: Collection[str] = (),
        unignore: Collection[str] = (),
        on_trouble: OnTrouble = lambda folder, reason: None,
    ) -> None:
        self.names = frozenset((ALWAYS_IGNORED | set(ignore)) - set(unignore))
        self.version = 0
        self._files: dict[str, tuple[object, bytes, Patterns]] = {}
        self._rules: dict[str, FolderRules] = {}
        self._budget = MatchBudget(self._simplified)
        self._troubles: dict[str, str] = {}
        self._on_trouble = on_trouble

    def troubles(self) -> dict[str, str]:
        """folder -> why its `.gitignore`, or some of it, is not used; for any thread."""
        return dict(self._troubles)

    def wants_folder(self, path: str) -> bool:
        """False for a folder that is ignored for its own name; for any thread."""
        return path.rpartition("/")[2] not in self.names

    def rules(self, folder: str) -> FolderRules:
        """The rules for the entries of a folder (relative to the root, POSIX)."""
        known = self._rules.get(folder)
        if known is None:
            if len(self._rules) > _MAX_CACHED:
                self._rules.clear()
            known = self._rules[folder] = FolderRules(
                self.names, self._budget, tuple(self._above(folder)) if self._files else ()
            )
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
        """A folder was seen with a `.gitignore` of that signature; None: with none. Reads it if it is another.

        Raises FileUnreadable if that cannot be done now: nothing changes, and the next call tries again.
        """
        known = self._files.get(folder)
        if (known and known[0]) == signature or not folder:
            return
        data, refusal = b"", None
        if signature is not None:
            try:
                data = read_file(root, f"{folder}/{FILE_NAME}", _MAX_BYTES).data
            except FileUnreadable:
                raise
            except FileRefused as problem:
                refusal = problem.message
        if known is not None and signature is not None and known[1] == data and refusal is None:
            self._files[folder] = (signature, *known[1:])
            return
        self._rules.clear()
        self.version += 1
        if signature is None:
            del self._files[folder]
            self._report(folder, None)
            return
        others = sum(patterns.expression_bytes for path, (_, _, patterns) in self._files.items() if path != folder)
        patterns = Patterns(data, max(0, min(MAX_EXPRESSION_BYTES, _MAX_EXPRESSION_BYTES - others)))
        self._files[folder] = (signature, data, patterns)
        self._report(folder, refusal or _unused(patterns))

    def _simplified(self, simplified: Patterns) -> None:
        self.version += 1
        for folder, (_, _, patterns) in self._files.items():
            if patterns is simplified:
                self._report(folder, _unused(patterns))

    def _report(self, folder: str, reason: str | None) -> None:
        if reason == self._troubles.get(folder):
            return
        if reason is None:
            del self._troubles[folder]
        else:
            self._troubles = self._troubles | {folder: reason}
            log.warning("%s: %s", printable(f"{folder}/{FILE_NAME}"), printable(reason))
        self._on_trouble(folder, reason)

    def invalidate(self, folder: str) -> None:
        """Read the `.gitignore` of a folder again when it is seen next, whatever its signature."""
        if folder in self._files:
            self._files[folder] = (object(), *self._files[folder][1:])

    def forget(self, folders: Collection[str]) -> None:
        """These folders are gone."""
        gone = self._files.keys() & set(folders) if self._files else ()
        for folder in gone:
            del self._files[folder]
            self._report(folder, None)
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


def _unused(patterns: Patterns) -> str | None:
    if not patterns.refused:
        return None
    are = "pattern is" if patterns.refused == 1 else "patterns are"
    return f"{patterns.refused:,} {are} not used: too many, too long, or too costly to try"
