"""Which contents of changed files become versions: what changed, and of what is new as much as there is time for."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import islice

from ... import files
from ...errors import FileChanging, FileRefused, FileUnreadable, NotFound
from ...watch.root import WatchedRoot
from ..model import shown_name
from ..tree import records
from ..tree.folder import Change, Folder
from ..tree.tree import ArtifactTree
from .keeper import VersionKeeper
from .store import Versions

_SEEDS = 5_000
_PER_SECOND = 256
_TRUNCATED_NS = 150_000_000
"""An empty file that is younger than this may be between a writer's truncation and its first bytes. Shorter than the
keeper's retries take together, so that a file that stays empty is stored."""


class VersionRecorder:
    """Hands files of up to `file_bytes` that are worth a version to the keeper's thread. `record` and `seed` are
    called by the follower's thread."""

    def __init__(self, tree: ArtifactTree, root: WatchedRoot, versions: Versions, file_bytes: int) -> None:
        self._tree = tree
        self._root = root
        self._file_bytes = file_bytes
        self.keeper = VersionKeeper(versions, self._read_text)
        self._second_began, self._in_second = float("-inf"), 0

    def start(self) -> None:
        """Begin to store versions."""
        self.keeper.start()

    def stop(self) -> None:
        """End the thread."""
        self.keeper.stop()

    def record(self, changes: Sequence[Change]) -> None:
        """Store what changed files contain. Of many new files in a second only as much as there is time for: what they
        are is worth storing when they change."""
        now = time.monotonic()
        if now - self._second_began > 1.0:
            self._second_began, self._in_second = now, 0
        for change in changes:
            for place in self._worth_storing(change.folder, change.updated):
                self.keeper.changed(*place)
            if self._in_second < _PER_SECOND:
                for place in self._worth_storing(change.folder, change.created):
                    self.keeper.changed(*place)
            else:
                self.keeper.seed(self._worth_storing(change.folder, change.created[:_SEEDS]))
            self._in_second += len(change.created)

    def seed(self) -> None:
        """Store what is there at the start, the latest changed last."""
        folders = list(self._tree.top.below())
        folders.sort(key=lambda folder: folder.changed_ns, reverse=True)
        found: list[tuple[str, str]] = []
        for folder in folders:
            found += self._worth_storing(folder, islice(folder.files.copy(), _SEEDS - len(found)))
            if len(found) >= _SEEDS:
                break
        self.keeper.seed(reversed(found))

    def _worth_storing(self, folder: Folder, names: Iterable[str]) -> list[tuple[str, str]]:
        """(project, path) as shown, of those that are files of a size that is stored."""
        project, _, inside = self._tree.shown_path(folder).partition("/")
        before = f"{inside}/" if inside else ""
        found = []
        for name in names:
            record = folder.files.get(name)
            if record is None:
                continue
            known = records.unpack(record)
            if known.kind == "file" and known.size_bytes <= self._file_bytes:
                found.append((project, before + shown_name(name, folder.has)))
        return found

    def _read_text(self, project: str, path: str) -> bytes | None:
        """The bytes of a text that may be stored, None for anything else. Raises FileChanging,
        FileUnreadable."""
        try:
            raw = self._tree.raw_path(project, path)
            content = files.read_file(self._root.root, raw, self._file_bytes)
        except (FileChanging, FileUnreadable):
            raise
        except (FileRefused, NotFound):
            return None
        data = content.data
        if not data and 0 <= time.time_ns() - content.signature.mtime_ns < _TRUNCATED_NS:
            raise FileChanging(f"{path} was emptied a moment ago.")
        return None if files.kind_of(data).codec is None else data
