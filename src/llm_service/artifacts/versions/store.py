"""`Versions` stores earlier contents of artifacts in `<state_dir>/versions/`: what a file was when seen or viewed.

Contents are compressed under their SHA-256 (`objects/ab/abcd...`), once however many files have them. Which file
had which content when is in `journal`, one JSON line per fact, appended. Both are written so that a killed
process leaves at most half a last line and contents that nothing names, which the next start clears away. What
is read is checked against its SHA-256: agents can write to this folder too, so a damaged entry is one the less.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ... import files
from ...errors import FileRefused, NotFound
from .index import Key, Version, VersionIndex
from .objects import Objects

log = logging.getLogger(__name__)

_JOURNAL = "journal"
_MAX_JOURNAL_BYTES = 256 << 20
_SPARE_LINES = 2_000


@dataclass(frozen=True, slots=True)
class VersionLimits:
    """How much is stored. `file_bytes`: contents that are larger are not stored at all."""

    max_bytes: int = 100 << 20
    max_age_s: float = 14 * 86_400
    file_bytes: int = 262_144
    per_file: int = 50
    total: int = 50_000


@dataclass(frozen=True, slots=True)
class LastView:
    """The content that was there when the file was viewed last, and when that was (Unix time)."""

    sha256: str
    time: float


class Versions:
    """The store. Thread-safe. Nothing here raises for a full or broken disk but `problem` says so; see `status`."""

    def __init__(
        self, folder: str, limits: VersionLimits = VersionLimits(), clock: Callable[[], float] = time.time
    ) -> None:
        self.folder = folder
        self._limits = limits
        self._clock = clock
        self._lock = threading.RLock()
        self._index = VersionIndex()
        self._objects = Objects(folder, self._trouble)
        self._journal_lines = 0
        self._opened: tuple[int, int] | None = None
        self.problem: str | None = None

    def open(self) -> None:
        """Read what is there, drop what is damaged or outlived. Storing works without it, listing begins empty."""
        with self._lock:
            try:
                self._objects.make_folder()
                self._opened = _identity(self.folder)
            except OSError as problem:
                self._trouble(problem)
                return
            self._index = VersionIndex()
            sizes = dict(self._objects.sizes())
            for fact in self._facts():
                self._index.apply(fact, sizes)
            for name in sizes.keys() - self._index.objects.keys():
                self._objects.remove(name)
            self._prune()
            self._rewrite()

    def keep(self, project: str, path: str, data: bytes) -> str | None:
        """Store a content as the newest of a file; its SHA-256, None if it is too large or cannot be stored."""
        if len(data) > self._limits.file_bytes or not self._limits.max_bytes:
            return None
        digest = hashlib.sha256(data).hexdigest()
        key = (project, path)
        with self._lock:
            self._open_again()
            newest = self._index.newest(key)
            if newest is not None and newest.sha256 == digest:
                return digest
            if digest not in self._index.objects:
                packed = zlib.compress(data, 3)
                if not self._objects.store(digest, packed):
                    return None
                self._index.objects[digest] = len(packed)
                self._index.total_bytes += len(packed)
            self._note({"v": [project, path, digest, len(data), round(self._clock(), 3)]})
            surplus = self._index.surplus(key, self._limits.per_file)
            if surplus is not None:
                self._forget(key, surplus)
            self._prune()
            return digest if self._index.has(key, digest) else None

    def looked(self, project: str, path: str) -> LastView | None:
        """What was there when the file was last viewed; None if it never was, or if that is not stored any more."""
        with self._lock:
            found = self._index.looked.get((project, path))
            return None if found is None else LastView(*found)

    def mark_looked(self, project: str, path: str, data: bytes) -> LastView | None:
        """Store a content and note that it is what is viewed now; None if it could not be stored."""
        with self._lock:
            digest = self.keep(project, path, data)
            if digest is None:
                return None
            return self.mark_version(project, path, digest)

    def mark_version(self, project: str, path: str, sha256: str) -> LastView | None:
        """Note that this version of the file is what is viewed now; None if it is not stored."""
        with self._lock:
            if not self._index.has((project, path), sha256):
                return None
            looked = LastView(sha256, round(self._clock(), 3))
            self._note({"l": [project, path, looked.sha256, looked.time]})
            return looked

    def move(self, moves: Sequence[tuple[Key, Key]]) -> None:
        """Files were moved from the first (project, path) to the second: their versions go with them."""
        with self._lock:
            if moves:
                self._open_again()
                self._note(*({"m": [*old, *new]} for old, new in moves))

    def moved_to(self, project: str, path: str) -> Key | None:
        """Where a file went that was once at that path; None if that is not known."""
        with self._lock:
            return self._index.moved_to((project, path))

    def list(self, project: str, path: str) -> list[Version]:
        """The contents that the file was seen with, newest first."""
        with self._lock:
            return list(reversed(self._index.versions.get((project, path), ())))

    def read(self, sha256: str) -> bytes:
        """A content. Raises NotFound if it is not stored, or was damaged and is dropped for that."""
        with self._lock:
            if sha256 not in self._index.objects:
                raise NotFound("That version is not stored (any more).")
        data = self._objects.load(sha256)
        if data is None:
            with self._lock:
                self._drop_object(sha256)
            raise NotFound("That version was damaged on the disk and is dropped.")
        return data

    def status(self) -> dict[str, Any]:
        """`{files, versions, bytes, problem}` for `/health`."""
        with self._lock:
            index = self._index
            return {
                "files": len(index.versions),
                "versions": index.count,
                "bytes": index.total_bytes,
                "problem": self.problem,
            }

    def _open_again(self) -> None:
        """Open it if it was not yet, or if the folder was removed or moved: what it had is not there any more."""
        if self._opened is None or self._opened != _identity(self.folder):
            self.open()

    # Keeping within the limits.

    def _prune(self) -> None:
        """Forget what is outlived, then the oldest until all fits."""
        limits, index = self._limits, self._index
        oldest = self._clock() - limits.max_age_s
        if index.total_bytes <= limits.max_bytes and index.count <= limits.total and not index.older_than(oldest):
            return
        # A tenth more than needed, so that not every new version has to look for the next one to go.
        for key, version in index.by_worth():
            roomy = index.total_bytes <= limits.max_bytes * 0.9 and index.count <= limits.total * 0.9
            if roomy and index.age_of(key, version) >= oldest:
                continue
            self._forget(key, version)
        index.find_oldest()

    def _forget(self, key: Key, version: Version) -> None:
        self._note({"d": [*key, version.sha256]})

    def _drop_object(self, digest: str) -> None:
        for key, version in list(self._index.with_object(digest)):
            self._forget(key, version)

    # The disk.

    def _note(self, *facts: dict[str, Any]) -> None:
        """Apply facts and write them down."""
        freed = [name for fact in facts for name in self._index.apply(fact)]
        try:
            # Not through a link: an agent could let it lead anywhere.
            files.require_inside(self.folder)
            with open(os.path.join(self.folder, _JOURNAL), "ab", opener=_open_no_link) as journal:
                journal.write(b"".join(map(_line, facts)))
            self._journal_lines += len(facts)
            self.problem = None
        except OSError as problem:
            self._trouble(problem)
        for name in freed:
            self._objects.remove(name)
        if self._journal_lines > 4 * len(self._index) + _SPARE_LINES:
            self._rewrite()

    def _rewrite(self) -> None:
        """The journal without what is over."""
        facts = list(self._index.facts())
        try:
            data = b"".join(map(_line, facts))
            files.write_atomic(Path(self.folder, _JOURNAL), data, durable=False)
            self._journal_lines = len(facts)
        except OSError as problem:
            self._trouble(problem)

    def _facts(self) -> Iterator[Any]:
        try:
            data = files.read_file(self.folder, _JOURNAL, _MAX_JOURNAL_BYTES).data
        except FileRefused as refusal:
            if refusal.code != "VANISHED":
                log.warning("the journal of versions cannot be read: %s", refusal)
            return
        for line in data.split(b"\n"):
            with contextlib.suppress(ValueError, RecursionError):
                yield json.loads(line)

    def _trouble(self, problem: OSError) -> None:
        if self.problem is None:
            log.warning("versions cannot be stored: %s", problem)
        self.problem = str(problem)


def _identity(path: str) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        status = os.stat(path)
        return status.st_dev, status.st_ino
    return None


def _open_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


def _line(fact: dict[str, Any]) -> bytes:
    return json.dumps(fact, separators=(",", ":")).encode() + b"\n"
