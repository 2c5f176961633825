"""`ProjectTotals` gives the sums over all files of a project, updated file by file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ..contents.languages import TYPES, sort_of, workflow_of
from ..model import Project, time_of
from .records import UNCOUNTED, size_time_uncounted, type_of, unpack, with_type

if TYPE_CHECKING:
    from .folder import Folder

_IGNORED_SHOWN = 50
_WORKFLOW_SHOWN = 100


class ProjectTotals:
    """The sums of one project."""

    def __init__(self) -> None:
        self.files = 0
        self.folders = 0
        self.size_bytes = 0
        self.lines = 0
        self.uncounted = 0
        self.changed_ns = 0
        self.by_type = [0] * len(TYPES)
        self._workflow: dict[tuple[Folder, str], None] = {}
        self._ignored: dict[Folder, Sequence[str]] = {}

    def add(self, folder: Folder, name: str, packed: bytes, sign: int) -> None:
        """A file came (1) or went (-1)."""
        record = unpack(packed)
        self.files += sign
        self.size_bytes += sign * record.size_bytes
        self.lines += sign * record.known_lines
        if record.flags & UNCOUNTED:
            self.uncounted += sign
        self.by_type[type_of(packed)] += sign
        if name[-3:] in (".md", ".MD") and workflow_of(name):
            if sign > 0:
                self._workflow[folder, name] = None
            else:
                self._workflow.pop((folder, name), None)

    def add_folder(self, folder: Folder, files: dict[str, bytes]) -> tuple[dict[str, bytes], int]:
        """All files of a folder came, none of which was counted before: as `add`, in half the time. Gives them with
        their types filled in, and when the latest of them was written."""
        documents, by_type = folder.documents, self.by_type
        size_bytes = uncounted = latest_ns = 0
        typed: dict[str, bytes] = {}
        for name, packed in files.items():
            kind = sort_of(name, documents)[0]
            by_type[kind] += 1
            typed[name] = with_type(packed, kind)
            size, time_ns, is_open = size_time_uncounted(packed)
            size_bytes += size
            uncounted += is_open
            if time_ns > latest_ns:
                latest_ns = time_ns
            if name[-3:] in (".md", ".MD") and workflow_of(name):
                self._workflow[folder, name] = None
        self.files += len(files)
        self.size_bytes += size_bytes
        self.uncounted += uncounted
        self.changed_ns = max(self.changed_ns, latest_ns)
        return typed, latest_ns

    def count(self, before: int, lines: int) -> None:
        """The lines of a file that waited for it were counted: so many before, so many now."""
        self.uncounted -= 1
        self.lines += lines - before

    def set_ignored(self, folder: Folder, names: Sequence[str]) -> None:
        """Folders of these names in a folder are ignored."""
        if names:
            self._ignored[folder] = names
        elif self._ignored:
            self._ignored.pop(folder, None)

    def shown(
        self, name: str, root_mode: str, written: tuple[int, int], path_of: Callable[[Folder, str], str]
    ) -> Project:
        """The sums as a value. `written`: the lines written, in all and in the last hour; `path_of` gives the path of
        an entry as it is shown."""
        ignored = [
            path_of(folder, entry)
            for folder, names in islice(list(self._ignored.items()), _IGNORED_SHOWN)
            for entry in names
        ]
        workflow = [path_of(*place) for place in islice(list(self._workflow), _WORKFLOW_SHOWN)]
        return Project(
            name=name,
            files=self.files,
            folders=self.folders,
            size_bytes=self.size_bytes,
            lines=self.lines,
            uncounted=self.uncounted,
            lines_written=written[0],
            lines_per_hour=written[1],
            changed_at=time_of(self.changed_ns) if self.changed_ns else None,
            by_type=dict(zip(TYPES, self.by_type, strict=True)),
            workflow=tuple(sorted(workflow, key=lambda path: (path.count("/"), path))),
            ignored=tuple(sorted(ignored)[:_IGNORED_SHOWN]),
            root_mode=root_mode,
        )
