"""`ArtifactReader` reads artifacts: pages of text, bytes, earlier versions, what changed, where a text occurs.

Everything is requested by what is shown, `project` and `path`: the tree knows what the file is really called, so a
path that climbs out names nothing, and `files` opens it below the root without following a link.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ... import files
from ...errors import FileChanging, FileRefused, NotFound, NotText, PathRefused
from ...times import iso_time
from ..model import Artifact, shown_name
from ..tree import records
from ..tree.folder import Folder
from ..tree.tree import ArtifactTree
from ..versions.index import Version
from ..versions.store import LastView, Versions
from .diff import Diff, diff
from .encodings import kind_as
from .line_part import LinePart, line_part
from .preview import Preview, PreviewLimits, preview
from .search import SearchFile

_LONGEST = 20_000
"""Characters of a path: the system takes 4,096 bytes, each of which may be shown as an escape of four characters."""
_TRIES, _PAUSE_S = 4, 0.02


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a file's text, the artifact that it is of, and how many versions of that are stored."""

    artifact: Artifact
    preview: Preview
    versions: int


@dataclass(frozen=True, slots=True)
class OpenFile:
    """An open regular file: descriptor (the caller closes it), what the system said of it, and its first bytes."""

    artifact: Artifact
    handle: int
    status: os.stat_result
    head: bytes


