"""Where the artefacts of a task may lie, and what is found there: claims + disk + tree -> `Artefact`s."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from ..artifacts.model import time_of
from ..artifacts.tree.tree import ArtifactTree
from ..errors import FileRefused
from ..files import printable
from ..settings.load import Settings
from ..tasks.claims import Claims
from ..tasks.model import TaskSummary
from ..tasks.settings import collaboration_path
from .finder import Base, Found, Look
from .model import Artefact, State, began_at, is_pattern, state_of, target_of

_BELOW = "/**"


class Places:
    """Knows the folders in which a path that a task names may begin: the project that it names, the workspace, the
    folder of the lanes' folder, that of the projects' folder, the projects' folder."""

    def __init__(self, settings: Settings, projects_root: Callable[[], str], tree: ArtifactTree | None) -> None:
        self._workspace = os.path.abspath(settings.workspace)
        self._lanes_lie_in = os.path.dirname(collaboration_path(settings))
        self._projects_root = projects_root
        self._tree = tree
        self._bases: dict[tuple[str, str | None], tuple[Base, ...]] = {}

    @property
    def projects_root(self) -> str:
        """The folder of the projects, now."""
        return self._projects_root()

    def bases(self, project: str | None) -> tuple[Base, ...]:
        """Where the paths of a task that names that project may begin, the likeliest first."""
        root = self.projects_root
        known = self._bases.get((root, project))
        if known is None:
            named = [Base(root, project)] if project else []
            roots = (self._workspace, self._lanes_lie_in, os.path.dirname(root), root)
            known = tuple(dict.fromkeys([*named, *(Base(each) for each in roots)]))
            if len(self._bases) > 1_000:
                self._bases.clear()
            self._bases[root, project] = known
        return known

    def folders_named(self, claims: Claims) -> set[str]:
        """Where in the folder of the projects the artefacts of a task may lie: keys as `folders_touched` gives them."""
        root = self.projects_root + "/"
        bases = [base for base in self.bases(claims.project) if root.startswith(base.root + "/")]
        ways = [(root[len(base.root) + 1 :], base.inside) for base in bases]
        found = set()
        for text in claims.texts:
            for path in target_of(text, self._workspace).paths:
                for way, inside in ways:
                    if path.startswith(way):
                        found.add(_key(f"{inside}/{path}" if inside else path[len(way) :]))
        return found

    def artefacts(self, look: Look, task: TaskSummary, claims: Claims, linked: bool = False) -> list[Artefact]:
        """The artefacts of a task as they are now; `linked` with their places among the artifacts."""
        bases = self.bases(claims.project)
        began = began_at(task.started_at, task.assigned_at, task.created_at)
        artefacts = []
        for number, text in enumerate(claims.texts):
            target = target_of(text, self._workspace)
            found, state, reason = None, target.refused, target.reason
            if state is None:
                try:
                    found = look.find(target.paths, bases)
                except FileRefused as refusal:
                    state, reason = "refused", refusal.message
                else:
                    state = "missing" if found is None else state_of(found.size_bytes, found.mtime_ns, began)
            artefacts.append(self._artefact(text, state, number < claims.declared, found, reason, linked))
        return artefacts

    def _artefact(
        self, text: str, state: State, declared: bool, found: Found | None, reason: str | None, linked: bool
    ) -> Artefact:
        if found is None or not linked:
            return Artefact(text, state, declared, reason=reason)
        project, path = self._among_artifacts(found)
        return Artefact(
            path=text,
            state=state,
            declared=declared,
            kind=found.kind,
            size_bytes=found.size_bytes,
            modified_at=time_of(found.mtime_ns),
            found=printable(os.path.relpath(f"{found.root}/{found.path}", self._workspace)),
            matches=found.matches,
            project=project,
            artifact_path=path,
        )

    def _among_artifacts(self, found: Found) -> tuple[str | None, str | None]:
        """(project, path in it) as they are shown; None where the tree has none, as of what is ignored."""
        full, below = f"{found.root}/{found.path}", self.projects_root + "/"
        if self._tree is None or not full.startswith(below):
            return None, None
        inside = full[len(below) :]
        if found.kind == "folder":
            folder = self._tree.folder_at(inside)
            project, _, path = self._tree.shown_path(folder).partition("/") if folder is not None else ("", "", "")
            return (project or None), (path or None)
        parent, _, name = inside.rpartition("/")
        folder = self._tree.folder_at(parent)
        artifact = self._tree.artifact(folder, name) if folder is not None else None
        return (artifact.project, artifact.path) if artifact is not None else (None, None)


def folders_touched(folder: str) -> Iterator[str]:
    """The keys under which tasks stand that may name something in a folder, or the folder itself."""
    yield folder
    yield folder.rpartition("/")[0]
    while folder:
        yield folder + _BELOW
        folder = folder.rpartition("/")[0]
    yield _BELOW


def _key(path: str) -> str:
    """The folder of a path; of a pattern, the folder above its first wildcard."""
    folder = path.rpartition("/")[0]
    if not is_pattern(path):
        return folder
    while is_pattern(folder):
        folder = folder.rpartition("/")[0]
    return folder + _BELOW
