"""Where worktrees change the same files: `overlaps_of(changes, cache)`. Hot: the same lines; soft: only the same file.

Lines are those of the last commit that both have in common, so it is what a merge would meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations
from typing import Any

from ..errors import FileRefused
from ..files import read_file
from .worktrees import Place

MAX_OVERLAPS = 100
"""Files named for a pair of worktrees."""
_MAX_BYTES = 1 << 20

Ranges = tuple[tuple[int, int], ...]
"""Lines of the common version that one side replaced, or between which it inserted: (first, last)."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file."""

    data: bytes | None
    digest: str


@dataclass(frozen=True)
class Changes:
    """What one worktree changes. `dirty`: path -> True if it is gone; `paths` are all, committed ones among them."""

    place: Place
    repository: Any
    head: Any
    tree: Any
    dirty: dict[str, bool]
    paths: frozenset[str]
    _contents: dict[str, Content] = field(default_factory=dict)

    def content(self, path: str) -> Content:
        """The file as it is there now; its `data` is None if it cannot be compared."""
        if path not in self._contents:
            data = self._read(path)
            self._contents[path] = Content(data, "" if data is None else sha256(data).hexdigest())
        return self._contents[path]

    def _read(self, path: str) -> bytes | None:
        if path in self.dirty:
            if self.dirty[path]:
                return b""
            try:
                return read_file(self.place.path, path, _MAX_BYTES).data
            except FileRefused:
                return None
        blob = blob_in(self.tree, path)
        if blob is None:
            return b""
        return None if blob.size > _MAX_BYTES else bytes(blob.data)


def overlaps_of(changes: list[Changes], cache: dict[tuple[str, str, str], Any]) -> dict[str, list[dict[str, Any]]]:
    """By path of the worktree: `[{worktree, kind, file, lines}]` with every other one, the hot ones first."""
    found: dict[str, list[dict[str, Any]]] = {one.place.path: [] for one in changes}
    for one, other in combinations(changes, 2):
        shared = sorted(one.paths & other.paths)
        if not shared:
            continue
        base = _common_tree(one, other, cache)
        for path in shared[:MAX_OVERLAPS]:
            lines = _shared_lines(base, path, one, other, cache)
            if lines is None:
                continue
            kind = "hot" if lines else "soft"
            for mine, theirs in ((one, other), (other, one)):
                found[mine.place.path].append(
                    {"worktree": theirs.place.name, "kind": kind, "file": path, "lines": [list(pair) for pair in lines]}
                )
    for overlaps in found.values():
        overlaps.sort(key=lambda overlap: (overlap["kind"], overlap["file"], overlap["worktree"]))
    return found


def _common_tree(one: Changes, other: Changes, cache: dict[tuple[str, str, str], Any]) -> Any:
    if one.head is None or other.head is None:
        return None
    key = (str(one.head), str(other.head), "base")
    if key not in cache:
        cache[key] = one.repository.merge_base(one.head, other.head)
    return None if cache[key] is None else one.repository[cache[key]].tree


def _shared_lines(
    base: Any, path: str, one: Changes, other: Changes, cache: dict[tuple[str, str, str], Any]
) -> Ranges | None:
    """The lines that both change, () if none; None if one of them left the file as it was, or both made it the same."""
    old = blob_in(base, path) if base is not None else None
    mine, theirs = one.content(path), other.content(path)
    if mine.data is None or theirs.data is None:
        return ()
    if mine.digest == theirs.digest:
        return None
    if old is None:
        return ((1, max(mine.data.count(b"\n"), theirs.data.count(b"\n"), 1)),)
    left, right = _ranges(old, mine, cache), _ranges(old, theirs, cache)
    if left == () or right == ():
        return None
    if left is None or right is None:
        return ((1, 1),)  # not text: there are no lines that could be merged
    both = {(max(a, c), min(b, d)) for a, b in left for c, d in right if a <= d and c <= b}
    return tuple(sorted(both))


def _ranges(old: Any, new: Content, cache: dict[tuple[str, str, str], Any]) -> Ranges | None:
    """The lines of `old` that `new` changes; None if they are not text."""
    key = (str(old.id), new.digest, "ranges")
    if key not in cache:
        cache[key] = _compute(old, new.data or b"")
    ranges: Ranges | None = cache[key]
    return ranges


def _compute(old: Any, new: bytes) -> Ranges | None:
    patch = old.diff_to_buffer(new)
    if patch.delta.is_binary:
        return None
    ranges: list[tuple[int, int]] = []
    for hunk in patch.hunks:
        after = hunk.old_start - 1 if hunk.old_lines else hunk.old_start
        first: int | None = None
        has_insertion = False
        for line in hunk.lines:
            if line.origin == "-":
                first = line.old_lineno if first is None else first
                after = line.old_lineno
            elif line.origin == "+":
                has_insertion = True
            elif line.origin == " ":
                _close(ranges, first, after, has_insertion)
                first, has_insertion, after = None, False, line.old_lineno
        _close(ranges, first, after, has_insertion)
    return tuple(ranges)


def _close(ranges: list[tuple[int, int]], first: int | None, after: int, has_insertion: bool) -> None:
    if first is not None:
        ranges.append((first, after))
    elif has_insertion:
        ranges.append((after, after + 1))


def blob_in(tree: Any, path: str) -> Any:
    """The blob at a path of a tree; None if there is none."""
    if tree is None:
        return None
    try:
        found = tree[path]
    except KeyError:
        return None
    return found if found.type_str == "blob" else None