@dataclass(frozen=True, slots=True)
class Side:
    """One of two contents compared. `seen_at` is when it was first seen so, None for what is not stored;
    `byte_order_mark`: it begins with one."""

    sha256: str
    size_bytes: int
    seen_at: str | None
    current: bool
    encoding: str | None
    byte_order_mark: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between two contents of one file."""

    old: Side
    new: Side
    diff: Diff


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """What a link says it leads to, and which path of its own project that is; None if it leads out of it, or to
    nothing that is known there."""

    target: str
    path: str | None


@dataclass(frozen=True, slots=True)
class VersionHistory:
    """The versions of a file, newest first, what it is now (None: gone, or no version of it could be stored), and what
    was viewed last."""

    versions: tuple[Version, ...]
    current: str | None
    looked: LastView | None


class Root(Protocol):
    """Where the files of a tree are."""

    @property
    def root(self) -> str:
        """The absolute path of the folder, now."""
        ...


class ArtifactReader:
    """Reads artifacts for outlets; thread-safe. Up to `preview_bytes` of a file make a page, a version, a diff.

    `real(path)` is where below the root a file is that has that path in the tree.
    """

    def __init__(
        self,
        tree: ArtifactTree,
        root: Root,
        versions: Versions,
        preview_bytes: int,
        real: Callable[[str], str] = lambda path: path,
    ) -> None:
        self._tree = tree
        self._root = root
        self._versions = versions
        self._preview_bytes = preview_bytes
        self._real = real
        self._limits = PreviewLimits(page_bytes=preview_bytes)

    def page(
        self, project: str, path: str, from_line: int = 1, encoding: str | None = None, at_end: bool = False
    ) -> Page:
        """The page of a file from that line (1-based) on, or the last one; `encoding` is used instead of a guess.
        Raises NotFound, FileRefused, BadRequest."""
        artifact, raw = self._place(project, path)
        found = preview(self._root.root, raw, from_line, self._limits, encoding, at_end)
        return Page(artifact, found, len(self._versions.list(project, path)))

    def line(self, project: str, path: str, line: int, column: int, encoding: str | None = None) -> LinePart:
        """The part of a long line around a column. Raises NotFound, FileRefused, BadRequest."""
        _, raw = self._place(project, path)
        return line_part(self._root.root, raw, line, column, self._limits, encoding)

    def link(self, project: str, path: str) -> LinkTarget:
        """Where a link leads. Raises NotFound, FileRefused, also if it is no link."""
        _, raw = self._place(project, path)
        with files.SafeRoot(self._root.root) as safe_root:
            target = safe_root.link_target(raw)
        return LinkTarget(files.printable(target)[:_LONGEST], self._place_of(project, raw, target))

    def moved(self, project: str, path: str) -> tuple[str, str] | None:
        """(project, path) of where a file is that was at that path; None if that is not known."""
        _plain(project, path)
        found = self._versions.moved_to(project, path)
        return found if found is not None and self._tree.find(*found) is not None else None

    def open(self, project: str, path: str) -> OpenFile:
        """The file itself. Raises NotFound, FileRefused."""
        artifact, raw = self._place(project, path)
        handle = files.open_file(self._root.root, raw)
        try:
            return OpenFile(artifact, handle, os.fstat(handle), os.read(handle, files.HEAD_BYTES))
        except OSError as problem:
            os.close(handle)
            raise files.file_error(problem, raw) from problem

    def history(self, project: str, path: str) -> VersionHistory:
        """The versions that are stored of a file, also of one that is gone. Raises NotFound if there is neither."""
        _plain(project, path)
        found = self._versions.list(project, path)
        artifact = self._tree.find(project, path)
        if artifact is None and not found:
            raise _nothing_at(project, path)
        current = None
        if found and artifact is not None and artifact.size_bytes <= self._preview_bytes:
            try:
                current = _digest(self._bytes_now(project, path))
            except (NotFound, FileRefused):
                current = None
        return VersionHistory(tuple(found), current, self._versions.looked(project, path))

    def look(self, project: str, path: str, sha256: str | None = None) -> LastView | None:
        """Note what is viewed: what the file is now or, given its SHA-256, the version that was shown. None
        if that cannot be stored or is not any more. Raises NotFound, FileRefused."""
        if sha256 is not None and (looked := self._versions.mark_version(project, path, sha256)) is not None:
            return looked
        data = self._bytes_now(project, path)
        if sha256 is not None and _digest(data) != sha256:
            return None
        return self._versions.mark_looked(project, path, data)

    def changes(self, project: str, path: str, old: str, new: str, encoding: str | None = None) -> Changes:
        """What changed from one content to the other: each is "current", "looked", "previous" (the last one that is
        not the other) or a SHA-256. Raises NotFound, NotText, FileRefused."""
        _plain(project, path)
        versions = {version.sha256: version for version in self._versions.list(project, path)}
        new_data = self._content(project, path, new, versions, None)
        old_data = self._content(project, path, old, versions, _digest(new_data))
        sides, texts = [], []
        for data, name in ((old_data, old), (new_data, new)):
            digest = _digest(data)
            seen = versions.get(digest)
            kind = kind_as(encoding, data) if encoding else files.kind_of(data)
            since = iso_time(seen.seen_at) if seen else None
            sides.append(Side(digest, len(data), since, name == "current", kind.encoding, kind.mark > 0))
            texts.append(_text(data, kind, path))
        return Changes(sides[0], sides[1], diff(texts[0], texts[1]))

    def searched(self, project: str, under: str = "") -> Iterator[SearchFile]:
        """The files to search, in order of path. Raises NotFound at once."""
        _plain(project, under or "x")
        return self._below(self._tree.find_folder(project, under))

    @property
    def root(self) -> str:
        """The folder that holds the projects now."""
        return self._root.root

    def _below(self, start: Folder) -> Iterator[SearchFile]:
        waiting = [start]
        while waiting:
            folder = waiting.pop()
            raw, shown = folder.path(), self._tree.shown_path(folder).partition("/")[2]
            prefix = f"{shown}/" if shown else ""
            for name, record in sorted(folder.files.copy().items()):
                found = records.unpack(record)
                if found.kind == "file" and found.size_bytes:
                    yield SearchFile(prefix + shown_name(name, folder.has), self._real(f"{raw}/{name}"))
            if folder.folders:
                waiting.extend(inner for _, inner in sorted(folder.folders.copy().items(), reverse=True))

    def _place(self, project: str, path: str) -> tuple[Artifact, str]:
        """The artifact shown there and its real path from the root."""
        _plain(project, path)
        artifact = self._tree.find(project, path)
        if artifact is None:
            raise _nothing_at(project, path)
        return artifact, self._real(self._tree.raw_path(project, path))

    def _place_of(self, project: str, raw: str, target: str) -> str | None:
        """The shown path in the project of what a link at `raw` leads to."""
        top = raw.partition("/")[0]
        if target.startswith("/"):
            inside = os.path.relpath(target, self._root.root)
        else:
            inside = os.path.normpath(os.path.join(os.path.dirname(raw), target))
        parts = inside.split("/")
        if parts[0] != top or len(parts) < 2:
            return None
        folder = self._tree.folder_at("/".join(parts[:-1]))
        if folder is None or not folder.has(parts[-1]):
            return None
        shown = self._tree.shown_path(folder).partition("/")[2]
        name = shown_name(parts[-1], folder.has)
        return f"{shown}/{name}" if shown else name

    def _bytes_now(self, project: str, path: str) -> bytes:
        _, raw = self._place(project, path)
        for tries_left in range(_TRIES - 1, -1, -1):
            try:
                return files.read_file(self._root.root, raw, self._preview_bytes).data
            except FileChanging:
                if not tries_left:
                    raise
                time.sleep(_PAUSE_S)
        raise AssertionError("never reached")

    def _content(self, project: str, path: str, name: str, versions: dict[str, Version], other: str | None) -> bytes:
        """The bytes that a name stands for; `other` is the SHA-256 that "previous" must not be."""
        if name == "current":
            return self._bytes_now(project, path)
        digest: str | None = name
        if name == "looked":
            looked = self._versions.looked(project, path)
            digest = looked.sha256 if looked else None
        elif name == "previous":
            digest = next((sha256 for sha256 in versions if sha256 != other), None)
        if digest is None:
            what = "what was viewed last" if name == "looked" else "an earlier version"
            raise NotFound(f"Of “{path[:500]}” {what} is not stored.")
        if digest not in versions:
            raise NotFound(f"“{path[:500]}” has no version {digest[:64]} that is stored.")
        return self._versions.read(digest)


def _plain(project: str, path: str) -> None:
    """Refuse what is no path of a tree, before anything is searched. Raises PathRefused."""
    parts = [project, *path.split("/")]
    if not {"", ".", ".."}.isdisjoint(parts) or "\x00" in path or "\x00" in project or len(path) > _LONGEST:
        shown = files.printable(f"{project}/{path}")[:200]
        raise PathRefused(f"“{shown}” is not a plain path inside a project.")


def _nothing_at(project: str, path: str) -> NotFound:
    return NotFound(f"There is no artifact “{files.printable(path)[:500]}” in “{files.printable(project)[:200]}”.")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _text(data: bytes, kind: files.ContentKind, path: str) -> str:
    if kind.codec is None:
        raise NotText(f"“{path[:500]}” is not text, so there are no lines to compare.")
    return data[kind.mark :].decode(kind.codec, "replace")
