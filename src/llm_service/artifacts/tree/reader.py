"""`TreeReader` gives projects, folders and files of the tree as values, by the names under which they are shown.

They are made on request, from copies of single folders: no reader waits for another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ...errors import NotFound
from ..contents.languages import TYPES, sort_of, workflow_of
from ..model import Artifact, ArtifactPage, ArtifactQuery, Level, Project, is_plain, shown_name, time_of
from . import queries, records
from .folder import Folder
from .totals import ProjectTotals
from .written import WrittenLines


class TreeReader:
    """Projects, folders and files as finished values. For any thread."""

    def __init__(
        self, root_mode: Callable[[], str], clock_ns: Callable[[], int], birth_ns: Callable[[str, int], int | None]
    ) -> None:
        self._root_mode = root_mode
        self._clock_ns = clock_ns
        self.top = Folder("", None)
        self._totals: dict[str, ProjectTotals] = {}
        self._written = WrittenLines(clock_ns, birth_ns, self.top.below)
        self._digests: dict[bytes, str] = {}
        self._live_since_ns: int | None = None

    @property
    def loading(self) -> dict[str, int] | None:
        """`{files}` found so far by the first walk; None once it is complete."""
        if self._live_since_ns is not None:
            return None
        return {"files": sum(totals.files for totals in list(self._totals.values()))}

    def projects(self) -> list[Project]:
        """All projects in order of name."""
        return [self._shown_project(name, totals) for name, totals in sorted(self._totals.copy().items())]

    def project(self, raw_name: str) -> Project | None:
        """The project in the folder of that name, None if there is none."""
        totals = self._totals.get(raw_name)
        return None if totals is None else self._shown_project(raw_name, totals)

    def by_type(self, folder: Folder) -> list[int]:
        """How many files of each of TYPES there are in a project, given its folder, or in all of them, given `top`."""
        totals = self._totals.copy()
        chosen = totals.values() if folder is self.top else [totals[folder.name]] if folder.name in totals else []
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

    def find_folder(self, project: str, path: str = "") -> Folder:
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
        return queries.level(self, self.find_folder(project, under), limit, cursor)

    def select(self, query: ArtifactQuery) -> ArtifactPage:
        """The artifacts that fit. Raises NotFound, BadRequest for a cursor that is none."""
        return queries.select(self, query)

    def shown_path(self, folder: Folder) -> str:
        """The path from the root as it is shown: the project, then the path in it."""
        parts = []
        while folder.parent is not None:
            parts.append(shown_name(folder.name, folder.parent.has))
            folder = folder.parent
        return "/".join(reversed(parts))

    def uncounted(self) -> Iterator[tuple[str, bytes]]:
        """(path from the root, record) of files whose lines wait to be counted, the latest changed folders first."""
        waiting = {name for name, totals in self._totals.copy().items() if totals.uncounted}
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
                if records.is_uncounted(record):
                    yield f"{path}/{name}", record

    # How.

    def _shown_project(self, name: str, totals: ProjectTotals) -> Project:
        return totals.shown(shown_name(name, self.top.has), self._root_mode(), self._written.of(name), self._relative)

    def _relative(self, folder: Folder, name: str) -> str:
        """The path of an entry as shown, from its project."""
        return f"{self.shown_path(folder)}/{shown_name(name, folder.has)}".partition("/")[2]

    def _find(self, project: str, path: str) -> tuple[Folder, str] | None:
        parent, _, last = path.rpartition("/")
        try:
            folder = self.find_folder(project, parent)
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
