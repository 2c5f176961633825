"""The tree of artifacts: every file of every project, in memory, small enough for a million of them.

A folder keeps its files as name -> record (29 packed bytes, see `domain.records`): 190 bytes for a file in all, 10
times less than an object with fields. What is shown (`Artifact`, `Project`) is made when it is asked for. Names and
paths in here are those of the disk; what is shown, and asked for, is `domain.artifacts.shown_name`.

Only the follower's thread writes. Readers take copies of single folders, so they never wait for each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator

from ...errors import NotFound
from ..contents.languages import TYPES, sort_of, workflow_of
from ..model import Artifact, ArtifactPage, ArtifactQuery, Level, Project, is_plain, shown_name, time_of
from . import queries as artifact_lists
from . import records
from .folder import Change, Folder
from .records import Listing
from .totals import Sums
from .written import WrittenLines

_DIGESTS_KEPT = 10_000


class ArtifactTree:
    """Projects, folders and files, kept true by `take_*`; every reader gets finished values."""

    def __init__(
        self,
        root_mode: Callable[[], str] = lambda: "missing",
        clock_ns: Callable[[], int] = time.time_ns,
        birth_ns: Callable[[str, int], int | None] = lambda path, inode: None,
    ) -> None:
        self._root_mode = root_mode
        self._clock_ns = clock_ns
        self._lock = threading.RLock()
        self.top = Folder("", None)
        self._sums: dict[str, Sums] = {}
        self._written = WrittenLines(clock_ns, birth_ns, self.top.below)
        self._digests: dict[bytes, str] = {}
        self._live_since_ns: int | None = None

    # Reading: any thread.

    @property
    def loading(self) -> dict[str, int] | None:
        """`{files}` found so far by the first look; None once it is complete."""
        if self._live_since_ns is not None:
            return None
        return {"files": sum(sums.files for sums in list(self._sums.values()))}

    def projects(self) -> list[Project]:
        """All projects in order of name."""
        return [self._shown_project(name, sums) for name, sums in sorted(self._sums.copy().items())]

    def project(self, raw_name: str) -> Project | None:
        """The project in the folder of that name, None if there is none."""
        sums = self._sums.get(raw_name)
        return None if sums is None else self._shown_project(raw_name, sums)

    def by_type(self, folder: Folder) -> list[int]:
        """How many files of each of TYPES there are in a project, given its folder, or in all of them, given `top`."""
        sums = self._sums.copy()
        chosen = sums.values() if folder is self.top else [sums[folder.name]] if folder.name in sums else []
        return [sum(each.by_type[kind] for each in chosen) for kind in range(len(TYPES))]

    def folder_at(self, path: str) -> Folder | None:
        """The folder at a path from the root, as the disk names it."""
        folder: Folder | None = self.top
        for part in path.split("/") if path else ():
            folder = folder.child(part) if folder is not None else None
        return folder

    def record_at(self, path: str) -> bytes | None:
        """The record of the file at a path from the root, as the disk names it."""
        parent, _, name = path.rpartition("/")
        folder = self.folder_at(parent)
        return None if folder is None or not parent else folder.files.get(name)

    def find(self, project: str, path: str) -> Artifact | None:
        """The artifact shown at that place."""
        found = self._find(project, path)
        return None if found is None else self.artifact(*found)

    def raw_path(self, project: str, path: str) -> str:
        """The real path, from the root, of the artifact shown at that place. Raises NotFound."""
        found = self._find(project, path)
        if found is None:
            raise NotFound(f"There is no artifact “{path[:500]}” in “{project[:200]}”.")
        return f"{found[0].path()}/{found[1]}"

    def folder_shown_at(self, project: str, path: str = "") -> Folder:
        """The folder shown at that place, "" for the project's own. Raises NotFound."""
        folder: Folder | None = self.top
        for part in [project, *(path.split("/") if path else [])]:
            folder = folder.child(self._real_name(folder, part)) if folder is not None else None
        if folder is None:
            raise NotFound(f"There is no folder “{path[:500]}” in “{project[:200]}”.")
        return folder

    def artifact(self, folder: Folder, name: str, record: bytes | None = None) -> Artifact | None:
        """What is shown of a file; None if it has gone. With a record: of a file as it was."""
        packed = folder.files.get(name) if record is None else record
        if packed is None or folder.parent is None:
            return None
        found = records.unpack(packed)
        kind, language = sort_of(name, folder.documents)
        shown = shown_name(name, folder.has)
        project, _, inside = self.shown_path(folder).partition("/")
        return Artifact(
            project=project,
            path=f"{inside}/{shown}" if inside else shown,
            name=shown,
            type=TYPES[kind],
            language=language,
            size_bytes=found.size_bytes,
            modified_at=time_of(found.mtime_ns),
            lines=found.counted,
            sha256=self._digests.get(records.signature_of(packed)),
            workflow=workflow_of(name),
            kind=found.kind,
        )

    def level(self, project: str, under: str = "", limit: int = 500, cursor: str | None = None) -> Level:
        """One folder of a project, as it is shown. Raises NotFound, BadRequest for a cursor that is none."""
        return artifact_lists.level(self, self.folder_shown_at(project, under), limit, cursor)

    def select(self, query: ArtifactQuery) -> ArtifactPage:
        """The artifacts that fit. Raises NotFound, BadRequest for a cursor that is none."""
        return artifact_lists.select(self, query)

    def shown_path(self, folder: Folder) -> str:
        """The path from the root as it is shown: the project, then what lies in it."""
        parts = []
        while folder.parent is not None:
            parts.append(shown_name(folder.name, folder.parent.has))
            folder = folder.parent
        return "/".join(reversed(parts))

    def uncounted(self) -> Iterator[tuple[str, bytes]]:
        """(path from the root, record) of files whose lines wait to be counted, the latest changed folders first."""
        waiting = {name for name, sums in self._sums.copy().items() if sums.uncounted}
        folders = [
            folder
            for name in waiting
            if (project := self.top.child(name)) is not None
            for folder in project.below()
        ]  # fmt: skip
        folders.sort(key=lambda folder: folder.changed_ns)
        while folders:
            folder = folders.pop()
            path = folder.path()
            for name, record in folder.files.copy().items():
                if records.is_open(record):
                    yield f"{path}/{name}", record

    # Writing: the follower's thread.

    def loaded(self) -> None:
        """The first look is complete: what comes from now on is new."""
        self._live_since_ns = self._clock_ns()
        self._written.start()

    def take_folder(self, path: str, listing: Listing | None, hinted: Collection[str] = ()) -> Change | None:
        """Take what was seen in a folder, None: that it is not there; `hinted` are the names of files that were hinted
        at. None if its parent is not known (any more)."""
        with self._lock:
            parent_path, _, name = path.rpartition("/")
            parent = self.folder_at(parent_path)
            if parent is None:
                return None
            if listing is None:
                return self._drop_folder(parent, name)
            folder = parent.child(name)
            if folder is not None:
                return self._take(folder, listing, Change(folder.project(), folder), hinted)
            folder = self._new_folder(parent, name)
            change = Change(folder.project(), folder, folders_changed=True)
            self._remove(self._sums[change.project], parent, name, change)  # it took the place of a file
            return self._take(folder, listing, change, hinted)

    def take_file(self, path: str, record: bytes | None) -> Change | None:
        """Take what was seen at the path of a file, after a hint about it. None if its folder is not known."""
        parent, _, name = path.rpartition("/")
        with self._lock:
            folder = self.folder_at(parent)
            if folder is None or folder is self.top:
                return None
            change = Change(folder.project(), folder)
            sums = self._sums[change.project]
            if record is None:
                self._remove(sums, folder, name, change)
            else:
                self._put(sums, folder, name, record, change, True)
            if change:
                self._touch(sums, folder)
            return change

    def take_count(self, path: str, record: bytes, lines: int | None, sha256: str | None) -> str | None:
        """Take the lines counted of a file that had that record; the project whose sums that changed."""
        parent, _, name = path.rpartition("/")
        with self._lock:
            folder = self.folder_at(parent)
            known = folder.files.get(name) if folder is not None else None
            if folder is None or known is None or not records.same_content(known, record):
                return None
            if sha256 is not None:
                if len(self._digests) > _DIGESTS_KEPT:
                    self._digests.clear()
                self._digests[records.signature_of(known)] = sha256
            if not records.is_open(known):
                return None
            project = folder.project()
            before = records.unpack(known)
            counted = records.NONE if lines is None else lines
            folder.files[name] = records.with_lines(known, counted, 0)
            self._sums[project].count(before.known_lines, max(0, counted))
            if self._live_since_ns is not None:
                self._written.count(folder, name, known, max(0, counted), project)
            return project

    def settle(self, pending_s: float) -> None:
        """Make final what was written some seconds ago. `pending_s`: how long the oldest path to be checked waits."""
        with self._lock:
            files = sum(sums.files for sums in self._sums.values())
            self._written.settle(int(pending_s * 1e9), files)

    @property
    def recent_files(self) -> int:
        """How many files are remembered because something happened to them in the last seconds."""
        return len(self._written)

    def settle_all(self) -> None:
        """Make final what was written until now: for tests that do not wait until it is."""
        with self._lock:
            self._written.settle_all()

    # How.

    def _new_folder(self, parent: Folder, name: str) -> Folder:
        folder = Folder(name, parent)
        folders = parent.folders = parent.folders or {}
        folders[name] = folder
        if parent is self.top:
            self._sums[name] = Sums()
        else:
            self._sums[folder.project()].folders += 1
        return folder

    def _take(self, folder: Folder, listing: Listing, change: Change, hinted: Collection[str]) -> Change:
        sums = self._sums[change.project]
        if not folder.files and self._live_since_ns is None:
            folder.files, folder.changed_ns = sums.add_new(folder, listing.files)
            change.created = list(listing.files)
        else:
            for name in [name for name in folder.files if name not in listing.files]:
                self._remove(sums, folder, name, change)
            for name, record in listing.files.items():
                self._put(sums, folder, name, record, change, name in hinted)
        there = set(listing.folders)
        for name in [name for name in folder.folders or () if name not in there]:
            dropped = self._drop_folder(folder, name)
            if dropped is not None:
                change.removed += dropped.removed
                change.taken_away += dropped.taken_away
                change.gone += dropped.gone
                change.folders_changed = True
        sums.note_ignored(folder, listing.ignored)
        if change and self._live_since_ns is not None:
            self._touch(sums, folder)
        return change

    def _put(self, sums: Sums, folder: Folder, name: str, record: bytes, change: Change, hinted: bool) -> None:
        known = folder.files.get(name)
        if known is not None and records.same_content(known, record):
            if records.is_linked(known) is not records.is_linked(record):
                known = folder.files[name] = records.linked_as(known, record)
            if not records.is_young(known):
                return
            if not hinted:
                # It may have been written again within the same tick of the clock: what was read of it is in doubt.
                if records.is_open(record):
                    doubted = records.doubted(known, record)
                    if self._live_since_ns is not None:
                        doubted = self._written.change(folder, name, known, doubted)
                    self._replace(sums, folder, name, doubted)
                return
        record = records.with_type(record, sort_of(name, folder.documents)[0])
        if self._live_since_ns is not None:
            if known is not None and records.inode(known) == records.inode(record):
                record = self._written.change(folder, name, known, record)
            else:
                if known is not None:
                    self._written.leave(folder, name, known)
                record = self._written.appear(folder, name, record, known)
        if known is not None:
            change.updated.append(name)
            self._replace(sums, folder, name, record)
            return
        change.created.append(name)
        if folder.child(name) is not None:  # it took the place of a folder
            dropped = self._drop_folder(folder, name)
            if dropped is not None:
                change.removed += dropped.removed
                change.gone += dropped.gone
                change.folders_changed = True
        folder.files[name] = record
        sums.add(folder, name, record, 1)

    def _replace(self, sums: Sums, folder: Folder, name: str, record: bytes) -> None:
        sums.add(folder, name, folder.files[name], -1)
        folder.files[name] = record
        sums.add(folder, name, record, 1)

    def _remove(self, sums: Sums, folder: Folder, name: str, change: Change) -> None:
        record = folder.files.pop(name, None)
        if record is None:
            return
        sums.add(folder, name, record, -1)
        change.removed += 1
        change.taken_away.append((name, record))
        if self._live_since_ns is not None:
            self._written.leave(folder, name, record)

    def _drop_folder(self, parent: Folder, name: str) -> Change | None:
        """Take a folder with all in it out of the tree; None if it was not in it."""
        folder = parent.child(name)
        if folder is None or parent.folders is None:
            return None
        project = folder.project()
        sums = self._sums[project]
        change = Change(project, parent, folders_changed=True)
        for inner in list(folder.below()):
            change.gone.append(inner.path())
            sums.note_ignored(inner, [])
            sums.folders -= inner.parent is not self.top
            for file, record in inner.files.items():
                sums.add(inner, file, record, -1)
                if self._live_since_ns is not None:
                    self._written.leave(inner, file, record)
            change.removed += len(inner.files)
        del parent.folders[name]
        if not parent.folders:
            parent.folders = None
        if parent is self.top:
            del self._sums[name]
        else:
            self._touch(sums, parent)
        return change

    def _touch(self, sums: Sums, folder: Folder) -> None:
        folder.changed_ns = sums.changed_ns = self._clock_ns()

    def _shown_project(self, name: str, sums: Sums) -> Project:
        return sums.shown(shown_name(name, self.top.has), self._root_mode(), self._written.of(name), self._relative)

    def _relative(self, folder: Folder, name: str) -> str:
        """The path of an entry as shown, from its project."""
        return f"{self.shown_path(folder)}/{shown_name(name, folder.has)}".partition("/")[2]

    def _find(self, project: str, path: str) -> tuple[Folder, str] | None:
        parent, _, last = path.rpartition("/")
        try:
            folder = self.folder_shown_at(project, parent)
        except NotFound:
            return None
        name = self._real_name(folder, last)
        return (folder, name) if name in folder.files else None

    @staticmethod
    def _real_name(folder: Folder, shown: str) -> str:
        if "~" in shown and not folder.has(shown):
            names: Iterable[str] = (*folder.files.copy(), *(folder.folders or {}).copy())
            for name in names:
                if not is_plain(name) and shown_name(name, folder.has) == shown:
                    return name
        return shown


__all__ = ["ArtifactTree", "Change", "Folder"]
